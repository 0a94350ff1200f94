"""Who sees which figures: the same people at every door."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from dashboards import appraisal
from directory.models import Role, RoleBinding
from tests.city import CITY, DISTRICT_2, City
from tests.dashboards.settle import settle
from tests.ticketing.lifecycle.stages import in_status
from ticketing.reviews import points
from ticketing.terms import Status

PAGES = ("/figures/", "/figures/kpi/", "/figures/unit/", "/figures/reviews/", "/figures/appraisal/",
         "/figures/definitions/", "/figures/reviews/points/", "/figures/behind/close_on_time/",
         "/figures/behind/overall_score/", "/figures/behind/unit_coverage/", "/figures/export.csv",
         "/figures/export.xlsx", "/figures/api/measures/")  # fmt: skip
WHOLE = ("/figures/wallboard/", "/figures/api/wall/", "/figures/report/2025-03/")


def _client(city: City, name: str) -> Client:
    client = Client()
    client.force_login(city.staff[name])
    return client


@pytest.mark.parametrize("name", ["supervisor", "auditor", "dispatcher", "checker"])
def test_the_hotline_sees_its_region(city: City, name: str) -> None:
    in_status(city, Status.CLOSED)
    settle()
    client = _client(city, name)
    for page in PAGES + WHOLE:
        assert client.get(page).status_code == 200, page


@pytest.mark.parametrize("name", ["agent", "handler", "window", "editor", "stranger"])
def test_for_others_there_are_no_figures(city: City, name: str) -> None:
    client = _client(city, name)
    for page in PAGES + WHOLE:
        assert client.get(page).status_code == 404, page


def test_without_a_log_in_one_is_asked_for_it(city: City) -> None:
    assert Client().get("/figures/").status_code == 302


def test_a_head_sees_the_own_unit_only(city: City) -> None:
    in_status(city, Status.HANDLING)
    city.dispatched(lead="water")
    settle()
    client = _client(city, "head")
    for page in WHOLE:
        assert client.get(page).status_code == 404, page
    day = timezone.localdate()
    query = f"from={day}&to={day}"
    body = client.get(f"/figures/api/measures/?{query}").json()
    received = next(m for m in body["measures"] if m["code"] == "received")
    assert received["value"] == 1
    other = client.get(f"/figures/api/measures/?{query}&unit=WATER").json()
    assert next(m for m in other["measures"] if m["code"] == "received")["value"] == 0
    assert client.get("/figures/unit/?unit=WATER").status_code == 404


def test_a_district_sees_its_district(city: City) -> None:
    RoleBinding.objects.create(staff=city.staff["stranger"], role=Role.SUPERVISOR, region_id=DISTRICT_2)
    city.report()
    city.report(region=DISTRICT_2)
    settle()
    body = _client(city, "stranger").get("/figures/api/measures/").json()
    assert next(m for m in body["measures"] if m["code"] == "received")["value"] == 1


def test_wrong_filters_are_named(city: City) -> None:
    client = _client(city, "supervisor")
    answer = client.get("/figures/api/measures/?from=yesterday&unit=NONE&kind=x")
    assert answer.status_code == 400
    assert len(answer.json()["errors"]) == 3
    assert client.get("/figures/?from=2025-02-30&region=1&category=zz").status_code == 200


@pytest.mark.parametrize("kind", ["csv", "xlsx", "pdf"])
def test_a_file_is_refused_where_a_filter_is_wrong(city: City, kind: str) -> None:
    answer = _client(city, "supervisor").get(f"/figures/export.{kind}?unit=NONE")
    assert answer.status_code == 400 and "NONE" in answer.content.decode()


@pytest.mark.parametrize("query", ["from=1999-12-31&to=2000-01-01", "from=2000-01-01&to=2000-01-31", "from=2098-01-01"])
def test_a_period_without_data_is_a_page(city: City, query: str) -> None:
    client = _client(city, "supervisor")
    for page in ("/figures/", "/figures/units/", "/figures/kpi/", "/figures/reviews/", "/figures/behind/received/"):
        assert client.get(f"{page}?{query}").status_code == 200, page


def test_who_belongs_to_no_unit_chooses_one(city: City) -> None:
    city.report()
    settle()
    client = _client(city, "supervisor")
    page = client.get("/figures/unit/").content.decode()
    assert "不属于任何承办单位" in page and "data-standing" not in page
    for named in ("LIGHTS", "市照明中心"):
        assert "data-standing" in client.get(f"/figures/unit/?unit={named}").content.decode()


def test_a_head_of_two_units_opens_what_is_counted(city: City) -> None:
    RoleBinding.objects.create(staff=city.staff["head"], role=Role.UNIT_HEAD, department=city.unit["water"])
    city.dispatched(lead="lights")
    city.dispatched(lead="water")
    settle()
    client = _client(city, "head")
    page = client.get("/figures/unit/").content.decode()
    shown = re.search(r'data-code="received" data-value="(\d+)".*?<a href="([^"]+)"', page, re.DOTALL)
    assert shown is not None and shown[1] == "1"
    assert 'data-total="1"' in client.get(shown[2].replace("&amp;", "&")).content.decode()


def test_a_district_neither_freezes_nor_switches_for_the_city(city: City) -> None:
    RoleBinding.objects.create(staff=city.staff["stranger"], role=Role.SUPERVISOR, region_id=DISTRICT_2)
    client = _client(city, "stranger")
    assert client.post("/figures/appraisal/do/", {"do": "freeze", "month": "2025-01"}).status_code == 404
    assert client.post("/figures/reviews/points/", {"switch": "1"}).status_code == 404
    row = appraisal.freeze(CITY, date(2025, 1, 1))
    assert client.get(f"/figures/appraisal/{row.pk}/").status_code == 404
    assert _client(city, "supervisor").get(f"/figures/appraisal/{row.pk}/").status_code == 200


def test_queries_do_not_grow_with_the_tickets(city: City, django_assert_max_num_queries: object) -> None:
    client = _client(city, "supervisor")
    for _ in range(3):
        in_status(city, Status.CLOSED)
    settle()
    client.get("/figures/")
    with django_assert_max_num_queries(60):  # type: ignore[operator]
        client.get("/figures/")
    for _ in range(5):
        in_status(city, Status.CLOSED)
    settle()
    with django_assert_max_num_queries(60):  # type: ignore[operator]
        client.get("/figures/")


@pytest.mark.parametrize(("who", "page"), [("supervisor", "/figures/"), ("head", "/figures/unit/")])
def test_what_is_open_now_opens_exactly_its_tickets(city: City, who: str, page: str) -> None:
    for status in (Status.NEW, Status.TO_DISPATCH, Status.TO_SIGN, Status.HANDLING, Status.TO_CALL_BACK, Status.CLOSED):
        in_status(city, status)
    settle()
    client = _client(city, who)
    tiles = re.findall(r'data-standing="(\w+)" href="([^"]+)"><b>(\d+)</b>', client.get(page).content.decode())
    assert [code for code, _, _ in tiles][:2] == ["open", "late"] and int(tiles[0][2]) > 1
    for code, address, number in tiles:
        text = client.get(address.replace("&amp;", "&")).content.decode()
        assert f'data-total="{number}"' in text, code
        assert text.count("data-line") == int(number), code
    assert client.get("/figures/now/closed/").status_code == 404


def test_drilling_names_no_citizen(city: City) -> None:
    ticket = city.replied()
    settle()
    day = timezone.localdate()
    html = _client(city, "supervisor").get(
        f"/figures/behind/received/?from={day - timedelta(days=1)}&to={day}&part=numerator"
    )
    text = html.content.decode()
    assert ticket.number in text and "测试甲" not in text and "13800000001" not in text


def test_a_windows_clerk_prints_the_codes_of_the_own_windows_only(city: City) -> None:
    own, other = (points.create(city.unit[name], window="一号窗口") for name in ("lights", "water"))
    RoleBinding.objects.create(staff=city.staff["window"], role=Role.WINDOW_CLERK, department=city.unit["lights"])
    client = _client(city, "window")
    page = client.get("/figures/reviews/points/").content.decode()
    assert own.token in page and other.token not in page and "新增窗口" not in page
    assert client.get(f"/figures/reviews/points/{own.pk}/print/").status_code == 200
    assert client.get(f"/figures/reviews/points/{other.pk}/print/").status_code == 404
    assert client.post("/figures/reviews/points/", {"switch": str(own.pk)}).status_code == 404
    assert client.get("/figures/").status_code == client.get("/figures/reviews/").status_code == 404
    assert "/figures/definitions/" not in page  # no way to a page that is not there for the clerk
    assert "/figures/definitions/" in _client(city, "supervisor").get("/figures/reviews/points/").content.decode()
    assert "评价码" in client.get("/desk/").content.decode()


def test_the_skip_link_leads_somewhere_on_every_page(city: City) -> None:
    client = _client(city, "supervisor")
    pages = ("/figures/", "/figures/kpi/", "/figures/unit/", "/figures/reviews/", "/figures/units/",
             "/figures/now/open/", "/figures/behind/closed/", "/figures/behind/overall_score/",
             "/figures/behind/unit_coverage/")  # fmt: skip
    for page in pages:
        html = client.get(page).content.decode()
        assert ('href="#figures"' in html) == (html.count('id="figures"') == 1), page
