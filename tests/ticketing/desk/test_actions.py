"""Actions from the ticket page: every command has its form, refusals keep what was typed, nobody overwrites anybody."""

from __future__ import annotations

from dataclasses import fields as particulars
from datetime import timedelta

import pytest
from django.utils import timezone

from tests.city import City
from ticketing.desk import offers, page
from ticketing.desk.forms.actions import ActionForm
from ticketing.desk.offers import Offer
from ticketing.lifecycle.actions import COMMANDS
from ticketing.lifecycle.actions.handling import AddNote
from ticketing.lifecycle.actions.returns import AskReturn
from ticketing.lifecycle.engine import act
from ticketing.lifecycle.table import Action
from ticketing.models import Correction, Presence, Supervision, Ticket
from ticketing.terms import Status

from .conftest import LogIn


def _offered(city: City, name: str, ticket: Ticket) -> set[str]:
    actor = city.actor(name)
    loaded = page.load(actor, ticket.number)
    return {str(action) for action in offers.of(page.facts(loaded, actor))}


@pytest.mark.parametrize("code", sorted(COMMANDS))
def test_every_command_has_a_form_with_all_its_particulars(city: City, code: str) -> None:
    ticket = city.signed(assists=("water",))
    action = Action(code)
    shares = tuple(ticket.assignments.select_related("department"))
    row = Supervision.objects.create(ticket=ticket, step="order", reason="催", issued_at=timezone.now())
    if action in (Action.RATE, Action.SPLIT):
        return  # the citizen's own; a page of its own (登记工单 with a parent)
    form = ActionForm(action=action, offer=Offer(action, shares, (row,)), ticket=ticket)
    assert {item.name for item in particulars(COMMANDS[code])} <= set(form.fields)
    assert all(form.fields[name].label for name in form.fields if name != "version")


def test_every_command_of_the_table_stands_in_a_group() -> None:
    grouped = {action for _, actions in offers.GROUPS for action in actions}
    assert {Action(code) for code in COMMANDS} - grouped == {Action.RATE, Action.SPLIT}


def test_offers_follow_the_table_and_the_facts(city: City) -> None:
    ticket = city.dispatched()
    assert {"sign", "ask_return"} <= _offered(city, "handler", ticket)
    assert "reply" not in _offered(city, "handler", ticket)
    assert "sign" not in _offered(city, "dispatcher", ticket)
    assert _offered(city, "auditor", ticket) == set()
    signed = city.signed()
    assert {"reply", "contact", "delegate", "ask_extension"} <= _offered(city, "handler", signed)
    assert "pause" not in _offered(city, "handler", signed)
    assert "pause" in _offered(city, "head", signed)
    assert "resume" not in _offered(city, "head", signed)
    assert "approve_extension" not in _offered(city, "checker", signed)
    assert "publish" not in _offered(city, "supervisor", signed)


def test_nobody_is_offered_a_ruling_on_the_own_request(city: City) -> None:
    ticket = city.dispatched()
    ask = AskReturn(ground="not_our_duty", cited_duty="三定规定", reason="不属于本单位职责")
    act(ticket.pk, ask, actor=city.actor("handler"))
    assert {"approve_return", "reject_return"} <= _offered(city, "dispatcher", ticket)
    assert "approve_return" not in _offered(city, "handler", ticket)


def test_the_whole_walk_by_forms(city: City, log_in: LogIn) -> None:
    """审核并派单 → sign → contact → reply → approve → call-back → closed, each by a POST as the page sends it."""
    ticket = city.report()
    at = f"/desk/t/{ticket.number}"

    def post(name: str, tail: str, **sent: object) -> None:
        version = Ticket.objects.get(pk=ticket.pk).version
        response = log_in(name).post(f"{at}/{tail}/", {"version": version} | sent)
        assert response.status_code == 302, response.content.decode()[:3000]

    post(
        "dispatcher",
        "dispatch-now",
        kind="complaint",
        category="010101 路灯不亮",
        urgency="normal",
        lead="LIGHTS 市照明中心",
    )
    post("handler", "do/sign")
    post("handler", "do/contact", note="已电话核实地点", reached="on")
    post(
        "handler",
        "do/reply",
        public_answer="路灯已修复，请放心出行。",
        internal_note="更换灯头",
        truthful="yes",
        solved="yes",
    )
    post("checker", "do/approve")
    post(
        "caller",
        "do/call_back",
        result="reached",
        contacted="yes",
        solved="yes",
        satisfaction="4",
        means="phone",
        close="on",
    )
    ticket.refresh_from_db()
    assert ticket.status == Status.CLOSED
    assert ticket.satisfaction == 4
    page_text = log_in("dispatcher").get(f"{at}/").content.decode()
    for words in (
        "审核",
        "派单",
        "签收",
        "联系群众",
        "提交答复",
        "审核通过",
        "回访登记",
        "办结",
        "满意度：满意",
        "主办：市照明中心",
    ):
        assert words in page_text, words


