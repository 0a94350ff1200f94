"""The golden month: what was computed by hand equals page, API, export, command, and what a figure opens."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter as Tally
from datetime import date
from html import unescape
from itertools import combinations

import pytest
from django.core.management import call_command
from django.test import Client
from openpyxl import load_workbook

from dashboards.asking import Asked
from dashboards.measures import counting, drill, narrowed
from dashboards.measures.counters import COUNTERS
from dashboards.measures.definitions import measures
from dashboards.measures.evaluate import figures
from dashboards.measures.scope import Period, Scope, categories, regions, units
from dashboards.rollups.rebuild import check
from dashboards.show import overview
from dashboards.show.names import names
from directory.models import Category
from tests.city import CITY, DISTRICT, DISTRICT_2, STREET, City
from tests.dashboards import golden
from ticketing.terms import Channel

MARCH = Period(date(2025, 3, 1), date(2025, 3, 31))
ADDRESS = "from=2025-03-01&to=2025-03-31"


@pytest.fixture
def month(city: City) -> golden.Month:
    return golden.build(city)


def _client(city: City, name: str) -> Client:
    client = Client()
    client.force_login(city.staff[name])
    return client


def _all(month: golden.Month) -> None:
    """Every reading of the same month, one after the other: building it once is slow enough."""


def test_golden_month_everywhere(month: golden.Month) -> None:
    assert {item.code for item in measures(MARCH.first)} == set(golden.EXPECTED)
    for read in (counting.direct, counting.rolled):
        found = figures(MARCH, Scope(CITY), read=read)
        assert {f.code: (f.value, f.numerator, f.denominator, f.excluded) for f in found} == golden.EXPECTED
    client = _client(month.city, "supervisor")
    _page(client)
    _api(client)
    _csv(client)
    _xlsx(client)
    _command()
    _opened(client)
    _one_unit(month.city)
    _two_filters(month.city)
    assert not check()


def _page(client: Client) -> None:
    html = client.get(f"/figures/?{ADDRESS}").content.decode()
    tiles = re.findall(r'data-code="(\w+)" data-value="([^"]*)" data-parts="([^"]*)"', html)
    shown = {code: (value, parts) for code, value, parts in tiles}
    for code, (value, top, bottom, out) in golden.EXPECTED.items():
        assert shown[code] == ("" if value is None else str(value), f"{top}/{'' if bottom is None else bottom}/{out}")


def _api(client: Client) -> None:
    body = client.get(f"/figures/api/measures/?{ADDRESS}").json()
    found = {m["code"]: (m["value"], m["numerator"], m["denominator"], m["excluded"]) for m in body["measures"]}
    assert found == golden.EXPECTED


def _csv(client: Client) -> None:
    text = client.get(f"/figures/export.csv?{ADDRESS}").content.decode("utf-8-sig")
    rows = {row[0]: row for row in csv.reader(io.StringIO(text)) if row and row[0] in golden.EXPECTED}
    for code, (value, top, bottom, out) in golden.EXPECTED.items():
        cells = ["" if cell is None else str(cell) for cell in (value, top, bottom, out)]
        assert [rows[code][2], *rows[code][4:7]] == cells


def _xlsx(client: Client) -> None:
    book = load_workbook(io.BytesIO(client.get(f"/figures/export.xlsx?{ADDRESS}").content))
    rows = {row[0]: row for row in book["指标"].iter_rows(values_only=True)}
    for code, (value, top, bottom, out) in golden.EXPECTED.items():
        cells = (rows[code][2], *rows[code][4:7])
        assert cells == ("" if value is None else value, top, "" if bottom is None else bottom, out) or cells == (
            value, top, bottom, out,
        )  # fmt: skip


def _command() -> None:
    out = io.StringIO()
    call_command("measures", "--from", "2025-03-01", "--to", "2025-03-31", "--json", stdout=out)
    found = {m["code"]: m for m in json.loads(out.getvalue())["measures"]}
    for code, (value, top, bottom, left) in golden.EXPECTED.items():
        item = found[code]
        assert (item["value"], item["numerator"], item["denominator"], item["excluded"]) == (value, top, bottom, left)


def _opened(client: Client) -> None:
    """Behind each figure stand exactly as many lines as it says, and the page shows that number."""
    for item in measures(MARCH.first):
        if item.kind in ("score", "state"):
            continue
        _, top, bottom, out = golden.EXPECTED[item.code]
        if item.code != "satisfaction_rate":
            assert drill.count(item, "numerator", MARCH, Scope(CITY)) == top
        if bottom is not None:
            assert drill.count(item, "denominator", MARCH, Scope(CITY)) == bottom
        if item.kind == "rate" and set(item.numerator) <= set(item.denominator):
            assert drill.count(item, "missing", MARCH, Scope(CITY)) == (bottom or 0) - top
        if item.excluded:
            assert drill.count(item, "excluded", MARCH, Scope(CITY)) == out
    for figure in figures(MARCH, Scope(CITY)):
        nested = figure.measure.kind == "rate" and figure.measure.nested
        missing = drill.count(figure.measure, "missing", MARCH, Scope(CITY)) if nested else figure.missing
        assert figure.missing == missing, figure.code
    html = unescape(client.get(f"/figures/behind/close_on_time/?{ADDRESS}&part=missing").content.decode())
    assert 'data-total="10"' in html and html.count("data-line") == 10


def _one_unit(city: City) -> None:
    scope = Scope(CITY).limited(unit=units(city.unit["water"].pk))
    for read in (counting.direct, counting.rolled):
        found = {f.code: f for f in figures(MARCH, scope, read=read)}
        assert (found["close_on_time"].numerator, found["close_on_time"].denominator) == (0, 10)
        assert (found["sign_on_time"].numerator, found["sign_on_time"].denominator) == (6, 16)
        assert (found["callback_rate"].numerator, found["callback_rate"].denominator) == (6, 6)
        assert (found["calls"].value, found["calls"].fits) == (None, False)  # a call belongs to no unit
    helped = scope.limited(kind=frozenset({"help"}))
    for narrow, held in ((scope, True), (helped, True), (helped.limited(channel=frozenset(Channel.values)), False)):
        drawn = overview.trends(Asked(MARCH, narrow, {}))
        assert bool(drawn) == held
        if held:
            received = counting.direct(["received"], MARCH, narrow)["received"]
            assert sum(n or 0 for n in drawn[0].now) == received > 0


def _two_filters(city: City) -> None:
    """Every counter in views that no rollup holds equals a plain count, over several periods and by each breakdown."""
    own, kinds = units(city.unit["water"].pk), frozenset({"complaint", "help"})
    periods, on = (MARCH, MARCH.before(), Period(date(2025, 3, 10), date(2025, 3, 20))), date(2025, 3, 25)
    seen = 0
    for scope in (
        Scope(CITY).limited(unit=own, kind=kinds),
        Scope(CITY).limited(kind=kinds, channel=frozenset({"web"})),
    ):
        for together in (periods, periods[:2]):  # some share a day, some do not
            narrow = counting.rolled_beside(COUNTERS, together, scope, on)
            assert narrow == [counting.direct(COUNTERS, period, scope, on) for period in together]
        seen += sum(sum(row.values()) for row in narrow)
        for cut in ("unit", "kind", "region", "category", "channel", "queue"):
            by_key = counting.broken_down(COUNTERS, MARCH, scope, cut, on)
            assert by_key == counting.broken_down_direct(list(COUNTERS), MARCH, scope, cut, on)
    assert seen > 50
    # any two are held as a pair, regions by whole districts and categories by first level; a street, a finer
    # category, and three at once are not
    tops = Category.objects.filter(parent=None, children__isnull=False).order_by("code")
    matters = categories(tops[0].pk)
    finer = categories(Category.objects.filter(parent=tops[0].pk).order_by("code")[0].pk)
    two = {
        "unit": own,
        "region": regions(DISTRICT) | regions(DISTRICT_2),
        "category": matters,
        "kind": kinds,
        "channel": frozenset({"web", "phone"}),
    }
    held = [Scope(CITY, dict(both)) for both in combinations(two.items(), 2)]
    others = [
        Scope(CITY).limited(region=frozenset({STREET}), kind=kinds),
        Scope(CITY).limited(category=finer, kind=kinds),
        Scope(CITY).limited(region=regions(DISTRICT), kind=kinds, channel=frozenset({"web"})),
    ]
    assert [counting.held(scope) for scope in (*held, *others)] == [True] * 10 + [False] * 3
    for scope in held:  # the rows counted in a few statements, which equal a plain count by what stands above
        assert [counting.rolled(COUNTERS, MARCH, scope, on)] == narrowed.counts(COUNTERS, [MARCH], scope, on)
    for scope in others:
        assert counting.rolled(COUNTERS, MARCH, scope, on) == counting.direct(COUNTERS, MARCH, scope, on)
    for cut, keys in two.items():
        _grouped(Scope(CITY, {cut: keys}), on)


def _grouped(scope: Scope, on: date) -> None:
    """A view limited by one breakdown, broken down by the others: from the pairs, added up as the page shows them."""
    cuts = [cut for cut in ("unit", "region", "category", "kind", "channel") if cut not in scope.only]
    found = counting.broken_down_by(["received", "closed"], MARCH, scope, cuts, on, grouped=True)
    for cut in cuts:
        known, sums = names(cut), Tally[str]()
        for key, row in counting.broken_down_direct(["received", "closed"], MARCH, scope, cut, on).items():
            sums[known[key].group if key in known else key] += row.get("received", 0)
        assert {key: n for key, row in found[cut].items() if (n := row.get("received", 0))} == +sums
