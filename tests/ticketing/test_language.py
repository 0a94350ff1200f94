"""What the language functions propose at intake, and what they may never decide."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from directory.models import Duty
from nlp.classify import Classification, Ranked, save, train
from tests.city import DISTRICT, City
from tests.nlp.classify_examples import examples
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


def test_a_place_is_told_with_how_sure_it_is(city: City) -> None:
    ticket = city.report(body="二七区航海路翠屏新城门口的路灯不亮。", region="")
    (reason,) = (one for one in ticket.proposal["reasons"] if one.startswith("地点"))
    assert "二七区" in reason
    assert "翠屏新城" in reason
    assert "%" in reason


def test_a_shortened_name_alone_is_no_region(city: City) -> None:
    assert city.report(body="二七的路灯不亮。", region="").region_id in ("", None)
    ticket = city.report(body="翠屏二七小区门口的路灯不亮。", region="", external_id="another")
    assert ticket.region_id in ("", None)


def test_a_promoted_model_dispatches_by_itself(city: City, promoted: None) -> None:
    ticket = city.report(body="投诉门口路灯不亮，请尽快维修。", kind="complaint")
    ticket.refresh_from_db()
    assert (ticket.status, ticket.lead) == (Status.TO_SIGN, city.unit["lights"])
    assert ticket.events.filter(actor_kind="system", action="dispatch").exists()


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "report"},
        {"kind": "", "body": "我要举报：店里私接路灯电线偷电。"},
        {"body": "我要举报：店里私接路灯电线偷电。"},
        {"confidential": True},
        {"urgency": "urgent"},
        {"body": "煤气味很浓，漏气了，快来人！"},
        {"body": "路灯下有人打架，手里拿着刀。"},
    ],
    ids=["举报", "reads like 举报", "reads like 举报 but says complaint", "保密", "said urgent", "urgent", "110"],
)
def test_what_a_machine_never_dispatches(city: City, promoted: None, change: dict[str, object]) -> None:
    ticket = city.report(**({"kind": "complaint", "body": "门口路灯不亮。"} | change))
    ticket.refresh_from_db()
    assert ticket.status == Status.NEW


def test_a_category_that_the_model_would_not_give_is_not_dispatched(city: City, promoted: None) -> None:
    ticket = city.report(kind="complaint", body="门口路灯不亮。", category=city.category["pole"].pk)
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


@pytest.mark.parametrize(
    "labels", [(LAMP, "市政设施/照明/灯杆倾斜"), (LAMP, "不存在/的/分类")], ids=["known", "strange"]
)
def test_a_person_promotes_a_model(city: City, settings: object, tmp_path: Path, labels: tuple[str, str]) -> None:
    settings.MODELS = tmp_path / "models"  # type: ignore[attr-defined]
    texts, names = examples(8)
    save(train(texts, [labels["路灯" not in name] for name in names]), tmp_path / "model")
    if labels[1].startswith("不存在"):
        with pytest.raises(CommandError, match="1 of 2 labels are no active category: 不存在/的/分类; labels must be"):
            call_command("promote_classifier", str(tmp_path / "model"))
    else:
        call_command("promote_classifier", str(tmp_path / "model"), stdout=io.StringIO())
    memory.forget()
    assert classifying.classifier().promoted == (not labels[1].startswith("不存在"))
    memory.forget()


def test_what_units_say_of_their_duties_speaks_for_their_categories(city: City) -> None:
    text = Report(channel="web", body="小区的楼道充电桩跳闸了，没法给电动车充电")
    before = dict(language.read(text).alternatives).get(city.category["lamp"].pk, 0.0)
    city.unit["lights"].duties_text = "负责楼道充电桩、电动车充电设施的维护"
    city.unit["lights"].save(update_fields=["duties_text"])
    Duty.objects.update(category=city.category["lamp"])
    memory.forget()
    found = language.read(text)
    assert found.category == city.category["lamp"].pk
    assert dict(found.alternatives)[city.category["lamp"].pk] > before
    Duty.objects.update(valid_to="2020-02-01")
    memory.forget()
    assert dict(language.read(text).alternatives).get(city.category["lamp"].pk, 0.0) == before, "a duty that has ended"
