"""What everybody may read, and the switch to large type."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from ticketing.errors import BadInput
from ticketing.models import Ticket
from ticketing.portal import monthly, publicity

from .world import ANSWER, World


def published(world: World, count: int, **changes: Any) -> list[Ticket]:
    made = []
    for turn in range(count):
        ticket = world.accept(**({"title": f"路灯{turn}号不亮"} | changes)).ticket
        world.closed(ticket, publish=True)
        closed_at = timezone.now() - timedelta(minutes=turn)
        Ticket.objects.filter(pk=ticket.pk).update(closed_at=closed_at)
        made.append(ticket)
    return made


class TestAnswers:
    def test_only_with_consent_and_after_publication(self, client: Client, world: World) -> None:
        world.closed(world.accept(title="没有同意", publishable=False).ticket, publish=True)
        world.closed(world.accept(title="没有公开").ticket)
        world.closed(world.accept(title="保密的事", confidential=True).ticket, publish=True)
        published(world, 1, title="公开的事")
        page = client.get("/answers/").content.decode()
        assert "公开的事" in page and ANSWER in page and "内部" not in page
        for hidden in ("没有同意", "没有公开", "保密的事"):
            assert hidden not in page

    def test_a_reopened_one_disappears(self, client: Client, world: World) -> None:
        ticket = published(world, 1)[0]
        Ticket.objects.filter(pk=ticket.pk).update(closed_at=None, public_answer="")
        assert "路灯0号" not in client.get("/answers/").content.decode()

    def test_personal_data_in_the_text_are_masked(self, client: Client, world: World) -> None:
        body = "路灯不亮请联系13812345678，身份证41010519900307123X，谢谢"
        published(world, 1, title=body[:14], body=body)
        page = client.get("/answers/").content.decode()
        main = page.split("<main")[1]
        assert "路灯不亮" in main
        for secret in ("13812345678", "13812", "1990030712", "王秀英"):
            assert secret not in main
        assert Ticket.objects.get().number not in main

    @pytest.mark.parametrize("secret", ["13812345678", "周晓敏", "周晓敏 押金"])
    def test_a_search_does_not_tell_whose_text_it_is(self, world: World, secret: str) -> None:
        published(world, 1, title="押金不退", body="押金是周晓敏收的，她电话13812345678，说好退的一直不退")
        assert [one.question for one in publicity.page(words="押金").answers] == [
            "押金是周**收的，她电话138****5678，说好退的一直不退"
        ]
        assert publicity.page(words=secret).answers == ()

    def test_pages_follow_each_other_without_gap_or_repeat(self, world: World) -> None:
        made = published(world, 7)
        same = timezone.now()
        Ticket.objects.filter(pk__in=[ticket.pk for ticket in made[:4]]).update(closed_at=same)
        publicity_page = publicity.PAGE
        try:
            publicity.PAGE = 2
            titles, after = [], ""
            while True:
                page = publicity.page(after=after)
                titles += [answer.title for answer in page.answers]
                after = page.next_cursor
                if not after:
                    break
        finally:
            publicity.PAGE = publicity_page
        assert sorted(titles) == sorted(f"路灯{turn}号不亮" for turn in range(7))

    @pytest.mark.parametrize("after", ["x", "1", "-", "zz-1", "f" * 60 + "-1", "1-2-3"])
    def test_a_made_up_position_is_not_found(self, client: Client, world: World, after: str) -> None:
        assert client.get("/answers/", {"after": after}).status_code == 404
        with pytest.raises(BadInput):
            publicity.page(after=after)

    def test_filters(self, client: Client, world: World) -> None:
        published(world, 2)
        assert len(publicity.page(category="01").answers) == 2
        assert len(publicity.page(category="02").answers) == 0
        assert len(publicity.page(region="410102").answers) == 2
        assert len(publicity.page(region="410103").answers) == 0
        assert len(publicity.page(words="路灯1号").answers) == 1
        assert len(publicity.page(words="路灯 修复").answers) == 2
        assert len(publicity.page(words="路灯 100%_").answers) == 0
        assert client.get("/answers/", {"q": "路灯\x00", "category": "01"}).status_code == 200

    def test_as_many_queries_for_three_as_for_one(self, client: Client, world: World) -> None:
        counts = []
        for more in (1, 2):
            published(world, more)
            with CaptureQueriesContext(connection) as queries:
                client.get("/answers/", {"q": "路灯"})
            counts.append(len(queries))
        assert counts[0] == counts[1]


class TestMonthly:
    def test_what_came_in_and_what_was_answered(self, world: World) -> None:
        world.closed(world.accept().ticket)
        world.accept(kind="consult")
        world.accept(kind="")
        late = world.accept(kind="complaint").ticket
        world.replied(late)
        late.clocks.filter(name="handle").update(state="late")
        today = timezone.localdate()
        found = monthly.month(today.replace(day=1), today)
        assert found.received == 4
        assert {name: count for name, count in found.kinds if count} == {"求助": 2, "咨询": 1, "未分类": 1}
        assert found.answered == 2
        assert (found.on_time, found.ended) == (1, 2)
        assert found.within[10] == (2, 2)

    def test_months_end_at_local_midnight(self, world: World) -> None:
        ticket = world.accept().ticket
        eve = timezone.make_aware(datetime(2026, 3, 31, 23, 59, 59))
        for moment, march in ((eve, 1), (eve + timedelta(seconds=1), 0)):
            Ticket.objects.filter(pk=ticket.pk).update(created_at=moment)
            assert monthly._count(date(2026, 3, 1)).received == march
            assert monthly._count(date(2026, 4, 1)).received == 1 - march

    def test_twelve_months_newest_first(self) -> None:
        found = monthly.months(date(2026, 2, 17))
        assert (found[0], found[1], found[-1], len(found)) == (
            date(2026, 2, 1),
            date(2026, 1, 1),
            date(2025, 3, 1),
            12,
        )
        assert [monthly.after(monthly.before(day)) for day in found] == found

    def test_the_page_and_its_choice_of_month(self, client: Client, world: World) -> None:
        world.accept()
        assert client.get("/monthly/").status_code == 200
        before = monthly.before(timezone.localdate().replace(day=1))
        assert client.get("/monthly/", {"month": f"{before:%Y-%m}"}).status_code == 200
        for wrong in ("2026-13", "1999-01", "x", "2026-1"):
            assert client.get("/monthly/", {"month": wrong}).status_code == 404

    def test_a_second_look_asks_the_database_nothing_new(self, client: Client, world: World) -> None:
        client.get("/monthly/")
        with CaptureQueriesContext(connection) as queries:
            client.get("/monthly/")
        assert len(queries) <= 1


class TestLargeType:
    def test_on_and_off(self, client: Client, world: World) -> None:
        answer = client.post("/elder/", {"on": "1", "next": "/help/"})
        assert answer.url == "/help/"
        assert 'class="elder"' in client.get("/").content.decode()
        client.post("/elder/", {"on": "0", "next": "/"})
        assert 'class="elder"' not in client.get("/").content.decode()

    @pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "", "\\\\x"])
    def test_it_leads_nowhere_else(self, client: Client, target: str) -> None:
        assert client.post("/elder/", {"on": "1", "next": target}).url == "/"

    def test_only_by_post(self, client: Client) -> None:
        assert client.get("/elder/").status_code == 405


@pytest.mark.parametrize("path", ["/", "/file/", "/track/", "/answers/", "/monthly/", "/help/", "/accessibility/"])
@pytest.mark.parametrize("elder", ["", "1"])
def test_every_page_stands_in_both_styles(client: Client, world: World, path: str, elder: str) -> None:
    client.cookies["elder"] = elder
    page = client.get(path)
    content = page.content.decode()
    assert page.status_code == 200
    assert content.count("<h1") == 1
    assert "<script>" not in content and " onclick=" not in content
    assert "script-src 'self'" in page["Content-Security-Policy"]


def test_the_front_page_shows_the_newest(client: Client, world: World) -> None:
    published(world, 4)
    page = client.get("/").content.decode()
    assert page.count("号不亮") == 3
