"""Weights and options as the administrator sets them: a new row from a day on, never a change of what was in force."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from dashboards.measures.evaluate import weights_for
from dashboards.models import MeasureWeights
from tests.city import CITY, City
from ticketing.reviews.models import ReviewOptions
from ticketing.reviews.rating import current_options

GOOD = {"region": CITY, "response": "0.2", "solved": "0.4", "satisfied": "0.4", "fair": "0.8", "basis": "考核办法"}
WEIGHTS, OPTIONS = "/admin/dashboards/measureweights/", "/admin/ticketing/reviewoptions/"


@pytest.fixture
def admin(city: City) -> Client:
    client = Client()
    client.force_login(city.staff["administrator"])
    return client


def test_weights_hold_from_their_day_on(admin: Client) -> None:
    today = timezone.localdate()
    assert admin.get(f"{WEIGHTS}add/").status_code == 200
    assert admin.post(f"{WEIGHTS}add/", GOOD | {"effective_from": today.isoformat()}).status_code == 302
    assert weights_for(CITY, today)["response"] * 5 == 1
    assert weights_for(CITY, today - timedelta(days=1))["response"] * 10 == 1
    row = MeasureWeights.objects.get()
    page = admin.get(f"{WEIGHTS}{row.pk}/change/")  # only to be looked at
    assert page.status_code == 200 and "0.4" in page.content.decode()
    assert admin.post(f"{WEIGHTS}{row.pk}/change/", GOOD | {"effective_from": today.isoformat()}).status_code == 403
    early = admin.post(f"{WEIGHTS}add/", GOOD | {"effective_from": (today - timedelta(days=9)).isoformat()})
    assert "不能早于今天" in early.content.decode() and MeasureWeights.objects.count() == 1


def test_weights_that_do_not_add_up_are_refused(admin: Client) -> None:
    wrong = admin.post(f"{WEIGHTS}add/", GOOD | {"effective_from": "2030-01-01", "solved": "0.5"})
    assert "之和应为 1" in wrong.content.decode() and not MeasureWeights.objects.exists()


def test_options_are_a_new_version(admin: Client) -> None:
    assert "delay=" in admin.get(f"{OPTIONS}add/").content.decode() or ReviewOptions.objects.count() == 0
    day = timezone.localdate().isoformat()
    before = ReviewOptions.objects.count()
    wrong = admin.post(f"{OPTIONS}add/", {"effective_from": day, "level_2": "Delay 拖延"})
    assert "第1行" in wrong.content.decode() and ReviewOptions.objects.count() == before
    form = {"effective_from": day, "level_2": "delay=办理拖延\nqueue=排队太久", "level_5": "fast=快"}
    assert admin.post(f"{OPTIONS}add/", form).status_code == 302
    found = current_options()
    assert found is not None and found.options["2"] == [["delay", "办理拖延"], ["queue", "排队太久"]]
    assert admin.get(f"{OPTIONS}{found.pk}/change/").status_code == 200
    assert admin.post(f"{OPTIONS}{found.pk}/change/", form).status_code == 403
