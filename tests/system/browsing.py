"""A running product and a browser for the walk: its own data folder, its own port, ended with the test."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from .backing import PASSWORD, TOP, with_city

AXE = TOP / "node_modules" / "axe-core" / "axe.min.js"
START_SECONDS = 180
PHONE_SCREEN, DESK_SCREEN = {"width": 390, "height": 844}, {"width": 1280, "height": 900}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _healthy(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=5) as answer:
            return bool(json.load(answer))
    except (OSError, urllib.error.HTTPError):
        return False


@contextmanager
def running(data: Path) -> Iterator[str]:
    """The product as `scripts/up --no-demo` starts it, from the environment that runs the tests; yields its address."""
    with with_city(data) as environment, serving(data, environment) as url:
        yield url


@contextmanager
def serving(data: Path, environment: dict[str, str]) -> Iterator[str]:
    """The same on a database of `tests.system.backing`, which may hold something already."""
    assert (TOP / "hotline" / "static" / "dist" / "portal.js").exists(), (
        "the front end is not built: scripts/test does it"
    )
    port, log = free_port(), data.with_suffix(".log")
    environment = environment | {"HOTLINE_PORT": str(port)}
    environment |= {"HOTLINE_PHONE_GATEWAY": "demo"}  # no Asterisk is built for a walk through pages
    command = [sys.executable, str(TOP / "manage.py"), "up", "--no-demo"]
    with log.open("wb") as out:
        process = subprocess.Popen(command, env=environment, stdout=out, stderr=out, cwd=TOP)
    url = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + START_SECONDS
        while not _healthy(url):
            assert process.poll() is None, log.read_text(errors="replace")[-3000:]
            assert time.monotonic() < deadline, log.read_text(errors="replace")[-3000:]
            time.sleep(0.3)
        yield url
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)


@contextmanager
def chromium() -> Iterator[Browser]:
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


class Person:
    """Somebody at a browser of their own."""

    def __init__(self, browser: Browser, url: str, screen: dict[str, int], *, scripts: bool = True) -> None:
        self.url = url
        self.context = browser.new_context(
            viewport=screen,  # type: ignore[arg-type]
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            java_script_enabled=scripts,
            bypass_csp=scripts,  # for axe alone: the page's own policy forbids what a tester injects
        )
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(60_000)  # a busy machine is slow, not wrong
        self.faults: list[str] = []
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))

    def open(self, path: str) -> Page:
        answer = self.page.goto(self.url + path)
        assert answer is not None and answer.status < 400, (path, answer and answer.status)
        return self.page

    def log_in(self, name: str) -> Page:
        page = self.open("/login/")
        page.fill("[name=username]", name)
        page.fill("[name=password]", PASSWORD)
        page.click("main button[type=submit]")
        page.wait_for_url(lambda url: "/login/" not in url)
        return page

    def act(self, number: str, action: str, **facts: str) -> None:
        """One action on the desk's page of a ticket, as its form asks for it."""
        page = self.open(f"/desk/t/{number}/")
        box = page.locator(f"#act-{action}")
        if box.get_attribute("open") is None:
            box.locator("summary").first.click()
        for name, value in facts.items():
            field = box.locator(f"[name={name}]")
            if field.evaluate("element => element.tagName") == "SELECT":
                field.select_option(value)
            else:
                field.fill(value)
        before = page.locator("#ticket-page").get_attribute("data-version")
        box.locator("button[type=submit].primary").click()
        page.wait_for_selector(f'#ticket-page:not([data-version="{before}"])', state="attached")

    def close(self) -> None:
        self.context.close()
        assert not self.faults, self.faults


def violations(page: Page) -> list[dict[str, Any]]:
    """What axe-core finds serious or critical on the page."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("async () => (await axe.run(document)).violations")
    return [
        {"rule": item["id"], "where": [node["target"] for node in item["nodes"]]}
        for item in found
        if item["impact"] in ("serious", "critical")
    ]
