"""What one sees, as CSV or XLSX. Cells that could be taken for a formula are made plain text."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from io import BytesIO, StringIO
from typing import Any

from dashboards.asking import Asked
from dashboards.hot import Topic
from dashboards.measures.definitions import measure

from .overview import INTAKE, LEAGUE, Overview, by_kind
from .present import Tile as Standing

Table = tuple[str, list[list[object]]]
HEAD = ["代码", "指标", "数值", "单位", "分子", "分母", "剔除", "目标", "上期", "去年同期", "口径", "剔除口径", "版本"]


#: the filters' names, as the page's form has them
FILTERS = {"unit": "单位", "region": "区域", "kind": "诉求类型", "channel": "渠道", "category": "诉求类别"}


def tables(
    asked: Asked, found: Overview, standing: Sequence[Standing] = (), topics: Sequence[Topic] = ()
) -> list[Table]:
    """The sheets, in the page's order: measures, what is open now, hot topics, trends, breakdowns, the units."""
    about: list[list[object]] = [["起", asked.period.first.isoformat()], ["止", asked.period.last.isoformat()]]
    about += [[FILTERS.get(name, name), label] for name, label in asked.labels.items()]
    measures: list[list[object]] = [list(HEAD)]
    for tile in found.tiles:
        item, figure = tile.figure.measure, tile.figure
        past = [past.value if past else None for past in (tile.before, tile.year_before)]
        made = [item.code, item.name, figure.value, item.unit, figure.numerator, figure.denominator, figure.excluded]
        measures.append([*made, item.target, *past, item.meaning, item.exclusions, item.version])
    sheets: list[Table] = [("指标", measures)]
    if standing:
        sheets.append(("当前在办", [["状态", "件数"], *([tile.label, tile.count] for tile in standing)]))
    if topics:
        head: list[object] = ["问题", "地点", "工单", "来电人", "前期", "趋势"]
        rows: list[list[object]] = [
            [one.problem, one.place, one.tickets, one.callers, one.before, one.direction] for one in topics
        ]
        sheets.append(("热点", [head, *rows]))
    for trend in found.trends:
        lines = [list[object](row) for row in trend.rows]
        sheets.append((f"趋势·{trend.measure.name}", [["日期", "本期", "上期", "去年同期"], *lines]))
    for cut, title in INTAKE:
        sheets.append((f"受理量·{title}", [[title, "件数"], *([bar.label, bar.n] for bar in found.intake[cut])]))
    sheets.append(("承办单位", _league(asked, found)))
    return [("范围", about), *sheets]


def _league(asked: Asked, found: Overview) -> list[list[object]]:
    head: list[object] = ["单位类别", "单位代码", "单位"]
    for code in LEAGUE:
        head += [measure(code, asked.period.first).name, "分子", "分母"]
    rows = [head]
    for kind, units in by_kind(found.league):
        for row in units:
            line: list[object] = [kind, row.code, row.label]
            for figure in row.figures:
                line += [figure.value, figure.numerator, figure.denominator]
            rows.append(line)
    return rows


def safe(value: object) -> object:
    """Text that a spreadsheet would run as a formula gets a leading apostrophe."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{value}"
    return "" if value is None else value


def as_csv(sheets: list[Table]) -> bytes:
    """All tables below one another, UTF-8 with a mark that spreadsheets understand."""
    out = StringIO()
    writer = csv.writer(out)
    for title, rows in sheets:
        writer.writerow([f"# {title}"])
        writer.writerows([[safe(cell) for cell in row] for row in rows])
        writer.writerow([])
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(sheets: list[Table]) -> bytes:
    """A sheet per table."""
    from openpyxl import Workbook  # here: not loaded at every start
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book: Any = Workbook()
    book.remove(book.active)
    for title, rows in sheets:
        sheet = book.create_sheet(title[:31].replace("/", "·"))
        for row in rows:
            sheet.append([safe(cell) for cell in row])
        for cell in sheet[1]:
            cell.font = Font(bold=True)
        for index in range(1, sheet.max_column + 1):
            sheet.column_dimensions[get_column_letter(index)].width = 22 if index == 2 else 14
        sheet.freeze_panes = "A2"
    out = BytesIO()
    book.save(out)
    return out.getvalue()
