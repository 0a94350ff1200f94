"""The overview's content: tiles with change, trends, breakdowns and league. One object for page, API, export."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby, zip_longest

from dashboards import states
from dashboards.asking import Asked
from dashboards.measures import cells, counting
from dashboards.measures.definitions import SINCE, UP, Measure, measure, measures
from dashboards.measures.evaluate import Figure, counters_of, evaluate, figures_beside, weights_for, weights_on
from dashboards.measures.scope import Period, month_end
from dashboards.measures.sums import BY_DAY, BY_MONTH
from directory.models import DepartmentKind

from .names import NOT_GIVEN, names

#: breakdowns of what came in
INTAKE = (("channel", "渠道"), ("kind", "诉求类型"), ("category", "诉求类别"), ("region", "区域"))
LEAGUE = ("close_on_time", "sign_on_time", "return_rate", "response_rate", "solved_rate", "satisfaction_rate")
TREND = ("received", "close_on_time", "satisfaction_rate")
LONG = 92  # days; longer periods are shown month by month
TOP = 15


@dataclass(frozen=True)
class Tile:
    """A figure beside itself in the last period and a year ago; changes in points (rates) or in percent (counts)."""

    figure: Figure
    before: Figure | None
    year_before: Figure | None

    @property
    def change(self) -> float | None:
        return _change(self.figure, self.before)

    @property
    def year_change(self) -> float | None:
        return _change(self.figure, self.year_before)

    @property
    def better(self) -> bool | None:
        """Whether the change since the last period is a good one; None when there is no saying."""
        change, direction = self.change, self.figure.measure.direction
        if not change or not direction:
            return None
        return (change > 0) == (direction == UP)


def _change(now: Figure, then: Figure | None) -> float | None:
    if then is None or now.value is None or then.value is None:
        return None
    if now.measure.kind == "count":
        return round(100 * (now.value - then.value) / then.value, 1) if then.value else None
    return round(now.value - then.value, 2)


@dataclass(frozen=True)
class Bar:
    key: str
    code: str
    label: str
    n: int


@dataclass(frozen=True)
class Row:
    """A line of the league: a unit of a `kind` and its figures. `small`: too few cases to be compared."""

    key: str
    code: str
    label: str
    figures: tuple[Figure, ...]
    kind: str = ""

    @property
    def small(self) -> bool:
        return self.figures[0].small


@dataclass(frozen=True)
class Trend:
    measure: Measure
    days: list[str]
    now: list[float | None]
    before: list[float | None]
    year_before: list[float | None]

    @property
    def rows(self) -> list[tuple[str | None, ...]]:
        """The chart's table: label, this period, the last, last year."""
        return list(zip_longest(self.days, self.now, self.before, self.year_before))  # type: ignore[arg-type]


@dataclass(frozen=True)
class Overview:
    tiles: list[Tile]
    intake: dict[str, list[Bar]]
    league: list[Row]
    trends: list[Trend] = field(default_factory=list)


def overview(asked: Asked, *, units: bool = True, on: date | None = None) -> Overview:
    """Everything on the page, from the rollups; the page itself asks for the `units` by themselves."""
    with cells.remembered():
        rows = league(asked, on=on) if units else []
        return Overview(tiles(asked, on=on), intake(asked, on=on), rows, trends(asked, on=on))


def tiles(asked: Asked, only: Iterable[str] = (), *, on: date | None = None) -> list[Tile]:
    """The measures over the period, the period before and the year before."""
    period = asked.period
    periods = (period, period.before(), period.year_before())
    now, *earlier = figures_beside(periods, asked.scope, on=on, only=only)
    known = [{item.code: item for item in row} for row in earlier]
    return [Tile(item, *(_past(item, row) for row in known)) for item in now]


def _past(item: Figure, known: dict[str, Figure]) -> Figure | None:
    # a state is only known now
    return None if item.measure.kind == "state" else known.get(item.code)


def intake(asked: Asked, *, on: date | None = None) -> dict[str, list[Bar]]:
    """Breakdown → what came in by key, most first; regions by district, categories by first level."""
    cuts = [cut for cut, _ in INTAKE]
    counts = counting.broken_down_by(["received"], asked.period, asked.scope, cuts, on, grouped=True)
    return {cut: bars(cut, {key: row["received"] for key, row in counts[cut].items()}) for cut in cuts}


