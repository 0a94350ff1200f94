"""Figures on paper: the overview and the monthly report as PDF, with the Chinese font embedded.

Drawn with fpdf2; only the characters used are embedded, so a report has some ten kilobytes and reads alike everywhere.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import pylopdf_fonts_zh_cn
from django.utils import timezone
from fpdf import FPDF
from fpdf.enums import TableBordersLayout
from fpdf.fonts import FontFace

from dashboards.asking import Asked

from .overview import INTAKE, LEAGUE, TOP, Overview, Row, Tile, Trend, by_kind, groups

#: the font's subsetter tells every step of its own
logging.getLogger("fontTools").setLevel(logging.WARNING)
FONT = "noto"
INK, BLUE, GREY, PALE = (18, 35, 58), (11, 74, 143), (90, 107, 123), (232, 240, 250)
WIDE, CHART_HIGH = 180, 55  # mm between the margins; height of a chart
COLOURS = (BLUE, (178, 94, 0), GREY)
DASHES: tuple[dict[str, float], ...] = ({}, {"dash": 2, "gap": 1}, {"dash": 0.6, "gap": 0.8})
NONE = "—"


@lru_cache(maxsize=1)
def _font() -> Path:
    return Path(pylopdf_fonts_zh_cn.__file__).with_name("NotoSansSC-Regular.otf")


class Paper(FPDF):
    """A4 upright, with the date it was made and page numbers at the foot."""

    def __init__(self, title: str) -> None:
        super().__init__(format="A4")
        self.set_margins(15, 15)
        self.set_auto_page_break(True, 18)
        for style in ("", "B"):
            self.add_font(FONT, style, str(_font()))
        self.set_title(title)
        self.set_lang("zh-CN")
        self.made = timezone.localtime()
        self.add_page()

    def footer(self) -> None:
        self.set_y(-13)
        self.set_font(FONT, size=8)
        self.set_text_color(*GREY)
        self.cell(WIDE, 6, f"{self.made:%Y-%m-%d %H:%M} 生成　第 {self.page_no()} 页，共 {{nb}} 页", align="C")
        self.set_text_color(*INK)

    def heading(self, text: str, size: float = 13, room: float = 50) -> None:
        """A heading stays with at least `room` mm of what follows it."""
        if self.get_y() > self.h - room:
            self.add_page()
        self.ln(2)
        self.set_font(FONT, size=size)
        self.set_text_color(*BLUE)
        self.multi_cell(WIDE, size * 0.6, text, new_x="LMARGIN", new_y="NEXT")
        self.set_text_color(*INK)
        self.ln(1)

    def text_line(self, text: str) -> None:
        self.set_font(FONT, size=9.5)
        self.multi_cell(WIDE, 5.5, text, new_x="LMARGIN", new_y="NEXT")

    def rows(self, head: Sequence[str], lines: Sequence[Sequence[str]], widths: Sequence[float]) -> None:
        """A table; the first column is text, the others numbers; the head is repeated on each page."""
        self.set_font(FONT, size=8.5)
        style = FontFace(color=INK, fill_color=PALE)
        align = ("LEFT", *["RIGHT"] * (len(head) - 1))
        with self.table(
            headings_style=style, col_widths=tuple(widths), text_align=align, line_height=5.2, padding=0.6,
            borders_layout=TableBordersLayout.HORIZONTAL_LINES,
        ) as table:  # fmt: skip
            for cells in (head, *lines):
                table.row(list(cells))
        self.ln(2)

    def chart(self, trend: Trend) -> None:
        """Lines of this period, the last and last year; they differ by dash as well as by colour."""
        left, top = self.l_margin + 12, self.get_y() + 6
        wide, high = WIDE - 14, CHART_HIGH - 14
        series = (("本期", trend.now), ("上期", trend.before), ("去年同期", trend.year_before))
        known = [n for _, values in series for n in values if n is not None]
        most = max(known, default=0) or 1
        self._grid(left, top, wide, high, most, trend.measure.unit)
        step = wide / max(1, len(trend.days) - 1)
        for index, (name, values) in enumerate(series):
            self._line(index, [(left + step * at, top + high - high * n / most) if n is not None else None
                               for at, n in enumerate(values[: len(trend.days)])])  # fmt: skip
            self.set_text_color(*COLOURS[index])
            self._line(index, [(left + 30 * index, top - 3.5), (left + 30 * index + 9, top - 3.5)])
            self.text(left + 30 * index + 11, top - 2.5, name)
        self.set_text_color(*GREY)
        self.set_font(FONT, size=7)
        for at in range(0, len(trend.days), max(1, len(trend.days) // 8)):
            self.text(left + step * at - 3, top + high + 4, trend.days[at])
        self.set_text_color(*INK)
        self.set_y(top + high + 7)

    def _grid(self, left: float, top: float, wide: float, high: float, most: float, unit: str) -> None:
        self.set_font(FONT, size=7)
        self.set_text_color(*GREY)
        self.set_draw_color(210, 218, 226)
        self.set_line_width(0.15)
        for part in range(5):
            level = top + high * part / 4
            self.line(left, level, left + wide, level)
            self.text(self.l_margin, level + 1, f"{most * (4 - part) / 4:.4g}{unit}")

    def _line(self, index: int, points: Sequence[tuple[float, float] | None]) -> None:
        self.set_draw_color(*COLOURS[index])
        self.set_line_width(0.5 if index == 0 else 0.35)
        self.set_dash_pattern(**DASHES[index])
        for one, other in pairwise(points):
            if one is not None and other is not None:
                self.line(*one, *other)
        self.set_dash_pattern()
        self.set_fill_color(*COLOURS[index])
        for before, point, after in zip([None, *points], points, [*points[1:], None], strict=False):
            if point is not None and before is None and after is None:  # a value between two days without any
                self.ellipse(point[0] - 0.6, point[1] - 0.6, 1.2, 1.2, style="F")


HEAD = ("指标", "本期", "分子/分母", "剔除", "上期", "去年同期", "目标")


def overview(asked: Asked, found: Overview) -> bytes:
    """What the overview shows, under its period and filters."""
    period = asked.period
    about = [f"{period.first} 至 {period.last}", *asked.labels.values()]
    return _made("12345热线数据总览", "，".join(about), found)


def monthly(title: str, opening: str, found: Overview) -> bytes:
    """The month's report: its opening words, the figures with their charts, the units."""
    return _made(title, opening, found)


