"""Two Asterisk nodes behind a real SIP proxy: calls spread, a dead node is passed over, the other's talk goes on."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from tests.system.phones import HERTZ, TOP, Agent, House, caller, until
from tests.telephony import sipp

pytestmark = [pytest.mark.asterisk, pytest.mark.browser, pytest.mark.slow]
PROXY = f"{sipp.CITIZEN}:5075"  # an address that the nodes know as their carrier's
OTHER = "second"
SECOND = ("--trial", "12", "--trial-net", sipp.NET, "--node", OTHER)
OPEN = "SELECT id FROM telephony_call WHERE node = ? AND status <> 'ended'"


def seat(house: House, node: str) -> None:
    """Puts seat 8002 on a node."""
    code = f"from directory.models import Seat; Seat.objects.filter(number='8002').update(node='{node}')"
    house.manage("shell", "-c", code)


@contextmanager
def another_node(first: House, data: Path) -> Iterator[House]:
    """An Asterisk and a bridge of their own on the first one's database and secrets."""
    shutil.copytree(first.data / "secrets", data / "secrets")
    database = {"HOTLINE_DATABASE_URL": f"sqlite:///{first.data / 'hotline.sqlite3'}"}
    node = House(
        data, port=first.port, sip=first.sip + 2, ami=first.ami + 2, ws=first.ws + 2, rtp=first.rtp + 500,
        extra={**database, "HOTLINE_RTP_END": str(first.rtp + 699)},
    )  # fmt: skip
    seat(node, OTHER)
    try:
        node.asterisk("start", *SECOND)
        node.start_bridge("--node", OTHER)
        yield node
    finally:
        node.end("bridge")
        place = node.asterisk_home
        node.asterisk("stop")
        shutil.rmtree(place, ignore_errors=True)
        seat(node, "default")


@contextmanager
def proxy(folder: Path, *nodes: House) -> Iterator[None]:
    """Kamailio with the configuration that the docs give to operators."""
    assert shutil.which("kamailio"), "needs kamailio"
    folder.mkdir()
    (folder / "nodes.list").write_text("".join(f"1 sip:{node.remote}\n" for node in nodes))
    running = subprocess.Popen(
        ["kamailio", "-DD", "-E", "-f", str(TOP / "docs" / "examples" / "kamailio.cfg"), "-Y", str(folder), "-w",
         str(folder), "-m", "32", "-M", "4", "-A", f"LISTEN=udp:{PROXY}", "-A", f'NODES="{folder / "nodes.list"}"'],
        stdin=subprocess.DEVNULL, stdout=(folder / "log").open("wb"), stderr=subprocess.STDOUT,
    )  # fmt: skip
    try:
        yield
    finally:
        running.terminate()
        running.wait(60)


def over(house: House, node: str) -> bool:
    return not house.rows(OPEN, node)


def node_of_newest(home: House) -> str:
    return str(home.calls()[-1]["node"])


def test_calls_are_spread_and_a_dead_node_is_passed_over(home: House, browser: object, tmp_path: Path) -> None:
    first = home
    with another_node(first, tmp_path / OTHER) as second, proxy(tmp_path / "proxy", first, second):
        agents = {
            "default": Agent(first, browser, "agent1", "8001").log_in().ready(),
            OTHER: Agent(first, browser, "agent2", "8002").log_in().ready(),
        }
        lines: list[sipp.Sipp] = []

        def ring() -> str:
            """One more caller; the node that took the call."""
            before = len(first.calls())
            line = caller(first, tmp_path / f"caller{len(lines)}", number=f"1380000{len(lines):04}")
            line.remote = PROXY
            lines.append(line.start())
            until(lambda: len(first.calls()) > before, 15, "the call has come to a node")
            return node_of_newest(first)

        try:
            taken = {ring()}
            while len(taken) < 2:
                assert len(lines) < 16, "sixteen calls in a row to one node of two"
                taken.add(ring())
            for agent in agents.values():
                agent.answer()
                until(partial(agent.hears, HERTZ), 10, "the agent hears the caller")
            os.kill(second.asterisk_pid, signal.SIGKILL)
            agents[OTHER].phone("offline")
            assert {ring() for _ in range(3)} == {"default"}
            until(lambda: not first.seat("8002")["reachable"], 20, "nobody looks as if calls could come")
            assert agents["default"].hears(HERTZ) and first.seat("8001")["mode"] == "talking"
            second.asterisk("start", *SECOND)
            until(partial(over, first, OTHER), 30, "what the dead node had is closed")
            assert not over(first, "default")
            until(lambda: ring() == OTHER, 30, "calls come to it again")
        finally:
            for line in lines:
                line.stop()
            for agent in agents.values():
                agent.close()
            for node, name in ((first, "default"), (second, OTHER)):
                node.asterisk("cli", "channel request hangup all")
                until(partial(over, first, name), 30, "nothing is left of it")
