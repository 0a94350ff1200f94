"""What a stranger types: nothing of it is an error of the server, and none of it finds what is not there."""

from __future__ import annotations

import base64
import json
from contextlib import suppress

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from directory.models import Staff
from ticketing.lifecycle.actors import SYSTEM
from ticketing.search import engines, feed, service, sync
from ticketing.search.documents import BadQuery, Query, SearchUnavailable, Sort
from ticketing.search.engine import SearchEngine

from .city import City
from .engines import EVERYONE, document, fill, found

SIGNS = (
    "。，！？…",
    "   ",
    '"',
    '""',
    '"" ""',
    "“”",
    '"未闭合',
    "-",
    "--",
    "- -",
    "-路灯",
    "*",
    "路*",
    "?",
    "%_%",
    "\\",
    "~2",
)
CODE = (
    "' OR 1=1 --",
    "); DROP TABLE x;--",
    "{{7*7}}",
    "<script>1</script>",
    "any:路灯 AND words:*",
    "/.*/",
    "[1 TO 5]",
)
LONG = ("a" * 10_000, "路" * 10_000, "路灯 " * 3_000, '"' + "路灯" * 2_000 + '"', "-路灯 " * 1_000)
RARE = (
    "😀👍🏽",
    "\u200b\u200d\ufeff",
    "\u202e路灯",
    "𠮷𠀀",
    "\x1f",
    "NaN",
    "null",
    "-1",
    "９" * 18,
    "+86 138 0000 0001",
)
ODD = (*SIGNS, *CODE, *LONG, *RARE)


def test_an_engine_answers_whatever_is_typed(three: SearchEngine) -> None:
    failed = {}
    for typed in ODD:
        try:
            three.search(Query(text=typed, facets=("kind",)), access=EVERYONE)
            three.suggest(typed, access=EVERYONE)
        except Exception as error:
            failed[typed[:40]] = repr(error)
    assert not failed


@pytest.mark.parametrize("sort", list(Sort))
def test_a_cursor_that_somebody_wrote_is_refused(three: SearchEngine, sort: Sort) -> None:
    given = json.loads(base64.urlsafe_b64decode(_first_cursor(three, sort) + "=="))
    for value in (float("nan"), float("inf"), -1, 1e30, 2**70, "1", None, True, [1], 0):
        forged = base64.urlsafe_b64encode(json.dumps([*given[:2], *[value] * len(given[2:])]).encode()).decode()
        asked = Query(text="路灯 停水", loose=True, least=1, limit=1, sort=sort, cursor=forged)
        with suppress(BadQuery):
            three.search(asked, access=EVERYONE)


def _first_cursor(engine: SearchEngine, sort: Sort) -> str:
    return engine.search(Query(text="路灯 停水", loose=True, least=1, limit=1, sort=sort), access=EVERYONE).cursor


def test_traditional_full_width_and_split_numbers_are_understood(three: SearchEngine) -> None:
    for number in ("２６０１０１１２０００００００００１", "2601 0112 0000 0000 01", "2601-0112-0000000001"):
        assert found(three, number) == [1], number
    assert found(three, "醫療保險") == [3]
    assert found(three, "停水") == [2]
    fill(three, document(4, "郵局門口路燈不亮"))
    (hit,) = three.search(Query(text="邮局路灯"), access=EVERYONE).hits
    assert [piece.text for piece in hit.title if piece.hit] == ["郵局", "路燈"]


@pytest.fixture
def browser(city: City, tickets: SearchEngine) -> Client:
    city.ticket("花园路路灯不亮", phone="13800000001")
    sync.rebuild(tickets, feed.TICKETS)
    made = Client()
    made.force_login(Staff.objects.get(username="t-supervisor"))
    return made


@pytest.mark.parametrize("away", [False, True])
def test_the_page_answers_whatever_is_sent(browser: Client, away: bool) -> None:
    if away:
        engines.use(tickets=Away())  # type: ignore[arg-type]
    for sent in (
        *({"text": text} for text in ODD[::4]),
        {"created_to": "9999-12-31"}, {"created_from": "0001-01-01"}, {"due_from": "yesterday"}, {"sort": "best"},
        {"kind": ["x\0", "complaint"]}, {"lead": ["abc", "9" * 40, "²"]}, {"unit": "١"}, {"tag": "none"},
        {"cursor": "💥"}, {"phone": "123"}, {"region": "%"},
    ):  # fmt: skip
        answer = browser.post("/desk/search/", sent)
        assert answer.status_code in (200, 422), sent
        assert browser.post("/desk/search/suggest/", sent).status_code == 200


class Away:
    name = "away"

    def search(self, *_: object, **__: object) -> None:
        raise SearchUnavailable("the engine does not answer")

    suggest = more_like_this = search


@pytest.mark.parametrize("typed", ["🚀", "-", '"', "。，！？…", "* ?"])
def test_signs_alone_find_nothing(city: City, tickets: SearchEngine, typed: str) -> None:
    city.ticket("路灯")
    sync.rebuild(tickets, feed.TICKETS)
    assert service.find(SYSTEM, Query(text=typed)).results.total == 0
    assert service.find(SYSTEM, Query(text=" ")).results.total == 1


@pytest.mark.parametrize("limit", ["0", "-1", "501"])
def test_the_command_says_what_limit_it_takes(city: City, tickets: SearchEngine, limit: str) -> None:
    with pytest.raises(CommandError, match="1 to 500"):
        call_command("search", "路灯", "--limit", limit)
