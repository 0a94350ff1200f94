"""The definitions hold together, and the documentation has every one of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from dashboards.measures import definitions
from dashboards.measures.counters import COUNTERS
from dashboards.measures.definitions import KPI, LIST, Term, measure, measures
from dashboards.measures.evaluate import DEFAULT_WEIGHTS
from dashboards.measures.scope import Period, day_of, month_of
from dashboards.measures.sources import SOURCES
from dashboards.rollups.rebuild import rebuild
from dashboards.views import pages
from tests.city import City
from tests.ticketing.lifecycle.stages import in_status
from ticketing.models import Ticket
from ticketing.terms import Status

DOCS = Path(__file__).parents[2] / "docs" / "measures.md"


def test_every_measure_is_made_of_known_counters_and_weights() -> None:
    for item in LIST:
        assert set(item.counters()) <= set(COUNTERS), item.code
        assert {term.weight for term in item.numerator if term.weight} <= set(DEFAULT_WEIGHTS)
        assert {weight for _, weight in item.parts} <= set(DEFAULT_WEIGHTS)
        assert item.meaning and item.name
    assert {counter.source for counter in COUNTERS.values()} <= set(SOURCES)


def test_a_code_and_version_stand_once() -> None:
    assert len({(item.code, item.version) for item in LIST}) == len(LIST)


def test_the_five_have_their_target() -> None:
    assert [measure(code, date(2026, 1, 1)).target for code in KPI] == [100] * 5


def test_the_documentation_names_every_measure() -> None:
    text = DOCS.read_text(encoding="utf-8")
    missing = [item.code for item in LIST if f"| `{item.code}` | {item.name} |" not in text]
    assert not missing


def test_before_every_version_there_is_no_measure() -> None:
    assert measures(date(1999, 12, 31)) == []


def test_periods() -> None:
    march = Period(date(2025, 3, 1), date(2025, 3, 31))
    assert march.before() == Period(date(2025, 2, 1), date(2025, 2, 28))
    assert march.year_before() == Period(date(2024, 3, 1), date(2024, 3, 31))
    week = Period(date(2025, 3, 3), date(2025, 3, 9))
    assert week.before() == Period(date(2025, 2, 24), date(2025, 3, 2))
    assert Period(date(2024, 2, 29), date(2024, 2, 29)).year_before().first == date(2023, 2, 28)


@pytest.mark.parametrize("text", ["", "abc", "2026-13", "2026-00", "0001-01", "9999-12", "2026-1", "2026-01-01"])
def test_a_month_that_is_none_is_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError, match="YYYY-MM"):
        month_of(text)


@pytest.mark.parametrize("text", ["2025-02-29", "9999-12-31", "1999-12-31", "2026-2-1", "20260201", "2026-W09-1", "x"])
def test_a_day_that_is_none_is_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError, match=r"YYYY-MM-DD|2000 至 2099"):
        day_of(text)


def test_a_leap_day_is_a_day() -> None:
    assert day_of("2028-02-29") == date(2028, 2, 29)
    assert month_of("2028-02") == date(2028, 2, 1)


def test_a_changed_formula_counts_from_its_day_on_everywhere(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    """Documented in docs/measures.md: a period keeps the version in force on its first day."""
    old = measure("closed", date(2025, 1, 1))
    new = replace(old, name="办结量（新口径）", numerator=(Term("direct"),), version=2, since=date(2025, 4, 1))
    monkeypatch.setattr(definitions, "LIST", (*LIST, new))
    monkeypatch.setattr(pages, "LIST", (*LIST, new))
    ticket = in_status(city, Status.CLOSED)
    client = Client()
    client.force_login(city.staff["supervisor"])
    for month, version, n in ((3, 1, 1), (4, 2, 0)):
        day = datetime(2025, month, 20, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
        Ticket.objects.filter(pk=ticket.pk).update(created_at=day, closed_at=day)
        rebuild()
        query = f"from=2025-{month:02d}-01&to=2025-{month:02d}-30"
        rows = {row["code"]: row for row in client.get(f"/figures/api/measures/?{query}").json()["measures"]}
        assert (rows["closed"]["version"], rows["closed"]["value"]) == (version, n)
        name = new.name if version == 2 else old.name
        page = client.get(f"/figures/?{query}").content.decode()
        assert f">{name}</h3>" in page and f'data-code="closed" data-value="{n}"' in page
        line = next(line for line in client.get(f"/figures/export.csv?{query}").content.decode().splitlines()
                    if line.startswith("closed,"))  # fmt: skip
        assert line.startswith(f"closed,{name},{n},") and line.endswith(f",{version}")
    words = client.get("/figures/definitions/").content.decode()
    assert "第2版，2025年4月1日起" in words and words.count("办结量") >= 2
