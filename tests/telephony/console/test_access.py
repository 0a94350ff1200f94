"""Who may use the console: roles, the seat's token, other people's calls and recordings, sockets and their origin."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import websockets
from asgiref.sync import sync_to_async
from asgiref.testing import ApplicationCommunicator
from django.test import Client, override_settings
from django.utils import timezone

from directory.models import Region, Role, RoleBinding, Seat, Staff
from telephony.console import sockets
from telephony.models import Call, CallbackRequest, Draft, Recording, RecordingRead, SeatMode, SeatState
from telephony.recordings.store import encrypt, take_in
from ticketing.models import Identity, Note, Ticket
from ticketing.privacy.crypto import keyed_hash, seal

pytestmark = pytest.mark.django_db
TOKEN = "t" * 32


@pytest.fixture
def city() -> Region:
    return Region.objects.get_or_create(code="410100", defaults={"name": "郑州市", "level": "city"})[0]


def person(name: str, role: str, city: Region) -> Staff:
    found = Staff.objects.create_user(name, password="x" * 12, name=name)
    RoleBinding.objects.create(staff=found, role=role, region=city)
    return found


@pytest.fixture
def agent(city: Region) -> Staff:
    return person("owner", Role.AGENT, city)


@pytest.fixture
def seat(agent: Staff, city: Region) -> SeatState:
    Seat.objects.create(number="8001", region=city)
    return SeatState.objects.create(
        extension="8001", node="default", mode=SeatMode.TALKING, since=timezone.now(), staff=agent, token=TOKEN,
        call="c1", reachable=True,
    )  # fmt: skip


@pytest.fixture
def call(agent: Staff) -> Call:
    return Call.objects.create(
        node="default", call="c1", status="talking", seat="8001", leg="l", staff=agent, arrived_at=timezone.now(),
        number_box=seal("13800000001"), number_hash=keyed_hash("phone", "13800000001"),
    )  # fmt: skip


def browser(staff: Staff) -> Client:
    client = Client()
    client.force_login(staff)
    return client


def get(client: Client, path: str, token: str = TOKEN) -> Any:
    return client.get(f"/console/api/{path}", headers={"X-Seat-Token": token})


def post(client: Client, path: str, content: dict[str, Any], token: str = TOKEN) -> Any:
    return client.post(
        f"/console/api/{path}", json.dumps(content), content_type="application/json", headers={"X-Seat-Token": token}
    )


def test_only_the_seats_own_page_sees_the_caller(agent: Staff, seat: SeatState, call: Call, city: Region) -> None:
    assert get(browser(agent), "pop").json()["call"]["number"] == "13800000001"
    colleague = browser(person("colleague", Role.AGENT, city))
    assert get(colleague, "pop").status_code == 409
    assert "13800000001" not in get(colleague, "state").content.decode()
    stranger = browser(person("stranger", Role.HANDLER, city))
    assert get(stranger, "state").status_code == 403 and stranger.get("/console/").status_code == 403
    assert Client().get("/console/api/state").status_code == 302


def test_an_earlier_page_of_the_same_seat_is_superseded(agent: Staff, seat: SeatState) -> None:
    answer = get(browser(agent), "state", token="an-older-one")
    assert (answer.status_code, answer.json()["code"]) == (409, "superseded")


def test_leaders_orders_are_for_supervisors(agent: Staff, seat: SeatState) -> None:
    for action in ("spy", "kick", "take_over"):
        assert post(browser(agent), "order", {"action": action, "seat": "8001"}).status_code == 403
    assert post(browser(agent), "order", {"action": "shell"}).status_code == 422
    assert post(browser(agent), "messages", {"text": "hi"}).status_code == 403
    assert browser(agent).get("/console/board/").status_code == 403
    assert get(browser(agent), "board").status_code == 403


def test_a_leader_publishes_a_notice_and_ends_it_early(agent: Staff, seat: SeatState, city: Region) -> None:
    leader, own = browser(person("leader", Role.SUPERVISOR, city)), browser(agent)
    until = (timezone.now() + timedelta(hours=2)).isoformat()
    assert post(own, "notices", {"text": "停水", "ends_at": until}).status_code == 403
    for bad in ({"text": "", "ends_at": until}, {"text": "停水", "ends_at": "18:00"}, {"text": "停水"}):
        assert post(leader, "notices", bad).status_code == 422
    assert get(own, "state").json()["notices"] == []
    key = post(leader, "notices", {"text": "停水至18:00", "ends_at": until}).json()["id"]
    assert [one["text"] for one in get(own, "state").json()["notices"]] == ["停水至18:00"]
    assert [one["id"] for one in get(leader, "board").json()["notices"]] == [key]
    assert post(own, f"notices/{key}/end", {}).status_code == 403
    assert post(leader, f"notices/{key + 1}/end", {}).status_code == 404
    for _ in range(2):
        assert post(leader, f"notices/{key}/end", {}).status_code == 200
    assert get(own, "state").json()["notices"] == get(leader, "board").json()["notices"] == []


def test_a_post_without_csrf_token_is_refused(agent: Staff, seat: SeatState) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(agent)
    assert post(strict, "order", {"action": "ready"}).status_code == 403


def test_an_unanswered_order_says_so(agent: Staff, seat: SeatState, monkeypatch: pytest.MonkeyPatch) -> None:
    from telephony.console import api

    real = api.orders.wait
    monkeypatch.setattr(api.orders, "wait", lambda order: real(order, seconds=0.05))
    answer = post(browser(agent), "order", {"action": "ready"})
    assert (answer.status_code, answer.json()["code"]) == (409, "bridge_down")


def test_drafts_newest_wins_and_nobody_elses(agent: Staff, seat: SeatState, city: Region) -> None:
    client = browser(agent)
    assert post(client, "draft", {"call": "c1", "version": 5, "fields": {"body": "新的话"}}).json()["version"] == 5
    assert post(client, "draft", {"call": "c1", "version": 3, "fields": {"body": "旧的话"}}).json()["version"] == 5
    assert "新的话" in get(client, "drafts").content.decode().encode().decode("unicode_escape")
    assert "新的话" not in Draft.objects.get().content_box
    other = browser(person("other", Role.AGENT, city))
    assert get(other, "drafts").json() == {"drafts": []}
    assert post(client, "draft", {"call": "c1", "version": 0}).status_code == 422


def test_a_ticket_sent_twice_is_one_and_takes_the_callers_number(agent: Staff, seat: SeatState, call: Call) -> None:
    client = browser(agent)
    content = {"form": "f1", "call": "c1", "body": "路灯不亮已经三天", "kind": "help"}
    first, second = post(client, "tickets", content).json(), post(client, "tickets", content).json()
    assert first["number"] == second["number"] and (first["new"], second["new"]) == (True, False)
    ticket = Ticket.objects.get()
    assert ticket.call_key == "c1" and ticket.identity.phone_hash == keyed_hash("phone", "13800000001")
    bad = post(client, "tickets", {"form": "f2", "call": "c1", "body": ""})
    assert (bad.status_code, bad.json()["field"]) == (422, "body")


def test_a_ticket_with_an_answer_is_answered_directly(agent: Staff, seat: SeatState, call: Call) -> None:
    answer = post(browser(agent), "tickets", {"form": "f", "call": "c1", "body": "几点上班", "answer": "早九晚五。"})
    assert Ticket.objects.get(number=answer.json()["number"]).status == "answered"


def test_nobody_files_on_a_colleagues_call(seat: SeatState, call: Call, city: Region) -> None:
    other = browser(person("other", Role.AGENT, city))
    assert post(other, "tickets", {"form": "f", "call": "c1", "body": "别人的通话"}).status_code == 403


@pytest.fixture
def recording(call: Call, tmp_path: Path) -> Iterator[Recording]:
    import wave

    with override_settings(DATA=tmp_path / "data"):
        source = tmp_path / "c1.wav"
        with wave.open(str(source), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(8000)
            file.writeframes(b"\x00\x10\x00\xf0" * 8000)
        found = take_in(call, source)
        assert found is not None and not source.exists()
        yield found


def test_recordings_are_heard_by_right_and_reason_and_each_time_on_the_record(
    agent: Staff, recording: Recording, city: Region
) -> None:
    address = f"/console/recordings/{recording.pk}/"
    assert browser(agent).post(address, {"reason": ""}).status_code == 422
    heard = browser(agent).post(address, {"reason": "核对地址"})
    assert heard.status_code == 200 and heard.content[:4] == b"RIFF" and heard["Cache-Control"] == "no-store"
    assert browser(person("colleague", Role.AGENT, city)).post(address, {"reason": "好奇"}).status_code == 404
    assert browser(person("leader", Role.SUPERVISOR, city)).post(address, {"reason": "质检"}).status_code == 200
    assert list(RecordingRead.objects.order_by("pk").values_list("reason", flat=True)) == ["核对地址", "质检"]


def test_the_recordings_of_a_ticket_are_listed_for_whoever_may_hear_them(
    agent: Staff, seat: SeatState, recording: Recording, city: Region
) -> None:
    number = post(browser(agent), "tickets", {"form": "f", "call": "c1", "body": "路灯不亮"}).json()["number"]
    path = f"/console/api/recordings/{number}"
    assert [row["id"] for row in browser(agent).get(path).json()["recordings"]] == [recording.pk]
    assert browser(person("colleague", Role.AGENT, city)).get(path).json() == {"recordings": []}
    assert len(browser(person("auditor", Role.AUDITOR, city)).get(path).json()["recordings"]) == 1


def test_a_recording_lies_encrypted_on_disk(recording: Recording, tmp_path: Path) -> None:
    [file] = (tmp_path / "data" / "recordings").rglob("*.aes")
    assert b"RIFF" not in file.read_bytes() and file.stat().st_mode & 0o077 == 0
    one, two = encrypt(file, "x"), encrypt(file, "y")
    assert one[1] != two[1], "each file has a key of its own"


ORIGIN = [(b"origin", b"http://testserver")]


def dialled(path: str, cookie: str = "", headers: Any = ORIGIN, subprotocols: Any = ()) -> ApplicationCommunicator:
    """The whole application at a socket's address, not yet connected."""
    from hotline.asgi import application

    given = [*headers, *([(b"cookie", f"sessionid={cookie}".encode())] if cookie else [])]
    scope = {"type": "websocket", "path": path, "query_string": b"", "headers": given, "subprotocols": subprotocols}
    return ApplicationCommunicator(application, scope)


