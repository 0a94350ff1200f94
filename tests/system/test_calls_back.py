"""Calls that we place: to who gave up waiting, and the robot's question how content the citizen is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.system import ear
from tests.system.phones import Agent, House, caller, until
from tests.telephony import sipp

pytestmark = [pytest.mark.asterisk, pytest.mark.browser, pytest.mark.slow]
VOICE = 700
TICKET = """
from django.utils import timezone
from ticketing.intake.accept import accept
from ticketing.intake.report import Report
from ticketing.lifecycle.actors import SYSTEM
from ticketing.models import Ticket
from ticketing.privacy.identity import Person
citizen = Person(phone="13700000005")
found = accept(Report(channel="web", body="公园里的长椅坏了，请维修", person=citizen), actor=SYSTEM)
Ticket.objects.filter(pk=found.ticket.pk).update(status="to_call_back", replied_at=timezone.now())
print("TICKET", found.ticket.number)
"""
DUE = "from telephony.models import CallbackRequest as C; C.objects.filter(state='waiting').update(not_before='{}')"


@pytest.fixture
def agent(home: House, browser: object) -> Iterator[Agent]:
    found = Agent(home, browser, "agent1", "8001", VOICE).log_in()
    yield found
    found.close()
    home.asterisk("cli", "channel request hangup all")
    until(lambda: not home.channels(), 30, "all channels gone")


def test_who_gave_up_is_called_back_in_order(home: House, agent: Agent, tmp_path: Path) -> None:
    home.manage("shell", "-c", DUE.format("2999-01-01T00:00Z"))  # what other tests left
    numbers = ["13400000001", "13400000002"]
    for number in numbers:
        with caller(home, tmp_path / number, *sipp.CUE, *sipp.HANGUP, number=number) as call:
            waiting = until(lambda: [c for c in home.calls() if c["status"] == "queued"], what="waiting")
            home.cue(waiting[-1]["channel"])
            call.end(300)
    until(lambda: all(c["status"] == "ended" for c in home.calls()[-2:]), what="both gave up")
    lost = home.calls()[-2:]
    busy = sipp.Sipp(sipp.BUSY, tmp_path / "busy", sipp.CITIZEN, callee=True)
    with busy:
        agent.page.click("#owed")
        until(lambda: owed(home, lost[0]["call"])["state"] == "waiting" and owed(home, lost[0]["call"])["tries"] == 1,
              what="the first was busy and is due again later")  # fmt: skip
    agent.mode("after")
    tone = sipp.tone_pcap(tmp_path / "tone.pcap", 1300, 300)
    with sipp.Sipp([*sipp.ANSWER, sipp.play(tone), *sipp.HUNG_UP], tmp_path / "citizen", sipp.CITIZEN, callee=True):
        agent.page.click("#owed")
        agent.mode("talking")
        until(lambda: agent.hears(1300) and ear.hears(sipp.CITIZEN, VOICE), what="the two talk")
        assert agent.page.inner_text("#caller .number") == numbers[1], "the next in order, with its history"
        agent.page.reload()
        agent.mode("talking", 30)
        until(lambda: ear.hears(sipp.CITIZEN, VOICE), what="a reloaded page has the citizen again")
        agent.page.click("#hangup")
        agent.mode("after")
    until(lambda: owed(home, lost[1]["call"])["state"] == "reached", what="reached")
    call = until(lambda: [c for c in home.calls() if c["outbound"] and c["outcome"] == "outbound"], what="ended")[-1]
    assert call["seat"] == "8001" and call["talk_seconds"] > 0
    until(lambda: home.rows("SELECT * FROM telephony_recording WHERE call_id = ? AND state = 'kept'", call["id"]),
          what="it is recorded")  # fmt: skip


def owed(home: House, call: str) -> dict[str, object]:
    [row] = home.rows("SELECT * FROM telephony_callbackrequest WHERE call = ?", call)
    return row


def test_the_robot_asks_and_the_ticket_closes(home: House, tmp_path: Path) -> None:
    home.manage("shell", "-c", DUE.format("2999-01-01T00:00Z"))
    said = home.manage("shell", "-c", TICKET)
    number = said.split("TICKET ")[1].split()[0]
    steps = [*sipp.ANSWER, *sipp.CUE, sipp.key("4"), *sipp.HUNG_UP]
    home.extra |= {"HOTLINE_SURVEY_CALLS": "1", "HOTLINE_CALL_HOURS": "00:00-23:59:59.999999"}
    try:
        with sipp.Sipp(steps, tmp_path, sipp.CITIZEN, callee=True):
            home.end("bridge")
            home.start_bridge()
            channel = until(lambda: [c for c in home.channels() if c.startswith("PJSIP/trial-carrier")], 30, "it rings")
            until(lambda: "Up" in home.asterisk("cli", f"core show channel {channel[0]}"), what="answered")
            home.cue(channel[0])
            until(lambda: rating(home, number) == ("closed", 4), 30, "the ticket is closed with level 4")
    finally:
        home.extra.clear()
        home.end("bridge")
        home.start_bridge()
    [row] = home.rows("SELECT * FROM telephony_callbackrequest WHERE kind = 'survey' AND dialled LIKE 'survey-%'")
    assert (row["state"], row["tries"]) == ("reached", 1)


def rating(home: House, number: str) -> tuple[object, object]:
    [ticket] = home.rows("SELECT * FROM ticketing_ticket WHERE number = ?", number)
    return ticket["status"], ticket["satisfaction"]
