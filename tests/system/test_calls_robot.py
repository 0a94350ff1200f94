"""A bare SIP account (pyVoIP) at a real Asterisk: a robot call-back that is rated, a caller forwarded to a seat."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.system.phones import House, sip_python, until
from tests.telephony import sipp

pytestmark = [
    pytest.mark.asterisk,
    pytest.mark.slow,
    pytest.mark.skipif(not sip_python(), reason="the SIP account is an optional extra: scripts/test --sip"),
]
TICKET = """
from django.utils import timezone
from ticketing.intake.accept import accept
from ticketing.intake.report import Report
from ticketing.lifecycle.actors import SYSTEM
from ticketing.models import Ticket
from ticketing.privacy.identity import Person
citizen = Person(phone="13700000004")
found = accept(Report(channel="web", body="小区门口的路灯坏了，请维修", person=citizen), actor=SYSTEM)
Ticket.objects.filter(pk=found.ticket.pk).update(status="to_call_back", replied_at=timezone.now())
print(found.ticket.number)
"""


SEAT = """
import time
from django.utils import timezone
from directory.models import Region, Seat
from telephony.models import SeatState
from telephony.seats import orders
Seat.objects.create(number="9602", node="line", phone="9002", region=Region.objects.first())
content = {"token": "robot", "password": "x" * 24, "queues": ["normal"]}
def ask(action, **more):
    while True:
        try:
            return orders.wait(orders.give("line", action, seat="9602", **more))
        except orders.OrderFailed:
            time.sleep(1)  # the bridge is still starting
ask("log_in", **content)
ask("ready")
while True:
    SeatState.objects.filter(extension="9602").update(seen_at=timezone.now())
    time.sleep(5)
"""


@pytest.fixture
def account(home: House) -> Iterator[House]:
    """Asterisk knows the account 9000."""
    password = json.dumps({"auth_type": "digest", "username": "9000", "password": "robot"}, separators=(",", ":"))
    home.asterisk("cli", f"database put hotline/auth 9000 {json.dumps(password)}")
    home.extra["HOTLINE_SIP_URL"] = f"sip://9000:robot@127.0.0.1:{home.sip}"
    yield home
    home.extra.clear()


def test_a_citizen_presses_four(account: House, tmp_path: Path) -> None:
    home = account
    number = home.manage("shell", "-c", TICKET).split()[-1]
    steps = [*sipp.ANSWER, sipp.pause(4000), sipp.key("4"), *sipp.HUNG_UP]
    with sipp.Sipp(steps, tmp_path, sipp.CITIZEN, callee=True):
        said = home.manage("sip_robot", "--once", "--any-hour", "--own-port", "5171", python=sip_python())
    assert "rated" in said
    [ticket] = home.rows("SELECT * FROM ticketing_ticket WHERE number = ?", number)
    assert (ticket["status"], ticket["satisfaction"]) == ("closed", 4)
    owed_for = "SELECT * FROM telephony_callbackrequest WHERE kind = 'survey' AND ticket_id = ?"
    [owed] = home.rows(owed_for, ticket["id"])
    assert (owed["state"], owed["tries"]) == ("reached", 1)
    home.manage("worker", "--once")
    [review] = home.rows("SELECT * FROM ticketing_review WHERE key = ?", number)
    assert (review["level"], review["kind"]) == (4, "handling")


def test_a_caller_is_forwarded_to_a_seats_phone(account: House, tmp_path: Path) -> None:
    """A site without a PBX: the account's process answers, the bridge chooses the seat, the agent ends the talk."""
    home = account
    home.spawn("line-bridge", "manage.py", "bridge", "--node", "line", "--gateway", "sip")
    home.spawn("line-seat", "manage.py", "shell", "-c", SEAT)
    until(lambda: home.seat("9602")["mode"] == "ready", 120, "the seat is ready")
    home.spawn("line", "manage.py", "sip_robot", "--line", "--own-port", "5172", python=sip_python())
    until(lambda: registered(home), 60, "the account is there")
    steps = [*sipp.ANSWER, sipp.pause(4000), *sipp.HANGUP]
    try:
        with sipp.Sipp(steps, tmp_path, "127.0.1.2", callee=True):
            home.asterisk("cli", "channel originate PJSIP/9000 extension *43@from-seat-internal")
            ended = "SELECT * FROM telephony_call WHERE node = 'line' AND ended_at IS NOT NULL"
            [row] = until(lambda: home.rows(ended), 90, "the call ended")
    finally:
        for name in ("line", "line-seat", "line-bridge"):
            home.end(name)
    assert (row["status"], row["outcome"], row["seat"]) == ("ended", "answered", "9602")
    assert 2 < row["talk_seconds"] < 30
    assert home.seat("9602")["mode"] in ("after", "ready")


def registered(home: House) -> bool:
    return "sip:9000@" in home.asterisk("cli", "pjsip show contacts")


def test_events_are_recorded_without_numbers_and_can_be_played_again(home: House, tmp_path: Path) -> None:
    log = home.data / "ami.jsonl"
    home.end("bridge")
    home.start_bridge("--record", str(log))
    until(log.exists, 30, "the bridge records")
    steps = [*sipp.CALL, sipp.pause(16000), *sipp.HANGUP]
    with sipp.Sipp(steps, tmp_path, sipp.CALLER, remote=home.remote, calls=2) as call:
        assert call.end(60) == 0
    until(lambda: log.read_text(encoding="utf-8").count('"Hangup"') >= 2, 20, "both calls are in the log")
    home.end("bridge")
    assert "13800001111" not in log.read_text(encoding="utf-8")
    home.start_bridge("--gateway", "demo", "--replay", str(log), "--speed", "5")
    again = "SELECT * FROM telephony_call WHERE call LIKE '%~r%' AND status = 'ended'"
    until(lambda: len(home.rows(again)) == 2, 60, "played again")
    assert {row["outcome"] for row in home.rows(again)} == {"abandoned"}
    home.end("bridge")
    home.start_bridge()
