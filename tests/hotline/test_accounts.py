"""Log-in with its brake, start pages by role, the large-type switch, and the administration by role."""

from __future__ import annotations

import pytest
from django.test import Client

from hotline.accounts import throttle
from tests.city import PASSWORD, City
from ticketing.models import Identity


def _log_in(browser: Client, name: str, password: str = PASSWORD) -> int:
    return browser.post("/login/", {"username": name, "password": password}).status_code


@pytest.mark.parametrize(
    ("name", "start"),
    (
        ("agent", "/desk/"),
        ("handler", "/desk/"),
        ("auditor", "/desk/"),
        ("administrator", "/admin/"),
        ("editor", "/knowledge/"),
    ),
)
def test_each_role_starts_where_its_work_is(city: City, name: str, start: str) -> None:
    browser = Client()
    response = browser.post("/login/", {"username": name, "password": PASSWORD})
    assert response["Location"] == "/start/"
    assert browser.get("/start/")["Location"].startswith(start)


def test_log_out_ends_the_session(city: City) -> None:
    browser = Client()
    _log_in(browser, "agent")
    assert browser.get("/logout/").status_code == 405
    assert browser.post("/logout/")["Location"] == "/login/"
    assert browser.get("/desk/").status_code == 302


def test_next_stays_on_this_site(city: City) -> None:
    sent = {"username": "agent", "password": PASSWORD, "next": "https://evil.example/"}
    assert Client().post("/login/", sent)["Location"] == "/start/"
    assert Client().post("/login/", sent | {"next": "/desk/q/all/"})["Location"] == "/desk/q/all/"


def test_wrong_passwords_make_the_name_wait(city: City) -> None:
    browser = Client()
    for _ in range(throttle.PER_NAME):
        assert _log_in(browser, "agent", "wrong-password-1") == 200
    response = browser.post("/login/", {"username": "agent", "password": PASSWORD})
    assert response.status_code == 200
    assert "15 分钟后再试" in response.content.decode()
    assert _log_in(Client(), "dispatcher") == 302  # another name from there may still come in
    assert (
        Client(REMOTE_ADDR="10.0.0.9").post("/login/", {"username": "agent", "password": PASSWORD}).status_code == 302
    )


def test_one_address_may_not_try_every_name(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "PER_ADDRESS", 3)
    for name in ("a", "b", "c"):
        _log_in(Client(), name, "wrong-password-1")
    assert _log_in(Client(), "agent") == 200


def test_a_right_password_clears_the_count(city: City) -> None:
    for _ in range(throttle.PER_NAME - 1):
        _log_in(Client(), "agent", "wrong-password-1")
    assert _log_in(Client(), "agent") == 302
    for _ in range(throttle.PER_NAME - 1):
        _log_in(Client(), "agent", "wrong-password-1")
    assert _log_in(Client(), "agent") == 302


def test_unknown_and_known_names_get_the_same_answer(city: City) -> None:
    known = Client().post("/login/", {"username": "agent", "password": "wrong-password-1"}).content.decode()
    unknown = Client().post("/login/", {"username": "nobody", "password": "wrong-password-1"}).content.decode()
    assert "用户名或密码不正确" in known
    assert "用户名或密码不正确" in unknown


def test_large_type_is_a_cookie(db: None) -> None:
    browser = Client()
    response = browser.post("/elder/", {"on": "1", "next": "/login/"})
    assert response["Location"] == "/login/"
    assert 'class="elder"' in browser.get("/login/").content.decode()
    browser.post("/elder/", {"on": "0", "next": "//evil.example"})
    assert 'class="elder"' not in browser.get("/login/").content.decode()
    assert browser.post("/elder/", {"on": "1", "next": "//evil.example"})["Location"] == "/"


@pytest.mark.parametrize("name", ("agent", "dispatcher", "supervisor", "handler", "head", "auditor", "editor"))
def test_only_administrators_enter_the_administration(city: City, name: str) -> None:
    browser = Client()
    _log_in(browser, name)
    for address in ("/admin/", "/admin/directory/staff/", "/admin/ticketing/ticketevent/"):
        assert browser.get(address, follow=True).status_code == 404


def test_the_administration_has_no_log_in_of_its_own(city: City) -> None:
    response = Client().get("/admin/directory/staff/", follow=True)
    assert response.redirect_chain[-1][0] == "/login/?next=/admin/directory/staff/"


def test_people_change_their_own_password(city: City) -> None:
    browser = Client()
    assert browser.get("/password/").status_code == 302
    _log_in(browser, "agent")
    new = "another-long-password-7"
    wrong = browser.post("/password/", {"old_password": "nonsense", "new_password1": new, "new_password2": new})
    assert wrong.status_code == 200
    right = browser.post("/password/", {"old_password": PASSWORD, "new_password1": new, "new_password2": new})
    assert right["Location"] == "/start/"
    assert browser.get("/desk/").status_code == 200  # this session goes on
    assert _log_in(Client(), "agent", new) == 302


def test_administration_lists_open_and_hold_no_identity(city: City) -> None:
    from django.contrib import admin

    city.dispatched()
    browser = Client()
    _log_in(browser, "administrator")
    assert Identity not in admin.site._registry
    for model in admin.site._registry:
        if model._meta.app_label not in ("directory", "ticketing", "dashboards"):
            continue
        response = browser.get(f"/admin/{model._meta.app_label}/{model._meta.model_name}/")
        assert response.status_code == 200, model
        assert "13800000001" not in response.content.decode()


def test_the_journal_cannot_be_changed_in_the_administration(city: City) -> None:
    ticket = city.dispatched()
    event = ticket.events.get(seq=1)
    browser = Client()
    _log_in(browser, "administrator")
    at = f"/admin/ticketing/ticketevent/{event.pk}"
    assert browser.get(f"{at}/change/").status_code == 200
    assert browser.post(f"{at}/change/", {"reason": "改写"}).status_code == 403
    assert browser.post(f"{at}/delete/", {"post": "yes"}).status_code == 403
    assert browser.get("/admin/ticketing/ticketevent/add/").status_code == 403


def test_a_duty_changed_here_routes_the_next_ticket(city: City) -> None:
    from directory.models import Duty

    first = city.report(kind="complaint", category=city.category["lamp"].pk)
    assert first.proposal["department"] == city.unit["lights"].pk
    duty = Duty.objects.get()
    browser = Client()
    _log_in(browser, "administrator")
    sent = {
        "category": duty.category_id,
        "region": "",
        "lead": city.unit["water"].pk,
        "assists": [],
        "valid_from": "2020-01-01",
        "valid_to": "",
        "legal_basis": "新职责清单",
    }
    assert browser.post(f"/admin/directory/duty/{duty.pk}/change/", sent).status_code == 302
    second = city.report(kind="complaint", category=city.category["lamp"].pk)
    assert second.proposal["department"] == city.unit["water"].pk


def test_a_category_keeps_its_path_in_step(city: City) -> None:
    from directory.models import Category

    middle = Category.objects.get(code="0101")
    browser = Client()
    _log_in(browser, "administrator")
    sent = {"code": "0101", "name": "城市照明", "parent": middle.parent_id, "keywords": "", "active": "on"}
    assert browser.post(f"/admin/directory/category/{middle.pk}/change/", sent).status_code == 302
    assert Category.objects.get(code="010101").path == "市政设施/城市照明/路灯不亮"
