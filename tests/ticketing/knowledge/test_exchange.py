"""Import and export: every rule, a report per row, all or none, and back again."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import date
from io import BytesIO, StringIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from openpyxl import Workbook

from directory.models import Role
from tests.ticketing.search.city import City
from ticketing.errors import NotYours
from ticketing.knowledge import exchange
from ticketing.knowledge.editing import approve
from ticketing.knowledge.models import EntryState, KnowledgeEntry, KnowledgeVersion
from ticketing.lifecycle.actors import Actor

HEADER = "标题,类目,内容,责任单位,材料性质,关键字,公开"
GOOD = '停水通知查询,市政设施/供水,关注公众号。,URBAN,日常咨询,"停水,公告",是'
BAD = "没有类目的条目,不存在,内容,URBAN,小说,,否"


def read(*lines: str, encoding: str = "utf-8") -> list[dict[str, object]]:
    return exchange.read(BytesIO("\n".join(lines).encode(encoding)), "knowledge.csv")


def test_good_rows_become_submitted_versions(city: City, editor: Actor) -> None:
    (report,) = exchange.store(read(HEADER, GOOD), actor=editor)
    assert report.code.startswith("K")
    version = KnowledgeVersion.objects.get()
    assert (version.state, version.content["keywords"], version.content["public"]) == (
        "submitted",
        ["停水", "公告"],
        True,
    )


def test_one_bad_row_keeps_all_out_and_every_row_is_reported(city: City, editor: Actor) -> None:
    reports = exchange.store(read(HEADER, GOOD, BAD, GOOD), actor=editor)
    assert [report.number for report in reports] == [2, 3, 4]
    assert {problem.field for problem in reports[1].problems} == {"category", "material"}
    assert "标题已存在" in reports[2].text
    assert not KnowledgeEntry.objects.exists()


def test_partly_keeps_the_good_rows(city: City, editor: Actor) -> None:
    reports = exchange.store(read(HEADER, GOOD, BAD), actor=editor, partly=True)
    assert [bool(report.code) for report in reports] == [True, False]
    assert KnowledgeEntry.objects.count() == 1


def test_who_may_not_edit_imports_nothing(city: City) -> None:
    with pytest.raises(NotYours):
        exchange.store(read(HEADER, GOOD), actor=city.people[Role.AGENT])
    assert not KnowledgeEntry.objects.exists()


def test_gb18030_and_xlsx_are_read(city: City) -> None:
    assert read(HEADER, GOOD, encoding="gb18030")[0]["title"] == "停水通知查询"
    book = Workbook()
    assert book.active is not None
    book.active.append(HEADER.split(","))
    book.active.append(["停水通知查询", "0102", "关注公众号。", "URBAN", "日常咨询", "停水", "是"])
    raw = BytesIO()
    book.save(raw)
    raw.seek(0)
    assert exchange.read(raw, "a.xlsx")[0]["category"] == "0102"


@pytest.mark.parametrize(
    ("content", "name", "told"),
    [
        (b"", "a.csv", "空"),
        (b"x", "a.txt", "csv"),
        (b"not a zip", "a.xlsx", "XLSX"),
        ("标题,颜色\n甲,红".encode(), "a.csv", "颜色"),
        ("标题,内容\n甲,乙".encode(), "a.csv", "类目"),
        ("标题,内容,标题\n甲,乙,丙".encode(), "a.csv", "重复的列"),
        (b"\xff\xfe\x00\x80\x81", "a.csv", "编码"),
        (("标题,类目,内容,材料性质\n" + "甲,乙,丙,丁\n" * 1001).encode(), "a.csv", "1000"),
    ],
)
def test_a_file_that_is_no_table_of_entries_is_refused_in_words(content: bytes, name: str, told: str) -> None:
    with pytest.raises(exchange.BadFile, match=told):
        exchange.read(BytesIO(content), name)


def test_an_export_can_be_imported_again(city: City, published: Callable[..., KnowledgeEntry], editor: Actor) -> None:
    policy = {"benefit": "补贴", "conditions": [{"fact": "employees", "operator": "at_most", "value": 300}]}
    entry = published(title="=1+1 用工补贴", material="policy", details=policy)
    text, sheet = StringIO(), BytesIO()
    exchange.write_csv([entry], text)
    exchange.write_xlsx([entry], sheet)
    assert "'=1+1" in text.getvalue()  # no spreadsheet takes it for a formula
    sheet.seek(0)
    for rows in (
        exchange.read(BytesIO(text.getvalue().encode()), "a.csv"),
        exchange.read(sheet, "a.xlsx"),
    ):
        assert rows[0]["title"] == entry.title
        (report,), (row,) = exchange.check([rows[0] | {"title": "另一标题"}])
        assert report.problems == ()
        assert row.content.details == policy
        assert row.content.category == "0108"
        (report,), changed = exchange.check(rows)
        assert (report.change, report.problems, changed) == (exchange.SAME, (), [])


def test_a_row_that_says_what_is_there_already_changes_nothing(
    city: City, published: Callable[..., KnowledgeEntry], editor: Actor, second: Actor
) -> None:
    entry = published(content="第一行\r\n第二行", valid_to=date(2099, 1, 1))
    same = {
        "title": f" {entry.title} ",
        "category": "市政设施/路灯",
        "content": "第一行\n第二行",
        "material": "热点问答",
    }
    (report,) = exchange.store([same], actor=editor)
    assert report.text == "与现有内容相同，无变化"
    other = {**same, "content": "改了", "owner": "URBAN"}
    (report,) = exchange.store([other], actor=editor)
    assert "勾选" in report.text
    (report,) = exchange.store([other], actor=editor, update=True)
    assert (report.text, report.code) == ("已提交新版本", entry.code)
    version = entry.versions.get(number=2)
    assert version.content["valid_to"] == "2099-01-01"  # no column for it, so it stays
    assert exchange.store([other], actor=editor, update=True)[0].change == exchange.SAME  # it waits already
    assert "未审核" in exchange.store([{**other, "content": "又改"}], actor=editor, update=True)[0].text
    approve(version, actor=second)
    assert exchange.store([other], actor=editor)[0].change == exchange.SAME


def test_days_and_yes_or_no_are_read_as_people_write_them(city: City) -> None:
    base = {"category": "0108", "content": "内容", "owner": "URBAN", "material": "daily"}
    for at, day in enumerate(("2027/3/5", "2027年3月5日", "2027.03.05", "20270305", "2027-3-5 0:00:00", "2027-03-05")):
        (_,), (row,) = exchange.check([{**base, "title": f"日期{at}", "review_on": day, "public": "否"}])
        assert row.content.review_on == date(2027, 3, 5), day
    for wrong in ({"review_on": "2027-13-01"}, {"public": "也许"}, {"issuer": "长" * 121}, {"content": "空\0"}):
        (report,), rows = exchange.check([{**base, "title": "错", **wrong}])
        assert [problem.field for problem in report.problems] == list(wrong)
        assert rows == []


@pytest.mark.parametrize(
    "details",
    ['{"benefit": NaN}', "[" * 50_000, '{"benefit": 5, "conditions": []}', '"text"',
     '{"benefit": "x", "conditions": [{"fact": "region", "operator": "in", "value": ["中原区"]}]}',
     '{"benefit": "x", "conditions": [{"fact": "size", "operator": "in", "value": []}]}',
     '{"benefit": "x", "conditions": [{"fact": "employees", "operator": "at_most", "value": 1e400}]}',
     '{"benefit": "x\\u0000", "conditions": [{"fact": "employees", "operator": "at_most", "value": 1}]}'],
)  # fmt: skip
def test_a_structured_part_that_cannot_be_used_is_named(city: City, details: str) -> None:
    file = StringIO()
    csv.writer(file).writerows([["标题", "类目", "内容", "责任单位", "材料性质", "结构化内容"],
                                ["甲", "0108", "内容", "URBAN", "惠企政策", details]])  # fmt: skip
    (report,), rows = exchange.check(exchange.read(BytesIO(file.getvalue().encode()), "a.csv"))
    assert {problem.field for problem in report.problems} == {"details"}
    assert rows == []


def test_a_sheet_that_breaks_while_it_is_read_is_refused_in_words() -> None:
    book, raw = Workbook(), BytesIO()
    book.save(raw)
    broken = BytesIO()
    with ZipFile(raw) as source, ZipFile(broken, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            target.writestr(name, content[: len(content) // 2] if "sheet1.xml" in name else content)
    with pytest.raises(exchange.BadFile, match="损坏"):
        exchange.read(broken, "a.xlsx")


def test_the_commands(city: City, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "in.csv"
    source.write_text(f"{HEADER}\n{GOOD}\n", encoding="utf-8")
    call_command("import_knowledge", str(source), "--by", "t-knowledge_editor", "--approve-by", "t-second")
    assert KnowledgeEntry.objects.get().state == EntryState.PUBLISHED
    call_command("export_knowledge", str(tmp_path / "out.xlsx"))
    assert "1 entries" in capsys.readouterr().out
    call_command("import_knowledge", str(source), "--by", "t-knowledge_editor")
    assert "1 rows, 0 wrong, 1 unchanged, 0 imported" in capsys.readouterr().out
    source.write_text(f"{HEADER}\n{GOOD.replace('公众号', '网站')}\n", encoding="utf-8")
    with pytest.raises(CommandError, match="imported"):
        call_command("import_knowledge", str(source), "--by", "t-knowledge_editor")
    other = tmp_path / "other.csv"
    other.write_text(f"{HEADER}\n{GOOD.replace('停水通知', '供水通知')}\n", encoding="utf-8")
    with pytest.raises(CommandError, match="另一人"):
        call_command("import_knowledge", str(other), "--by", "t-second", "--approve-by", "t-second")
    assert KnowledgeEntry.objects.count() == 1
    for wrong in (["missing.csv", "--by", "t-second"], [str(source), "--by", "nobody"], []):
        with pytest.raises(CommandError):
            call_command("import_knowledge", *wrong)
