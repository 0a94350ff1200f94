"""What the tests with a real phone system share: one house per run, one browser, one agent per test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.system.phones import BROWSER, CHROMIUM, Agent, House, house, missing, until


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    assert not missing(), missing()
    with house(tmp_path_factory.mktemp("calls")) as found:
        yield found


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=CHROMIUM, args=BROWSER)
        yield chromium
        chromium.close()


@pytest.fixture
def agent(home: House, browser: object) -> Iterator[Agent]:
    found = Agent(home, browser, "agent1", "8001").log_in()
    yield found
    found.close()
    home.asterisk("cli", "channel request hangup all")
    until(lambda: not home.channels(), 30, "all channels gone")
