"""New tickets at the desk, and the machine's proposal while typing."""

from __future__ import annotations

import pytest

from tests.city import DISTRICT, City
from ticketing.intake.understanding import Understanding
from ticketing.models import Identity, Ticket

from .conftest import LogIn

SENT = {
    "form_key": "abc123",
    "channel": "phone",
    "body": "中原区某小区门口路灯不亮已经三天。",
    "region": f"{DISTRICT} 中原区",
    "name": "测试乙",
    "phone": "13800000002",
    "wants_callback": "on",
}


def test_an_agent_registers_a_call(city: City, log_in: LogIn) -> None:
    response = log_in("agent").post("/desk/new/", SENT)
    assert response.status_code == 200
    ticket = Ticket.objects.get()
    assert (ticket.channel, ticket.region_id, ticket.taken_by) == ("phone", DISTRICT, city.staff["agent"])
    text = response.content.decode()
    assert ticket.number in text
    assert "查询码" in text
    assert "13800000002" not in text
    assert Identity.objects.get(ticket=ticket).phone_box


def test_a_second_click_makes_no_second_ticket(city: City, log_in: LogIn) -> None:
    browser = log_in("agent")
    browser.post("/desk/new/", SENT)
    again = browser.post("/desk/new/", SENT)
    assert Ticket.objects.count() == 1
    assert "已经登记过" in again.content.decode()


def test_a_window_clerk_has_the_windows_channels_only(city: City, log_in: LogIn) -> None:
    browser = log_in("window")
    page = browser.get("/desk/new/").content.decode()
    assert "政务窗口" in page
    assert 'value="phone"' not in page
    assert browser.post("/desk/new/", SENT).status_code == 422
    assert browser.post("/desk/new/", SENT | {"channel": "window"}).status_code == 200
    assert Ticket.objects.get().taken_by == city.staff["window"]


def test_anonymous_keeps_no_identity(city: City, log_in: LogIn) -> None:
    log_in("agent").post("/desk/new/", SENT | {"anonymous": "on"})
    assert Ticket.objects.get().anonymous
    assert not Identity.objects.exists()


@pytest.mark.parametrize(
    ("change", "words"),
    (
        ({"body": ""}, "这个字段是必填项"),
        ({"phone": "不是电话"}, "“联系电话”应为 5 至 15 位数字"),
        ({"region": "不存在的区"}, "没有这个区域：不存在的区"),
        ({"channel": "web"}, "web"),
    ),
)
def test_wrong_input_is_named_and_kept(city: City, log_in: LogIn, change: dict[str, str], words: str) -> None:
    response = log_in("agent").post("/desk/new/", SENT | change)
    text = response.content.decode()
    assert response.status_code == 422
    assert words in text
    assert "测试乙" in text  # what was typed is still there, for the person who typed it
    assert not Ticket.objects.exists()


def test_a_split_names_its_parent(city: City, log_in: LogIn) -> None:
    parent = city.report(body="路灯不亮；另外自来水发黄。")
    browser = log_in("dispatcher")
    page = browser.get(f"/desk/new/?parent={parent.number}").content.decode()
    assert "自来水发黄" in page
    browser.post("/desk/new/", SENT | {"parent": parent.number})
    child = Ticket.objects.exclude(pk=parent.pk).get()
    assert child.parent == parent
    assert parent.events.get(action="split").data["children"] == [child.number]
    assert f"拆分出：{child.number}" in browser.get(f"/desk/t/{parent.number}/").content.decode()
    assert log_in("far_dispatcher").get(f"/desk/new/?parent={parent.number}").status_code == 404


def test_the_proposal_while_typing(city: City, log_in: LogIn, monkeypatch: pytest.MonkeyPatch) -> None:
    reading = Understanding(
        kind="complaint", category=city.category["lamp"].pk, confidence=0.91, abstained=False, reasons=("提到路灯",)
    )
    monkeypatch.setattr("ticketing.desk.views.intake.understand", lambda report: reading)
    for address, extra in (("/desk/suggest/", {}), ("/desk/new/", {"suggest": "1"})):
        text = log_in("agent").post(address, SENT | extra).content.decode()
        assert "路灯不亮" in text
        assert "市照明中心" in text
        assert "91%" in text
        assert "提到路灯" in text
    assert not Ticket.objects.exists()


def test_suggestion_for_nothing_and_for_strangers(city: City, log_in: LogIn) -> None:
    assert log_in("agent").post("/desk/suggest/", {"body": ""}).status_code == 200
    assert log_in("handler").post("/desk/suggest/", SENT).status_code == 404


SEVERAL = "物业漏水不修，麻烦催一催，还有就是东门的道闸坏了。我真的撑不下去了"


def test_the_demands_and_the_mood_are_told_while_typing(city: City, log_in: LogIn) -> None:
    text = log_in("agent").post("/desk/suggest/", SENT | {"body": SEVERAL}).content.decode()
    assert "诉求 2 项" in text
    assert "<li>还有就是东门的道闸坏了</li>" in text
    assert "请先安抚" in text
    assert "诉求 2 项" not in log_in("agent").post("/desk/suggest/", SENT).content.decode()


def test_a_danger_is_told_under_the_text_too(city: City, log_in: LogIn) -> None:
    body = "楼道里煤气味很重，不敢开灯"
    fragment = log_in("agent").post("/desk/suggest/", SENT | {"body": body}).content.decode()
    assert '<div id="danger" hx-swap-oob="true" role="alert"><p class="notice error">疑似险情：请立即转 119' in fragment
    page = log_in("agent").post("/desk/new/", SENT | {"body": body, "suggest": "1"}).content.decode()
    assert page.count('id="danger"') == 1


def test_one_demand_is_split_off_with_its_words(city: City, log_in: LogIn) -> None:
    parent = city.report(body=SEVERAL)
    browser = log_in("dispatcher")
    assert f"?parent={parent.number}&amp;part=2" in browser.get(f"/desk/t/{parent.number}/").content.decode()
    one = browser.get(f"/desk/new/?parent={parent.number}&part=2").content.decode()
    assert "道闸" in one
    assert "物业漏水" not in one
    for part in ("9", "x", "-1"):
        assert "物业漏水" in browser.get(f"/desk/new/?parent={parent.number}&part={part}").content.decode()