def bars(cut: str, counts: dict[str, int]) -> list[Bar]:
    """The counts added up under each key's group, most first."""
    known = names(cut)
    sums: dict[str, int] = {}
    for key, n in counts.items():
        group = known[key].group if key in known else key
        sums[group] = sums.get(group, 0) + n
    made = [
        Bar(key, known[key].code if key in known else "", known[key].label if key in known else key or NOT_GIVEN, n)
        for key, n in sums.items()
    ]
    return sorted(made, key=lambda bar: (-bar.n, bar.label))


def league(asked: Asked, *, on: date | None = None) -> list[Row]:
    """Units side by side, like with like: kind by kind, in the order of their codes and without a ranking; those with
    few cases stand last of their kind."""
    day = asked.period.first
    items = [measure(code, day) for code in LEAGUE]
    counts = counting.broken_down(counters_of(items), asked.period, asked.scope, "unit", on)
    weights = weights_for(asked.scope.city, day)
    known = names("unit")
    rows = []
    for key, row in counts.items():
        made = evaluate(items, row, weights)
        shown = tuple(made[code] for code in LEAGUE)
        if key in known and any(figure.denominator for figure in shown):
            rows.append(Row(key, known[key].code, known[key].label, shown, known[key].kind))
    return sorted(rows, key=lambda row: (_KINDS.index(row.kind), row.small, row.code))


_KINDS = [*DepartmentKind.values, ""]


def by_kind(rows: Iterable[Row]) -> list[tuple[str, list[Row]]]:
    """The kinds of unit in words, each with its units."""
    labels = dict(DepartmentKind.choices)
    return [(str(labels.get(kind, "其他")), list(found)) for kind, found in groupby(rows, key=lambda row: row.kind)]


def trends(asked: Asked, *, on: date | None = None) -> list[Trend]:
    """Day by day (month by month over a long period) beside the last period and last year.

    Nothing under filters that the rollups do not hold: the stored rows would be counted once for each day.
    """
    items = [measure(code, asked.period.first) for code in TREND]
    stretches = (asked.period, asked.period.before(), asked.period.year_before())
    # each stretch by the formulas in force when it began
    formulas = [[item for item in measures(max(stretch.first, SINCE)) if item.code in TREND] for stretch in stretches]
    by = BY_MONTH if asked.period.days > LONG else BY_DAY
    names = counters_of(item for known in formulas for item in known)
    sums = counting.series_beside(names, stretches, asked.scope, by, on)
    if sums is None:
        return []
    weights = weights_on(asked.scope.city, [period.first for period in stretches])
    series = [
        [evaluate(known, found.get(bucket, {}), weight) for bucket in _buckets(period, by)]
        for period, found, weight, known in zip(stretches, sums, weights, formulas, strict=True)
    ]
    labels = [bucket if by == BY_MONTH else bucket[5:] for bucket in _buckets(asked.period, by)]
    return [
        Trend(item, labels, *([_value(made.get(item.code)) for made in points] for points in series)) for item in items
    ]


def _value(figure: Figure | None) -> float | None:
    return figure.value if figure is not None else None


def _buckets(period: Period, by: str) -> list[str]:
    """The days (or months) of a period as the rollups' reader names them."""
    return list(dict.fromkeys(day.isoformat()[: 7 if by == BY_MONTH else 10] for day in period))


MONTHS = 6


def by_month(asked: Asked, codes: Iterable[str], *, on: date | None = None) -> dict[str, list[tuple[str, Figure]]]:
    """Code → (month, figure) of the last months up to the one the period ends in, oldest first.

    A state of this month is taken now, of months past as it was last noted there.
    """
    months = [Period(asked.period.last.replace(day=1), month_end(asked.period.last))]
    while len(months) < MONTHS:
        months.append(months[-1].before())
    found: dict[str, list[tuple[str, Figure]]] = {}
    noted: dict[str, dict[Period, Figure]] = {}
    moment = on or counting.today()
    for month, row in zip(months, figures_beside(months, asked.scope, on=on, only=list(codes)), strict=True):
        for figure in row:
            known: Figure | None = figure
            if figure.measure.kind == "state" and not month.first <= moment <= month.last:
                if figure.code not in noted:
                    noted[figure.code] = states.at_end_of(figure.measure, months, asked.scope)
                known = noted[figure.code].get(month)
            if known is not None:
                found.setdefault(figure.code, []).insert(0, (f"{month.first:%Y-%m}", known))
    return found


def groups(found: list[Tile]) -> dict[str, list[Tile]]:
    """The tiles under their headings, in the order of the definitions."""
    order = list(dict.fromkeys(item.group for item in measures(date.max)))
    return {group: [tile for tile in found if tile.figure.measure.group == group] for group in order}
