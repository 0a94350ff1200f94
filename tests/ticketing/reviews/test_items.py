"""Service items from a file: repeatable, all or nothing, wrong cells named; each gets a printable code."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.city import City
from ticketing.reviews import coverage, items, points
from ticketing.reviews.models import RatingPoint, ServiceItem

HEAD = "code,name,unit,active\n"


def _load(path: Path, text: str, *options: str) -> str:
    path.write_text(HEAD + text, encoding="utf-8")
    out = StringIO()
    call_command("load_items", str(path), *options, stdout=out)
    return out.getvalue().strip()


def test_items_are_loaded_again_and_covered_by_their_codes(city: City, tmp_path: Path) -> None:
    lights, water = city.unit["lights"].code, city.unit["water"].code
    file = tmp_path / "items.csv"
    assert _load(file, f"A1,装路灯,{lights},1\nA2,接水,{water},\n") == "2 service items"
    assert coverage.items().filter(covered=True).count() == 0
    told = _load(file, f"A1,装设路灯,{lights},1\nA2,接水,{water},0\n", "--points")
    assert told == "2 service items, 1 rating points made"
    assert ServiceItem.objects.get(code="A1").name == "装设路灯"
    assert list(coverage.items().values_list("code", "covered")) == [("A1", True)]
    assert items.give_points() == 0
    assert points.svg(RatingPoint.objects.get()).startswith("<svg")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("A2,接水,NOBODY,1", "第3行: unit 没有代码为 NOBODY 的单位"),
        ("A2,,{unit},1", "第3行: name 应为 1 至 160 个字"),
        ("A2,接水,{unit},yes", "第3行: active 只接受 1、0"),
        ("A1,接水,{unit},1", "第3行: code A1 在文件中重复"),
    ],
)
def test_a_wrong_row_is_named_and_nothing_goes_in(city: City, tmp_path: Path, row: str, said: str) -> None:
    unit = city.unit["lights"].code
    with pytest.raises(CommandError, match=said):
        _load(tmp_path / "items.csv", f"A1,装路灯,{unit},1\n{row.format(unit=unit)}\n")
    assert not ServiceItem.objects.exists()


def test_a_missing_file_and_a_missing_column_are_told(city: City, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"none\.csv"):
        call_command("load_items", str(tmp_path / "none.csv"))
    file = tmp_path / "items.csv"
    file.write_text("code,name\nA1,x\n", encoding="utf-8")
    with pytest.raises(CommandError, match="缺少列 unit"):
        call_command("load_items", str(file))
