"""Pages that are not there, not allowed or broken are Chinese pages of this site, not Django's own."""

from __future__ import annotations

import pytest
from django.http import HttpRequest
from django.template.loader import get_template
from django.test import Client

pytestmark = pytest.mark.django_db


def test_an_address_that_is_not_there() -> None:
    answer = Client().get("/没有这一页/")
    assert answer.status_code == 404
    assert "没有这一页" in answer.content.decode()
    assert 'lang="zh-CN"' in answer.content.decode()


def test_a_form_without_the_cookie_says_what_to_do() -> None:
    answer = Client(enforce_csrf_checks=True).post("/track/", {"number": "1"})
    assert answer.status_code == 403
    assert "cookie" in answer.content.decode()
    assert "返回" in answer.content.decode()


@pytest.mark.parametrize("code", ("400", "500"))
def test_what_is_broken_needs_nothing_to_be_shown(code: str) -> None:
    """Django renders these without a request."""
    assert "<h1>" in get_template(f"{code}.html").render()


def test_not_allowed() -> None:
    assert "没有权限" in get_template("403.html").render({}, HttpRequest())
