"""A seat as one on another PC reaches us: pages and API over HTTP/2, the phone over wss, the microphone by TLS."""

from __future__ import annotations

import ssl
import urllib.request
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from hotline.launch import tls
from tests.system import ear
from tests.system.phones import HERTZ, Agent, House, caller, until
from tests.telephony import sipp

pytestmark = [pytest.mark.asterisk, pytest.mark.browser, pytest.mark.slow]
VOICE = 700


class Secure(House):
    """The same house through a web server of its own with a certificate."""

    @property
    def base(self) -> str:
        return f"https://localhost:{self.port + 9}"


@pytest.fixture
def secure(home: House, tmp_path: Path) -> Iterator[House]:
    files = tls.ensure(tmp_path / "tls", tls.served_names([]))
    found = Secure(**{one.name: getattr(home, one.name) for one in fields(home)})
    found.extra = {**home.extra, "HOTLINE_TLS": "true", "HOTLINE_PUBLIC_URL": found.base}
    found.spawn(
        "web-tls", "-m", "granian", "--interface", "asginl", "--host", "127.0.0.1", "--port", str(home.port + 9),
        "--workers", "1", "--workers-kill-timeout", "8", "--no-access-log", "--static-path-route", "/static",
        "--static-path-mount", str(home.data / "static"), "--ssl-certificate", str(files.certificate),
        "--ssl-keyfile", str(files.key), "hotline.asgi:application",
    )  # fmt: skip
    trusted = ssl.create_default_context(cafile=str(files.authority))

    def answers() -> bool:
        try:
            with urllib.request.urlopen(f"{found.base}/livez", timeout=5, context=trusted) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    until(answers, 30, "the secure server answers")
    yield found
    found.end("web-tls")


def test_a_seat_over_https_and_wss(secure: House, browser: object, tmp_path: Path) -> None:
    agent = Agent(secure, browser, "agent1", "8001", VOICE).log_in()
    page = agent.page
    assert page.evaluate("isSecureContext && location.protocol") == "https:"
    assert page.evaluate("performance.getEntriesByType('navigation')[0].nextHopProtocol") == "h2"
    with caller(secure, tmp_path, number="13500000021") as call:
        agent.ready().answer()
        until(lambda: agent.hears(HERTZ) and ear.hears(sipp.CALLER, VOICE), what="both hear each other")
        page.fill("[name=body]", "路灯不亮已经三天了，请派人来修")
        page.press("[name=body]", "Control+Enter")
        page.wait_for_selector("#result:has-text('已保存')")
        page.click("#hangup")
        agent.mode("after")
        call.end(300)
    assert not agent.errors
    agent.close()
