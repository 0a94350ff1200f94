"""The tree of categories (up to three levels), read from a CSV table.

Two shapes are understood: one row per path (`level1,level2,level3`, or the Chinese headings 一级分类 …), or one row per
node (`code,name,parent`, parent empty for the roots). Both may have `description` (what belongs here, duty texts) and
`keywords` (editable words, separated by blanks, commas or semicolons).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

SEPARATOR = "/"
_ALIASES = {
    "level1": ("level1", "一级分类", "一级标签", "一级"),
    "level2": ("level2", "二级分类", "二级标签", "二级"),
    "level3": ("level3", "三级分类", "三级标签", "三级"),
    "code": ("code", "编码", "代码"),
    "name": ("name", "名称"),
    "parent": ("parent", "上级", "父级"),
    "description": ("description", "说明", "职责"),
    "keywords": ("keywords", "关键词", "关键字"),
}
_KEYWORD = re.compile(r"[\s,，;；、|]+")


class TaxonomyError(ValueError):
    """The table cannot be read as a tree of categories."""


@dataclass(frozen=True)
class Category:
    """One node: its names from the root, and what is known about it."""

    path: tuple[str, ...]
    code: str = ""
    description: str = ""
    keywords: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.path[-1]

    @property
    def label(self) -> str:
        """The path as one string: `城乡建设/住房保障与房地产/物业服务`."""
        return SEPARATOR.join(self.path)


@dataclass(frozen=True)
class Taxonomy:
    """All nodes, parents before children, in the order of the table."""

    categories: tuple[Category, ...]
    _by_path: dict[tuple[str, ...], Category] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_path", {category.path: category for category in self.categories})

    def level(self, depth: int) -> tuple[Category, ...]:
        """Nodes at `depth` (1 = the first level)."""
        return tuple(category for category in self.categories if len(category.path) == depth)

    def find(self, label: str) -> Category | None:
        """The node with this label, a path joined with `/`."""
        return self._by_path.get(tuple(label.split(SEPARATOR)))

    def below(self, category: Category) -> Iterator[Category]:
        """All nodes under `category`, without itself."""
        depth = len(category.path)
        return (other for other in self.categories if len(other.path) > depth and other.path[:depth] == category.path)


def read(path: str | Path) -> Taxonomy:
    """Reads a table in UTF-8. Raises TaxonomyError naming the line or heading that is wrong."""
    with Path(path).open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        return from_rows(reader.fieldnames or (), reader)


def from_rows(headings: Iterable[str], rows: Iterable[Mapping[str, str | None]]) -> Taxonomy:
    """The tree that rows with these headings describe."""
    present = set(headings)
    columns = {key: name for key, names in _ALIASES.items() for name in names if name in present}
    plain = [{key: (row.get(name) or "").strip() for key, name in columns.items()} for row in rows]
    if "level1" in columns:
        return _from_paths(plain)
    if {"code", "name", "parent"} <= columns.keys():
        return _from_nodes(plain)
    accepted = "level1,level2,level3 or code,name,parent"
    raise TaxonomyError(f"headings {sorted(present)} are neither of the accepted: {accepted}")


def _category(path: tuple[str, ...], row: Mapping[str, str]) -> Category:
    keywords = tuple(word for word in _KEYWORD.split(row.get("keywords", "")) if word)
    return Category(path, row.get("code", ""), row.get("description", ""), keywords)


def _from_paths(rows: list[dict[str, str]]) -> Taxonomy:
    found: dict[tuple[str, ...], Category] = {}
    for line, row in enumerate(rows, start=2):
        names = [row.get(f"level{depth}", "") for depth in (1, 2, 3)]
        path = tuple(name for name in names if name)
        if not path or list(path) != names[: len(path)]:
            raise TaxonomyError(f"line {line}: a level is missing above another one: {names}")
        for depth in range(1, len(path)):
            found.setdefault(path[:depth], Category(path[:depth]))
        found[path] = _category(path, row)
    return Taxonomy(tuple(found.values()))


def _from_nodes(rows: list[dict[str, str]]) -> Taxonomy:
    by_code = {row["code"]: row for row in rows}
    if len(by_code) != len(rows):
        raise TaxonomyError("two rows have the same code")
    nodes = [_category(_path_of(row, by_code), row) for row in rows]
    return Taxonomy(tuple(sorted(nodes, key=lambda node: len(node.path))))


def _path_of(row: Mapping[str, str], by_code: Mapping[str, Mapping[str, str]]) -> tuple[str, ...]:
    names: list[str] = []
    seen: set[str] = set()
    while True:
        if row["code"] in seen:
            raise TaxonomyError(f"code {row['code']} is above itself")
        seen.add(row["code"])
        if not row["name"]:
            raise TaxonomyError(f"code {row['code']} has no name")
        names.append(row["name"])
        if not row["parent"]:
            return tuple(reversed(names))
        if row["parent"] not in by_code:
            raise TaxonomyError(f"code {row['code']} names a parent that does not exist: {row['parent']}")
        row = by_code[row["parent"]]
