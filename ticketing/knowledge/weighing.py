"""How well an entry answers what was asked: rare words count more, and the title more than the text."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from math import log

from ticketing.search import engines
from ticketing.search.text import parts, words

from .asking import Term, asking_words
from .models import KnowledgeEntry, Material
from .structure import GUIDE_FIELDS, POLICY_FIELDS

#: a term counts fully in title and keywords, less in the text, and by its pairs when it was cut otherwise
_IN_TEXT, _BY_PAIRS = 0.5, 0.6
#: the rarity (0–1) of a term that stands in no entry: it says that the question may be about something else
_UNKNOWN = 0.55
#: of a matter's official words one in the title is most of it, each further one adds; the category's name is nearly
#: as good
_NAMED, _IN_CATEGORY = 0.7, 0.6
#: the first official word says as much as so many others
_FIRST = 2


def weighed(asked: Sequence[Term]) -> list[Term]:
    """The terms with their weights made smaller the more entries have them. Raises `SearchUnavailable`."""
    engine = engines.knowledge()
    total = engine.count()
    pieces = {word: parts(word) or (word,) for term in asked for word in term.same}
    entries = engine.frequencies(sorted({piece for found in pieces.values() for piece in found}))
    # a long word has as many entries as its rarest pair at most; it may be cut otherwise there
    most = {word: min(entries[piece] for piece in found) for word, found in pieces.items()}
    return [replace(term, weight=term.weight * _how_rare(term, most, total)) for term in asked]


def _how_rare(term: Term, most: Mapping[str, int], total: int) -> float:
    return 1.0 if term.matter else _rarity(max(most[word] for word in term.same), total)


def _rarity(entries: int, total: int) -> float:
    """1 for a term of one entry, near 0 for one that stands everywhere."""
    return 1 - log(entries) / log(total + 2) if entries else _UNKNOWN


def fit(entry: KnowledgeEntry, asked: Collection[Term]) -> float:
    """How much of the question stands in the entry (0–1)."""
    title, body, category = head(entry), full_text(entry).lower(), entry.category.name.lower()
    shares = [(term, _covered(term, title, body, category)) for term in asked]
    whole = sum(term.weight for term, share in shares if share or not term.bonus)
    return sum(term.weight * share for term, share in shares) / whole if whole else 0.0


def head(entry: KnowledgeEntry) -> str:
    """Title and keywords, in lower case."""
    return f"{entry.title} {' '.join(entry.keywords)}".lower()


def _covered(term: Term, title: str, body: str, category: str) -> float:
    if term.matter:
        return _matters(term, title, body, category)
    if any(word in title for word in term.same):
        return 1.0
    pieces = parts(term.same[0])
    by_pairs = _BY_PAIRS * sum(piece in title for piece in pieces) / len(pieces) if pieces else 0.0
    return max(_IN_TEXT if any(word in body for word in term.same) else 0.0, by_pairs)


def named(text: str, asked: Collection[Term]) -> float:
    """The share of the matter's official words that stand in a title (and keywords); 0 when no matter was heard."""
    matter = next((term for term in asked if term.matter and not term.bonus), None)
    return _named(matter, text.lower()) if matter else 0.0


def _named(term: Term, title: str) -> float:
    first, *others = term.same
    return (_FIRST * (first in title) + sum(word in title for word in others)) / (_FIRST + len(others))


def _matters(term: Term, title: str, body: str, category: str) -> float:
    """How much the entry is about a matter."""
    named = _named(term, title)
    if named:
        return _NAMED + (1 - _NAMED) * named
    if any(word in category for word in term.same):
        return _IN_CATEGORY
    return _IN_TEXT / 2 if any(word in body for word in term.same) else 0.0


def about(entry: KnowledgeEntry, asked: Collection[Term]) -> float:
    """How much of the entry's title and keywords stands in what was asked; four words are as good as all."""
    said = {word for term in asked for word in term.same}
    head = {word for word in words(f"{entry.title} {' '.join(entry.keywords)}") if len(word) > 1} - asking_words()
    return min(1.0, len(head & said) / min(len(head), 4)) if head else 0.0


def full_text(entry: KnowledgeEntry) -> str:
    """The text with the structured part written out, as shown and searched."""
    labels = GUIDE_FIELDS if entry.material == Material.GUIDE else POLICY_FIELDS
    lines = [entry.content]
    for name, label in labels.items():
        value = entry.details.get(name)
        if value:
            lines.append(f"{label}：{_written(value)}")
    return "\n".join(lines)


def _written(value: object) -> str:
    if isinstance(value, list):
        return "；".join(str(part.get("text", "")) if isinstance(part, dict) else str(part) for part in value)
    return str(value)
