"""The pictures of the README and docs, from the running product; called by `scripts/screenshots FOLDER`."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, TimeoutError, sync_playwright

TOP = Path(__file__).resolve().parent.parent
PASSWORD = "hotline12345"
PAGE, WALL, PHONE = (1280, 800), (1920, 1080), (390, 844)
#: file name, user (empty: a citizen), address, width and height
PICTURES = (
    ("portal.png", "", "/", PAGE),
    ("desk.png", "dispatcher1", "/desk/", PAGE),
    ("console.png", "agent1", "/console/", PAGE),
    ("figures.png", "supervisor1", "/figures/?preset=year", WALL),
    ("figures-phone.png", "supervisor1", "/figures/?preset=year", PHONE),
    ("wallboard.png", "supervisor1", "/figures/wallboard/", WALL),
    ("wallboard-phone.png", "supervisor1", "/figures/wallboard/?theme=light", PHONE),
)
START_SECONDS = 300
CALL_SECONDS = 60


@contextmanager
def product() -> Iterator[str]:
    """The address of a product that runs for as long as the block does."""
    with tempfile.TemporaryDirectory(prefix="hotline-screenshots.") as data:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        ours = {"HOTLINE_DATA": data, "HOTLINE_PORT": str(port), "HOTLINE_DEMO_PASSWORD": PASSWORD}
        ours["HOTLINE_PHONE_GATEWAY"] = os.environ.get("HOTLINE_PHONE_GATEWAY", "demo")
        log = Path(data) / "up.log"
        with log.open("wb") as file:
            process = subprocess.Popen([TOP / "scripts" / "up"], env={**os.environ, **ours}, stdout=file, stderr=file)
        try:
            deadline = time.monotonic() + START_SECONDS
            while "Ctrl-C stops everything" not in log.read_text(encoding="utf-8", errors="replace"):
                if process.poll() is not None or time.monotonic() > deadline:
                    raise SystemExit(log.read_text(encoding="utf-8", errors="replace"))
                time.sleep(0.3)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(timeout=60)


def log_in(page: Page, address: str, user: str) -> None:
    page.goto(f"{address}/login/")
    page.fill("input[name=username]", user)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_load_state("networkidle")


def take_call(page: Page) -> None:
    """Log in at a seat, be ready, take the first call (the demo's calls take themselves) and begin to write."""
    page.click("#login button")
    page.click("#ready")
    try:
        page.wait_for_selector("#facts dd", timeout=CALL_SECONDS * 1000)
    except TimeoutError:
        print("no call came in time", file=sys.stderr)
        return
    page.wait_for_timeout(1000)
    if page.is_visible("#answer"):
        page.click("#answer")
    page.fill("#ticket textarea", "小区东门口的路灯坏了三天，晚上老人出门看不清台阶，请尽快修复。")


def take(browser: Browser, address: str, file: Path, user: str, path: str, size: tuple[int, int]) -> None:
    page = browser.new_page(viewport={"width": size[0], "height": size[1]}, locale="zh-CN")
    if user:
        log_in(page, address, user)
    page.goto(address + path)
    page.wait_for_load_state("load")
    if path == "/console/":
        take_call(page)
    page.wait_for_timeout(1500)  # what arrives through the socket
    page.screenshot(path=file)
    page.close()
    shrink(file)


def real_call(file: Path) -> bool:
    """The console during a real call: Asterisk, SIPp and Chromium of the end-to-end test, which takes the picture."""
    if os.geteuid() != 0 or not all(map(shutil.which, ("sipp", "espeak-ng", "sox"))):
        return False
    test = "tests/system/test_calls.py::test_a_call_becomes_a_rated_ticket_with_a_recording"
    command = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-m", "asterisk", test]
    done = subprocess.run(command, cwd=TOP, env={**os.environ, "HOTLINE_TEST_PICTURE": str(file.resolve())})
    return done.returncode == 0 and file.exists()


def shrink(file: Path) -> None:
    """64 colours are enough for a page and make a third of the size."""
    with Image.open(file) as picture:
        small = picture.convert("RGB").quantize(64)
    small.save(file, optimize=True)
    print(f"{file} ({file.stat().st_size // 1024} KiB)")


def main(folder: Path) -> None:
    named = os.environ.get("HOTLINE_TEST_CHROMIUM", "")
    found = named or shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not found:
        raise SystemExit("no Chromium: install it, or name one in HOTLINE_TEST_CHROMIUM")
    folder.mkdir(parents=True, exist_ok=True)
    with product() as address, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        for name, user, path, size in PICTURES:
            take(browser, address, folder / name, user, path, size)
        browser.close()
    if real_call(folder / "console.png"):
        shrink(folder / "console.png")
    else:
        print("no phone system can run here: console.png shows the labelled demo", file=sys.stderr)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