async def session(user: Any) -> str:
    client = Client()
    await sync_to_async(client.force_login)(user)
    return client.cookies["sessionid"].value


async def refused(path: str, user: Any = None, headers: Any = None, subprotocols: Any = ()) -> bool:
    """Whether the whole application closes this socket instead of accepting it."""
    socket = dialled(path, await session(user) if user else "", headers or ORIGIN, subprotocols)
    await socket.send_input({"type": "websocket.connect"})
    answer = await socket.receive_output(5)
    if answer["type"] == "websocket.accept":
        await socket.send_input({"type": "websocket.disconnect", "code": 1000})
        await socket.wait(5)
    return bool(answer["type"] == "websocket.close")


@pytest.mark.django_db(transaction=True)
async def test_sockets_check_origin_and_seat(agent: Staff, seat: SeatState, city: Region) -> None:
    other = await sync_to_async(person)("other", Role.AGENT, city)
    assert not await refused("/ws/console/", agent)
    assert await refused("/ws/console/", agent, headers=[(b"origin", b"https://evil.example")])
    assert await refused("/ws/console/", other), "no seat, no hints"
    assert await refused("/ws/console/")
    assert await refused("/ws/board/", agent), "the board is the leader's"
    assert await refused("/ws/phone/", other, subprotocols=["sip"]), "no seat, no phone"
    assert await refused("/ws/phone/", agent), "only SIP passes"


