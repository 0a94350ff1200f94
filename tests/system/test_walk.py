"""The README's walk in a browser: filed, dispatched, signed, answered, checked, called back, rated, closed."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser

from . import browsing
from .browsing import DESK_SCREEN, PHONE_SCREEN, Person

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.system]
ANSWER = "您反映的路灯已经修复，今晚起正常亮灯，感谢您的提醒。"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with browsing.running(tmp_path_factory.mktemp("walk") / "var") as address:
        yield address


@pytest.fixture(scope="module")
def browser(url: str) -> Iterator[Browser]:
    with browsing.chromium() as found:
        yield found


def photo() -> Any:
    target = BytesIO()
    Image.new("RGB", (64, 48), "teal").save(target, "JPEG")
    return {"name": "路灯.jpg", "mimeType": "image/jpeg", "buffer": target.getvalue()}


def file_complaint(citizen: Person, *, anonymous: bool = False) -> tuple[str, str]:
    """Fills the form as a person would and returns number and query code from the receipt."""
    page = citizen.open("/")
    page.get_by_role("link", name="我要反映").last.click()
    page.fill("[name=body]", "小区门口的路灯坏了一个星期，老人晚上看不见路，希望尽快修好。")
    page.check("[name=kind][value=help]")
    page.select_option("[name=region]", "410105")
    page.fill("[name=place]", "文化路与东风路交叉口")
    page.set_input_files("[name=files]", [photo()])
    if anonymous:
        page.check("[name=identity][value=anonymous]")
    else:
        page.fill("[name=phone]", "139 0000 1111")
        page.fill("[name=name]", "王秀英")
        page.check("[name=publishable]")
    page.click("form.filing button[type=submit]")
    page.wait_for_url("**/receipt/**")
    number, code = page.inner_text("#number").strip(), page.inner_text("#code").strip()
    assert number not in page.url and code not in page.url
    return number, code


def track(citizen: Person, number: str, code: str) -> None:
    page = citizen.open("/track/")
    page.fill("[name=number]", number)
    page.fill("[name=code]", code)
    page.click("#track button[type=submit]")
    page.wait_for_url("**/track/t/**")
    assert number not in page.url and code not in page.url


def as_staff(browser: Browser, url: str, name: str) -> Person:
    person = Person(browser, url, DESK_SCREEN)
    person.log_in(name)
    return person


def walk_to_call_back(browser: Browser, url: str, number: str) -> None:
    dispatcher = as_staff(browser, url, "dispatcher1")
    dispatcher.act(number, "triage", kind="help", category="010101")
    dispatcher.act(number, "dispatch", lead="URBAN")
    dispatcher.close()
    handler = as_staff(browser, url, "urban_handler")
    handler.act(number, "sign")
    handler.act(number, "reply", public_answer=ANSWER, internal_note="更换镇流器一只", truthful="yes", solved="yes")
    handler.close()
    checker = as_staff(browser, url, "checker1")
    checker.act(number, "approve")
    checker.close()


def test_a_complaint_walks_its_whole_life(browser: Browser, url: str) -> None:
    citizen = Person(browser, url, PHONE_SCREEN)
    number, code = file_complaint(citizen)
    walk_to_call_back(browser, url, number)
    clerk = as_staff(browser, url, "callback1")
    clerk.act(number, "call_back", result="reached", contacted="yes", solved="yes", satisfaction="5")
    assert "已办结" in clerk.page.inner_text("#main")
    clerk.close()

    track(citizen, number, code)
    page = citizen.page
    assert ANSWER in page.inner_text(".answer")
    assert "路灯.jpg" in page.inner_text("#main")
    page.check("[name=level][value='5']")
    page.fill("#rate_remark", "修得很快")
    page.get_by_role("button", name="提交评价").click()
    page.wait_for_selector("text=您的评价：非常满意")
    assert "镇流器" not in page.inner_text("#main")
    citizen.close()


def test_a_stranger_sees_nothing_of_it(browser: Browser, url: str) -> None:
    citizen = Person(browser, url, PHONE_SCREEN)
    number, _ = file_complaint(citizen)
    citizen.page.get_by_role("link", name="查看办理进度").click()
    address = citizen.page.url
    stranger = Person(browser, url, PHONE_SCREEN)
    assert stranger.page.goto(address).status == 404  # type: ignore[union-attr]
    unit = as_staff(browser, url, "traffic_handler")
    assert unit.page.goto(f"{url}/desk/t/{number}/").status == 404  # type: ignore[union-attr]
    for person in (citizen, stranger, unit):
        person.close()


def test_without_scripts(browser: Browser, url: str) -> None:
    """Filing, the receipt, following, adding and large type need no JavaScript."""
    citizen = Person(browser, url, PHONE_SCREEN, scripts=False)
    number, code = file_complaint(citizen, anonymous=True)
    citizen.page.get_by_role("link", name="查看办理进度").click()
    assert "已收到" in citizen.page.inner_text(".headline")
    citizen.page.get_by_role("button", name="退出查询").click()
    track(citizen, number, code)
    page = citizen.page
    page.locator("summary", has_text="补充情况或材料").click()
    page.fill("#evidence_text", "今晚又有人摔倒")
    page.get_by_role("button", name="提交补充").click()
    assert "今晚又有人摔倒" in page.inner_text(".timeline")
    page.locator(".top").get_by_role("button", name="大字版").click()
    assert "elder" in (page.locator("html").get_attribute("class") or "")
    assert "今晚又有人摔倒" in page.inner_text(".timeline")
    citizen.close()


def test_with_the_keyboard_alone(browser: Browser, url: str) -> None:
    """From the front page to the receipt with Tab, arrows, letters and Enter."""
    citizen = Person(browser, url, DESK_SCREEN)
    page = citizen.open("/file/")

    def reach(name: str) -> None:
        for _ in range(80):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.name || document.activeElement.textContent.trim()") == name:
                return
        raise AssertionError(f"Tab never reached {name}")

    reach("body")
    page.keyboard.type("楼下夜里施工到两点，希望管一管。")
    reach("kind")
    page.keyboard.press("ArrowDown")
    reach("identity")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert page.is_checked("[name=identity][value=anonymous]")
    assert not page.locator(".contact").is_visible()
    reach("提交")
    page.keyboard.press("Enter")
    page.wait_for_url("**/receipt/**")
    citizen.close()


def test_a_scanned_receipt_fills_the_form_and_leaves_the_address_bar(browser: Browser, url: str) -> None:
    citizen = Person(browser, url, PHONE_SCREEN)
    number, code = file_complaint(citizen)
    other = Person(browser, url, PHONE_SCREEN)
    page = other.open(f"/track/#n={number}&c={code}")
    page.wait_for_selector("#scanned:not([hidden])")
    assert page.url == f"{url}/track/"
    page.keyboard.press("Enter")
    page.wait_for_url("**/track/t/**")
    citizen.close()
    other.close()


@pytest.mark.parametrize("screen", [PHONE_SCREEN, DESK_SCREEN], ids=["phone", "desk"])
@pytest.mark.parametrize("elder", [False, True], ids=["usual", "large"])
def test_axe_finds_nothing_serious_on_the_portal(
    browser: Browser, url: str, screen: dict[str, int], elder: bool
) -> None:
    citizen = Person(browser, url, screen)
    if elder:
        citizen.context.add_cookies([{"name": "elder", "value": "1", "url": url}])
    found = {}
    number = ""
    for path in ("/", "/file/", "/track/", "/answers/", "/monthly/", "/help/", "/accessibility/"):
        page = citizen.open(path)
        found[path] = browsing.violations(page)
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), f"{path} scrolls sideways"
    page = citizen.open("/file/")
    page.fill("[name=body]", "路灯坏了很久没有人管，晚上很黑。")
    page.evaluate("document.querySelector('form.filing').noValidate = true")
    page.click("form.filing button[type=submit]")
    page.wait_for_selector("#errors")
    found["errors"] = browsing.violations(page)
    page.check("[name=identity][value=anonymous]")
    page.click("form.filing button[type=submit]")
    page.wait_for_url("**/receipt/**")
    found["receipt"] = browsing.violations(page)
    number = page.inner_text("#number")
    page.get_by_role("link", name="查看办理进度").click()
    for summary in page.locator("details > summary").all():
        summary.click()
    found["ticket"] = browsing.violations(page)
    found["list"] = browsing.violations(citizen.open("/track/list/"))
    assert number
    assert {name: rules for name, rules in found.items() if rules} == {}
    citizen.close()


def test_axe_finds_nothing_serious_on_the_desk(browser: Browser, url: str) -> None:
    citizen = Person(browser, url, PHONE_SCREEN)
    number, _ = file_complaint(citizen)
    citizen.close()
    found = {}
    dispatcher = as_staff(browser, url, "dispatcher1")
    for path in (
        "/desk/",
        "/desk/q/new/",
        "/desk/hotspots/",
        "/desk/supervision/",
        "/desk/inbox/",
        f"/desk/t/{number}/",
    ):
        found[path] = browsing.violations(dispatcher.open(path))
    assert {path: rules for path, rules in found.items() if rules} == {}
    dispatcher.close()


#: a voice that speaks each sentence at once and remembers it
VOICE = """
window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
const voice = { said: [], waiting: [], get speaking() { return this.waiting.length > 0; }, pending: false,
  speak(part) { this.waiting.push(part); },
  cancel() { this.waiting = []; },
  go() { for (const part of this.waiting.splice(0)) { part.onstart?.(); this.said.push(part.text); part.onend?.(); } },
  begin() { this.waiting[0].onstart(); } };
Object.defineProperty(window, "speechSynthesis", { value: voice });
"""


def test_reading_aloud_says_what_a_click_does(browser: Browser, url: str) -> None:
    citizen = Person(browser, url, PHONE_SCREEN)
    citizen.page.add_init_script(VOICE)
    page = citizen.open("/help/")
    button = page.locator(".speech")
    button.click()
    page.evaluate("speechSynthesis.begin()")
    assert button.inner_text() == "停止"
    button.click()
    assert button.inner_text() == "朗读" and not page.evaluate("speechSynthesis.speaking")
    button.click()
    page.evaluate("speechSynthesis.go()")
    assert button.inner_text() == "朗读"
    said = page.evaluate("speechSynthesis.said")
    assert said[0] == "使用帮助" and len(said) > 5
    assert all(len(part) < 120 for part in said), "browsers fall silent in the middle of a long text"
    citizen.close()