def test_one_click_takes_the_proposal_over(city: City, log_in: LogIn) -> None:
    ticket = city.report(kind="complaint", category=city.category["lamp"].pk)
    page_text = log_in("dispatcher").get(f"/desk/t/{ticket.number}/").content.decode()
    assert "采纳建议" in page_text
    assert "派单目录" in page_text  # the reason stands beside it
    sent = {
        "version": 1,
        "kind": "complaint",
        "category": "010101 市政设施/照明/路灯不亮",
        "urgency": "normal",
        "lead": "LIGHTS 市照明中心",
    }
    assert log_in("dispatcher").post(f"/desk/t/{ticket.number}/dispatch-now/", sent).status_code == 302
    ticket.refresh_from_db()
    assert (ticket.status, ticket.lead) == (Status.TO_SIGN, city.unit["lights"])
    assert not Correction.objects.exists()


def test_another_unit_than_proposed_is_kept_as_a_correction(city: City, log_in: LogIn) -> None:
    ticket = city.report(kind="complaint", category=city.category["lamp"].pk)
    sent = {
        "kind": "complaint",
        "category": "010101",
        "urgency": "normal",
        "lead": "市自来水公司",
        "reason": "井盖属供水",
    }
    assert log_in("dispatcher").post(f"/desk/t/{ticket.number}/dispatch-now/", sent).status_code == 302
    row = Correction.objects.get(field="department")
    assert (row.chosen, row.why) == (str(city.unit["water"].pk), "井盖属供水")


def test_review_and_dispatch_is_both_or_neither(city: City, log_in: LogIn) -> None:
    ticket = city.report(complained_unit=city.unit["lights"].pk)
    sent = {
        "version": ticket.version,
        "kind": "complaint",
        "urgency": "normal",
        "lead": "LIGHTS",
        "opinion": "请尽快办理",
    }
    response = log_in("dispatcher").post(f"/desk/t/{ticket.number}/dispatch-now/", sent)
    assert response.status_code == 409
    text = response.content.decode()
    assert "不能派给该单位" in text
    assert "请尽快办理" in text
    ticket.refresh_from_db()
    assert (ticket.status, ticket.version) == (Status.NEW, 1)


def test_second_of_two_dispatchers_is_told_who_was_first_and_loses_no_text(city: City, log_in: LogIn) -> None:
    ticket = city.triaged()
    sent = {"version": ticket.version, "lead": "LIGHTS", "opinion": "我写了很长的派单意见"}
    assert log_in("dispatcher").post(f"/desk/t/{ticket.number}/do/dispatch/", sent).status_code == 302
    late = log_in("dispatcher2").post(f"/desk/t/{ticket.number}/do/dispatch/", sent)
    text = late.content.decode()
    assert late.status_code == 409
    assert "dispatcher员 已于" in text
    assert "“派单”" in text
    assert "我写了很长的派单意见" in text
    assert Ticket.objects.get(pk=ticket.pk).dispatch_count == 1


def test_a_changed_ticket_keeps_the_form_and_its_new_version(city: City, log_in: LogIn) -> None:
    ticket = city.signed()
    act(ticket.pk, AddNote(text="同事的记录"), actor=city.actor("colleague"))
    sent = {"version": ticket.version, "public_answer": "已经修好，谢谢您的监督。", "solved": "yes"}
    browser = log_in("handler")
    refused = browser.post(f"/desk/t/{ticket.number}/do/reply/", sent)
    text = refused.content.decode()
    assert refused.status_code == 409
    assert "colleague员 已于" in text
    assert "已经修好，谢谢您的监督。" in text
    version = Ticket.objects.get(pk=ticket.pk).version
    assert f'name="version" value="{version}"' in text
    assert browser.post(f"/desk/t/{ticket.number}/do/reply/", sent | {"version": version}).status_code == 302


def test_a_refused_field_is_named_in_chinese(city: City, log_in: LogIn) -> None:
    ticket = city.signed()
    response = log_in("handler").post(
        f"/desk/t/{ticket.number}/do/reply/", {"public_answer": "好", "internal_note": "内部内容"}
    )
    text = response.content.decode()
    assert response.status_code == 422
    assert "“对外答复（群众可见）”应为 5 至 5000 个字" in text
    assert "内部内容" in text
    empty = log_in("handler").post(f"/desk/t/{ticket.number}/do/reply/", {"public_answer": ""})
    assert empty.status_code == 422
    assert "请填写“对外答复（群众可见）”" in empty.content.decode()


def test_an_unknown_unit_is_refused_with_what_was_typed(city: City, log_in: LogIn) -> None:
    ticket = city.triaged()
    response = log_in("dispatcher").post(f"/desk/t/{ticket.number}/do/dispatch/", {"lead": "不存在的局"})
    assert response.status_code == 422
    assert "没有这个单位：不存在的局" in response.content.decode()