@pytest.mark.django_db(transaction=True)
async def test_the_phones_socket_ends_with_asterisk(
    agent: Staff, seat: SeatState, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page still listens: its socket must end by itself, and not wait for a word from the page."""
    heard: list[object] = []

    async def asterisk(line: websockets.ServerConnection) -> None:
        await line.send("OPTIONS")
        heard.append(await line.recv())
        await line.close()

    async with websockets.serve(asterisk, "127.0.0.1", 0, subprotocols=[websockets.Subprotocol("sip")]) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        monkeypatch.setattr(sockets, "phone_url", lambda node: f"ws://127.0.0.1:{port}/ws")
        page = dialled("/ws/phone/", await session(agent), subprotocols=["sip"])
        await page.send_input({"type": "websocket.connect"})
        assert (await page.receive_output(5))["type"] == "websocket.accept"
        assert (await page.receive_output(5))["text"] == "OPTIONS"
        await page.send_input({"type": "websocket.receive", "text": "200 OK"})
        assert await page.receive_output(5) == {"type": "websocket.close", "code": sockets.TRY_LATER}
        await page.wait(5)
    assert heard == ["200 OK"]


def test_the_pop_comes_once_with_region_notes_and_what_else_happens_there(
    agent: Staff, seat: SeatState, call: Call, city: Region
) -> None:
    district = Region.objects.create(code="410105", name="金水区", level="district", parent=city)
    place, now = "花园路8号院", timezone.now()
    for number in ("T1", "T2", "T3"):
        ticket = Ticket.objects.create(
            number=number, city=city, region=district, place=place, title="停水", body="停水", created_at=now,
            status="closed" if number == "T2" else "new",
        )  # fmt: skip
        if number != "T3":
            Identity.objects.create(ticket=ticket, phone_hash=call.number_hash)
        if number == "T2":
            Note.objects.create(ticket=ticket, kind="contact", text="已电话联系", created_at=now)
    page = browser(agent)
    found = get(page, "state?popped=earlier").json()["pop"]["caller"]
    assert [(one["number"], one["open"]) for one in found["tickets"]] == [("T1", True), ("T2", False)]
    assert (found["region"], found["place"], found["today"]) == ("金水区", place, 2)
    assert [(one["ticket"], one["text"]) for one in found["notes"]] == [("T2", "已电话联系")]
    assert "pop" not in get(page, "state?popped=c1").json(), "the page has it already"
    Call.objects.filter(pk=call.pk).update(number_hash="", number_box="")
    found = get(page, "pop").json()
    assert found["call"]["number"] == "" and not found["caller"]["known"] and found["caller"]["today"] == 0


def test_words_that_never_became_a_ticket_are_listed_until_given_up(agent: Staff, seat: SeatState) -> None:
    page = browser(agent)
    post(page, "draft", {"call": "note-1", "version": 1, "fields": {"body": "停水三天"}})
    assert [one["call"] for one in get(page, "drafts").json()["drafts"]] == ["note-1"]
    colleague = browser(person("colleague", Role.AGENT, Region.objects.get(code="410100")))
    assert post(colleague, "draft/discard", {"call": "note-1"}).json() == {"discarded": 0}
    assert post(page, "draft/discard", {"call": "note-1"}).json() == {"discarded": 1}


def test_the_agents_word_on_a_call_back_goes_before_the_networks(agent: Staff, seat: SeatState) -> None:
    row = CallbackRequest.objects.create(
        kind="abandoned", number_box=seal("13800000009"), number_hash="h", place_at=timezone.now(), tries=1,
        not_before=timezone.now(), staff=agent, state="reached", dialled="out-1",
    )  # fmt: skip
    SeatState.objects.filter(pk=seat.pk).update(call="out-1", mode="after")
    page = browser(agent)
    assert get(page, "state").json()["callback"] == {"id": row.pk, "kind": "漏接回拨", "tries": 1, "state": "已接通"}
    assert post(page, "callbacks/settle", {"id": row.pk}).status_code == 422
    assert post(page, "callbacks/settle", {"id": row.pk, "reached": False}).json()["state"] == "waiting"


def test_a_phones_socket_leads_to_its_seats_node(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.conf import settings

    from telephony.console.sockets import phone_url

    assert phone_url("anything") == "ws://127.0.0.1:8088/ws"
    named = {"PHONE_URL": "n1=ws://10.0.0.1:8088/ws,n2=wss://10.0.0.2/ws"}
    monkeypatch.setattr(type(settings.ENV), "items", lambda self, name, default="": named[name].split(","))
    assert (phone_url("n1"), phone_url("n2")) == ("ws://10.0.0.1:8088/ws", "wss://10.0.0.2/ws")
    assert phone_url("n3") == "", "a node that is not named is no other node"
