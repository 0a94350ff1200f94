"""The page on the language functions: figures from live tickets, the contest of two models, and its alarms."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.core.cache import cache
from django.utils import timezone

from nlp.classify import save, train
from tests.city import City
from tests.nlp.classify_examples import examples
from ticketing.desk import drift_alarms, language
from ticketing.lifecycle.actions.triage import Triage
from ticketing.lifecycle.engine import act
from ticketing.models import Heartbeat, Notice, Ticket

from .conftest import LogIn

LAMP, POLE = "市政设施/照明/路灯不亮", "市政设施/照明/灯杆倾斜"


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    cache.clear()


def said(city: City, n: int, proposed: str, truth: str = "", *, share: float = 0.9, at: datetime | None = None) -> None:
    """A ticket on which the engine proposed one category and a person chose another, or none yet."""
    ticket = city.report(external_id=f"s{n}-{at}")
    if truth:
        command = Triage(kind="complaint", category=city.category[truth].pk)
        act(ticket.pk, command, actor=city.actor("dispatcher"))
    path = {"lamp": LAMP, "pole": POLE}
    plan = {
        "alternatives": [[city.category[proposed].pk, share]],
        "abstained": share < 0.5,
        "champion": {"label": path[proposed], "probability": share, "abstained": share < 0.5},
        "challenger": {"label": LAMP, "probability": 0.95, "abstained": False, "model": "challenger:1"},
    }
    Ticket.objects.filter(pk=ticket.pk).update(proposal=plan, **({"created_at": at} if at else {}))


def test_figures_of_a_week(city: City) -> None:
    now = timezone.now()
    for n in range(2):
        said(city, n, "lamp", "lamp", at=now - timedelta(days=10))
    said(city, 3, "lamp", "pole", share=0.4)
    said(city, 4, "pole")
    found = language.figures(timezone.now())
    assert (found.texts_before, found.texts_now, found.reviewed) == (2, 2, 1)
    assert found.drift.correction_share == 1.0
    assert found.drift.abstained_share == 0.5
    assert found.drift.confidence_then == pytest.approx(0.9)
    assert found.drift.confidence_now == pytest.approx(0.65)
    assert found.drift.alarms == (), "too few to alarm"


def test_champion_beside_challenger(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language, "_challenger_name", lambda: "challenger:1")
    said(city, 1, "pole", "lamp")
    said(city, 2, "lamp", "lamp")
    said(city, 3, "pole")
    found = language.figures(timezone.now()).contest
    assert (found.judged, found.disagreed) == (2, 2)
    assert (found.champion.accuracy, found.challenger.accuracy) == (0.5, 1.0)
    assert found.better == "", "two tickets prove nothing"


def test_a_challenger_that_is_gone_is_not_judged(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language, "_challenger_name", lambda: "challenger:2")
    said(city, 1, "pole", "lamp")
    assert language.figures(timezone.now()).contest.judged == 0


def test_the_page_shows_an_alarm(city: City, log_in: LogIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nlp.classify.drift.Limits.__init__.__defaults__", (0.25, 0.05, 0.05, 1))
    for n in range(5):
        said(city, n, "pole", "lamp")
    page = log_in("supervisor").get("/desk/language/").content.decode()
    assert "预警：人工更正比例偏高" in page
    assert "不会自行启用" in page


def test_an_alarm_is_told_to_the_keepers_once(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nlp.classify.drift.Limits.__init__.__defaults__", (0.25, 0.05, 0.05, 1))
    for n in range(5):
        said(city, n, "pole", "lamp")
    now = timezone.now()
    keepers = {city.staff["supervisor"].pk, city.staff["administrator"].pk}
    assert drift_alarms.look(now) == len(keepers)
    assert drift_alarms.look(now + timedelta(hours=1)) == 0, "once a day"
    told = Notice.objects.filter(template="drift")
    assert set(told.values_list("staff", flat=True)) == keepers
    assert all("人工更正比例偏高" in notice.text for notice in told)
    Heartbeat.objects.filter(name=drift_alarms.NAME).delete()
    assert drift_alarms.look(now) == 0, "and each kind once a week"


def test_nothing_is_told_without_an_alarm(city: City) -> None:
    said(city, 1, "lamp", "lamp")
    assert drift_alarms.look(timezone.now()) == 0
    assert not Notice.objects.filter(template="drift").exists()


def test_a_model_in_service_is_shown_with_its_figures(
    city: City, log_in: LogIn, settings: object, tmp_path: Path
) -> None:
    settings.MODELS = tmp_path  # type: ignore[attr-defined]
    texts, labels = examples(8)
    save(train(texts, [LAMP if "路灯" in label else POLE for label in labels]), tmp_path / "champion")
    page = log_in("supervisor").get("/desk/language/").content.decode()
    assert "32 条样本；交叉验证：宏平均 F1 " in page
    assert "尚未启用训练模型" not in page


def test_the_page_without_any_ticket_or_model(city: City, log_in: LogIn) -> None:
    page = log_in("administrator").get("/desk/language/").content.decode()
    assert "尚未启用训练模型" in page
    assert log_in("dispatcher").get("/desk/language/").status_code == 404
