"""The figures in a browser: overview and drill-down, the wallboard by socket and after a lost one, axe, screens."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.system.browsing import AXE, PHONE_SCREEN, TOP, Person, chromium, running

pytestmark = pytest.mark.browser
WALL_SCREEN = {"width": 1920, "height": 1080}
PAGES = ("/figures/", "/figures/kpi/", "/figures/unit/", "/figures/reviews/", "/figures/appraisal/",
         "/figures/definitions/", "/figures/behind/received/?part=numerator", "/figures/wallboard/",
         "/figures/wallboard/?theme=light")  # fmt: skip


def _manage(data: Path, *words: str) -> str:
    environment = os.environ | {"HOTLINE_DATA": str(data)}
    done = subprocess.run(
        [sys.executable, str(TOP / "manage.py"), *words],
        env=environment, cwd=TOP, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    data = tmp_path_factory.mktemp("figures") / "var"
    _manage(data, "migrate", "-v0")
    _manage(data, "load_city")
    _manage(data, "demo", "--stage", "quiet")
    with running(data) as url:
        yield data, url


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture
def supervisor(place: tuple[Path, str], browser: Browser) -> Iterator[Person]:
    person = Person(browser, place[1], WALL_SCREEN)
    person.log_in("supervisor1")
    yield person
    assert not person.faults
    person.context.close()


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
        page.wait_for_timeout(600)
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


def _received(page: Page) -> int:
    return int((page.locator('[data-figures="today"] [data-code="received"] b').text_content() or "0").rstrip("件"))


def _file_one(person: Person, number: int) -> None:
    """Another ticket through the citizens' portal's own door for machines: a row imported now."""
    source = person.data / f"new-{number}.csv"  # type: ignore[attr-defined]
    row = f"browser-{number},路灯,2025-01-02T09:00:00+08:00,小区门口路灯坏了好几天"
    source.write_text("id,title,created_at,body\n" + row + "\n")
    _manage(person.data, "import_complaints", str(source))  # type: ignore[attr-defined]


def test_the_wallboard_follows_and_comes_back(supervisor: Person, place: tuple[Path, str]) -> None:
    supervisor.data = place[0]  # type: ignore[attr-defined]
    page = supervisor.open("/figures/wallboard/")
    page.wait_for_function("document.querySelector('[data-age]').textContent === '实时'")
    before = _received(page)
    _file_one(supervisor, 1)
    page.wait_for_function(f"{_JS_RECEIVED} === {before + 1}", timeout=20_000)
    supervisor.context.set_offline(True)
    page.wait_for_function("document.querySelector('[data-age]').textContent !== ''")
    _file_one(supervisor, 2)
    supervisor.context.set_offline(False)
    page.wait_for_function(f"{_JS_RECEIVED} === {before + 2}", timeout=60_000)
    shown = json.loads(page.evaluate("fetch('/figures/api/wall/').then((answer) => answer.text())"))
    assert shown["today"]["received"]["value"] == before + 2


_JS_RECEIVED = 'parseInt(document.querySelector(\'[data-figures="today"] [data-code="received"] b\').textContent)'
