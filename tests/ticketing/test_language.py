"""What the language functions propose at intake, and what they may never decide."""

from __future__ import annotations

from pathlib import Path

import pytest

from directory.models import Duty
from nlp.classify import Classification, Ranked
from tests.city import DISTRICT, City
from ticketing import classifying, language, memory
from ticketing.classifying import InUse
from ticketing.intake.report import Report
from ticketing.models import Ticket
from ticketing.terms import Status

LAMP = "市政设施/照明/路灯不亮"


class Sure:
    """A model that is certain of one category."""

    def classify(self, text: str, *, title: str = "") -> Classification:
        return Classification((Ranked(LAMP, 0.99, ("路灯",)),), False, 0.9)


@pytest.fixture
def promoted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language, "classifier", lambda: InUse("test", True, Sure()))


def test_the_proposal_names_category_unit_and_reasons(city: City) -> None:
    ticket = city.report(body="投诉：门口路灯不亮，一片漆黑，没人管。", region=DISTRICT)
    assert ticket.proposal["category"] == city.category["lamp"].pk
    assert ticket.proposal["department"] == city.unit["lights"].pk
    assert any("派单目录" in reason for reason in ticket.proposal["reasons"])
    assert ticket.status == Status.NEW, "the cold start proposes and never dispatches"


def test_danger_makes_a_ticket_urgent(city: City) -> None:
    ticket = city.report(body="厨房里煤气味很浓，是不是漏气了，快来人！")
    assert (ticket.urgency, ticket.suspected_110) == ("critical", True)
    assert ticket.due_clock == "dispatch"


def test_a_place_named_in_the_text_is_found(city: City) -> None:
    assert city.report(body="二七区的路灯不亮。", region="").region_id == "410103"


def test_a_promoted_model_dispatches_by_itself(city: City, promoted: None) -> None:
    ticket = city.report(body="投诉门口路灯不亮，请尽快维修。", kind="complaint")
    ticket.refresh_from_db()
    assert (ticket.status, ticket.lead) == (Status.TO_SIGN, city.unit["lights"])
    assert ticket.events.filter(actor_kind="system", action="dispatch").exists()


@pytest.mark.parametrize(
    "change",
    [{"kind": "report"}, {"confidential": True}, {"body": "煤气味很浓，漏气了，快来人！"}],
    ids=["举报", "保密", "urgent"],
)
def test_what_a_machine_never_dispatches(city: City, promoted: None, change: dict[str, object]) -> None:
    ticket = city.report(**({"kind": "complaint", "body": "门口路灯不亮。"} | change))
    ticket.refresh_from_db()
    assert ticket.status == Status.NEW


def test_a_unit_complained_about_is_neither_proposed_nor_given_the_ticket(city: City, promoted: None) -> None:
    ticket = city.report(body="投诉市照明中心工作人员态度恶劣、推诿，路灯一直不亮。", kind="complaint")
    ticket.refresh_from_db()
    assert ticket.complained_unit == city.unit["lights"]
    assert ticket.proposal.get("department") != city.unit["lights"].pk
    assert ticket.status == Status.NEW


def test_a_ruling_beats_the_catalogue(city: City) -> None:
    rows = {"category": city.category["lamp"], "lead": city.unit["water"], "valid_from": "2024-01-01"}
    Duty.objects.create(**rows, source_ruling="裁定-1")
    assert city.report(body="路灯不亮了。").proposal["department"] == city.unit["water"].pk


def test_a_failure_of_the_language_functions_keeps_nothing_out(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(report: Report) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(language, "read", broken)
    ticket = city.report()
    assert ticket.proposal["reasons"] == ["语言分析暂不可用"]
    assert Ticket.objects.count() == 1


def test_only_a_whole_model_is_promoted(city: City, tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ValueError, match=r"."):
        classifying.promote(tmp_path)
    memory.forget()
    assert classifying.classifier().name == "coldstart"