def _made(title: str, opening: str, found: Overview) -> bytes:
    paper = Paper(title)
    paper.heading(title, 18)
    paper.text_line(opening)
    for group, tiles in groups(found.tiles).items():
        if tiles:
            paper.heading(group)
            paper.rows(HEAD, [_cells(tile) for tile in tiles], (30, 12, 20, 10, 12, 12, 10))
    for trend in found.trends:
        paper.heading(f"{trend.measure.name}趋势（{trend.measure.unit}）", room=CHART_HIGH + 35)
        paper.chart(trend)
    for cut, name in INTAKE:
        if bars := found.intake[cut][:TOP]:
            paper.heading(f"受理量：{name}")
            paper.rows((name, "件数"), [(bar.label, str(bar.n)) for bar in bars], (70, 30))
    if found.league:
        names = [figure.measure.name for figure in found.league[0].figures]
        for kind, rows in by_kind(found.league):
            paper.heading(f"承办单位：{kind}（按代码排列，不作排名；样本少的列在后面）")
            paper.rows(("单位", *names), [_unit(row) for row in rows], (34, *[18] * len(LEAGUE)))
    paper.text_line("率值口径及剔除规则见系统“指标口径”页。样本少的单位不宜比较。")
    return bytes(paper.output())


def _cells(tile: Tile) -> list[str]:
    figure, item = tile.figure, tile.figure.measure
    ratio = NONE if figure.denominator is None else f"{figure.numerator:g}/{figure.denominator}"
    past = [NONE if other is None else _value(other.value, item.unit) for other in (tile.before, tile.year_before)]
    target = NONE if item.target is None else f"{item.target:g}%"
    return [item.name, _value(figure.value, item.unit), ratio, str(figure.excluded), *past, target]


def _value(value: float | None, unit: str) -> str:
    return NONE if value is None else f"{value}{unit}"


def _unit(row: Row) -> list[str]:
    shown = [
        NONE if figure.value is None else f"{figure.value}%\n{figure.numerator:g}/{figure.denominator}"
        for figure in row.figures
    ]
    return [row.label + ("（样本少）" if row.small else ""), *shown]
