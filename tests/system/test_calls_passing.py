"""Calls passed on: to a colleague, a supervisor, a queue, another 12345, a unit. The caller is never alone or lost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.system import ear
from tests.system.phones import HERTZ, Agent, House, caller, until
from tests.telephony import sipp

pytestmark = [pytest.mark.asterisk, pytest.mark.browser, pytest.mark.slow]
FIRST, SECOND, OUTSIDE = 700, 1900, 1300
SETUP = f"""
from directory.models import Department
from telephony.models import Trunk
Trunk.objects.update_or_create(name="trial-peer", defaults=dict(kind="peer", host="{sipp.PEER}"))
unit = Department.objects.order_by("pk").first()
Department.objects.filter(pk=unit.pk).update(phone="0371-6610 0110")
print("UNIT", unit.name)
"""


@pytest.fixture(scope="module")
def unit(home: House) -> str:
    said = home.manage("shell", "-c", SETUP)
    return next(line[5:] for line in said.splitlines() if line.startswith("UNIT "))


@pytest.fixture
def first(home: House, browser: object) -> Iterator[Agent]:
    found = Agent(home, browser, "agent1", "8001", FIRST).log_in()
    yield found
    found.close()
    home.asterisk("cli", "channel request hangup all")
    until(lambda: not home.channels(), 30, "all channels gone")


@pytest.fixture
def second(home: House, browser: object) -> Iterator[Agent]:
    found = Agent(home, browser, "supervisor1", "8017", SECOND).log_in()
    yield found
    found.close()


@contextmanager
def outside(folder: Path, address: str, *, busy: bool = False) -> Iterator[None]:
    """A unit, or another platform, that answers with its own tone or is busy."""
    tone = sipp.tone_pcap(folder / "outside.pcap", OUTSIDE, 300)
    steps = sipp.BUSY if busy else [*sipp.ANSWER, sipp.play(tone), *sipp.HUNG_UP]
    with sipp.Sipp(steps, folder / "outside", address, callee=True):
        yield


def ledger(home: House) -> dict[str, Any]:
    [row] = home.rows("SELECT * FROM telephony_transfer ORDER BY id DESC LIMIT 1")
    return row


def move(agent: Agent, mode: str, kind: str, target: str = "") -> None:
    page = agent.page
    page.check("#consent")
    page.fill("#why", "需专席解答")
    if kind == "peer":
        label = {"attended": "咨询", "three_way": "三方", "blind": "直转"}[mode]
        page.locator("#peers").get_by_role("button", name=f"{label} {target}").click()
        return
    page.select_option("#kind", kind)
    if target:
        page.fill("#target", target)
    if kind == "unit":
        page.wait_for_selector("#targets option", state="attached")
    page.click(f'[data-move="{mode}"]:not([data-target])')


def test_a_colleague_takes_the_call(home: House, first: Agent, second: Agent, tmp_path: Path) -> None:
    with caller(home, tmp_path, number="13500000001") as call:
        first.ready().answer()
        move(first, "blind", "seat", "8009")
        first.page.wait_for_selector("#alarm:visible")
        assert "8009 没有登录" in first.page.inner_text("#alarm")
        move(first, "blind", "leader")
        second.answer()
        first.mode("after")
        until(lambda: ear.hears(sipp.CALLER, SECOND) and second.hears(HERTZ), what="caller and leader talk")
        assert second.page.inner_text("#caller .number") == "13500000001"
        row = ledger(home)
        assert (row["mode"], row["target_kind"], row["target"], row["outcome"]) == (
            "blind",
            "leader",
            "8017",
            "accepted",
        )
        assert (row["consent"], row["reason"]) == (1, "需专席解答")
        second.page.click("#hangup")
        second.mode("after")
        call.end(300)


def test_a_colleague_who_does_not_answer_gives_the_caller_back_to_the_queue(
    home: House, first: Agent, second: Agent, tmp_path: Path
) -> None:
    with caller(home, tmp_path, number="13500000002") as call:
        first.ready().answer()
        move(first, "blind", "seat", "8017")
        second.page.wait_for_selector("#answer:visible")
        until(lambda: ledger(home)["outcome"] == "no_answer", 30, "the ledger says no answer")
        first.ready()
        until(lambda: home.calls()[-1]["queue"] == "normal", what="in the shared queue")
        first.answer()
        until(lambda: ear.hears(sipp.CALLER, FIRST), what="the caller is heard and hears")
        first.page.click("#hangup")
        first.mode("after")
        call.end(300)


def test_a_colleague_joins_and_keeps_the_caller(home: House, first: Agent, second: Agent, tmp_path: Path) -> None:
    with caller(home, tmp_path, number="13500000003") as call:
        first.ready().answer()
        move(first, "three_way", "seat", "8017")
        second.page.wait_for_selector("#answer:visible")
        assert second.page.inner_text("#title") == "内部来电"
        second.page.click("#answer")
        second.mode("talking")
        first.page.wait_for_selector("#complete:visible")
        until(lambda: second.hears(HERTZ) and second.hears(FIRST) and ear.hears(sipp.CALLER, SECOND), what="all three")
        assert second.page.inner_text("#caller .number") == "13500000003", "the screen pops for who joined"
        first.page.click("#complete")
        first.mode("after")
        until(lambda: ear.hears(sipp.CALLER, SECOND), what="the caller keeps the colleague")
        assert ledger(home)["outcome"] == "accepted"
        second.page.click("#hangup")
        second.mode("after")
        assert call.end(300) == 0, "nobody is left alone on the line"
    until(lambda: home.calls()[-1]["status"] == "ended", what="the call ended")


def test_another_platform_is_consulted_and_takes_the_call(home: House, unit: str, first: Agent, tmp_path: Path) -> None:
    with outside(tmp_path, sipp.PEER), caller(home, tmp_path, number="13500000004"):
        first.ready().answer()
        move(first, "attended", "peer", "trial-peer")
        first.page.wait_for_selector("#complete:visible")
        until(lambda: first.hears(OUTSIDE) and not first.hears(HERTZ), what="the caller waits while the two speak")
        first.page.click("#complete")
        first.mode("after")
        until(lambda: ear.hears(sipp.CALLER, OUTSIDE), what="the caller speaks with the other platform")
        row = ledger(home)
        assert (row["target_kind"], row["target"], row["outcome"]) == ("peer", "peer-trial-peer", "accepted")


def test_another_platform_that_is_busy(home: House, unit: str, first: Agent, tmp_path: Path) -> None:
    with outside(tmp_path, sipp.PEER, busy=True), caller(home, tmp_path, number="13500000005") as call:
        first.ready().answer()
        move(first, "attended", "peer", "trial-peer")
        first.page.wait_for_selector('#move[data-outcome="busy"]')
        assert "首接负责" in first.page.inner_text("#move")
        until(lambda: first.hears(HERTZ), what="the agent has the caller again")
        move(first, "blind", "peer", "trial-peer")
        first.mode("after")
        until(lambda: ledger(home)["outcome"] == "busy" and ledger(home)["mode"] == "blind", what="busy again")
        first.ready().answer()
        assert first.hears(HERTZ)
        first.page.click("#hangup")
        first.mode("after")
        call.end(300)


def test_a_unit_joins_and_is_dropped(home: House, unit: str, first: Agent, tmp_path: Path) -> None:
    with outside(tmp_path, sipp.CITIZEN), caller(home, tmp_path, number="13500000006") as call:
        first.ready().answer()
        move(first, "three_way", "unit", unit)
        first.page.wait_for_selector("#roster li")
        until(lambda: ear.hears(sipp.CALLER, OUTSIDE) and first.hears(HERTZ) and first.hears(OUTSIDE), what="all three")
        assert (ledger(home)["target_kind"], ledger(home)["target"]) == ("unit", unit)
        first.page.click("#roster button")
        until(lambda: not ear.hears(sipp.CALLER, OUTSIDE) and ear.hears(sipp.CALLER, FIRST), what="the unit is out")
        first.page.click("#hangup")
        first.mode("after")
        call.end(300)
    assert not list((home.data / "asterisk" / "monitor").glob("party-*")), "no recording of its own is left behind"


def test_a_caller_from_110_is_in_the_ledger(home: House, first: Agent, tmp_path: Path) -> None:
    first.ready()
    tone = sipp.tone_pcap(tmp_path / "tone.pcap", HERTZ, 300)
    steps = [*sipp.CALL, sipp.play(tone), *sipp.HUNG_UP]
    with sipp.Sipp(steps, tmp_path, sipp.POLICE, remote=home.remote, caller="13500000007") as call:
        first.answer()
        row = ledger(home)
        assert (row["inbound"], row["target_kind"], row["outcome"]) == (1, "110", "accepted")
        first.page.click("#hangup")
        first.mode("after")
        call.end(300)
