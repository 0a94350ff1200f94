"""Coverage is noted once a day, so that the page of the five has a trend for it too."""

from __future__ import annotations

from datetime import timedelta

from django.test import Client
from django.utils import timezone

from dashboards import states
from dashboards.models import StateDay
from tests.city import CITY, City
from ticketing.reviews import points


def test_the_last_look_at_a_day_stands_and_months_show_their_end(city: City) -> None:
    states.note()
    points.create(city.unit["lights"], window="一号窗口")
    states.note()
    row = StateDay.objects.get(code="unit_coverage")
    assert (row.city, row.covered) == (CITY, 1) and row.total > 1
    last_month = timezone.localdate().replace(day=1) - timedelta(days=1)
    for day, covered in ((last_month.replace(day=1), 0), (last_month, 1)):
        StateDay.objects.create(city=CITY, code="unit_coverage", day=day, covered=covered, total=4)
    client = Client()
    client.force_login(city.staff["supervisor"])
    page = client.get("/figures/kpi/").content.decode()
    assert f'<th scope="row">{last_month:%Y-%m}</th><td class="num">25.0%</td><td class="num">1/4</td>' in page
