"""Frozen months recompute to themselves; corrections stand beside them; exclusions are ruled outside the unit."""

from __future__ import annotations

import re
from datetime import date, datetime
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone
from docx import Document

from dashboards import appraisal, report
from dashboards.models import Appraisal, MeasureWeights
from tests.city import CITY, City
from tests.dashboards.settle import settle
from tests.ticketing.lifecycle.stages import in_status
from ticketing.errors import NotYours, RuleBroken
from ticketing.models import Callback, Ticket
from ticketing.terms import Status

MAY = date(2025, 5, 1)
THEN = datetime(2025, 5, 6, 10, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def ticket(city: City) -> Ticket:
    """One closed ticket whose call-back was in May 2025: solved, satisfied."""
    found = in_status(city, Status.CLOSED)
    Callback.objects.update(tried_at=THEN)
    return found


def test_a_frozen_month_recomputes_to_itself(city: City, ticket: Ticket) -> None:
    row = appraisal.freeze(CITY, MAY)
    assert row.scores["LIGHTS"]["figures"]["overall_score"][0] == 100.0
    assert row.scores["LIGHTS"]["tier"] == appraisal.FEW
    assert appraisal.intact(row)
    MeasureWeights.objects.create(effective_from=date(2020, 1, 1), weights={"response": "1"})
    assert appraisal.intact(Appraisal.objects.get())
    row.scores["LIGHTS"]["figures"]["overall_score"][0] = 99.0
    assert not appraisal.intact(row)


def test_a_frozen_figure_opens_its_tickets_of_that_unit_alone(city: City, ticket: Ticket) -> None:
    row = appraisal.freeze(CITY, MAY)
    boss = Client()
    boss.force_login(city.staff["supervisor"])
    page = boss.get(f"/figures/appraisal/{row.pk}/").content.decode()
    link = re.search(r'href="(/figures/behind/solved_rate/[^"]*unit=LIGHTS[^"]*)"', page)
    assert link is not None
    assert 'data-total="1"' in boss.get(link[1].replace("&amp;", "&")).content.decode()
    above = (
        f"/figures/behind/solved_rate/?from=2025-05-01&to=2025-05-31&unit={city.unit['urban'].code}&part=denominator"
    )
    assert 'data-total="1"' in boss.get(above).content.decode()
    assert 'data-total="0"' in boss.get(f"{above}&own=1").content.decode()


def test_a_correction_stands_beside_the_first_version(city: City, ticket: Ticket) -> None:
    appraisal.freeze(CITY, MAY)
    with pytest.raises(RuleBroken, match="没有需要更正"):
        appraisal.freeze(CITY, MAY, reason="再来一次")
    Callback.objects.update(solved=False)
    with pytest.raises(RuleBroken, match="原因"):
        appraisal.freeze(CITY, MAY)
    second = appraisal.freeze(CITY, MAY, reason="回访记录更正")
    first = Appraisal.objects.get(version=1)
    assert second.version == 2 and appraisal.intact(first) and appraisal.intact(second)
    assert first.scores["LIGHTS"]["figures"]["solved_rate"][0] == 100.0
    assert second.scores["LIGHTS"]["figures"]["solved_rate"][0] == 0.0


def test_a_month_that_is_not_over_stays_open(city: City) -> None:
    with pytest.raises(RuleBroken):
        appraisal.freeze(CITY, timezone.localdate())


def test_an_excluded_ticket_counts_no_more(city: City, ticket: Ticket) -> None:
    unit = city.unit["lights"].pk
    with pytest.raises(NotYours):
        appraisal.ask_exclusion(ticket, unit, actor=city.actor("handler"), reason="不可抗力导致")
    asked = appraisal.ask_exclusion(ticket, unit, actor=city.actor("head"), reason="不可抗力导致")
    with pytest.raises(RuleBroken):
        appraisal.ask_exclusion(ticket, unit, actor=city.actor("head"), reason="不可抗力导致")
    with pytest.raises(NotYours):
        appraisal.rule_exclusion(asked.pk, actor=city.actor("head"), granted=True, opinion="自己同意")
    appraisal.rule_exclusion(asked.pk, actor=city.actor("supervisor"), granted=True, opinion="同意剔除")
    row = appraisal.freeze(CITY, MAY)
    assert row.scores["LIGHTS"]["figures"]["overall_score"][0] is None
    assert row.inputs["exclusions"][0]["ruling"] == "同意剔除"


def test_units_see_published_months_only(city: City, ticket: Ticket) -> None:
    row = appraisal.freeze(CITY, MAY)
    head = Client()
    head.force_login(city.staff["head"])
    assert head.get(f"/figures/appraisal/{row.pk}/").status_code == 404
    assert head.post("/figures/appraisal/do/", {"do": "publish", "pk": row.pk}).status_code == 404
    supervisor = Client()
    supervisor.force_login(city.staff["supervisor"])
    assert supervisor.post("/figures/appraisal/do/", {"do": "publish", "pk": row.pk}).status_code == 302
    assert head.get(f"/figures/appraisal/{row.pk}/").status_code == 200


def test_the_monthly_report_holds_the_figures(city: City, ticket: Ticket, settings: object, tmp_path: object) -> None:
    settings.DATA = tmp_path  # type: ignore[attr-defined]
    Ticket.objects.update(created_at=THEN)
    settle()
    words = Document(BytesIO(report.monthly(MAY)))
    text = "\n".join(paragraph.text for paragraph in words.paragraphs)
    assert "2025年05月" in text and "受理量1件" in text and "测试甲" not in text
    cells = [[cell.text for cell in row.cells] for table in words.tables for row in table.rows]
    assert any(row[0] == "满意率" and row[1] == "100%" and row[2] == "1/1" for row in cells)
    assert len(words.inline_shapes) == 1
    assert [path.read_bytes()[:4] for path in report.write(MAY)] == [b"PK\x03\x04", b"%PDF"]
