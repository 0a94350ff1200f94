"""Import and export: every rule, a report per row, all or none, and back again."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from openpyxl import Workbook

from directory.models import Role
from tests.ticketing.search.city import City
from ticketing.errors import NotYours
from ticketing.knowledge import exchange
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
        (report,), (content,) = exchange.check([rows[0] | {"title": "另一标题"}])
        assert report.problems == ()
        assert content.details == policy
        assert content.category == "0108"


def test_the_commands(city: City, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "in.csv"
    source.write_text(f"{HEADER}\n{GOOD}\n", encoding="utf-8")
    call_command("import_knowledge", str(source), "--by", "t-knowledge_editor", "--approve-by", "t-second")
    assert KnowledgeEntry.objects.get().state == EntryState.PUBLISHED
    call_command("export_knowledge", str(tmp_path / "out.xlsx"))
    assert "1 entries" in capsys.readouterr().out
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
