"""When the session ends while a page is open: parts of it say so in place, and nothing typed is lost."""

from __future__ import annotations

from django.test import Client

from tests.city import City

from .conftest import LogIn


def test_a_part_says_that_the_session_ended(city: City) -> None:
    ticket = city.signed()
    browser = Client()
    for response in (
        browser.get("/desk/counts/", headers={"HX-Request": "true"}),
        browser.post(
            f"/desk/t/{ticket.number}/do/reply/", {"public_answer": "很长的答复"}, headers={"HX-Request": "true"}
        ),
    ):
        assert response.status_code == 200
        assert "登录已失效" in response.content.decode()
        assert "#presence" in response["HX-Retarget"]
    assert browser.get("/desk/counts/").status_code == 302


def test_a_switched_off_person_is_out_at_once(city: City, log_in: LogIn) -> None:
    browser = log_in("handler")
    staff = city.staff["handler"]
    staff.is_active = False
    staff.save(update_fields=["is_active"])
    assert browser.get("/desk/").status_code == 302


def test_a_role_taken_away_counts_at_once(city: City, log_in: LogIn) -> None:
    ticket = city.dispatched()
    browser = log_in("handler")
    assert browser.get(f"/desk/t/{ticket.number}/").status_code == 200
    city.staff["handler"].bindings.all().delete()
    assert browser.get(f"/desk/t/{ticket.number}/").status_code == 404
