"""The overview's content: tiles with change, trends, breakdowns and league. One object for page, API, export."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from itertools import zip_longest

from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe

from dashboards.asking import Asked
from dashboards.measures import counting
from dashboards.measures.definitions import UP, Measure, measure, measures
from dashboards.measures.evaluate import Figure, counters_of, evaluate, figures, weights_for
from dashboards.measures.scope import Period, month_end

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
    """A line of the league: a unit and its figures. `small`: too few cases to be compared."""

    key: str
    code: str
    label: str
    figures: tuple[Figure, ...]

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


def overview(asked: Asked, *, on: date | None = None) -> Overview:
    """Everything on the page, from the rollups."""
    return Overview(tiles(asked, on=on), intake(asked, on=on), league(asked, on=on), trends(asked, on=on))


def tiles(asked: Asked, only: Iterable[str] = (), *, on: date | None = None) -> list[Tile]:
    """The measures over the period, the period before and the year before."""
    period, scope = asked.period, asked.scope
    wanted = list(only)
    now = figures(period, scope, read=counting.rolled, on=on, only=wanted)
    earlier = [
        {item.code: item for item in figures(other, scope, read=counting.rolled, on=on, only=wanted)}
        for other in (period.before(), period.year_before())
    ]
    return [Tile(item, *(_past(item, known) for known in earlier)) for item in now]


def _past(item: Figure, known: dict[str, Figure]) -> Figure | None:
    # a state is only known now
    return None if item.measure.kind == "state" else known.get(item.code)


def intake(asked: Asked, *, on: date | None = None) -> dict[str, list[Bar]]:
    """Breakdown → what came in by key, most first; regions by district, categories by first level."""
    found = {}
    for cut, _ in INTAKE:
        counts = counting.broken_down(["received"], asked.period, asked.scope, cut, on)
        found[cut] = bars(cut, {key: row["received"] for key, row in counts.items()})
    return found


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
    """Units side by side, in the order of their names: no ranking; few cases are marked, not compared."""
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
            rows.append(Row(key, known[key].code, known[key].label, shown))
    return sorted(rows, key=lambda row: (row.small, row.code))


def trends(asked: Asked, *, on: date | None = None) -> list[Trend]:
    """Day by day (month by month over a long period) beside the last period and last year; whole city only."""
    if asked.scope.only:
        return []
    day = asked.period.first
    items = [measure(code, day) for code in TREND]
    stretches = (asked.period, asked.period.before(), asked.period.year_before())
    series = [_points(items, period, asked.scope.city, on) for period in stretches]
    labels = list(dict.fromkeys(_bucket(moment, asked.period) for moment in asked.period))
    return [Trend(item, labels, *([point.get(item.code) for point in points] for points in series)) for item in items]


MONTHS = 6


def by_month(asked: Asked, codes: Iterable[str], *, on: date | None = None) -> dict[str, list[tuple[str, Figure]]]:
    """Code → (month, figure) of the last months up to the one the period ends in, oldest first."""
    wanted = list(codes)
    month = Period(asked.period.last.replace(day=1), month_end(asked.period.last))
    found: dict[str, list[tuple[str, Figure]]] = {}
    for _ in range(MONTHS):
        for figure in figures(month, asked.scope, read=counting.rolled, on=on, only=wanted):
            if figure.measure.kind != "state":
                found.setdefault(figure.code, []).insert(0, (f"{month.first:%Y-%m}", figure))
        month = month.before()
    return found


def _bucket(day: date, period: Period) -> str:
    return day.strftime("%Y-%m") if period.days > LONG else day.strftime("%m-%d")


def _points(items: list[Measure], period: Period, city: str, on: date | None) -> list[dict[str, float | None]]:
    daily = counting.series(counters_of(items), period, city, on)
    buckets: dict[str, dict[str, int]] = {}
    for day in period:
        sums = buckets.setdefault(_bucket(day, period), {})
        for counter, n in daily.get(day, {}).items():
            sums[counter] = sums.get(counter, 0) + n
    weights = weights_for(city, period.first)
    return [{code: figure.value for code, figure in evaluate(items, row, weights).items()} for row in buckets.values()]


def groups(found: list[Tile]) -> dict[str, list[Tile]]:
    """The tiles under their headings, in the order of the definitions."""
    order = list(dict.fromkeys(item.group for item in measures(date.max)))
    return {group: [tile for tile in found if tile.figure.measure.group == group] for group in order}


_SMALL = mark_safe('<span class="badge amber">样本少</span>')


def league_lines(rows: list[Row], query: str) -> SafeString:
    """The table's lines, ready-made: a city has hundreds of units, and a template tag per cell takes too long."""
    return format_html_join(
        "\n",
        '<tr><th scope="row"><a href="?{0}&amp;unit={1}">{2}</a></th>{3}<td>{4}</td></tr>',
        ((query, row.code, row.label, _cells(row, query), _SMALL if row.small else "") for row in rows),
    )


def _cells(row: Row, query: str) -> SafeString:
    return format_html_join(
        "",
        '<td class="num"><a href="behind/{0}/?{1}&amp;unit={2}">{3}</a> <small class="muted">{4}/{5}</small></td>',
        (
            (
                figure.code,
                query,
                row.code,
                "—" if figure.value is None else f"{figure.value}%",
                figure.numerator,
                figure.denominator,
            )
            for figure in row.figures
        ),
    )
