"""The user dictionary of the segmentation: names of the directory, and the city's own list of words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from directory.models import Department, Region
from nlp.segment import default_segmenter, why_no_word
from ticketing.errors import BadInput
from ticketing.memory import Remembered
from ticketing.models import DictionaryWord
from ticketing.models.wording import WordSort
from ticketing.wording import record

#: words of the city's list
MOST = 20_000
#: words that may be added at once
AT_ONCE = 2_000
_BETWEEN = re.compile(r"[\s,，、;；]+")


@dataclass(frozen=True)
class Listed:
    """What is cut as one word, and what is not whoever says so (a model brings the words of its training)."""

    words: frozenset[str]
    without: frozenset[str]


@Remembered
def listed() -> Listed:
    own = list(DictionaryWord.objects.values_list("word", "active"))
    active = frozenset(word for word, stands in own if stands)
    without = frozenset(word for word, stands in own if not stands)
    return Listed(active | (_names() - without), without)


def _names() -> frozenset[str]:
    """Divisions and units of the directory, by their names and short names; those of one character are no words."""
    found = set(Region.objects.values_list("name", flat=True))
    for name, short in Department.objects.filter(active=True).values_list("name", "short_name"):
        found |= {name, short}
    return frozenset(name for name in found if not why_no_word(name))


_applied: Listed | None = None


def apply() -> None:
    """The segmentation of this process cuts by the list."""
    global _applied
    now = listed()
    if now is _applied:
        return
    if default_segmenter().use_list(now.words, without=now.without):
        _forget_what_was_cut()
    _applied = now


def _forget_what_was_cut() -> None:
    from ticketing import classifying
    from ticketing.search import likeness

    likeness.read.cache_clear()
    classifying.cut_anew()


def words_of(text: str) -> list[str]:
    """The words of a text with one a line, or with blanks, commas or semicolons between them; each once."""
    return list(dict.fromkeys(word for word in _BETWEEN.split(text) if word))


def add(words: Iterable[str], sort: str, *, by: int, at: datetime) -> list[str]:
    """Adds words to the list, all or none; the new ones. Raises `BadInput` that names what cannot be a word and why."""
    wanted = list(dict.fromkeys(words))
    if sort not in WordSort.values:
        raise BadInput("sort", f"请选择种类：{'、'.join(WordSort.labels)}")
    if not wanted:
        raise BadInput("words", "请填写词语，每行一个")
    if len(wanted) > AT_ONCE:
        raise BadInput("words", f"一次最多添加 {AT_ONCE} 个词，现有 {len(wanted)} 个")
    if wrong := [f"“{word[:40]}”{why}" for word in wanted if (why := why_no_word(word))]:
        more = f"；另有 {len(wrong) - 5} 个词有误" if len(wrong) > 5 else ""
        raise BadInput("words", "；".join(wrong[:5]) + more)
    with transaction.atomic():
        known = {row.word: row for row in DictionaryWord.objects.select_for_update().filter(word__in=wanted)}
        new = [word for word in wanted if word not in known or not known[word].active]
        if DictionaryWord.objects.filter(active=True).count() + len(new) > MOST:
            raise BadInput("words", f"词表最多 {MOST} 个词")
        rows = [DictionaryWord(word=word, sort=sort, changed_at=at, changed_by_id=by) for word in new]
        changed = ["sort", "active", "changed_at", "changed_by"]
        DictionaryWord.objects.bulk_create(
            rows, batch_size=200, update_conflicts=True, unique_fields=["word"], update_fields=changed
        )
        if new:
            told = {"words": new, "sort": sort}
            record.note("word", _short(new), "添加", after=told, by=by, at=at)
    return new


def remove(pk: int, *, by: int, at: datetime) -> str:
    """Takes a word out; the word. Raises `BadInput` when it is not on the list (any more)."""
    with transaction.atomic():
        row = DictionaryWord.objects.select_for_update().filter(pk=pk, active=True).first()
        if row is None:
            raise BadInput("word", "词表里已没有这个词")
        row.active, row.changed_at, row.changed_by_id = False, at, by
        row.save(update_fields=["active", "changed_at", "changed_by"])
        told = {"words": [row.word], "sort": row.sort}
        record.note("word", row.word, "移除", before=told, by=by, at=at)
    return row.word


def _short(words: list[str]) -> str:
    return "、".join(words[:3]) + (f"等 {len(words)} 个" if len(words) > 3 else "")
