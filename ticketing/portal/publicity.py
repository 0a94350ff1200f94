"""Answers that were published with the citizen's consent: anonymised, newest first, paged by place and not by count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Q, QuerySet

from directory.access import regions_below
from directory.models import Category
from nlp.privacy import mask
from ticketing.errors import BadInput
from ticketing.models import Ticket

PAGE = 15
#: a search looks through this many of the newest published answers
SEARCHED = 3000
MOST_WORDS = 5
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class PublicAnswer:
    """One answered matter without number, names, phones or door numbers."""

    title: str
    question: str
    answer: str
    kind: str
    category: str
    region: str
    unit: str
    asked_at: datetime
    answered_at: datetime


@dataclass(frozen=True)
class Page:
    answers: tuple[PublicAnswer, ...]
    next_cursor: str


def cursor_of(ticket: Ticket) -> str:
    assert ticket.closed_at is not None
    return f"{(ticket.closed_at - _EPOCH) // timedelta(microseconds=1):x}-{ticket.pk:x}"


def _after(rows: QuerySet[Ticket], cursor: str) -> QuerySet[Ticket]:
    """What follows the cursor. Raises `BadInput` for one that is not ours."""
    try:
        ticks, key = (int(part, 16) for part in cursor.split("-"))
        closed_at = _EPOCH + timedelta(microseconds=ticks)
    except (ValueError, OverflowError) as error:
        raise BadInput("after", "“after”不是本页给出的位置") from error
    return rows.filter(closed_at__lte=closed_at).filter(Q(closed_at__lt=closed_at) | Q(pk__lt=key))


def page(*, words: str = "", category: str = "", region: str = "", after: str = "") -> Page:
    """One page of answers: by first-level category code, district code and words that must all occur."""
    rows = Ticket.objects.filter(published=True, confidential=False, closed_at__isnull=False).exclude(public_answer="")
    if category:
        top = Category.objects.filter(code=category, level=1).first()
        rows = rows.filter(Q(category=top) | Q(category__path__startswith=f"{top.path}/")) if top else rows.none()
    if region:
        rows = rows.filter(region_id__in=regions_below([region]))
    if words.strip():
        rows = _containing(rows, words.split()[:MOST_WORDS])
    if after:
        rows = _after(rows, after)
    found = list(rows.select_related("category", "region", "lead").order_by("-closed_at", "-pk")[: PAGE + 1])
    more = cursor_of(found[PAGE - 1]) if len(found) > PAGE else ""
    told = words.split()[:MOST_WORDS]
    return Page(tuple(one for ticket in found[:PAGE] if _shows(one := _public(ticket), told)), more)


def _shows(answer: PublicAnswer, words: Sequence[str]) -> bool:
    """Whether each word can be read in what is shown: a search for a phone must not tell whose text has it."""
    shown = f"{answer.title}\n{answer.question}\n{answer.answer}".casefold()
    return all(word.casefold() in shown for word in words)


def _containing(rows: QuerySet[Ticket], words: Sequence[str]) -> QuerySet[Ticket]:
    newest = Ticket.objects.filter(published=True, closed_at__isnull=False).order_by("-closed_at")
    oldest = newest.values_list("closed_at", flat=True)[SEARCHED - 1 : SEARCHED].first()
    if oldest is not None:
        rows = rows.filter(closed_at__gte=oldest)
    for word in words:
        rows = rows.filter(Q(title__icontains=word) | Q(public_answer__icontains=word) | Q(body__icontains=word))
    return rows


def _public(ticket: Ticket) -> PublicAnswer:
    assert ticket.closed_at is not None
    return PublicAnswer(
        title=_title(ticket),
        question=mask(ticket.body),
        answer=mask(ticket.public_answer),
        kind=str(ticket.get_kind_display()),
        category=ticket.category.name if ticket.category else "",
        region=ticket.region.name if ticket.region else "",
        unit=str(ticket.lead) if ticket.lead else "12345热线中心",
        asked_at=ticket.created_at,
        answered_at=ticket.replied_at or ticket.closed_at,
    )


def _title(ticket: Ticket) -> str:
    """A title that is the beginning of the text is cut from the masked text: half a phone would not be recognised."""
    flat = " ".join(ticket.body.split())
    whole = mask(flat)
    return whole[: len(ticket.title)] if flat.startswith(ticket.title) else mask(ticket.title)


def categories() -> list[tuple[str, str]]:
    """The first-level categories, by code."""
    rows = Category.objects.filter(level=1, active=True).order_by("code")
    return [(str(code), str(name)) for code, name in rows.values_list("code", "name")]
