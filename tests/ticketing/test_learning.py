"""What people decided becomes examples; the night's training starts once, by itself, and promotes nothing."""

from __future__ import annotations

import io
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from nlp.classify import Classification, Ranked
from tests.city import City
from tests.nlp.classify_examples import examples
from ticketing import classifying, language, learning, memory
from ticketing.classifying import InUse
from ticketing.lifecycle.actions.triage import Triage
from ticketing.lifecycle.actors import SYSTEM
from ticketing.lifecycle.engine import act
from ticketing.models import Correction, Ticket
from ticketing.privacy.identity import Person

LAMP, POLE = "市政设施/照明/路灯不亮", "市政设施/照明/灯杆倾斜"
NIGHT = datetime(2026, 3, 9, 18, 30, tzinfo=UTC)  # 02:30 in Shanghai


def ended(ticket: Ticket) -> Ticket:
    Ticket.objects.filter(pk=ticket.pk).update(status="closed")
    return ticket


def test_ended_tickets_that_a_person_triaged(city: City) -> None:
    ticket = ended(city.triaged())
    assert list(learning.confirmed()) == [ticket]
    found = learning.examples()
    assert found.labels == [LAMP]
    assert ticket.body in found.texts[0]


def test_what_the_machine_decided_alone_is_no_example(city: City) -> None:
    ticket = city.report()
    ended(act(ticket.pk, Triage(kind="complaint", category=city.category["lamp"].pk), actor=SYSTEM))
    assert not Correction.objects.exists()
    assert not learning.confirmed().exists()


def test_an_open_ticket_counts_once_it_was_corrected(city: City) -> None:
    ticket = city.report()
    assert not learning.confirmed().exists()
    command = Triage(kind="complaint", category=city.category["pole"].pk, reason="灯杆斜了")
    act(ticket.pk, command, actor=city.actor("dispatcher"))
    assert learning.examples().labels == [POLE]


def test_a_change_still_under_review_is_no_example(city: City) -> None:
    ticket = ended(city.triaged())
    Ticket.objects.filter(pk=ticket.pk).update(to_review=True)
    assert not learning.confirmed().exists()


def test_one_callers_tickets_stay_together_without_a_number(city: City) -> None:
    for n in range(2):
        ended(city.triaged(external_id=f"e{n}", person=Person(name="甲", phone="13800000001")))
    ended(city.triaged(external_id="e9", person=Person(name="乙", phone="13800000002")))
    groups = learning.examples().groups
    assert len(set(groups)) == 2
    assert not any("138000" in group for group in groups)


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch, settings: object, tmp_path: Path) -> list[list[str]]:
    settings.MODELS = tmp_path / "models"  # type: ignore[attr-defined]
    commands: list[list[str]] = []
    monkeypatch.setattr(learning, "_start", lambda command: commands.append(list(command)))
    return commands


def test_the_night_trains_once_with_enough(
    city: City, started: list[list[str]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(learning, "FEWEST", 2)
    for n in range(2):
        ended(city.triaged(external_id=f"e{n}"))
    assert learning.nightly(NIGHT - timedelta(hours=4)) == 0, "not in the evening"
    assert learning.nightly(NIGHT) == 1
    assert learning.nightly(NIGHT + timedelta(minutes=10)) == 0, "once a night"
    assert learning.nightly(NIGHT + timedelta(days=1)) == 1
    out = str(tmp_path / "models" / "challenger")
    assert [command[2:] for command in started] == [["train_classifier", "--from-database", "--out", out]] * 2
    assert not classifying.champion().exists()


def test_the_training_is_a_process_with_its_words_in_a_file(settings: object, tmp_path: Path) -> None:
    settings.MODELS = tmp_path  # type: ignore[attr-defined]
    process = learning._start([sys.executable, "-c", "print('learning')"])
    assert process.wait(timeout=60) == 0
    assert (tmp_path / "challenger.log").read_text("utf-8") == "learning\n"


def test_the_night_waits_for_enough(city: City, started: list[list[str]]) -> None:
    ended(city.triaged())
    assert learning.nightly(NIGHT) == 0
    assert started == []


def test_training_from_the_database(city: City, tmp_path: Path) -> None:
    keys = {"城市管理/市容/路灯": "lamp", "社会保障/工资": "pole"}
    for n, (text, label) in enumerate(zip(*examples(12), strict=True)):
        if label in keys:
            person = Person(name="测试丁", phone=f"138000003{n:02}")
            ticket = city.report(body=text, external_id=f"t{n}", person=person)
            command = Triage(kind="complaint", category=city.category[keys[label]].pk)
            ended(act(ticket.pk, command, actor=city.actor("dispatcher")))
    out = io.StringIO()
    call_command("train_classifier", "--from-database", "--out", str(tmp_path / "model"), stdout=out, stderr=out)
    assert "24 texts, 2 labels" in out.getvalue()
    assert (tmp_path / "model" / "manifest.json").exists()
    assert (tmp_path / "model" / "report.md").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--from-database", "x.csv"], "takes no file"),
        (["x.csv", "--text", "a"], "or --from-database"),
        ([], "or --from-database"),
    ],
)
def test_one_source_is_named(city: City, options: list[str], message: str, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=message):
        call_command("train_classifier", *options, "--out", str(tmp_path / "model"))


class Fixed:
    def __init__(self, label: str) -> None:
        self.label = label

    def classify(self, text: str, *, title: str = "") -> Classification:
        if not self.label:
            raise RuntimeError("broken model")
        return Classification((Ranked(self.label, 0.9, ()),), False, 0.8)


def test_the_challenger_is_asked_and_decides_nothing(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language, "contender", lambda: InUse("challenger:1", False, Fixed(POLE)))
    ticket = city.report(body="门口路灯不亮，一片漆黑。")
    assert ticket.proposal["challenger"]["label"] == POLE
    assert ticket.proposal["champion"]["label"] == LAMP
    assert ticket.proposal["category"] == city.category["lamp"].pk


def test_a_broken_challenger_keeps_nothing_out(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language, "contender", lambda: InUse("challenger:1", False, Fixed("")))
    ticket = city.report(body="门口路灯不亮，一片漆黑。")
    assert "challenger" not in ticket.proposal
    assert ticket.proposal["category"] == city.category["lamp"].pk


def test_without_a_model_there_is_no_challenger(city: City, settings: object, tmp_path: Path) -> None:
    settings.MODELS = tmp_path  # type: ignore[attr-defined]
    memory.forget()
    assert classifying.contender() is None
    (tmp_path / "challenger").mkdir()
    (tmp_path / "challenger" / "manifest.json").write_text("{}", "utf-8")
    memory.forget()
    assert classifying.contender() is None
    assert "challenger" not in city.report().proposal
    memory.forget()