def test_not_mine_is_403_and_unknown_actions_are_404(city: City, log_in: LogIn) -> None:
    ticket = city.dispatched()
    assert log_in("agent").post(f"/desk/t/{ticket.number}/do/sign/").status_code == 403
    assert log_in("agent").post(f"/desk/t/{ticket.number}/do/explode/").status_code == 404
    assert log_in("agent").get(f"/desk/t/{ticket.number}/do/urge/").status_code == 405


def test_actions_need_the_csrf_token(city: City) -> None:
    from django.test import Client

    ticket = city.dispatched()
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(city.staff["handler"], backend="django.contrib.auth.backends.ModelBackend")
    assert strict.post(f"/desk/t/{ticket.number}/do/sign/").status_code == 403
    assert Ticket.objects.get(pk=ticket.pk).status == Status.TO_SIGN


def test_supervision_is_answered_by_the_unit(city: City, log_in: LogIn) -> None:
    ticket = city.signed()
    sent = {"step": "order", "reason": "群众多次催促", "demand": "三日内办结"}
    assert log_in("supervisor").post(f"/desk/t/{ticket.number}/do/supervise/", sent).status_code == 302
    row = ticket.supervisions.get(step="order")
    answer = {"supervision": row.pk, "answer": "已增派人员，今日办结。"}
    assert log_in("handler").post(f"/desk/t/{ticket.number}/do/answer_supervision/", answer).status_code == 302
    row.refresh_from_db()
    assert row.answered_at is not None


def test_delegation_goes_below_only(city: City, log_in: LogIn) -> None:
    ticket = city.signed()
    refused = log_in("handler").post(f"/desk/t/{ticket.number}/do/delegate/", {"unit": "WATER"})
    assert refused.status_code == 409
    assert "不是本单位的下级" in refused.content.decode()
    assert log_in("handler").post(f"/desk/t/{ticket.number}/do/delegate/", {"unit": "CREW"}).status_code == 302
    assert log_in("crew").get(f"/desk/t/{ticket.number}/").status_code == 200


def test_people_on_the_same_ticket_see_each_other(city: City, log_in: LogIn) -> None:
    ticket = city.dispatched()
    at = f"/desk/t/{ticket.number}/presence/"
    log_in("handler").post(at, {"version": ticket.version}, headers={"HX-Request": "true"})
    seen = log_in("colleague").post(at, {"version": ticket.version}, headers={"HX-Request": "true"}).content.decode()
    assert "handler员 也在查看" in seen
    assert "colleague员" not in seen
    assert "新的进展" not in seen
    Presence.objects.update(seen_at=timezone.now() - timedelta(minutes=2))
    assert "也在查看" not in log_in("head").get(f"/desk/t/{ticket.number}/").content.decode()


def test_presence_says_when_the_ticket_changed(city: City, log_in: LogIn) -> None:
    ticket = city.dispatched()
    seen = ticket.version
    act(ticket.pk, AddNote(text="现场查看"), actor=city.actor("handler"))
    text = (
        log_in("colleague")
        .post(f"/desk/t/{ticket.number}/presence/", {"version": seen}, headers={"HX-Request": "true"})
        .content.decode()
    )
    assert "刚刚有新的进展" in text


def test_a_page_that_is_open_on_a_ticket_that_left_is_told_and_stops_asking(city: City, log_in: LogIn) -> None:
    ticket = city.dispatched()
    water = log_in("water")  # never had it: told the same as who had it, and as of a number that never was
    told = [
        water.post(f"/desk/t/{number}/presence/", {"version": 3}, headers={"HX-Request": "true"})
        for number in (ticket.number, "250101000000000000")
    ]
    assert {answer.status_code for answer in told} == {404}
    assert told[0].content == told[1].content
    text = told[0].content.decode()
    assert "已不在您这里" in text
    assert "hx-post" not in text
    assert told[0].headers["HX-Reswap"] == "outerHTML"


def test_what_was_typed_for_a_ticket_that_left_is_shown_for_copying(city: City, log_in: LogIn) -> None:
    ticket = city.dispatched()
    answer = log_in("water").post(
        f"/desk/t/{ticket.number}/do/reply/", {"public_answer": "已修好路灯", "internal_note": "换灯头", "version": "3"}
    )
    assert answer.status_code == 404
    text = answer.content.decode()
    assert "已修好路灯" in text
    assert "对外答复（群众可见）" in text
    assert ticket.number not in text


def test_related_tickets_are_shown_only_to_those_who_may_know(city: City, log_in: LogIn) -> None:
    first, second = city.dispatched(), city.triaged()
    assert (
        log_in("dispatcher")
        .post(f"/desk/t/{first.number}/do/link/", {"other": second.number, "kind": "same_problem"})
        .status_code
        == 302
    )
    assert second.number in log_in("dispatcher").get(f"/desk/t/{first.number}/").content.decode()
    page_text = log_in("handler").get(f"/desk/t/{first.number}/").content.decode()
    assert f"/desk/t/{second.number}/" not in page_text
