"""A call from end to end: SIPp dials 12345, a queue, an agent in Chromium, a ticket, a rating, a recording."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import pytest

from tests.system.ear import strength
from tests.system.phones import HERTZ, Agent, House, caller, until
from tests.telephony import sipp

pytestmark = [pytest.mark.asterisk, pytest.mark.browser, pytest.mark.slow]


def test_a_call_becomes_a_rated_ticket_with_a_recording(home: House, agent: Agent, tmp_path: Path) -> None:
    page = agent.ready().page
    rate = [*sipp.CUE, sipp.key("4"), *sipp.HUNG_UP]  # a key ends the tone: it must come after the talk
    with caller(home, tmp_path, *rate) as call:
        agent.answer()
        assert page.inner_text("#caller .number") == "13800001111"
        page.fill("[name=body]", "建设路与人民路交叉口路灯不亮已经三天，晚上行人很危险")
        page.fill("[name=place]", "建设路与人民路交叉口")
        picture = os.environ.get("HOTLINE_TEST_PICTURE")  # the README's picture is made here, during a real call
        if picture:
            page.wait_for_timeout(1500)
            page.screenshot(path=picture)
        page.keyboard.press("Control+Enter")
        page.wait_for_selector("#result[data-number]:not([data-number=''])")
        before = agent.stats()
        page.wait_for_timeout(1500)
        after = agent.stats()
        assert after["received"] - before["received"] > 25, "the caller is heard"
        assert after["sent"] - before["sent"] > 25, "the agent is sent"
        assert after["energy"] > before["energy"]
        page.click("#hangup")
        agent.mode("after")
        [channel] = [c["channel"] for c in home.calls() if c["status"] == "after"]
        home.cue(channel)
        assert call.end(300) == 0
    row = until(lambda: [c for c in home.calls() if c["status"] == "ended"], what="the call ended")[-1]
    assert (row["outcome"], row["seat"], row["rating"]) == ("answered", "8001", 4)
    number = page.get_attribute("#result", "data-number")
    [ticket] = home.rows("SELECT * FROM ticketing_ticket WHERE number = ?", number)
    assert ticket["call_key"] == row["call"] and ticket["channel"] == "phone"
    assert agent.errors == []
    check_recording(home, agent, row)
    check_logs(home, row)


def check_recording(home: House, agent: Agent, row: dict[str, object]) -> None:
    """The recording plays through the page with a reason, holds the caller's tone, and the clear file is gone."""
    found = until(
        lambda: home.rows("SELECT * FROM telephony_recording WHERE call_id = ?", row["id"]), what="the recording"
    )
    assert found[0]["state"] == "kept"
    assert not (home.data / "asterisk" / "monitor" / f"{row['call']}.wav").exists()
    listen = """async ([pk, reason]) => {
      const body = new FormData(); body.append("reason", reason);
      const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
      const answer = await fetch(`/console/recordings/${pk}/`, {method: "POST", body, headers: {"X-CSRFToken": token}});
      return [answer.status, Array.from(new Uint8Array(await answer.arrayBuffer()).slice(0, 60000))];
    }"""
    assert agent.page.evaluate(listen, [found[0]["id"], ""])[0] == 422
    status, content = agent.page.evaluate(listen, [found[0]["id"], "核对群众诉求内容"])
    assert status == 200 and bytes(content[:4]) == b"RIFF"
    samples = struct.unpack("<4000h", bytes(content[16044:24044]))
    assert strength(samples, HERTZ) > 0.2, "the caller's tone is in the recording"
    [read] = home.rows("SELECT * FROM telephony_recordingread")
    assert read["reason"] == "核对群众诉求内容"


def check_logs(home: House, row: dict[str, object]) -> None:
    """Our journal says what Asterisk's own queue_log and CDR say."""
    verbs = [line[4] for line in home.queue_log() if line[1] == row["call"]]
    assert verbs == ["ENTERQUEUE", "CONNECT", "COMPLETEAGENT"]
    kinds = [
        r["kind"] for r in home.rows("SELECT kind FROM telephony_callevent WHERE call = ? ORDER BY id", row["call"])
    ]
    for kind in ("arrived", "queued", "ringing", "connected", "leg_ended", "rated", "ended"):
        assert kinds.count(kind) == 1, kinds
    assert kinds.index("connected") < kinds.index("leg_ended") < kinds.index("rated") < kinds.index("ended")
    cdr = (home.asterisk_home / "log" / "cdr-csv" / "Master.csv").read_text()
    assert str(row["call"]) in cdr and '"ANSWERED"' in cdr


def test_a_reloaded_page_takes_its_call_back(home: House, agent: Agent, tmp_path: Path) -> None:
    page = agent.ready().page
    with caller(home, tmp_path, number="13800002222") as call:
        agent.answer()
        page.fill("[name=body]", "小区停水两天没有人通知")
        page.wait_for_timeout(3200)
        page.reload()
        agent.phone("talking", 25)
        agent.mode("talking")
        assert page.input_value("[name=body]") == "小区停水两天没有人通知"
        row = home.calls()[-1]
        assert row["lost_legs"] == 1 and row["seats"] == '["8001"]' and row["rating"] == 0
        before = agent.stats()["received"]
        page.wait_for_timeout(1000)
        assert agent.stats()["received"] > before, "the caller is heard again"
        page.click("#hangup")
        agent.mode("after")
        assert call.end(300) == 0
    until(lambda: home.calls()[-1]["status"] == "ended", what="ended")
    assert home.calls()[-1]["outcome"] == "answered"


def test_a_caller_who_gives_up_is_owed_a_call(home: House, agent: Agent, tmp_path: Path) -> None:
    with caller(home, tmp_path, sipp.pause(9000), *sipp.HANGUP, number="13800003333") as call:
        assert call.end(300) == 0
    row = until(lambda: [c for c in home.calls() if c["outcome"] == "abandoned"], what="abandoned")[-1]
    [owed] = home.rows("SELECT * FROM telephony_callbackrequest WHERE call = ?", row["call"])
    assert (owed["kind"], owed["state"]) == ("abandoned", "waiting")
