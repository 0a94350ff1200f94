"""From counts to figures: value, numerator, denominator, excluded. Pure but for the weights and the states."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet

from dashboards.models import MeasureWeights
from ticketing.reviews import coverage

from . import counting
from .conditions import can_limit
from .counters import COUNTERS
from .definitions import Measure, Term, measures
from .scope import Period, Scope
from .sources import SOURCES

#: DOMAIN: 满意率 with 0.9 × 基本满意; 综合成绩 = 0.1 × 响应 + 0.5 × 解决 + 0.4 × 满意 (Beijing)
DEFAULT_WEIGHTS = {"fair": "0.9", "response": "0.1", "solved": "0.5", "satisfied": "0.4"}
Reader = Callable[[Iterable[str], Period, Scope, date | None], dict[str, int]]


@dataclass(frozen=True)
class Figure:
    """`value`: percent with two digits for rates and scores, the number for counts; None without a denominator."""

    measure: Measure
    value: float | None
    numerator: float
    denominator: int | None
    excluded: int
    #: how many rows of the denominator are not among the numerator's; a weight does not change how many there are
    missing: int = 0
    #: False: what is counted knows no such breakdown (calls no kind of matter), so under this filter there is no figure
    fits: bool = True

    @property
    def code(self) -> str:
        return self.measure.code

    @property
    def short_of_target(self) -> bool:
        target = self.measure.target
        return target is not None and self.value is not None and self.value < target

    @property
    def small(self) -> bool:
        """Too few cases for a rate to mean much."""
        return self.denominator is not None and self.denominator < SMALL

    def as_dict(self) -> dict[str, object]:
        item = self.measure
        return {
            "code": item.code,
            "name": item.name,
            "value": self.value,
            "numerator": self.numerator,
            "denominator": self.denominator,
            "excluded": self.excluded,
            "unit": item.unit,
            "target": item.target,
            "version": item.version,
        }


#: fewer cases than this are marked: one case more or less moves the rate by more than three points
SMALL = 30


Weights = dict[str, Decimal]


def weights_for(city: str, day: date) -> Weights:
    """The weights of a city in force on `day`; a region's own row before the general one."""
    return weights_on(city, [day])[0]


def weights_on(city: str, days: Iterable[date]) -> list[Weights]:
    """The weights in force on each of the days, read once."""
    rows = MeasureWeights.objects.filter(Q(region_id=city) | Q(region__isnull=True))
    ranked = sorted(rows, key=lambda row: (row.region_id is not None, row.effective_from))
    found = []
    for day in days:
        known = [row.weights for row in ranked if row.effective_from <= day]
        chosen = DEFAULT_WEIGHTS | (known[-1] if known else {})
        found.append({name: Decimal(str(chosen[name])) for name in DEFAULT_WEIGHTS})
    return found


def counters_of(items: Iterable[Measure]) -> list[str]:
    """Every counter that the measures need."""
    return list(dict.fromkeys(name for item in items for name in item.counters()))


def figures(
    period: Period, scope: Scope, *, read: Reader = counting.direct, on: date | None = None, only: Iterable[str] = ()
) -> list[Figure]:
    """All measures (or those named) over the period, in the order of the list."""
    items, chosen = chosen_on(period.first, only)
    counts = read(counters_of(items), period, scope, on)
    found = evaluate(items, counts, weights_for(scope.city, period.first), scope)
    return [_fitting(found[item.code], scope) for item in items if item.code in chosen]


def _fitting(figure: Figure, scope: Scope) -> Figure:
    if not scope.only or fits(figure.measure, scope):
        return figure
    return Figure(figure.measure, None, 0, None if figure.denominator is None else 0, 0, fits=False)


def fits(item: Measure, scope: Scope) -> bool:
    """Whether everything the measure counts can be limited as the scope asks."""
    if item.state:
        return state_rows(item, scope) is not None
    sources = [SOURCES[COUNTERS[name].source] for name in item.counters()]
    return all(can_limit(source, cut) for source in sources for cut in scope.only)


def figures_beside(
    periods: Sequence[Period], scope: Scope, *, on: date | None = None, only: Iterable[str] = ()
) -> list[list[Figure]]:
    """The same from the rollups, for several periods in one reading. A state is only known now: the first gets it."""
    wanted = list(only)
    sets = [chosen_on(period.first, wanted) for period in periods]
    names = counters_of(item for items, _ in sets for item in items)
    counts = counting.rolled_beside(names, periods, scope, on)
    weights = weights_on(scope.city, [period.first for period in periods])
    answer = []
    for index, (items, chosen) in enumerate(sets):
        found = evaluate(items, counts[index], weights[index], scope if index == 0 else None)
        answer.append([_fitting(found[item.code], scope) for item in items if item.code in chosen])
    return answer


