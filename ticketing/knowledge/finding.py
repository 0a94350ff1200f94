"""Finding answers: the search engine proposes, the database confirms, and a plain measure says whether it fits."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

from django.db.models import Q, QuerySet
from django.utils import timezone

from ticketing.search import engines, sync
from ticketing.search.documents import NEVER, Access, Document, Fragment, Query, SearchUnavailable
from ticketing.search.text import highlight, parts, words
from ticketing.search.trees import category_path

from .editing import in_force
from .models import EntryState, KnowledgeEntry, Material
from .structure import GUIDE_FIELDS, POLICY_FIELDS

PUBLIC, STAFF = "k:public", "k:staff"
#: how much of the question an entry must cover to be called an answer (0–1)
FITS = 0.45
#: how much of an entry's title and keywords a story must hold for the entry to concern it (0–1)
CONCERNS = 0.25
_NEVER = NEVER - 1
#: words of asking, which say nothing about what is asked
_ASKING = frozenset(
    word
    for line in (Path(__file__).parent / "data" / "asking.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
    for word in line.split()
)


@dataclass(frozen=True)
class Answer:
    """An entry with the passage that answers best. `fit`: how much of the question it covers, 0–1; `about`: how much of
    the entry's own title and keywords stands in the question, which says more when the question is a whole story."""

    entry: KnowledgeEntry
    title: tuple[Fragment, ...]
    passage: tuple[Fragment, ...]
    fit: float
    about: float

    @property
    def helps(self) -> bool:
        """Worth showing to an agent who writes a matter down."""
        return self.fit >= FITS or self.about >= CONCERNS


@dataclass(frozen=True)
class Found:
    """`known` is False when nothing fits well enough; then `answers` are only neighbours."""

    answers: tuple[Answer, ...]
    known: bool
    degraded: bool = False


def find(
    text: str,
    *,
    staff: bool,
    category: str = "",
    materials: Sequence[str] = (),
    limit: int = 5,
    day: date | None = None,
) -> Found:
    """Answers to `text` (own words, or what an agent types) from what is in force and, for citizens, public.

    `category`: a category's code known from the call; its entries are tried when the words alone find nothing.
    """
    today = day or timezone.localdate()
    degraded = False
    try:
        ids = _by_engine(text, staff, category, materials, limit * 4, today)
    except SearchUnavailable:
        ids, degraded = _by_database(text, staff, category, materials, limit * 4, today), True
    rows = readable(staff, today).select_related("owner", "category").in_bulk(ids)
    asked = content_words(text)
    answers = [_answer(rows[key], asked) for key in ids if key in rows]
    answers.sort(key=lambda one: -one.fit)  # stable: between equals the engine's order
    known = bool(answers) and (answers[0].fit >= FITS or not asked)
    return Found(tuple(answers[:limit]), known, degraded)


def readable(staff: bool, day: date | None = None) -> QuerySet[KnowledgeEntry]:
    """What this audience may read today."""
    rows = KnowledgeEntry.objects.filter(in_force(day))
    return rows if staff else rows.filter(public=True)


def content_words(text: str) -> list[str]:
    """The words that say what is asked."""
    return [word for word in dict.fromkeys(words(text)) if word not in _ASKING and len(word) > 1]


def fit(entry: KnowledgeEntry, asked: Collection[str]) -> float:
    """How much of the question stands in the entry: title and keywords count fully, the text a little less."""
    if not asked:
        return 0.0
    head = f"{entry.title} {' '.join(entry.keywords)}".lower()
    body = full_text(entry).lower()
    synonyms = engines.synonyms()
    total = 0.0
    for word in asked:
        same = (word, *synonyms.of(word))
        if any(one in head for one in same):
            total += 1.0
        elif any(one in body for one in same):
            total += 0.6
        elif any(piece in head for piece in parts(word)):
            total += 0.5
    return total / len(asked)


def about(entry: KnowledgeEntry, asked: Collection[str]) -> float:
    """How much of the entry's title and keywords stands in what was asked; four words are as good as all."""
    head = set(content_words(f"{entry.title} {' '.join(entry.keywords)}"))
    said = {same for word in asked for same in (word, *engines.synonyms().of(word))}
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


def _answer(entry: KnowledgeEntry, asked: Sequence[str]) -> Answer:
    sought = [same for word in asked for same in (word, *engines.synonyms().of(word))]
    return Answer(
        entry=entry,
        title=highlight(entry.title, sought, width=128),
        passage=highlight(full_text(entry), sought, width=160),
        fit=round(fit(entry, asked), 3),
        about=round(about(entry, asked), 3),
    )


def _by_engine(text: str, staff: bool, category: str, materials: Sequence[str], limit: int, today: date) -> list[int]:
    midnight = int(datetime.combine(today, time(), timezone.get_default_timezone()).timestamp())
    filters = {"kind": tuple(materials)} if materials else {}
    asked = Query(
        text=" ".join(content_words(text)) or text[:200],
        filters=filters,
        created_to=midnight + 1,
        due_from=midnight,
        limit=limit,
        loose=True,
    )
    access = Access(frozenset({STAFF, PUBLIC} if staff else {PUBLIC}))
    engine = engines.knowledge()
    found = [hit.id for hit in engine.search(asked, access=access).hits] if text.strip() else []
    if category and len(found) < limit:
        near = Query(
            filters={**filters, "category": (category,)}, created_to=midnight + 1, due_from=midnight, limit=limit
        )
        found += [hit.id for hit in engine.search(near, access=access).hits]
    return list(dict.fromkeys(found))


def _by_database(text: str, staff: bool, category: str, materials: Sequence[str], limit: int, today: date) -> list[int]:
    wanted = Q()
    for word in content_words(text)[:12]:
        wanted |= Q(title__icontains=word) | Q(content__icontains=word)
    if category and not wanted:
        wanted = Q(category__code__startswith=category)
    rows = readable(staff, today).filter(wanted)
    if materials:
        rows = rows.filter(material__in=materials)
    asked = content_words(text)
    ranked = sorted(rows[:500], key=lambda entry: -fit(entry, asked))
    return [entry.pk for entry in ranked[:limit]]


# --- the index -------------------------------------------------------------------------------------------------------


def document(entry: KnowledgeEntry) -> Document:
    """An entry for the index. What is not published has no reader; the days of validity are times of the document."""
    tokens = {STAFF} | ({PUBLIC} if entry.public else set())
    published = entry.state == EntryState.PUBLISHED
    return Document(
        id=entry.pk,
        version=entry.revision,
        number=entry.code,
        title=entry.title,
        body=full_text(entry),
        place=" ".join(entry.keywords),  # found like words of the title, and by pinyin
        category=category_path(entry.category.code),
        status=entry.state,
        kind=entry.material,
        channel="knowledge",
        lead=str(entry.owner_id),
        created=_midnight(entry.valid_from),
        due=_midnight(entry.valid_to + timedelta(days=1)) - 1 if entry.valid_to else _NEVER,
        access=frozenset(tokens) if published else frozenset(),
    )


def _midnight(day: date) -> int:
    return int(datetime.combine(day, time(), timezone.get_default_timezone()).timestamp())


def documents(ids: Collection[int]) -> list[Document]:
    return [document(entry) for entry in KnowledgeEntry.objects.filter(pk__in=ids).select_related("category")]


def _versions(after: int, limit: int) -> list[tuple[int, int]]:
    rows = KnowledgeEntry.objects.filter(pk__gt=after).order_by("pk")
    return list(rows.values_list("pk", "revision")[:limit])


KNOWLEDGE = sync.Source("knowledge", documents, _versions, lambda: KnowledgeEntry.objects.count())
