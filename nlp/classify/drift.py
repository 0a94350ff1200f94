"""Whether live traffic still looks like what a model was trained on: three figures and their alarms, all pure.

- class mix: population stability index (PSI) between the shares of labels then and now;
- confidence: mean highest probability then and now, and the share abstained;
- corrections: share of decisions that a person changed, with the lower end of its 95 % interval.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

#: PSI is read as: below 0.1 stable, to 0.25 shifting, above it another population (credit-scoring practice).
MIX_LIMIT = 0.25
CONFIDENCE_LIMIT = 0.05
CORRECTION_LIMIT = 0.05
#: With fewer texts than this nothing is alarmed.
FEWEST = 100
_SMALLEST_SHARE = 1e-3


@dataclass(frozen=True)
class Limits:
    """From which values on drift is alarmed."""

    mix: float = MIX_LIMIT
    confidence: float = CONFIDENCE_LIMIT
    corrections: float = CORRECTION_LIMIT
    fewest: int = FEWEST


@dataclass(frozen=True)
class Window:
    """What a model did over some time: texts per label it proposed, the highest probability of each, how many it left
    undecided, how many of its proposals a person looked at and how many of those were changed."""

    labels: Mapping[str, int]
    confidences: Sequence[float]
    abstained: int = 0
    reviewed: int = 0
    corrected: int = 0

    @property
    def texts(self) -> int:
        return sum(self.labels.values())


@dataclass(frozen=True)
class Alarm:
    """One figure beyond its limit: `kind` is mix, confidence or corrections."""

    kind: str
    value: float
    limit: float
    detail: str


@dataclass(frozen=True)
class Drift:
    """The figures of a window beside the reference, and the alarms they raise."""

    mix: float
    confidence_then: float
    confidence_now: float
    abstained_share: float
    correction_share: float
    correction_at_least: float
    alarms: tuple[Alarm, ...]


def class_mix(then: Mapping[str, int], now: Mapping[str, int]) -> float:
    """Population stability index between two label counts: 0 for the same shares, growing without bound."""
    total_then, total_now = sum(then.values()), sum(now.values())
    if not total_then or not total_now:
        return 0.0
    index = 0.0
    for label in then.keys() | now.keys():
        share_then = max(then.get(label, 0) / total_then, _SMALLEST_SHARE)
        share_now = max(now.get(label, 0) / total_now, _SMALLEST_SHARE)
        index += (share_now - share_then) * math.log(share_now / share_then)
    return index


def share_at_least(hits: int, of: int) -> float:
    """Lower end of the 95 % interval of a share (Wilson): 3 of 4 prove less than 300 of 400."""
    if not of:
        return 0.0
    z = 1.96
    share = hits / of
    middle = share + z * z / (2 * of)
    spread = z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return max(0.0, (middle - spread) / (1 + z * z / of))


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def compare(reference: Window, now: Window, limits: Limits | None = None) -> Drift:
    """Figures of `now` against `reference` (held-out predictions at training, or the first weeks of service)."""
    limits = limits or Limits()
    before, after = _mean(reference.confidences), _mean(now.confidences)
    figures = {
        "mix": class_mix(reference.labels, now.labels),
        "confidence": before - after,
        "corrections": share_at_least(now.corrected, now.reviewed),
    }
    return Drift(
        mix=figures["mix"],
        confidence_then=before,
        confidence_now=after,
        abstained_share=now.abstained / max(now.texts, 1),
        correction_share=now.corrected / max(now.reviewed, 1),
        correction_at_least=figures["corrections"],
        alarms=_alarms(reference, now, figures, limits),
    )


def _alarms(reference: Window, now: Window, figures: Mapping[str, float], limits: Limits) -> tuple[Alarm, ...]:
    if now.texts < limits.fewest:
        return ()
    details = {
        "mix": f"变化最大的类别：{_most_changed(reference.labels, now.labels)}",
        "confidence": f"平均把握下降 {figures['confidence']:.1%}",
        "corrections": f"{now.reviewed} 件已审核的建议中有 {now.corrected} 件被改",
    }
    return tuple(
        Alarm(kind, value, getattr(limits, kind), details[kind])
        for kind, value in figures.items()
        if value > getattr(limits, kind)
    )


def _most_changed(then: Mapping[str, int], now: Mapping[str, int]) -> str:
    total_then, total_now = max(sum(then.values()), 1), max(sum(now.values()), 1)
    change = {
        label: now.get(label, 0) / total_now - then.get(label, 0) / total_then for label in then.keys() | now.keys()
    }
    label = max(sorted(change), key=lambda name: round(abs(change[name]), 9), default="")
    return f"{label} {change.get(label, 0.0):+.1%}"
