"""The repeated parts of the pages, written in Python: a template tag per cell takes too long for a city's hundreds.

Everything that is not a number is escaped here, once; `query` is an address as `Asked.address` makes it.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from dashboards.measures.evaluate import SMALL, Figure

from .overview import by_kind

if TYPE_CHECKING:
    from .overview import Bar, Row, Tile, Trend

NONE = "—"


def _shown(value: float | None, unit: str = "") -> str:
    return NONE if value is None else f"{value}{unit}"


def card(tile: Tile, query: str) -> SafeString:
    """A figure with what it is made of, its target and its change; every number opens what is behind it."""
    figure, item = tile.figure, tile.figure.measure
    behind = f"{reverse('figures:drill', args=[item.code])}?{escape(query)}&amp;part="
    parts = f"{figure.numerator}/{'' if figure.denominator is None else figure.denominator}/{figure.excluded}"
    value = f'<span class="muted">{NONE}</span>'
    if figure.value is not None:
        value = f'<a href="{behind}numerator">{figure.value}<small>{escape(item.unit)}</small></a>'
    inner = f"{_parts(figure, behind)}{_beside(tile)}{_few(figure)}"
    if not figure.fits:
        inner = '<p class="muted">没有这种分类，不按所选条件统计</p>'
    return mark_safe(
        f'<div class="figure{" short" if figure.short_of_target else ""}" data-code="{item.code}" '
        f'data-value="{"" if figure.value is None else figure.value}" data-parts="{parts}">'
        f'<h3 title="{escape(item.meaning)}">{escape(item.name)}</h3><p class="value">{value}</p>{inner}</div>'
    )


def _parts(figure: Figure, behind: str) -> str:
    if figure.denominator is None or figure.measure.parts:
        return ""
    words = [
        f'<a href="{behind}numerator">{figure.numerator}</a> / <a href="{behind}denominator">{figure.denominator}</a>'
    ]
    if figure.missing:
        words.append(f'<a class="missing" href="{behind}missing">未达到 {figure.missing}</a>')
    if figure.excluded:
        words.append(f'<a href="{behind}excluded">剔除 {figure.excluded}</a>')
    return f'<p class="parts">{" ".join(words)}</p>'


def _beside(tile: Tile) -> str:
    """The target and whether it is met, then the changes; a sign stands beside every colour."""
    figure, item, words = tile.figure, tile.figure.measure, []
    if item.target is not None:
        words.append(f"目标 {item.target:g}%")
        if figure.value is not None:
            short = figure.short_of_target
            words.append(
                f'<span class="badge {"red" if short else "green"}">{"▼ 未达标" if short else "✓ 达标"}</span>'
            )
    unit = "%" if item.kind == "count" else " 点"
    if tile.change is not None:
        kind = {True: "good", False: "bad", None: ""}[tile.better]
        sign = "▲ +" if tile.change > 0 else "▼ " if tile.change < 0 else ""
        words.append(f'<span class="{kind}">较上期 {sign}{tile.change}{unit}</span>')
    if tile.year_change is not None:
        sign = "+" if tile.year_change > 0 else ""
        words.append(f'<span class="muted">较去年 {sign}{tile.year_change}{unit}</span>')
    return f'<p class="parts">{" ".join(words)}</p>'


def _few(figure: Figure) -> str:
    few = figure.small and figure.denominator
    return f'<p class="parts muted">样本少于 {SMALL}，谨慎比较</p>' if few else ""


def trend_lines(trend: Trend) -> SafeString:
    """The lines of a trend's table."""
    return _joined(
        f'<tr><th scope="row">{label or ""}</th>{"".join(map(_number, numbers))}</tr>' for label, *numbers in trend.rows
    )


def _number(value: float | str | None) -> str:
    return f'<td class="num">{NONE if value is None else value}</td>'


def bar_lines(bars: list[Bar], address: str) -> SafeString:
    """The lines of a breakdown's table; `address` ends in `CUT=`, and a key's code follows it."""
    start = escape(address)
    made = (
        f'<tr><th scope="row">{_link(f"?{start}{escape(bar.code)}", bar.label) if bar.code else escape(bar.label)}</th>'
        f'<td class="num">{bar.n}</td></tr>'
        for bar in bars
    )
    return _joined(made) if bars else mark_safe('<tr><td colspan="2">没有</td></tr>')


def league_lines(rows: list[Row], query: str) -> SafeString:
    """The units' table, a body for each kind of unit; each figure opens what is behind it for that unit."""
    behind = {figure.code: reverse("figures:drill", args=[figure.code]) for row in rows[:1] for figure in row.figures}
    start, page, wide = escape(query), reverse("figures:overview"), len(behind) + 2
    bodies = []
    for kind, units in by_kind(rows):
        head = f'<tr class="kind"><th scope="rowgroup" colspan="{wide}">{escape(kind)}（{len(units)} 个单位）</th></tr>'
        lines = _joined(_unit_line(row, f"{start}&amp;unit={escape(row.code)}", page, behind) for row in units)
        bodies.append(f"<tbody>{head}\n{lines}</tbody>")
    return _joined(bodies)


def _unit_line(row: Row, query: str, page: str, behind: dict[str, str]) -> str:
    cells = "".join(
        f'<td class="num"><a href="{behind[figure.code]}?{query}">{_shown(figure.value, "%")}</a> '
        f'<small class="muted">{figure.numerator}/{figure.denominator}</small></td>'
        for figure in row.figures
    )
    few = '<span class="badge amber">样本少</span>' if row.small else ""
    return f'<tr><th scope="row">{_link(f"{page}?{query}", row.label)}</th>{cells}<td>{few}</td></tr>'


def _link(address: str, label: str) -> str:
    return f'<a href="{address}">{escape(label)}</a>'


def _joined(lines: Iterable[str]) -> SafeString:
    return mark_safe("\n".join(lines))
