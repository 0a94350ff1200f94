from pathlib import Path

import pytest

from nlp.taxonomy import TaxonomyError, from_rows, read


def test_paths_become_a_tree(tmp_path: Path) -> None:
    path = tmp_path / "tree.csv"
    path.write_text("level1,level2,level3,keywords\n城乡,物业,电梯,停运 困人\n城乡,物业,保安,\n教育,,,\n", "utf-8-sig")
    tree = read(path)
    assert [category.label for category in tree.level(1)] == ["城乡", "教育"]
    assert [category.label for category in tree.level(2)] == ["城乡/物业"]
    lift = tree.find("城乡/物业/电梯")
    assert lift is not None
    assert lift.keywords == ("停运", "困人")
    assert lift.name == "电梯"
    assert {category.name for category in tree.below(tree.level(1)[0])} == {"物业", "电梯", "保安"}
    assert tree.find("城乡/电梯") is None


def test_chinese_headings_are_understood() -> None:
    rows = [{"一级分类": "城乡", "二级分类": "物业", "三级分类": ""}]
    assert [category.label for category in from_rows(rows[0], rows).categories] == ["城乡", "城乡/物业"]


def test_nodes_become_a_tree_in_any_order() -> None:
    rows = [
        {"code": "0101", "name": "物业", "parent": "01", "description": "小区"},
        {"code": "01", "name": "城乡", "parent": "", "description": ""},
    ]
    tree = from_rows(rows[0], rows)
    assert [category.label for category in tree.categories] == ["城乡", "城乡/物业"]
    assert tree.categories[1].code == "0101"
    assert tree.categories[1].description == "小区"


def node(code: str, name: str, parent: str) -> dict[str, str]:
    return {"code": code, "name": name, "parent": parent}


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([{"name": "城乡"}], "level1,level2,level3 or code,name,parent"),
        ([{"level1": "", "level2": "物业", "level3": ""}], "line 2"),
        ([{"level1": "城乡", "level2": "", "level3": "电梯"}], "line 2"),
        ([node("1", "甲", "9")], "does not exist: 9"),
        ([node("1", "甲", "2"), node("2", "乙", "1")], "above itself"),
        ([node("1", "甲", ""), node("1", "乙", "")], "same code"),
        ([node("1", "", "")], "no name"),
    ],
)
def test_a_broken_table_is_refused(rows: list[dict[str, str]], says: str) -> None:
    with pytest.raises(TaxonomyError, match=says):
        from_rows(rows[0], rows)
