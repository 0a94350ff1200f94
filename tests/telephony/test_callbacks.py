"""Calls that we owe: in order, once each, three tries, decent hours; surveys that drive the lifecycle."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from directory.models import Region
from telephony.callbacks import LEASE, decent, next_owed, settle
from telephony.gateways.sip.talk import Result, converse
from telephony.models import CallbackRequest
from telephony.surveys import conclude, owe
from ticketing.intake.accept import accept
from ticketing.intake.report import Report
from ticketing.lifecycle.actors import SYSTEM
from ticketing.models import Ticket
from ticketing.privacy.crypto import seal
from ticketing.privacy.identity import Person

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)  # 10:00 in Shanghai


def owed(call: str, minutes: int, **more: Any) -> CallbackRequest:
    at = NOW + timedelta(minutes=minutes)
    values = {"kind": "abandoned", "number_box": seal("138"), "number_hash": "h", "place_at": at, "not_before": NOW}
    return CallbackRequest.objects.create(call=call, **{**values, **more})


@pytest.mark.parametrize(
    ("hour", "minute", "expected"),
    [
        (10, 0, "02 10:00"), (8, 29, "02 08:30"), (8, 30, "02 08:30"),
        (20, 29, "02 20:29"), (20, 30, "03 08:30"), (23, 59, "03 08:30"),
    ],
)  # fmt: skip
def test_decent_hours(hour: int, minute: int, expected: str) -> None:
    local = timezone.make_aware(datetime(2026, 3, 2, hour, minute))
    assert f"{timezone.localtime(decent(local)):%d %H:%M}" == expected


@pytest.mark.django_db
def test_in_the_order_of_joining_the_queue_and_each_once() -> None:
    late, early, middle = owed("c", 9), owed("a", 1), owed("b", 5)
    found = [next_owed(None, NOW) for _ in range(4)]
    assert [row.pk if row else None for row in found] == [early.pk, middle.pk, late.pk, None]


@pytest.mark.django_db
def test_a_try_that_was_never_settled_is_free_again_after_its_lease() -> None:
    row = owed("a", 0)
    assert next_owed(None, NOW) is not None and next_owed(None, NOW) is None
    again = next_owed(None, NOW + LEASE + timedelta(seconds=1))
    assert again is not None and (again.pk, again.tries) == (row.pk, 2)


@pytest.mark.django_db
def test_three_tries_and_then_no_more() -> None:
    row, moment = owed("a", 0), NOW
    for _ in range(3):
        taken = next_owed(None, moment)
        assert taken is not None
        settle(taken, reached=False, now=moment)
        assert next_owed(None, moment) is None, "not again at once"
        moment = decent(moment + timedelta(hours=3))
    row.refresh_from_db()
    assert (row.state, row.tries) == ("given_up", 3)


@pytest.fixture
def ticket(db: None) -> Ticket:
    Region.objects.get_or_create(code="410100", defaults={"name": "郑州市", "level": "city"})
    found = accept(Report(channel="web", body="路灯坏了请维修", person=Person(phone="13700000004")), actor=SYSTEM)
    Ticket.objects.filter(pk=found.ticket.pk).update(status="to_call_back", replied_at=NOW)
    return found.ticket


@pytest.mark.parametrize(
    ("result", "status", "level"),
    [
        (Result(True, "5"), "closed", 5), (Result(True, "4"), "closed", 4),
        (Result(True, "2"), "to_call_back", 2), (Result(True, "0"), "to_call_back", None),
        (Result(True, ""), "to_call_back", None), (Result(False, reason="busy"), "to_call_back", None),
    ],
)  # fmt: skip
def test_what_a_survey_does_to_the_ticket(ticket: Ticket, result: Result, status: str, level: int | None) -> None:
    """Bad ratings stay open for a person; silence is 未评价 and never satisfied."""
    assert (owe(NOW), owe(NOW)) == (1, 0), "one survey per ticket"
    row = next_owed(None, NOW, kinds=("survey",))
    assert row is not None
    conclude(row, result, NOW)
    ticket.refresh_from_db()
    assert ticket.status == status
    assert ticket.satisfaction == level


class Line:
    """A call as pyVoIP shows it, on a clock of its own."""

    def __init__(self, answers_after: float | None, keys: dict[float, str], ends_after: float = 999) -> None:
        self.now, self.answers, self.keys, self.ends = 0.0, answers_after, keys, ends_after
        self.hung_up = False
        self.spoken = b""

    @property
    def state(self) -> Any:
        over = self.hung_up or self.now >= self.ends
        up = self.answers is not None and self.now >= self.answers
        return type("S", (), {"name": "ENDED" if over else "ANSWERED" if up else "DIALING"})

    def write_audio(self, data: bytes) -> None:
        self.spoken = data

    def read_audio(self, length: int, blocking: bool) -> bytes:
        assert not blocking, "a blocking read hangs on silence"
        return b""

    def get_dtmf(self, length: int) -> str:
        due = [moment for moment in sorted(self.keys) if moment <= self.now]
        return self.keys.pop(due[0]) if due else ""

    def hangup(self) -> None:
        self.hung_up = True

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (Line(3, {5: "4"}), Result(True, "4")),
        (Line(3, {4: "9", 5: "#", 6: "2"}), Result(True, "2")),
        (Line(3, {}), Result(True, "")),
        (Line(3, {}, ends_after=5), Result(True, "")),
        (Line(None, {}), Result(False, reason="no_answer")),
        (Line(None, {}, ends_after=2), Result(False, reason="refused")),
    ],
)
def test_a_conversation(line: Line, expected: Result) -> None:
    found = converse(line, b"\x80" * 8000, clock=lambda: line.now, sleep=line.sleep)
    assert found == expected
    assert line.hung_up or line.now >= line.ends
