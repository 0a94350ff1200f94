"""Two versions of an entry side by side: field by field, with what was taken out and what was put in."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from directory.models import Category, Department
from nlp.segment import segment
from ticketing.search.documents import Fragment

from .models import KnowledgeVersion, Material, VersionState
from .rules import FIELDS
from .structure import GUIDE_FIELDS, POLICY_FIELDS, written

#: texts longer than this are compared sentence by sentence: word by word takes time with the square of the length
_BY_WORDS = 4000
_SENTENCE = re.compile(r"[^。！？；\n]*[。！？；\n]?")


@dataclass(frozen=True)
class Row:
    """One field; `hit` fragments are gone from `before` or new in `after`. Both are empty where nothing is said."""

    label: str
    before: tuple[Fragment, ...]
    after: tuple[Fragment, ...]

    @property
    def changed(self) -> bool:
        return any(piece.hit for piece in (*self.before, *self.after))


def compared(version: KnowledgeVersion) -> list[Row]:
    """`version` beside the version that was approved before it, if any; fields that neither fills in are left out."""
    older = version.entry.versions.filter(number__lt=version.number, state=VersionState.APPROVED)
    before = older.order_by("-number").first()
    old, new = _shown(before.content) if before else {}, _shown(version.content)
    labels = dict.fromkeys((*new, *old))
    return [Row(label, *marked(old.get(label, ""), new.get(label, ""), alone=before is None)) for label in labels]


def marked(old: str, new: str, *, alone: bool = False) -> tuple[tuple[Fragment, ...], tuple[Fragment, ...]]:
    """Both texts with what differs marked; `alone`: there is nothing to compare with, so nothing is."""
    if alone:
        return (), (Fragment(new),) if new else ()
    one, other = _pieces(old, len(old) + len(new)), _pieces(new, len(old) + len(new))
    left: list[Fragment] = []
    right: list[Fragment] = []
    # what stands everywhere in a long text only joins matches: texts that repeat themselves would take minutes
    for kind, a, b, c, d in SequenceMatcher(None, one, other).get_opcodes():
        left += _fragment(one[a:b], kind != "equal")
        right += _fragment(other[c:d], kind != "equal")
    return tuple(left), tuple(right)


def _fragment(pieces: Sequence[str], hit: bool) -> list[Fragment]:
    return [Fragment("".join(pieces), hit)] if pieces else []


def _pieces(text: str, length: int) -> list[str]:
    return segment(text) if length <= _BY_WORDS else [part for part in _SENTENCE.findall(text) if part]


def _shown(content: Mapping[str, Any]) -> dict[str, str]:
    """A version's fields in words, by label; empty ones are left out."""
    told = {FIELDS[name]: _said(name, content.get(name)) for name in FIELDS if name != "details"}
    labels = POLICY_FIELDS if content.get("material") == Material.POLICY else GUIDE_FIELDS
    details = content.get("details") or {}
    told |= {label: _listed(details[name]) for name, label in labels.items() if details.get(name)}
    return {label: text for label, text in told.items() if text}


def _said(name: str, value: Any) -> str:
    if name == "public":
        return "是" if value else "否"
    if not value:
        return ""
    if name == "category":
        return str(Category.objects.filter(code=value).values_list("path", flat=True).first() or value)
    if name == "owner":
        return str(Department.objects.filter(code=value).values_list("name", flat=True).first() or value)
    if name == "material":
        return str(dict(Material.choices).get(value, value))
    return "、".join(value) if isinstance(value, list) else str(value)


def _listed(value: Any) -> str:
    """A structured field: lists a line each, conditions in words."""
    if not isinstance(value, list):
        return str(value)
    return "\n".join((row.get("text") or written(row)) if isinstance(row, dict) else str(row) for row in value)
