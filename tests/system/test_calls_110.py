"""110: blind, attended and three-way, each with accept, busy and no answer. The caller is never lost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.system.phones import Agent, House, caller, until
from tests.telephony import sipp

pytestmark = [pytest.mark.asterisk, pytest.mark.browser, pytest.mark.slow]
ANSWERS = {
    "accept": [*sipp.ANSWER, "", *sipp.HUNG_UP],
    "busy": sipp.BUSY,
    "no_answer": sipp.NO_ANSWER,
}
MODES = ("blind", "attended", "three_way")


@contextmanager
def police(folder: Path, kind: str) -> Iterator[None]:
    tone = sipp.tone_pcap(folder / "police.pcap", 440, 60)
    steps = [step or sipp.play(tone) for step in ANSWERS[kind]]
    with sipp.Sipp(steps, folder / "police", sipp.POLICE, callee=True):
        yield


def ledger(home: House) -> dict[str, Any]:
    [row] = home.rows("SELECT * FROM telephony_transfer ORDER BY id DESC LIMIT 1")
    return row


def heard(agent: Agent) -> bool:
    """RTP from the caller reaches the agent now."""
    before = agent.stats()["received"]
    agent.page.wait_for_timeout(1200)
    return bool(agent.stats()["received"] - before > 20)


def caller_alive(home: House) -> bool:
    return any("trial-carrier" in channel for channel in home.channels())


def with_police(home: House) -> bool:
    """The caller's and 110's channels are up and in bridges."""
    names = home.channels()
    return any("trial-carrier" in n for n in names) and any("trial-police" in n for n in names)


def begin(agent: Agent, mode: str) -> None:
    agent.ready()
    agent.answer()
    agent.page.check("#consent")
    agent.page.fill("#why", "涉及人身安全")
    agent.page.click(f'[data-move="{mode}"][data-target="110"]')


@pytest.mark.parametrize("mode", MODES)
def test_110_accepts(home: House, agent: Agent, tmp_path: Path, mode: str) -> None:
    with police(tmp_path, "accept"), caller(home, tmp_path, number="13900000001") as call:
        begin(agent, mode)
        until(lambda: with_police(home), 15, "110 is on the line")
        if mode != "blind":
            agent.page.wait_for_selector("#complete:visible")
            if mode == "three_way":
                assert heard(agent), "all three hear each other"
                assert agent.page.locator("#roster li").count() == 1
            agent.page.click("#complete")
        until(lambda: ledger(home)["outcome"] == "accepted", 15, "the ledger says accepted")
        agent.mode("after")
        until(lambda: not any("8001" in c for c in home.channels()), 10, "the agent is out")
        assert with_police(home), "caller and 110 go on without the agent"
        assert call.process is not None and call.process.poll() is None
        home.asterisk("cli", "channel request hangup all")
        call.end(300)
    row = ledger(home)
    assert row["outcome"] == "accepted"
    assert (row["mode"], row["target"], row["consent"], row["reason"]) == (mode, "110", 1, "涉及人身安全")
    state = until(lambda: [c for c in home.calls() if c["id"] == row["call_id"] and c["status"] == "ended"], 10)[0]
    assert state["outcome"] == "answered" and state["rating"] == 0


@pytest.mark.parametrize("kind", ["busy", "no_answer"])
@pytest.mark.parametrize("mode", ["attended", "three_way"])
def test_110_cannot_and_the_agent_still_has_the_caller(
    home: House, agent: Agent, tmp_path: Path, mode: str, kind: str
) -> None:
    with police(tmp_path, kind), caller(home, tmp_path, number="13900000002") as call:
        begin(agent, mode)
        agent.page.wait_for_selector(f'#move[data-outcome="{kind}"]')
        agent.mode("talking")
        until(lambda: heard(agent), 12, "the caller is heard again")
        assert caller_alive(home)
        agent.page.click("#hangup")
        agent.mode("after")
        call.end(300)
    assert ledger(home)["outcome"] == kind


@pytest.mark.parametrize("kind", ["busy", "no_answer"])
def test_110_cannot_take_a_blind_transfer_and_the_caller_is_first_in_the_queue(
    home: House, agent: Agent, tmp_path: Path, kind: str
) -> None:
    with police(tmp_path, kind), caller(home, tmp_path, number="13900000003") as call:
        begin(agent, "blind")
        agent.mode("after")
        until(lambda: ledger(home)["outcome"] == kind, 20, f"ledger says {kind}")
        assert caller_alive(home)
        agent.ready()
        agent.answer()
        assert heard(agent)
        agent.page.click("#hangup")
        agent.mode("after")
        call.end(300)


def test_no_transfer_without_consent(home: House, agent: Agent, tmp_path: Path) -> None:
    with caller(home, tmp_path, number="13900000004") as call:
        agent.ready()
        agent.answer()
        count = len(home.rows("SELECT id FROM telephony_transfer"))
        agent.page.click('[data-move="attended"][data-target="110"]')
        agent.page.wait_for_selector("#alarm:visible")
        assert len(home.rows("SELECT id FROM telephony_transfer")) == count
        assert heard(agent)
        agent.page.click("#hangup")
        call.end(300)
