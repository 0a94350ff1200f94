"""A robot call-back over a bare SIP account (pyVoIP): the citizen presses 4, the ticket has a review of level 4."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.system.phones import House, sip_python
from tests.telephony import sipp

pytestmark = [
    pytest.mark.asterisk,
    pytest.mark.slow,
    pytest.mark.skipif(not sip_python(), reason="the SIP account is an optional extra: scripts/test --sip"),
]
CITIZEN = "127.0.0.5"
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


def test_a_citizen_presses_four(home: House, tmp_path: Path) -> None:
    number = home.manage("shell", "-c", TICKET).split()[-1]
    password = json.dumps({"auth_type": "digest", "username": "9000", "password": "robot"}, separators=(",", ":"))
    home.asterisk("cli", f"database put hotline/auth 9000 {json.dumps(password)}")
    home.extra["HOTLINE_SIP_URL"] = f"sip://9000:robot@127.0.0.1:{home.sip}"
    steps = [*sipp.ANSWER, sipp.pause(4000), sipp.key("4"), *sipp.HUNG_UP]
    with sipp.Sipp(steps, tmp_path, CITIZEN, callee=True):
        said = home.manage("sip_robot", "--once", "--any-hour", "--own-port", "5171", python=sip_python())
    home.extra.clear()
    assert "rated" in said
    [ticket] = home.rows("SELECT * FROM ticketing_ticket WHERE number = ?", number)
    assert (ticket["status"], ticket["satisfaction"]) == ("closed", 4)
    [owed] = home.rows("SELECT * FROM telephony_callbackrequest WHERE kind = 'survey'")
    assert (owed["state"], owed["tries"]) == ("reached", 1)
