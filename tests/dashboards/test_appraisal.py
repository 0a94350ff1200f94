"""Frozen months recompute to themselves; corrections stand beside them; exclusions are ruled outside the unit."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone
from docx import Document

from dashboards import appraisal, objections, report
from dashboards.measures import counting
from dashboards.measures.evaluate import figures
from dashboards.measures.scope import Period, Scope
from dashboards.models import Appraisal, Exclusion, MeasureWeights, Objection
from dashboards.rollups.rebuild import check
from directory.models import Role, RoleBinding
from tests.city import CITY, City
from tests.dashboards.settle import settle
from tests.ticketing.lifecycle.stages import in_status
from ticketing.errors import NotYours, RuleBroken
from ticketing.journal import anchor, ledger
from ticketing.lifecycle.actions.checking import RecordCallback
from ticketing.lifecycle.engine import act
from ticketing.models import Callback, Ticket
from ticketing.reviews import appeals, rectifying
from ticketing.reviews.models import Review
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


def test_late_events_are_named_until_a_correction_is_frozen(city: City, ticket: Ticket) -> None:
    row = appraisal.freeze(CITY, MAY)
    assert appraisal.changed_since(row) == []
    Callback.objects.update(solved=False)
    ((code, _, moved),) = appraisal.changed_since(row)
    assert code == "LIGHTS" and ("解决率", [100.0, 1, 1], [0.0, 0, 1]) in moved
    boss = Client()
    boss.force_login(city.staff["supervisor"])
    assert "冻结后有变化" in boss.get(f"/figures/appraisal/{row.pk}/").content.decode()
    form = {"do": "freeze", "month": "2025-05", "reason": "回访记录更正"}
    assert boss.post("/figures/appraisal/do/", form).status_code == 302
    assert "冻结后有变化" not in boss.get(f"/figures/appraisal/{row.pk}/").content.decode()
    assert appraisal.changed_since(Appraisal.objects.get(version=2)) == []


def test_tiers_are_those_of_the_frozen_month(city: City, ticket: Ticket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(appraisal, "SMALL", 1)
    row = appraisal.freeze(CITY, MAY)
    assert row.scores["LIGHTS"]["tier"] == "优秀"
    monkeypatch.setattr(appraisal, "TIERS", ((101, "优秀"), (0, "待改进")))
    monkeypatch.setattr(appraisal, "SMALL", 30)
    assert appraisal.intact(Appraisal.objects.get())


def test_an_upheld_appeal_leaves_the_satisfaction_rate_too(city: City) -> None:
    ticket = in_status(city, Status.TO_CALL_BACK)
    told = RecordCallback(result="reached", contacted=True, solved=True, satisfaction=1)
    act(ticket.pk, told, actor=city.actor("caller"))
    settle()
    today = timezone.localdate()
    period, scope = Period(today, today), Scope(CITY)

    def satisfaction() -> list[tuple[float, int | None, int]]:
        read = (counting.direct, counting.rolled)
        found = [figures(period, scope, read=one, only=["satisfaction_rate"])[0] for one in read]
        return [(one.numerator, one.denominator, one.excluded) for one in found]

    assert satisfaction() == [(0, 1, 0)] * 2
    review = Review.objects.get()
    unit, pk = city.actor("handler"), review.rectification.pk  # type: ignore[attr-defined]
    rectifying.verify(pk, actor=unit, truthful=False, finding="录音里没有这回事")
    rectifying.rectify(pk, actor=unit, measures="向群众作了说明")
    rectifying.answer(pk, actor=unit, answer="已经向群众说明情况")
    rectifying.call_back(pk, actor=city.actor("caller"), note="已回访", second_level=4)
    row = appeals.appeal(review.pk, actor=city.actor("handler"), reason="系恶意差评", evidence="录音和现场照片")
    appeals.rule(row.pk, actor=city.actor("supervisor"), upheld=True, opinion="证据充分，成立")
    settle()
    assert satisfaction() == [(0, 0, 1)] * 2
    # the rectification was over before: it leaves its rate all the same
    (rate,) = figures(Period(today, today + timedelta(days=60)), scope, only=["bad_review_rectified"])
    assert (rate.numerator, rate.denominator, rate.excluded) == (0, 0, 1)
    assert not check()


def test_a_unit_objects_and_somebody_outside_rules(city: City, ticket: Ticket) -> None:
    row, lights = appraisal.freeze(CITY, MAY), city.unit["lights"].pk
    head, boss = Client(), Client()
    head.force_login(city.staff["head"])
    boss.force_login(city.staff["supervisor"])
    with pytest.raises(RuleBroken, match="公布"):
        objections.object_to(row, lights, actor=city.actor("head"), reason="分母多计一件")
    appraisal.publish(row)
    form = {"do": "object", "pk": row.pk, "back": row.pk, "unit": "LIGHTS", "reason": "有一件不是本单位的"}
    assert head.post("/figures/appraisal/do/", form).url == f"/figures/appraisal/{row.pk}/"  # type: ignore[attr-defined]
    found = Objection.objects.get()
    row.refresh_from_db()
    with pytest.raises(RuleBroken, match="待复核"):
        objections.object_to(row, lights, actor=city.actor("head"), reason="再申诉一次")
    with pytest.raises(NotYours):
        objections.object_to(row, city.unit["water"].pk, actor=city.actor("head"), reason="替别人申诉")
    with pytest.raises(NotYours):
        objections.rule(found.pk, actor=city.actor("head"), upheld=True, opinion="自己说成立")
    RoleBinding.objects.create(staff=city.staff["head"], role=Role.SUPERVISOR, region_id=CITY)
    with pytest.raises(RuleBroken, match="本单位"):
        objections.rule(found.pk, actor=city.actor("head"), upheld=True, opinion="自己说成立")
    judged = {"do": "judge", "pk": found.pk, "upheld": "1", "opinion": "核实后成立", "back": row.pk}
    assert boss.post("/figures/appraisal/do/", judged).status_code == 302
    assert "核实后成立" in head.get(f"/figures/appraisal/{row.pk}/").content.decode()


def test_what_was_asked_ruled_and_published_cannot_be_altered(city: City, ticket: Ticket) -> None:
    row, lights = appraisal.freeze(CITY, MAY), city.unit["lights"].pk
    appraisal.publish(row, actor=city.actor("supervisor"))
    row.refresh_from_db()
    asked = appraisal.ask_exclusion(ticket, lights, actor=city.actor("head"), reason="不可抗力导致")
    open_ = appraisal.ask_exclusion(
        in_status(city, Status.CLOSED), lights, actor=city.actor("head"), reason="也不可抗力"
    )
    appraisal.rule_exclusion(asked.pk, actor=city.actor("supervisor"), granted=True, opinion="同意剔除")
    said = objections.object_to(row, lights, actor=city.actor("head"), reason="有一件不是本单位的")
    objections.rule(said.pk, actor=city.actor("supervisor"), upheld=False, opinion="核实后不成立")
    settle()

    def altered() -> list[str]:
        kinds = ("appraisal/", "exclusion/", "objection/")
        return [one.name for one in ledger.wrong(anchor.read().heads) if one.name.startswith(kinds)]

    assert altered() == []
    for one, columns in (
        (said, {"ruling": "upheld"}),
        (said, {"ruled_by": city.staff["head"]}),
        (open_, {"asked_at": THEN}),
        (row, {"published_at": THEN}),
        (row, {"scores": {}}),
    ):
        stored = type(one)._base_manager.filter(pk=one.pk)
        (before,) = stored.values()
        stored.update(**columns)
        assert altered(), (one, columns)
        stored.update(**before)
        assert altered() == []
    Exclusion.objects.create(
        ticket=ticket, department=city.unit["water"], reason="后来塞进去的", asked_at=THEN, asked_by=city.staff["head"]
    )
    assert altered()


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
    assert len(words.inline_shapes) == 3
    assert [path.read_bytes()[:4] for path in report.write(MAY)] == [b"PK\x03\x04", b"%PDF"]
