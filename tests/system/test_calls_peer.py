"""To another 12345: three-way and blind with a real Asterisk; the ticket's data are on their way, nobody is lost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.system.phones import Agent, House, caller, until
from tests.system.test_calls_110 import ANSWERS, caller_alive, heard, ledger
from tests.telephony import sipp

pytestmark = [pytest.mark.asterisk, pytest.mark.browser, pytest.mark.slow]
NEIGHBOUR = """
from telephony.models import Trunk
from ticketing.exchange.models import Peer
Trunk.objects.get_or_create(name="trial-peer", defaults={"kind": "peer", "host": "127.0.0.4"})
facts = {"kind": "peer", "url": "http://127.0.0.1:9", "trunk": "trial-peer"}
Peer.objects.get_or_create(name="邻市12345", defaults=facts)
"""


@pytest.fixture
def neighbour(home: House) -> None:
    home.manage("shell", "-c", NEIGHBOUR)


@contextmanager
def peer(folder: Path, kind: str) -> Iterator[None]:
    tone = sipp.tone_pcap(folder / "peer.pcap", 440, 60)
    steps = [step or sipp.play(tone) for step in ANSWERS[kind]]
    with sipp.Sipp(steps, folder / "peer", sipp.PEER, callee=True):
        yield


def with_peer(home: House) -> bool:
    names = home.channels()
    return any("trial-carrier" in n for n in names) and any("trial-peer" in n for n in names)


def begin(agent: Agent, label: str) -> None:
    agent.ready()
    agent.answer()
    agent.page.check("#consent")
    agent.page.fill("#why", "属邻市职责")
    agent.page.click(f"#peers button:has-text('{label}')")


@pytest.mark.parametrize("label", ["三方", "直转"])
def test_a_peer_takes_the_caller_and_the_tickets_data(
    home: House, neighbour: None, agent: Agent, tmp_path: Path, label: str
) -> None:
    page = agent.page
    with peer(tmp_path, "accept"), caller(home, tmp_path, number="13900000011") as call:
        agent.ready()
        agent.answer()
        page.fill("[name=body]", "在邻市购物时发生纠纷，商家拒绝退款，请协调处理")
        page.keyboard.press("Control+Enter")
        page.wait_for_selector("#result[data-number]:not([data-number=''])")
        page.check("#consent")
        page.fill("#why", "属邻市职责")
        page.click(f"#peers button:has-text('{label}')")
        until(lambda: with_peer(home), 20, "the peer is on the line")
        if label == "三方":
            page.wait_for_selector("#complete:visible", timeout=20000)
            assert heard(agent), "all three hear each other"
            page.click("#complete")
        until(lambda: ledger(home)["outcome"] == "accepted", 20, "the ledger says accepted")
        agent.mode("after")
        assert with_peer(home), "caller and peer go on without the agent"
        home.asterisk("cli", "channel request hangup all")
        call.end(20)
    row = ledger(home)
    assert (row["target"], row["target_kind"], row["consent"]) == ("peer-trial-peer", "peer", 1)
    [sent] = home.rows("SELECT * FROM ticketing_exchange WHERE ticket_id = ?", row["ticket_id"])
    assert (sent["state"], sent["reason"]) == ("waiting", "属邻市职责")


def test_a_busy_peer_gives_the_caller_back(home: House, neighbour: None, agent: Agent, tmp_path: Path) -> None:
    with peer(tmp_path, "busy"), caller(home, tmp_path, number="13900000012") as call:
        begin(agent, "直转")
        agent.mode("after")
        until(lambda: ledger(home)["outcome"] == "busy", 20, "the ledger says busy")
        assert caller_alive(home)
        agent.ready()
        agent.answer()
        assert heard(agent)
        agent.page.click("#hangup")
        agent.mode("after")
        call.end(60)