def chosen_on(day: date, only: Iterable[str]) -> tuple[list[Measure], set[str]]:
    """The measures to be evaluated on a day, and which of them were asked for (scores need their parts)."""
    known = measures(day)
    chosen = set(only) or {item.code for item in known}
    needed = chosen | {code for item in known if item.code in chosen for code, _ in item.parts}
    return [item for item in known if item.code in needed], chosen


def evaluate(
    items: Iterable[Measure], counts: counting.Counts, weights: Weights, scope: Scope | None = None
) -> dict[str, Figure]:
    """Code → figure. Scores need the measures they are made of among `items`; states need the scope."""
    found: dict[str, Figure] = {}
    for item in items:
        if item.state:
            found[item.code] = _state(item, scope)
        elif item.parts:
            found[item.code] = _score(item, found, weights)
        else:
            found[item.code] = _counted(item, counts, weights)
    return found


def _sum(terms: Iterable[Term], counts: counting.Counts, weights: Weights) -> Decimal | int:
    """A whole number unless a weight is among the terms: a page evaluates thousands, and decimals take their time."""
    total: Decimal | int = 0
    for term in terms:
        if n := counts.get(term.counter, 0):
            total += n * weights[term.weight] if term.weight else n
    return total


def _counted(item: Measure, counts: counting.Counts, weights: Weights) -> Figure:
    top = _sum(item.numerator, counts, weights)
    out = int(_sum(item.excluded, counts, weights))
    if item.kind == "count":
        return Figure(item, plain(top), plain(top), None, out)
    bottom = int(_sum(item.denominator, counts, weights))
    short = bottom - sum(counts.get(term.counter, 0) for term in item.numerator) if item.nested else 0
    return Figure(item, percent(top, bottom), plain(top), bottom, out, missing=short)


def _score(item: Measure, found: dict[str, Figure], weights: Weights) -> Figure:
    """Σ weight × rate, from the unrounded rates; without all parts there is no score."""
    parts = [(found[code], weights[weight]) for code, weight in item.parts]
    if any(not figure.denominator for figure, _ in parts):
        return Figure(item, None, 0, 0, 0)
    exact = sum(
        (weight * Decimal(str(figure.numerator)) / Decimal(figure.denominator or 1) for figure, weight in parts),
        Decimal(0),
    )
    total = sum((weight for _, weight in parts), Decimal(0))
    return Figure(item, percent(exact, total), plain(round(exact * 100, 4)), 100, 0)


def _state(item: Measure, scope: Scope | None) -> Figure:
    rows = state_rows(item, scope)
    if rows is None:
        return Figure(item, None, 0, 0, 0)
    counted = dict(rows.order_by().values_list("covered").annotate(n=Count("pk")))
    total, covered = sum(counted.values()), counted.get(True, 0)
    return Figure(item, percent(covered, total), covered, total, 0, missing=total - covered)


def state_rows(item: Measure, scope: Scope | None) -> QuerySet[Any] | None:
    """The items or units that a coverage measure is taken over, each with `covered`; None where it makes no sense."""
    if scope is None or set(scope.only) - {"unit"}:
        return None
    prefix = scope.city.rstrip("0")
    ids = scope.only.get("unit")
    if item.state == "items":
        items = coverage.items(prefix)
        return items if ids is None else items.filter(department_id__in=list(ids))
    units = coverage.units(prefix)
    return units if ids is None else units.filter(pk__in=list(ids))


def percent(top: Decimal | int, bottom: Decimal | int) -> float | None:
    """Percent with two digits, halves up; None when there is nothing to divide by."""
    if not bottom:
        return None
    if isinstance(top, int) and isinstance(bottom, int) and top >= 0 and bottom > 0:
        return (20_000 * top + bottom) // (2 * bottom) / 100
    return float((top * Decimal(100) / bottom).quantize(Decimal("0.01"), ROUND_HALF_UP))


def plain(amount: Decimal | int) -> float:
    """A whole number as such, else the decimals."""
    if isinstance(amount, int):
        return amount
    return int(amount) if amount == amount.to_integral_value() else float(amount)
