"""The citizen's page of a ticket: what it tells in each status, what it never tells, and what can be done."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.ticketing import files
from ticketing import attachments
from ticketing.lifecycle.actions.answering import Answer, Refuse
from ticketing.lifecycle.actions.checking import ApproveResult
from ticketing.lifecycle.actions.citizens import Urge
from ticketing.lifecycle.actions.dispatching import Dispatch
from ticketing.lifecycle.actions.extensions import ApproveExtension, AskExtension
from ticketing.lifecycle.actions.handling import AddNote, Contact, PauseClock, Sign, SubmitReply
from ticketing.lifecycle.actions.linking import MergeInto
from ticketing.lifecycle.actions.returns import AskReturn
from ticketing.lifecycle.actions.triage import Triage
from ticketing.lifecycle.actors import citizen_actor
from ticketing.lifecycle.engine import act
from ticketing.lifecycle.table import MOVES, Action, Capacity
from ticketing.models import Attachment, Clock, Note, Ticket, TicketEvent
from ticketing.portal import words
from ticketing.portal.progress import load, progress
from ticketing.terms import ClockName, Status

from .world import ANSWER, PHONE, World

PDF = b"%PDF-1.7\n%%EOF\n"


def opened(client: Client, accepted: Any) -> str:
    facts = {"number": accepted.ticket.number, "code": accepted.query_code}
    return str(client.post("/track/", facts).url)


@pytest.fixture
def mine(client: Client, world: World) -> tuple[Ticket, str]:
    accepted = world.accept()
    return accepted.ticket, opened(client, accepted)


def text(client: Client, url: str) -> str:
    return client.get(url).content.decode()


def seen(ticket: Ticket, now: Any = None) -> Any:
    fresh = load(ticket.pk)
    assert fresh is not None
    return progress(fresh, now)


def test_words_exist_for_every_status_and_clock() -> None:
    assert set(words.STATUS) == set(Status)
    assert set(words.CLOCKS) == set(ClockName)


def test_who_holds_it_and_until_when(world: World) -> None:
    ticket = world.accept().ticket
    assert seen(ticket).holder == "12345热线中心"
    assert [limit.what for limit in seen(ticket).limits] == ["热线审核并派单"]
    world.dispatched(ticket)
    page = seen(ticket)
    assert page.holder == "市照明中心"
    assert [limit.what for limit in page.limits] == ["市照明中心办理并答复", "市照明中心签收"]
    assert "工作日" in page.limits[0].left
    assert re.search("还剩.*(小时|分钟|工作日)", page.limits[1].left)  # working days before a weekend
    assert page.limits[0].why and page.promised
    world.do("handler", ticket, Sign())
    assert [limit.what for limit in seen(ticket).limits] == ["市照明中心办理并答复"]


def test_an_overdue_limit_says_so(world: World) -> None:
    ticket = world.accept().ticket
    page = seen(ticket, timezone.now() + timedelta(days=3))
    assert page.limits[0].late and "已超期" in page.limits[0].left


def test_a_pause_shows_why_and_since_when(world: World, client: Client, mine: tuple[Ticket, str]) -> None:
    ticket, url = mine
    world.dispatched(ticket)
    world.do("handler", ticket, Sign())
    world.do("dispatcher", ticket, PauseClock(ground="test", reason="等待灯具检测"))
    page = text(client, url)
    assert "暂停计时" in page and "等待灯具检测" in page


def test_the_answer_is_shown_only_after_the_check(world: World, client: Client, mine: tuple[Ticket, str]) -> None:
    ticket, url = mine
    world.replied(ticket)
    assert ANSWER not in text(client, url)
    world_page = seen(ticket)
    assert world_page.answer == "" and "审核" in world_page.headline
    world.do("checker", ticket, ApproveResult())
    assert ANSWER in text(client, url)


def test_what_stays_inside_the_house(world: World, client: Client, mine: tuple[Ticket, str]) -> None:
    ticket, url = mine
    world.do("dispatcher", ticket, Triage(kind="help", category=world.category.pk, reason="内部：疑似重复"))
    world.do("dispatcher", ticket, Dispatch(lead=world.unit.pk, opinion="内部：注意态度", reason="内部：常规"))
    world.do("handler", ticket, Sign())
    world.do("handler", ticket, AddNote(text="内部：等领导签字"))
    world.do("handler", ticket, AddNote(text="已到现场查看线路", public=True))
    world.do("handler", ticket, Contact(note="内部：电话里发火"))
    files.store(ticket, SimpleUploadedFile("内部签批.pdf", PDF), "staff", public=False)
    files.store(ticket, SimpleUploadedFile("公示.pdf", PDF), "staff")
    world.do("handler", ticket, SubmitReply(public_answer=ANSWER, internal_note="内部：已付款", solved=True))
    page = text(client, url)
    assert "内部" not in page
    assert "工作人员" not in page.split("<main")[1].split("</main>")[0].replace("工作人员会核对", "")
    for shown in ("已到现场查看线路", "公示.pdf", "市照明中心已与您联系", "市照明中心已提交答复"):
        assert shown in page
    assert PHONE not in page


def test_a_return_is_told_without_its_reasons(world: World) -> None:
    ticket = world.accept().ticket
    world.dispatched(ticket)
    world.do("handler", ticket, AskReturn(ground="not_our_duty", cited_duty="职责第3条", reason="内部理由"))
    page = seen(ticket)
    assert "正在确认" in page.headline
    assert not any("内部理由" in step.text for step in page.steps)


def test_an_extension_shows_its_reason(world: World) -> None:
    ticket = world.accept().ticket
    world.dispatched(ticket)
    world.do("handler", ticket, Sign())
    world.do("handler", ticket, AskExtension(working_days=3, reason="配件需要订购"))
    world.do("checker", ticket, ApproveExtension(opinion="内部：同意"))
    told = [step.text for step in seen(ticket).steps]
    assert "市照明中心申请延长办理时间：配件需要订购" in told
    assert "同意延长 3 个工作日" in told
    assert not any("内部" in line for line in told)


def test_a_merged_ticket_shows_the_masters_work(world: World) -> None:
    master, merged = world.accept(title="主件").ticket, world.accept(title="并入件").ticket
    world.dispatched(master)
    world.do("dispatcher", merged, MergeInto(master=master.number))
    page = seen(merged)
    assert "合并办理" in page.headline
    assert page.holder == "市照明中心"
    assert page.limits
    world.do("handler", master, Sign())
    assert seen(merged).answer == "" and not seen(merged).can.rate


def test_refusals_and_direct_answers_are_shown(world: World) -> None:
    refused, answered = world.accept().ticket, world.accept().ticket
    world.do("dispatcher", refused, Refuse(code="4"))
    world.do("dispatcher", answered, Answer(answer="营业时间是九点到五点"))
    assert "行政复议" in seen(refused).answer
    assert seen(answered).answer == "营业时间是九点到五点"
    assert seen(answered).can.rate


class TestRights:
    def test_a_stranger_finds_nothing(self, mine: tuple[Ticket, str]) -> None:
        _, url = mine
        assert Client().get(url).status_code == 404
        assert Client().post(f"{url}urge/", {}).status_code == 404

    def test_another_citizen_finds_nothing(self, world: World, mine: tuple[Ticket, str]) -> None:
        other = Client()
        opened(other, world.accept())
        assert other.get(mine[1]).status_code == 404

    def test_staff_are_no_citizens(self, client: Client, world: World, mine: tuple[Ticket, str]) -> None:
        staff = Client()
        staff.force_login(world.staff["dispatcher"])
        assert staff.get(mine[1]).status_code == 404

    def test_files_are_for_the_owner(self, client: Client, world: World, mine: tuple[Ticket, str]) -> None:
        ticket, _ = mine
        shown = files.store(ticket, SimpleUploadedFile("a.pdf", PDF), "citizen")
        hidden = files.store(ticket, SimpleUploadedFile("b.pdf", PDF), "staff", public=False)
        other = Client()
        opened(other, world.accept())
        assert client.get(f"/files/{shown.key}/").status_code == 200
        assert client.get(f"/files/{hidden.key}/").status_code == 404
        assert other.get(f"/files/{shown.key}/").status_code == 404
        assert Client().get(f"/files/{shown.key}/").status_code == 404

    def test_pages_are_not_kept_by_browsers(self, client: Client, mine: tuple[Ticket, str]) -> None:
        assert "no-store" in client.get(mine[1])["Cache-Control"]

    def test_offers_follow_the_table(self, world: World) -> None:
        ticket = world.accept().ticket
        may = {
            status: {m.action for m in MOVES if m.source == status and Capacity.CITIZEN in m.who} for status in Status
        }
        for status in Status:
            ticket.status = status
            can = progress(ticket).can
            assert can.evidence == (Action.EVIDENCE in may[status])
            assert can.urge == (Action.URGE in may[status])
            assert can.withdraw == (Action.WITHDRAW in may[status])
            assert can.rate == (Action.RATE in may[status])
            assert can.reopen == bool(may[status] & {Action.REOPEN, Action.REOPEN_ANSWER})


class TestActions:
    def evidence(self, client: Client, url: str, **facts: Any) -> Any:
        return client.post(f"{url}evidence/", {"once": "o" * 20, "text": "今晚又有人摔倒"} | facts)

    def test_evidence_with_a_file(self, client: Client, mine: tuple[Ticket, str]) -> None:
        ticket, url = mine
        answer = self.evidence(client, url, files=[SimpleUploadedFile("a.pdf", PDF)])
        assert answer.url == url
        assert Note.objects.get(ticket=ticket).text == "今晚又有人摔倒"
        assert Attachment.objects.get(ticket=ticket).public
        assert "今晚又有人摔倒" in text(client, url)

    def test_evidence_sent_twice_is_one(self, client: Client, mine: tuple[Ticket, str]) -> None:
        for _ in range(2):
            assert self.evidence(client, mine[1]).status_code == 302
        assert Note.objects.count() == 1

    def test_empty_evidence_says_what_is_missing(self, client: Client, mine: tuple[Ticket, str]) -> None:
        answer = self.evidence(client, mine[1], text="  ")
        assert answer.status_code == 422
        assert "或选择文件" in answer.content.decode()

    def test_a_bad_file_keeps_the_words_and_can_be_sent_again(self, client: Client, mine: tuple[Ticket, str]) -> None:
        answer = self.evidence(client, mine[1], files=[SimpleUploadedFile("坏.exe", b"MZ")])
        page = answer.content.decode()
        assert answer.status_code == 422
        assert "坏.exe" in page and "今晚又有人摔倒" in page
        assert not Note.objects.exists()
        assert self.evidence(client, mine[1]).status_code == 302
        assert Note.objects.count() == 1

    def test_a_failure_of_the_machine_is_not_taken_for_done(
        self, client: Client, mine: tuple[Ticket, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as broken:
            broken.setattr(attachments, "add", lambda *_, **__: (_ for _ in ()).throw(OSError(28, "full")))
            with pytest.raises(OSError, match="full"):
                self.evidence(client, mine[1])
        assert self.evidence(client, mine[1]).status_code == 302
        assert Note.objects.count() == 1

    def test_urging_once_a_day(self, client: Client, mine: tuple[Ticket, str]) -> None:
        ticket, url = mine
        assert client.post(f"{url}urge/", {"reason": ""}).url == url
        again = client.post(f"{url}urge/", {"reason": ""})
        assert again.status_code == 409
        assert "24小时内已催办过" in again.content.decode()
        assert TicketEvent.objects.filter(ticket=ticket, action="urge").count() == 1

    def test_withdrawing(self, client: Client, mine: tuple[Ticket, str]) -> None:
        ticket, url = mine
        client.post(f"{url}withdraw/", {"reason": "已经修好"})
        ticket.refresh_from_db()
        assert ticket.status == Status.WITHDRAWN
        assert client.post(f"{url}withdraw/", {"reason": ""}).status_code == 409

    def test_rating_is_voluntary_and_given_once(self, client: Client, world: World, mine: tuple[Ticket, str]) -> None:
        ticket, url = mine
        done = world.closed(ticket)
        assert "请您评价（自愿）" in text(client, url)
        facts = {"level": "5", "remark": "很快", "version": str(done.version)}
        assert client.post(f"{url}rate/", facts).status_code == 302
        page = text(client, url)
        assert "您的评价：非常满意" in page and "请您评价" not in page
        assert client.post(f"{url}rate/", facts).status_code == 409
        assert TicketEvent.objects.filter(ticket=ticket, action="rate").count() == 1

    @pytest.mark.parametrize("level", ["", "6", "0", "很好"])
    def test_a_rating_has_five_levels(self, client: Client, world: World, mine: tuple[Ticket, str], level: str) -> None:
        world.closed(mine[0])
        assert client.post(f"{mine[1]}rate/", {"level": level}).status_code == 422

    def test_rating_before_the_end_is_refused(self, client: Client, mine: tuple[Ticket, str]) -> None:
        assert client.post(f"{mine[1]}rate/", {"level": "5"}).status_code == 409

    def test_reopening_within_the_window_once(
        self, client: Client, world: World, mine: tuple[Ticket, str], settings: Any
    ) -> None:
        ticket, url = mine
        world.closed(ticket)
        assert client.post(f"{url}reopen/", {"reason": ""}).status_code == 422
        assert client.post(f"{url}reopen/", {"reason": "还是不亮"}).status_code == 302
        ticket.refresh_from_db()
        assert ticket.status == Status.REDOING
        assert Clock.objects.filter(ticket=ticket, name=ClockName.REDO, state="running").exists()

    def test_reopening_late_is_not_offered(self, world: World, settings: Any) -> None:
        ticket = world.accept().ticket
        world.closed(ticket)
        late = timezone.now() + timedelta(days=settings.REOPEN_DAYS, minutes=1)
        assert seen(ticket).can.reopen and not seen(ticket, late).can.reopen

    def test_unknown_actions_and_reloads(self, client: Client, mine: tuple[Ticket, str]) -> None:
        assert client.post(f"{mine[1]}dispatch/", {}).status_code == 404
        assert client.get(f"{mine[1]}urge/").url == mine[1]

    def test_only_post_changes(self, client: Client, mine: tuple[Ticket, str]) -> None:
        before = TicketEvent.objects.count()
        for action in ("urge", "withdraw", "evidence", "rate", "reopen"):
            client.get(f"{mine[1]}{action}/")
        assert TicketEvent.objects.count() == before


def test_a_long_life_costs_no_more_queries(client: Client, world: World, mine: tuple[Ticket, str]) -> None:
    ticket, url = mine
    world.dispatched(ticket)

    def count() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(url).status_code == 200
        return len(queries)

    few = count()
    for turn in range(3):
        world.do("dispatcher", ticket, AddNote(text=f"公开进展{turn}", public=True))
        files.store(ticket, SimpleUploadedFile("a.pdf", PDF), "citizen")
    act(ticket.pk, Urge(), actor=citizen_actor(ticket.pk))
    assert count() == few
    assert few <= 14
