"""Tickets that may be the same matter as one at the desk: found within bounds, ranked by `nlp.duplicates`, with why.

The search index finds tickets of the last `DAYS` days by their telling words, the estate and the caller, and holds what
they are compared by, so no ticket's text is read again. What it may not hold yet, and the caller's own tickets, come
from the database. Only what the actor may know of is looked at, at most some 300 tickets.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from nlp.duplicates import Match, Report, burst, rank
from ticketing.desk.show.rows import quiet
from ticketing.lifecycle.actors import Actor
from ticketing.models import Ticket
from ticketing.privacy.crypto import keyed_hash
from ticketing.search import likeness
from ticketing.search.documents import SearchUnavailable
from ticketing.terms import OPEN
from ticketing.visibility import visible

DAYS = 14
SHOWN = 6
#: at most so many tickets of the caller's and of the place's come from the database
CALLS, NEIGHBOURS = 40, 80
#: by then a ticket is in the search index
INDEXED_AFTER = timedelta(minutes=10)
#: a count beyond it is shown as "200+"
COUNTED = 200


@dataclass(frozen=True)
class Matter:
    """What duplicates are sought of. `caller` is a keyed hash; `pk` None while it is being typed."""

    text: str
    city: str
    region: str = ""
    category: int | None = None
    place: str = ""
    caller: str = ""
    pk: int | None = None
    created_at: datetime | None = None


@dataclass(frozen=True)
class Candidate:
    """A ticket that may be the same matter. `mergeable`: it can carry the work of another one."""

    ticket: Ticket
    title: str
    percent: int
    why: tuple[str, ...]
    same: bool
    mergeable: bool


@dataclass(frozen=True)
class Alike:
    """Candidates, nearest first; `burst` other callers with the same matter today, by the words; `today` other tickets
    of the same category and region today, at most `COUNTED` + 1."""

    candidates: tuple[Candidate, ...]
    burst: int
    today: int


def of_ticket(ticket: Ticket) -> Matter:
    """The matter of a registered ticket; its category is the proposed one while nobody has decided."""
    sealed = getattr(ticket, "identity", None)
    return Matter(
        text=f"{ticket.title}\n{ticket.body}",
        city=ticket.city_id,
        region=ticket.region_id or "",
        category=ticket.category_id or ticket.proposal.get("category"),
        place=ticket.place,
        caller=_caller(sealed.phone_hash, sealed.user_hash) if sealed else "",
        pk=ticket.pk,
        created_at=ticket.created_at,
    )


def caller_of(phone: str) -> str:
    """The key of a caller whose number was typed."""
    return keyed_hash("phone", phone)


def find(actor: Actor, matter: Matter, now: datetime) -> Alike:
    """What the desk shows beside a matter."""
    query = replace(_report(str(matter.pk or 0), matter), created_at=matter.created_at or now)
    reports = _reports(actor, matter, query, now)
    matches = rank(query, reports, top=SHOWN)
    rows = visible(actor, Ticket.objects.filter(pk__in=[int(match.key) for match in matches])).defer("public_answer")
    tickets = {str(ticket.pk): ticket for ticket in rows}
    candidates = tuple(_candidate(match, tickets[match.key]) for match in matches if match.key in tickets)
    return Alike(candidates, burst(query, reports), _today(actor, matter, now))


def _reports(actor: Actor, matter: Matter, query: Report, now: datetime) -> list[Report]:
    """Everything worth a closer look, from the index and from the database."""
    since = now - timedelta(days=DAYS)
    try:
        found = {one.key: one for one in likeness.TicketIndex(actor, since, matter.city).candidates(query)}
        unread = now - INDEXED_AFTER
    except SearchUnavailable:
        found, unread = {}, since
    found |= {str(row.pk): _report(str(row.pk), of_ticket(row)) for row in _tickets(actor, matter, since, unread, now)}
    return list(found.values())


def _tickets(actor: Actor, matter: Matter, since: datetime, unread: datetime, now: datetime) -> list[Ticket]:
    """The caller's tickets, and those of the place that the index may not hold yet, in three bounded queries."""
    recent = Ticket.objects.filter(created_at__gte=since, created_at__lte=now, city_id=matter.city)
    ids: dict[int, None] = {}
    if matter.caller:
        same = Q(identity__phone_hash=matter.caller) | Q(identity__user_hash=matter.caller)
        ids |= dict.fromkeys(_newest(recent.filter(same), CALLS))
    if matter.region and matter.category:
        around = recent.filter(category=matter.category, region=matter.region, created_at__gte=unread)
        ids |= dict.fromkeys(_newest(around, NEIGHBOURS))
    ids.pop(matter.pk or 0, None)
    rows = visible(actor, recent.filter(pk__in=list(ids)))
    return list(rows.select_related("identity").defer("public_answer"))


def _newest(tickets: QuerySet[Ticket], most: int) -> list[int]:
    return list(tickets.order_by("-created_at").values_list("pk", flat=True)[:most])


def _report(key: str, matter: Matter) -> Report:
    words, estate = likeness.read(matter.text)
    return Report(
        key=key,
        fingerprint=words,
        caller=matter.caller or None,
        region=matter.region or None,
        estate=likeness.estate(matter.place) or estate,
        created_at=matter.created_at,
    )


def _candidate(match: Match, ticket: Ticket) -> Candidate:
    mergeable = ticket.status in OPEN and ticket.master_id is None
    return Candidate(ticket, quiet(ticket.title), round(match.score * 100), match.why, match.same, mergeable)


def _today(actor: Actor, matter: Matter, now: datetime) -> int:
    if not (matter.region and matter.category):
        return 0
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    rows = visible(actor).filter(category=matter.category, region=matter.region, created_at__gte=midnight)
    return rows.exclude(pk=matter.pk or 0)[: COUNTED + 1].count()


def _caller(phone: str, user: str) -> str:
    return phone or user
