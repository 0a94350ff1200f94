"""How the classifier does on live traffic: drift of the last week, and champion beside challenger.

Figures come from the proposals stored with the tickets, at most `MOST` per window, over all cities: one model serves
them all. What a person confirmed is the ticket's category once staff triaged or corrected it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.core.cache import cache
from django.db.models import Exists, OuterRef

from nlp.classify.champion import Contest, Opinion, Trial, contest
from nlp.classify.drift import Drift, Window, compare
from nlp.classify.store import ModelError, read_manifest
from ticketing.classifying import challenger, champion, contender
from ticketing.models import Heartbeat, Ticket, TicketEvent

MOST = 5_000
NOW, BEFORE = timedelta(days=7), timedelta(days=28)
SECONDS = 300
_KEY = "desk.language"


@dataclass(frozen=True)
class Model:
    """A model's manifest in short; `metrics` are those of its cross-validation."""

    created: datetime | None
    texts: int
    metrics: dict[str, float]

    @property
    def words(self) -> str:
        """Its cross-validation in a line."""
        share = {key: f"{value:.2%}" for key, value in self.metrics.items()}
        return (
            f"宏平均 F1 {self.metrics.get('macro_f1', 0):.3f}，可独立判断 {share.get('coverage', '不详')}，"
            f"其中正确 {share.get('precision_at_coverage', '不详')}，校准误差 {self.metrics.get('ece', 0):.3f}"
        )


@dataclass(frozen=True)
class Figures:
    """`drift` compares the last 7 days with the 28 before."""

    drift: Drift
    texts_now: int
    texts_before: int
    reviewed: int
    contest: Contest
    made_at: datetime


@dataclass(frozen=True)
class _Seen:
    """One ticket: what the engine proposed, and the category that a person confirmed, if one did."""

    label: str
    confidence: float
    abstained: bool
    truth: int | None
    truth_path: str
    proposal: dict[str, Any]


def figures(now: datetime) -> Figures:
    """Remembered for five minutes."""
    found: Figures | None = cache.get(_KEY)
    if found is None:
        found = _measure(now)
        cache.set(_KEY, found, SECONDS)
    return found


def _measure(now: datetime) -> Figures:
    latest, before = _seen(now - NOW, now), _seen(now - NOW - BEFORE, now - NOW)
    present, past = _window(latest), _window(before)
    return Figures(
        drift=compare(past, present),
        texts_now=present.texts,
        texts_before=past.texts,
        reviewed=present.reviewed,
        contest=contest(trial for one in (*before, *latest) if (trial := _trial(one)) is not None),
        made_at=now,
    )


def _seen(begin: datetime, end: datetime) -> list[_Seen]:
    """The newest tickets of a time on which the engine said something."""
    by_staff = TicketEvent.objects.filter(ticket=OuterRef("pk"), actor_kind="staff", action__in=["triage", "correct"])
    rows = Ticket.objects.filter(created_at__gte=begin, created_at__lt=end, history=False).order_by("-created_at")
    columns = ("proposal", "category", "category__path", "judged")
    found = []
    for plan, category, path, judged in rows.annotate(judged=Exists(by_staff)).values_list(*columns)[:MOST]:
        ranked = plan.get("alternatives")
        if ranked:
            label, share = ranked[0]
            # an agent's own choice overwrites what stands in "abstained"; the engine's answer is kept beside it
            undecided = bool((plan.get("champion") or plan).get("abstained"))
            truth = category if judged else None
            found.append(_Seen(str(label), float(share), undecided, truth, path or "", plan))
    return found


def _window(seen: list[_Seen]) -> Window:
    judged = [one for one in seen if one.truth is not None]
    return Window(
        labels=Counter(one.label for one in seen),
        confidences=tuple(one.confidence for one in seen),
        abstained=sum(one.abstained for one in seen),
        reviewed=len(judged),
        corrected=sum(str(one.truth) != one.label for one in judged),
    )


def _trial(one: _Seen) -> Trial | None:
    """Only trials of the challenger that stands there now count: an older one proves nothing about it."""
    first, second = one.proposal.get("champion"), one.proposal.get("challenger")
    if not isinstance(first, dict) or not isinstance(second, dict) or second.get("model") != _challenger_name():
        return None
    return Trial(_opinion(first), _opinion(second), one.truth_path if one.truth is not None else None)


def _challenger_name() -> str:
    standing = contender()
    return standing.name if standing else ""


def _opinion(stored: dict[str, Any]) -> Opinion:
    return Opinion(str(stored["label"]), float(stored["probability"]), bool(stored["abstained"]))


def models() -> dict[str, Model | None]:
    """The model in service and the candidate; None where there is none that may be loaded."""
    return {"champion": _model(champion()), "challenger": _model(challenger())}


def _model(folder: Path) -> Model | None:
    try:
        manifest = read_manifest(folder)
    except (ModelError, OSError):
        return None
    return Model(
        created=_moment(manifest.get("created")),
        texts=int(manifest.get("data", {}).get("texts", 0)),
        metrics={key: value for key, value in manifest.get("metrics", {}).items() if isinstance(value, int | float)},
    )


def _moment(written: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(written))
    except ValueError:
        return None


def last_training() -> Heartbeat | None:
    return Heartbeat.objects.filter(name="learning").first()
