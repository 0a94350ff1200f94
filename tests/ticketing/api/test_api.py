"""The API as another system meets it: keys, scopes, idempotency, conflicts, limits, the feed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from tests.city import CITY, DISTRICT, OTHER_CITY, City
from ticketing.api.keys import make
from ticketing.models import ApiKey, Identity, Ticket

URL = "/api/v1"
BODY = {"body": "路灯不亮，请维修。", "region": DISTRICT, "person": {"name": "测试", "phone": "13800000002"}}


class Caller:
    """A client with a key."""

    def __init__(self, scopes: str = "create,read,act,events", region: str = CITY, per_minute: int = 600,
                 source: str = "") -> None:  # fmt: skip
        self.key, self._text = make("peer", region, scopes.split(","), "peer", per_minute, source)
        self._client = Client()

    def _headers(self, more: dict[str, str]) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._text}"} | more

    def post(self, path: str, body: object, **headers: str) -> Any:
        return self._client.post(URL + path, json.dumps(body), "application/json", headers=self._headers(headers))

    def raw(self, path: str, body: bytes) -> Any:
        return self._client.post(URL + path, body, "application/json", headers=self._headers({}))

    def get(self, path: str, **query: str) -> Any:
        return self._client.get(URL + path, query, headers=self._headers({}))


@pytest.fixture
def caller(city: City) -> Caller:
    return Caller()


def test_a_ticket_is_created_and_read(caller: Caller) -> None:
    made = caller.post("/tickets", BODY | {"external_id": "A-1"})
    assert made.status_code == 201
    number = made.json()["number"]
    assert len(made.json()["query_code"]) == 8
    shown = caller.get(f"/tickets/{number}").json()
    assert shown["status"] == "new"
    assert shown["clocks"][0]["name"] == "dispatch"
    assert "13800000002" not in json.dumps(shown)
    assert Identity.objects.get(ticket__number=number).phone_hash


def test_the_same_external_id_is_one_ticket(caller: Caller) -> None:
    first = caller.post("/tickets", BODY | {"external_id": "A-1"})
    second = caller.post("/tickets", BODY | {"external_id": "A-1", "body": "另一段文字"})
    assert (second.status_code, second.json()["number"]) == (200, first.json()["number"])
    assert second.json()["query_code"] == ""
    assert Ticket.objects.count() == 1


def test_another_city_s_external_id_tells_nothing_of_its_ticket(caller: Caller) -> None:
    caller.post("/tickets", BODY | {"external_id": "A-1"})
    other = Caller(region=OTHER_CITY, source=caller.key.source).post(
        "/tickets", BODY | {"external_id": "A-1", "region": OTHER_CITY}
    )
    assert (other.status_code, other.json()["code"]) == (409, "external_id_taken")
    assert "number" not in other.json()["facts"]


def test_two_systems_on_one_channel_may_use_the_same_numbers(caller: Caller) -> None:
    second = Caller()
    body = BODY | {"external_id": "A-1"}
    numbers = [one.post("/tickets", body).json()["number"] for one in (caller, second, caller, second)]
    assert numbers[:2] == numbers[2:]
    assert len(set(numbers)) == 2
    for one, number in zip((caller, second), numbers, strict=False):
        (found,) = one.get("/tickets", external_id="A-1").json()["items"]
        assert (found["number"], found["source"]) == (number, one.key.source)
    everything = Caller("read,all").get("/tickets", external_id="A-1").json()["items"]
    assert {item["number"] for item in everything} == set(numbers)


def test_another_system_on_the_channel_knows_nothing_of_it(real_city: City) -> None:
    caller = Caller()  # committed, as the feed shows only what is
    number = caller.post("/tickets", BODY | {"external_id": "A-1"}).json()["number"]
    stranger, renewed, platform = Caller(), Caller(source=caller.key.source), Caller("read,act,events,all")
    assert [one.get(f"/tickets/{number}").status_code for one in (stranger, renewed, platform)] == [404, 200, 200]
    asked = {"parameters": {"reason": "何时有结果"}}
    assert stranger.post(f"/tickets/{number}/actions/urge", asked).status_code == 404
    heard = [bool(one.get("/events").json()["items"]) for one in (stranger, renewed, platform)]
    assert heard == [False, True, True]


def test_a_renewed_key_goes_on_with_the_numbers_of_the_old_one(caller: Caller) -> None:
    first = caller.post("/tickets", BODY | {"external_id": "A-1"})
    again = Caller(source=caller.key.source).post("/tickets", BODY | {"external_id": "A-1"})
    assert (again.status_code, again.json()["number"]) == (200, first.json()["number"])


def test_an_idempotency_key_makes_one_ticket_and_refuses_other_content(caller: Caller) -> None:
    headers = {"Idempotency-Key": "k-1"}
    first = caller.post("/tickets", BODY, **headers)
    again = caller.post("/tickets", BODY, **headers)
    other = caller.post("/tickets", BODY | {"body": "另一件事情"}, **headers)
    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 409)
    assert again.json()["number"] == first.json()["number"]
    assert other.json()["code"] == "key_reused"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"body": ""}, "body"),
        ({"kind": "nonsense"}, "kind"),
        ({"region": "999999"}, "region"),
        ({"category": "nope"}, "category"),
        ({"colour": "red"}, "colour"),
        ({"person": {"phone": "abc"}}, "phone"),
        ({"person": {"name": "张\x00"}}, "name"),
        ({"enterprise": "某厂\x00"}, "enterprise"),
        ({"external_id": "A\x001"}, "external_id"),
        ({"category": "\x00"}, "category"),
    ],
)
def test_wrong_fields_are_named(caller: Caller, change: dict[str, object], field: str) -> None:
    answer = caller.post("/tickets", BODY | change)
    assert answer.status_code == 422
    assert field in answer.json()["facts"]["field"]
    assert Ticket.objects.count() == 0


def test_scopes(city: City) -> None:
    reader = Caller("read")
    assert reader.post("/tickets", BODY).status_code == 403
    assert reader.get("/tickets").status_code == 200
    assert reader.get("/events").status_code == 403
    assert Client().get(f"{URL}/tickets").status_code == 401


def test_a_stranger_gets_404(city: City, caller: Caller) -> None:
    number = caller.post("/tickets", BODY).json()["number"]
    web = city.report().number  # another channel of the same city
    far = Caller(region=OTHER_CITY)
    assert far.get(f"/tickets/{number}").status_code == 404
    assert far.post(f"/tickets/{number}/actions/urge", {"parameters": {}}).status_code == 404
    assert caller.get(f"/tickets/{web}").status_code == 404
    assert Caller("read,all").get(f"/tickets/{web}").status_code == 200
    assert far.get("/tickets").json()["items"] == []


def test_actions_and_conflicts(caller: Caller) -> None:
    number = caller.post("/tickets", BODY).json()["number"]
    urged = caller.post(f"/tickets/{number}/actions/urge", {"version": 1, "parameters": {"reason": "太慢"}})
    assert (urged.status_code, urged.json()["version"]) == (200, 2)
    stale = caller.post(f"/tickets/{number}/actions/urge", {"version": 1, "parameters": {}})
    assert (stale.status_code, stale.json()["code"]) == (409, "changed")
    assert caller.post(f"/tickets/{number}/actions/sign", {"parameters": {}}).json()["code"] == "wrong_status"
    assert caller.post(f"/tickets/{number}/actions/triage", {"parameters": {}}).json()["code"] == "forbidden"
    wrong = caller.post(f"/tickets/{number}/actions/evidence", {"parameters": {"text": 5}})
    assert (wrong.status_code, wrong.json()["facts"]["field"]) == (422, "text")


def test_the_feed_goes_on_where_it_stopped(real_city: City) -> None:
    caller = Caller()  # committed: on PostgreSQL the outbox shows only what is
    numbers = [caller.post("/tickets", BODY).json()["number"] for _ in range(3)]
    first = caller.get("/events", limit="2").json()
    rest = caller.get("/events", since=first["next"]).json()
    assert [item["number"] for item in first["items"] + rest["items"]] == numbers
    assert caller.get("/events", since=rest["next"]).json() == {"items": [], "next": rest["next"]}


def test_pages_hold_every_ticket_once(caller: Caller) -> None:
    for _ in range(5):
        caller.post("/tickets", BODY)
    seen: list[str] = []
    cursor: str | None = None
    while True:
        page = caller.get("/tickets", limit="2", **({"cursor": cursor} if cursor else {})).json()
        seen += [item["number"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 5


def test_a_key_has_a_limit_per_minute(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ticketing.api.keys.time.time", lambda: 1_000_000.0)
    caller = Caller(per_minute=2)
    codes = [caller.get("/tickets").status_code for _ in range(3)]
    assert codes == [200, 200, 429]


def test_the_list_costs_the_same_for_one_and_for_many(
    caller: Caller, django_assert_num_queries: Any, city: City
) -> None:
    caller.post("/tickets", BODY)
    with django_assert_num_queries(2):
        caller.get("/tickets")
    for _ in range(3):
        caller.post("/tickets", BODY)
    with django_assert_num_queries(2):
        caller.get("/tickets")


@pytest.mark.parametrize("body", [b"{bad", b"\xff\xfe", b"[" * 100_000, b'{"body": "' + b"x" * 5_000_000 + b'"}'])
def test_what_is_no_json_is_refused_in_the_form_of_every_refusal(caller: Caller, body: bytes) -> None:
    answer = caller.raw("/tickets", body)
    assert (answer.status_code, answer.json()["code"]) == (400, "unreadable")


def test_half_a_character_is_refused(caller: Caller) -> None:
    number = caller.post("/tickets", BODY).json()["number"]
    answer = caller.post(f"/tickets/{number}/actions/urge", {"parameters": {"reason": "\ud800"}})
    assert (answer.status_code, answer.json()["facts"]["field"]) == (422, "reason")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--webhook", "ftp://peer/x"), "http://"),
        (("--source", "旧系统"), "letters, digits"),
        (("--per-minute", "0"), "whole number"),
        (("--scopes", "everything"), "accepted are"),
        (("--region", "1"), "not in the directory"),
    ],
)
def test_a_key_that_could_not_work_is_not_made(city: City, options: tuple[str, str], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        call_command("api_key", "peer", *options)
    assert not ApiKey.objects.exists()
