"""Finding answers: the search engine proposes, the database confirms, and a plain measure says whether it fits."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from ticketing.search import engines, sync
from ticketing.search.documents import NEVER, Access, Document, Fragment, Query, SearchUnavailable
from ticketing.search.text import highlight
from ticketing.search.trees import category_path

from . import elsewhere, weighing
from .asking import Question, Term, understand
from .editing import in_force
from .models import EntryState, KnowledgeEntry, Material
from .weighing import full_text

PUBLIC, STAFF = "k:public", "k:staff"
#: how much of the question an entry must cover to be called an answer (0–1)
FITS = 0.5
#: one common word is no answer: so much weight must be covered, unless nearly the whole question is
_ENOUGH, _WHOLE = 0.9, 0.75
#: how much of an entry's title and keywords a story must hold for the entry to concern it (0–1)
CONCERNS = 0.25
_NEVER = NEVER - 1
#: of two entries that cover the same, the one whose own title is asked about comes first
_ABOUT = 0.2
#: official words of the matter in the title say more than among the keywords
_TITLED = 0.3
#: what policies for firms give way by to all else in a question that speaks of no firm
_FOR_FIRMS = 0.15
_FIRM = re.compile(
    "企业|公司|厂|店|商户|个体|员工|职工|工人|招|雇|法人|税|贷|补贴|补助|奖|扶持|政策|减免|经营|研发|设备|项目"
)
#: beside an answer stand only those that cover at least this share of what it covers
_NEAR = 0.5


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
    question = understand(text)
    asked: Sequence[Term] = question.terms
    try:
        ids = _by_engine(asked, text, staff, category, materials, limit * 8, today)
        asked = weighing.weighed(asked)
    except SearchUnavailable:
        ids, degraded = _by_database(asked, staff, category, materials, limit * 4, today), True
    rows = readable(staff, today).select_related("owner", "category").in_bulk(ids)
    answers = [_answer(rows[key], asked) for key in ids if key in rows]
    firm = bool(_FIRM.search(text))
    answers.sort(key=lambda one: -_rank(one, asked, firm))  # stable: between equals the engine's order
    known = bool(answers) and (_answers(answers[0], asked, question) or not text.strip())
    if known and asked:
        answers = [one for one in answers if one.fit >= _NEAR * answers[0].fit and _as_near(one, answers[0], asked)]
    return Found(tuple(answers[:limit]), known, degraded)


def _rank(answer: Answer, asked: Sequence[Term], firm: bool) -> float:
    other = 0.0 if firm or answer.entry.material != Material.POLICY else _FOR_FIRMS
    return answer.fit + _ABOUT * answer.about + _TITLED * weighing.named(answer.entry.title, asked) - other


def _answers(answer: Answer, asked: Sequence[Term], question: Question) -> bool:
    """Whether the entry is an answer, not only a neighbour."""
    if question.foreign or (question.elsewhere and not elsewhere.across(weighing.head(answer.entry))):
        return False
    covered = answer.fit * sum(term.weight for term in asked if not term.bonus)
    return answer.fit >= _WHOLE or (answer.fit >= FITS and covered >= _ENOUGH)


def _as_near(other: Answer, first: Answer, asked: Sequence[Term]) -> bool:
    """Whether the entry says half as much of the matter as the first answer: one broad word of it (优惠) is shared by
    many."""
    one, best = (weighing.named(weighing.head(answer.entry), asked) for answer in (other, first))
    return one >= _NEAR * best


def readable(staff: bool, day: date | None = None) -> QuerySet[KnowledgeEntry]:
    """What this audience may read today."""
    rows = KnowledgeEntry.objects.filter(in_force(day))
    return rows if staff else rows.filter(public=True)


def _answer(entry: KnowledgeEntry, asked: Sequence[Term]) -> Answer:
    sought = [word for term in asked for word in term.same]
    return Answer(
        entry=entry,
        title=highlight(entry.title, sought, width=128),
        passage=highlight(full_text(entry), sought, width=160),
        fit=round(weighing.fit(entry, asked), 3),
        about=round(weighing.about(entry, asked), 3),
    )


def _by_engine(
    asked: Sequence[Term], text: str, staff: bool, category: str, materials: Sequence[str], limit: int, today: date
) -> list[int]:
    midnight = int(datetime.combine(today, time(), timezone.get_default_timezone()).timestamp())
    filters = {"kind": tuple(materials)} if materials else {}
    query = Query(
        text=" ".join(word for term in asked for word in (term.same if term.matter else term.same[:1])) or text[:200],
        filters=filters,
        created_to=midnight + 1,
        due_from=midnight,
        limit=limit,
        loose=True,
        least=1,
    )
    access = Access(frozenset({STAFF, PUBLIC} if staff else {PUBLIC}))
    engine = engines.knowledge()
    found = [hit.id for hit in engine.search(query, access=access).hits] if text.strip() else []
    if category and len(found) < limit:
        near = Query(
            filters={**filters, "category": (category,)}, created_to=midnight + 1, due_from=midnight, limit=limit
        )
        found += [hit.id for hit in engine.search(near, access=access).hits]
    return list(dict.fromkeys(found))


def _by_database(
    asked: Sequence[Term], staff: bool, category: str, materials: Sequence[str], limit: int, today: date
) -> list[int]:
    wanted = Q()
    for word in [word for term in asked for word in term.same][:20]:
        wanted |= Q(title__icontains=word) | Q(content__icontains=word)
    if category and not wanted:
        wanted = Q(category__code__startswith=category)
    rows = readable(staff, today).filter(wanted)
    if materials:
        rows = rows.filter(material__in=materials)
    ranked = sorted(rows[:500], key=lambda entry: -weighing.fit(entry, asked))
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
