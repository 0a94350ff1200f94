"""The live board: everything once, then what changed; a slow socket holds up nobody."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta

import pytest
from django.utils import timezone

from telephony.console import hub
from telephony.console.board import board, changes
from telephony.console.hub import EVERYBODY, Boards, Look
from telephony.health import recordings
from telephony.models import Call, Recording, RecordingState, SeatMessage, SeatState
from tests.city import City

pytestmark = pytest.mark.django_db


class Socket:
    def __init__(self) -> None:
        self.told: list[dict[str, object]] = []
        self.slow = False

    def tell(self, text: str) -> bool:
        if not self.slow:
            self.told.append(json.loads(text))
        return not self.slow


def seat(number: str, mode: str = "ready", reason: str = "", minutes: int = 0) -> SeatState:
    since = timezone.now() - timedelta(minutes=minutes)
    return SeatState.objects.create(extension=number, node="default", mode=mode, reason=reason, since=since)


def test_only_what_changed_is_sent_again() -> None:
    first, second = seat("8001"), seat("8002")
    before = board()
    assert changes(before, board(timezone.now() + timedelta(seconds=9))) == {}, "a clock that goes on is no news"
    SeatState.objects.filter(pk=first.pk).update(mode="talking")
    second.delete()
    seat("8003")
    found = changes(before, board())
    assert [row["seat"] for row in found["seats"]] == ["8001", "8003"]  # type: ignore[attr-defined]
    assert found["gone"] == ["8002"] and set(found) == {"seats", "gone"}


def test_a_socket_that_missed_something_gets_everything() -> None:
    boards, quick, slow = Boards(), Socket(), Socket()
    boards.members |= {quick, slow}
    row = seat("8001")
    boards.show(board())
    slow.slow = True
    SeatState.objects.filter(pk=row.pk).update(mode="talking")
    boards.show(board())
    slow.slow = False
    SeatState.objects.filter(pk=row.pk).update(mode="after")
    boards.show(board())
    assert ["full" in text for text in quick.told] == [True, False, False]
    assert ["full" in text for text in slow.told] == [True, True]
    assert slow.told[-1]["seats"] == quick.told[-1]["seats"]


def test_a_leaders_message_wakes_every_console(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "data_version", lambda: None)  # here who writes and who looks are one connection
    look = Look()
    look.again()
    assert EVERYBODY not in look.again()
    SeatMessage.objects.create(text="检修", staff=city.staff["supervisor"], created_at=timezone.now())
    assert EVERYBODY in look.again()
    assert EVERYBODY not in look.again()


def test_a_long_rest_is_marked_and_an_imposed_one_is_not() -> None:
    seat("8001", "break", "小休", 31), seat("8002", "break", "小休", 29), seat("8003", "break", "漏接", 90)
    rows = {row["seat"]: row["late"] for row in board()["seats"]}  # type: ignore[attr-defined]
    assert rows == {"8001": True, "8002": False, "8003": False}


def test_a_silent_recording_is_an_alarm_on_board_and_health(settings: object) -> None:
    settings.PHONE_GATEWAY = "asterisk"  # type: ignore[attr-defined]
    found = recordings()
    assert found is not None and not found["degraded"]
    call = Call.objects.create(node="default", call="c1", status="ended")
    now = timezone.now()
    Recording.objects.create(call=call, state=RecordingState.SILENT, created_at=now, keep_until=now.date())
    found = recordings()
    assert found is not None and found["degraded"] and found["failed"] == 1 and board()["recordings"] == 1


def test_the_days_sums_are_kept_for_a_moment_and_never_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """News within the second shows who waits at once; the sums follow, without any further news."""
    boards, socket, clock = Boards(), Socket(), [100.0]
    boards.members.add(socket)
    monkeypatch.setattr(hub.time, "monotonic", lambda: clock[0])
    waiting: list[str] = []
    sums: dict[str, object] = {"today": {}, "owed": 0, "recordings": 0, "notices": []}
    monkeypatch.setattr(
        hub, "fresh_board", lambda kept: {"at": "now", "queues": list(waiting), "seats": [], **(kept or sums)}
    )

    def count() -> dict[str, object]:
        asyncio.run(boards.count(1))
        return socket.told[-1]

    assert count()["owed"] == 0
    sums["owed"] = 1
    waiting.append("normal")
    clock[0] += 0.2
    news = count()
    assert news["queues"] == ["normal"] and "owed" not in news
    assert not boards.due(), "the second is not over"
    clock[0] += 1.0
    assert boards.due() and count()["owed"] == 1
    clock[0] += 1.0
    assert not boards.due(), "nothing is owed any more"
