"""The figures in a browser: overview and drill-down, the wallboard by socket and after a lost one, axe, screens."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, WebSocketRoute

from tests.system.backing import TOP, manage, with_city
from tests.system.browsing import AXE, PHONE_SCREEN, Person, chromium, serving

pytestmark = [pytest.mark.browser, pytest.mark.system]
#: how often the wallboard asks by itself without a socket
ASK_MILLISECONDS = 10_000
WALL_SCREEN = {"width": 1920, "height": 1080}
PAGES = ("/figures/", "/figures/kpi/", "/figures/unit/", "/figures/reviews/", "/figures/appraisal/",
         "/figures/definitions/", "/figures/behind/received/?part=numerator", "/figures/wallboard/",
         "/figures/wallboard/?theme=light")  # fmt: skip


#: a process outside the running product: imports each file whose name it is told
IMPORTER = """
import sys
from django.core.management import call_command
for line in sys.stdin:
    call_command("import_complaints", line.strip())
"""


@dataclass(frozen=True)
class Place:
    """A product, its data, and a process of its own that reaches the same database."""

    data: Path
    url: str
    importer: subprocess.Popen[str]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    data = tmp_path_factory.mktemp("figures") / "var"
    with with_city(data) as environment:
        manage(environment, "demo", "--stage", "quiet")
        with serving(data, environment) as url:
            words = [sys.executable, str(TOP / "manage.py"), "shell", "-c", IMPORTER]
            with subprocess.Popen(
                words, env=environment, cwd=TOP, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
            ) as importer:
                yield Place(data, url, importer)
                assert importer.stdin is not None
                importer.stdin.close()
                assert importer.wait(timeout=60) == 0


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def logged_in(place: Place, browser: Browser) -> Iterator[Person]:
    person = Person(browser, place.url, WALL_SCREEN)
    person.log_in("supervisor1")
    yield person
    person.context.close()


@pytest.fixture
def supervisor(logged_in: Person) -> Iterator[Person]:
    logged_in.page.set_viewport_size(WALL_SCREEN)  # type: ignore[arg-type]
    yield logged_in
    assert not logged_in.faults


#: every chart is drawn and every later part of the page has come
DRAWN = """() => !document.querySelector('[hx-trigger="load"] p > a')
  && [...document.querySelectorAll('[data-chart], [data-wall-chart]')].every((box) => box.querySelector('svg'))"""


def _shot(page: Page, name: str) -> None:
    """Screenshots for people, where a folder was named."""
    folder = os.environ.get("HOTLINE_TEST_SCREENSHOTS")
    if folder:
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page="wallboard" not in name)


def _serious(page: Page) -> list[Any]:
    page.add_script_tag(path=str(AXE))
    found = page.evaluate("async () => (await axe.run()).violations")
    return [
        (rule["id"], [node["target"] for node in rule["nodes"]])
        for rule in found
        if rule["impact"] in ("serious", "critical")
    ]


def test_every_page_is_accessible_and_fits_a_phone(supervisor: Person) -> None:
    page = supervisor.page
    for path in PAGES:
        page.set_viewport_size(WALL_SCREEN)  # type: ignore[arg-type]
        supervisor.open(path)
        name = path.split("?")[0].strip("/").replace("/", "-") + ("-light" if "light" in path else "")
        page.wait_for_function(DRAWN)
        _shot(page, name)
        assert _serious(page) == [], path
        page.set_viewport_size(PHONE_SCREEN)  # type: ignore[arg-type]
        wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 0, (path, wide)
        _shot(page, f"{name}-phone")


def test_a_figure_opens_exactly_its_tickets(supervisor: Person) -> None:
    page = supervisor.open("/figures/?preset=year")
    tile = page.locator('[data-code="received"]')
    number = int(tile.get_attribute("data-value") or 0)
    assert number > 0
    tile.locator(".value a").click()
    assert page.locator("[data-total]").get_attribute("data-total") == str(number)
    assert page.locator("[data-line]").count() == min(number, 50)
    assert page.locator(".chart svg").count() == 0


def test_charts_are_drawn_with_their_tables(supervisor: Person) -> None:
    page = supervisor.open("/figures/?preset=year")
    page.wait_for_selector(".chart svg")
    assert page.locator("[data-chart]").count() == page.locator("[data-chart] ~ details table").count()


_JS_RECEIVED = 'parseInt(document.querySelector(\'[data-figures="today"] [data-code="received"] b\').textContent)'


def _file_one(place: Place, number: int) -> None:
    """Another ticket from outside the running product: a row imported now."""
    source = place.data / f"new-{number}.csv"
    row = f"browser-{number},路灯,2025-01-02T09:00:00+08:00,小区门口路灯坏了好几天"
    source.write_text("id,title,created_at,body\n" + row + "\n")
    assert place.importer.stdin is not None
    place.importer.stdin.write(f"{source}\n")
    place.importer.stdin.flush()


class Line:
    """The wallboard's socket, which a test may cut and mend."""

    def __init__(self, page: Page) -> None:
        self.cut, self._open = False, set[WebSocketRoute]()
        page.route_web_socket(re.compile(r"/ws/figures/$"), self._route)

    def _route(self, socket: WebSocketRoute) -> None:
        if self.cut:
            socket.close()
            return
        socket.connect_to_server()
        self._open.add(socket)

    def lose(self) -> None:
        self.cut = True
        for socket in self._open:
            socket.close(code=1011)
        self._open.clear()

    def mend(self) -> None:
        self.cut = False


def _age(page: Page, shown: str) -> None:
    page.wait_for_function("shown => document.querySelector('[data-age]').textContent === shown", arg=shown)


def _skipping(page: Page, condition: str) -> None:
    """Waits for the condition, moving the page's clock on to its next question meanwhile."""
    deadline = time.monotonic() + 90
    while not page.evaluate(condition):
        assert time.monotonic() < deadline, condition
        page.clock.fast_forward(ASK_MILLISECONDS)
        page.wait_for_timeout(200)


def test_the_wallboard_follows_and_comes_back(supervisor: Person, place: Place) -> None:
    page = supervisor.page
    page.set_default_timeout(90_000)  # arrival is asserted, delays are benchmarks/wallboard.py's
    page.clock.install()  # the page's waiting is skipped, not lived through
    line = Line(page)
    supervisor.open("/figures/wallboard/")
    _age(page, "实时")
    before = int(page.evaluate(_JS_RECEIVED))
    _file_one(place, 1)
    page.wait_for_function(f"{_JS_RECEIVED} === {before + 1}")
    line.lose()
    _age(page, "每 10 秒更新")
    _file_one(place, 2)
    _skipping(page, f"{_JS_RECEIVED} === {before + 2}")  # right without the socket
    _age(page, "每 10 秒更新")
    line.mend()
    _skipping(page, "document.querySelector('[data-age]').textContent === '实时'")
    _file_one(place, 3)
    page.wait_for_function(f"{_JS_RECEIVED} === {before + 3}")
    shown = json.loads(page.evaluate("fetch('/figures/api/wall/').then((answer) => answer.text())"))
    assert shown["today"]["received"]["value"] == before + 3
