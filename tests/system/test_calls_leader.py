"""The team leader during a live call: listen, whisper, barge in, take over, log out a stuck seat, tell everybody.

Each party speaks a tone of its own, so that who hears whom is measured and not believed.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.system import ear
from tests.system.phones import HERTZ, Agent, House, caller, until
from tests.telephony import sipp

pytestmark = [pytest.mark.asterisk, pytest.mark.browser, pytest.mark.slow]
LEADER, WORKER = 1900, 700


class Leader(Agent):
    """A supervisor with a seat and the board in a second tab."""

    def board(self) -> Any:
        page = self.context.new_page()
        page.goto(f"{self.home.base}/console/board/")
        return page

    def listening(self, row: Any, name: str) -> None:
        row.get_by_role("button", name=name).click()
        self.phone("talking")


@pytest.fixture
def leader(home: House, browser: object) -> Iterator[Leader]:
    found = Leader(home, browser, "supervisor1", "8017", LEADER)
    found.log_in()
    yield found
    found.close()


@pytest.fixture
def worker(home: House, browser: object) -> Iterator[Agent]:
    found = Agent(home, browser, "agent1", "8001", WORKER).log_in()
    yield found
    found.close()
    home.asterisk("cli", "channel request hangup all")
    until(lambda: not home.channels(), 30, "all channels gone")


def test_listen_whisper_barge_and_take_over(home: House, worker: Agent, leader: Leader, tmp_path: Path) -> None:
    board = leader.board()
    with caller(home, tmp_path, number="13600000001"):
        worker.ready().answer()
        worker.page.fill("[name=body]", "电梯停运一周，老人无法下楼")
        until(lambda: ear.hears(sipp.CALLER, WORKER), what="the caller hears the agent")
        row = board.locator("#seats tr", has_text="8001")
        leader.listening(row, "监听")
        until(lambda: leader.hears(HERTZ) and leader.hears(WORKER), what="the leader hears both")
        assert not worker.hears(LEADER) and not ear.hears(sipp.CALLER, LEADER), "nobody hears who listens"
        assert home.seat("8017")["reason"] == "监听座席8001"
        leader.page.click("#hangup")
        leader.phone("idle")
        leader.listening(row, "耳语")
        until(lambda: worker.hears(LEADER), what="the agent hears the whisper")
        assert not ear.hears(sipp.CALLER, LEADER), "the caller does not"
        leader.page.click("#hangup")
        leader.phone("idle")
        leader.listening(row, "强插")
        until(lambda: worker.hears(LEADER) and ear.hears(sipp.CALLER, LEADER), what="both hear the leader")
        leader.page.click("#hangup")
        leader.phone("idle")
        until(lambda: home.seat("8017")["reason"] == "刚登录", what="the leader's seat is as before")
        assert ear.hears(sipp.CALLER, WORKER), "the talk went on all the time"
        row.get_by_role("button", name="接管").click()
        leader.answer()
        worker.mode("after")
        until(lambda: ear.hears(sipp.CALLER, LEADER), what="the caller speaks with the leader")
        call = home.calls()[-1]
        assert (call["seat"], call["status"]) == ("8017", "talking")
        worker.page.keyboard.press("Control+Enter")
        worker.page.wait_for_selector("#result[data-number]:not([data-number=''])")
        leader.page.click("#hangup")
        leader.mode("after")


def test_a_stuck_seat_is_logged_out_and_its_caller_goes_to_the_front(
    home: House, worker: Agent, leader: Leader, tmp_path: Path
) -> None:
    board = leader.board()
    board.fill("#message [name=text]", "三号线检修，请告知群众")
    board.click("#message button")
    worker.page.wait_for_selector("#notice:visible")
    assert "三号线检修" in worker.page.inner_text("#notice")
    with caller(home, tmp_path, number="13600000002") as call:
        worker.ready().answer()
        board.locator("#seats tr", has_text="8001").get_by_role("button", name="签出").click()
        worker.page.wait_for_selector("#login:visible")
        until(lambda: home.seat("8001")["mode"] == "offline", what="the seat is out")
        until(lambda: home.calls()[-1]["queue"] == "normal" and home.calls()[-1]["status"] == "queued", what="in front")
        leader.ready().answer()
        assert home.calls()[-1]["seat"] == "8017"
        leader.page.click("#hangup")
        leader.mode("after")
        call.end(300)
