"""The monthly report, as Word and as PDF: text, tables and charts from the same figures as the pages."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone
from PIL import Image, ImageDraw

from dashboards.appraisal import month_of
from dashboards.asking import Asked
from dashboards.measures.scope import Scope
from dashboards.show.overview import INTAKE, Overview, Row, Tile, by_kind, groups, overview

WIDTH, HEIGHT, MARGIN = 1200, 420, 50
BLUE, GREY, INK = (11, 74, 143), (170, 180, 190), (40, 50, 60)
TOP = 10


def _month(first: date, scope: Scope | None) -> tuple[str, Overview]:
    """The month's title and figures; of the whole city unless a scope is given."""
    period = month_of(first)
    found = overview(Asked(period, scope or Scope(settings.CITY_REGION), {}))
    return f"12345热线运行月报（{period.first:%Y年%m月}）", found


def paper(first: date, scope: Scope | None = None) -> bytes:
    """The report of the month of `first`, as a .pdf file."""
    from dashboards.show import pdf  # here and below: what is seldom needed is not loaded at every start

    title, found = _month(first, scope)
    return pdf.monthly(title, summary(found), found)


def monthly(first: date, scope: Scope | None = None) -> bytes:
    """The report of the month of `first`, as a .docx file."""
    from docx import Document
    from docx.shared import Cm

    title, found = _month(first, scope)
    document: Any = Document()
    document.add_heading(title, 0)
    document.add_paragraph(summary(found))
    for group, tiles in groups(found.tiles).items():
        if tiles:
            document.add_heading(group, 1)
            _table(
                document, ["指标", "本月", "分子/分母", "剔除", "上月", "去年同月", "目标"], [_line(t) for t in tiles]
            )
    document.add_heading("趋势", 1)
    for trend in found.trends:
        document.add_picture(BytesIO(bars_picture(trend.days, trend.now)), width=Cm(16))
        document.add_paragraph(f"图：每日{trend.measure.name}（{trend.measure.unit}）")
    for cut, title in INTAKE:
        document.add_heading(f"受理量：{title}", 2)
        _table(document, [title, "件数"], [[bar.label, str(bar.n)] for bar in found.intake[cut][:TOP]])
    for kind, rows in by_kind(found.league):
        document.add_heading(f"承办单位：{kind}", 2)
        names = [figure.measure.name for figure in rows[0].figures]
        _table(document, ["单位", *names], [_unit(row) for row in rows])
    document.add_paragraph("率值口径及剔除规则见系统“指标口径”页。样本少的单位不宜比较，本报告不作排名。")
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def summary(found: Overview) -> str:
    """The report's opening words, from the figures."""
    by_code = {tile.figure.code: tile for tile in found.tiles}
    parts = []
    for code in ("received", "close_on_time", "satisfaction_rate", "call_answer_rate"):
        tile = by_code[code]
        if tile.figure.value is None:
            continue
        change = "" if tile.change is None else f"，较上月{'上升' if tile.change > 0 else '下降'}{abs(tile.change):g}"
        change += "" if tile.change is None else ("%" if tile.figure.measure.kind == "count" else "个百分点")
        change = "，与上月持平" if tile.change == 0 else change
        parts.append(f"{tile.figure.measure.name}{tile.figure.value:g}{tile.figure.measure.unit}{change}")
    missed = [tile.figure.measure.name for tile in found.tiles if tile.figure.short_of_target]
    ending = f"未达目标的指标：{'、'.join(missed)}。" if missed else "有目标的指标均已达标或没有数据。"
    return "；".join(parts) + "。" + ending if parts else f"本月没有数据。{ending}"


def _line(tile: Tile) -> list[str]:
    figure = tile.figure
    ratio = "" if figure.denominator is None else f"{figure.numerator:g}/{figure.denominator}"
    target = "" if figure.measure.target is None else f"{figure.measure.target:g}%"
    past = [_value(item.value, tile) if item else "—" for item in (tile.before, tile.year_before)]
    return [figure.measure.name, _value(figure.value, tile), ratio, str(figure.excluded), *past, target]


def _value(value: float | None, tile: Tile) -> str:
    return "—" if value is None else f"{value:g}{tile.figure.measure.unit}"


def _unit(row: Row) -> list[str]:
    shown = [
        "—" if figure.value is None else f"{figure.value:g}%（{figure.numerator:g}/{figure.denominator}）"
        for figure in row.figures
    ]
    return [row.label + ("（样本少）" if row.small else ""), *shown]


def _table(document: Any, head: list[str], rows: list[list[str]]) -> None:
    table = document.add_table(rows=1, cols=len(head))
    table.style = "Light Grid Accent 1"
    for cell, text in zip(table.rows[0].cells, head, strict=True):
        cell.text = text
    for row in rows:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text


def bars_picture(labels: list[str], values: list[float | None]) -> bytes:
    """A bar chart as PNG, with numbers on the bars; labels are dates, so that no font is needed."""
    picture = Image.new("RGB", (WIDTH, HEIGHT), "white")
    pen = ImageDraw.Draw(picture)
    most = max((value or 0 for value in values), default=0) or 1
    step = (WIDTH - 2 * MARGIN) / max(1, len(labels))
    base = HEIGHT - MARGIN
    pen.line([(MARGIN, base), (WIDTH - MARGIN, base)], fill=GREY, width=2)
    for index, (label, value) in enumerate(zip(labels, values, strict=False)):
        left = MARGIN + index * step
        top = base - (value or 0) / most * (base - MARGIN)
        if value is not None:  # a day without any case has no rate
            pen.rectangle([left + step * 0.15, top, left + step * 0.85, base], fill=BLUE)
            pen.text((left + step / 2, top - 8), _short(value), fill=INK, anchor="ms", font_size=15)
        if index % max(1, len(labels) // 12) == 0:
            pen.text((left + step / 2, base + 18), label, fill=INK, anchor="ms", font_size=15)
    out = BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def _short(value: float) -> str:
    """A number that fits above its bar."""
    return f"{value:g}" if float(value).is_integer() else f"{value:.1f}"


def folder() -> Path:
    return Path(settings.DATA) / "reports"


MAKERS = {"docx": monthly, "pdf": paper}


def path_of(first: date, kind: str = "docx") -> Path:
    """Where the report of a month lies."""
    return folder() / f"{first:%Y-%m}.{kind}"


def write_due() -> int:
    """Writes last month's report once, from the second day of the month on (late events of the last day are in)."""
    today = timezone.localdate()
    first = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    if today.day < 2 or all(path_of(first, kind).exists() for kind in MAKERS):
        return 0
    write(first)
    return 1


def write(first: date) -> list[Path]:
    """Makes the files of a month anew; a reader never sees half of one."""
    folder().mkdir(parents=True, exist_ok=True)
    for kind, make in MAKERS.items():
        half = path_of(first, kind).with_suffix(f".{kind}.part")
        half.write_bytes(make(first))
        half.replace(path_of(first, kind))
    return [path_of(first, kind) for kind in MAKERS]
