"""Tickets that may be the same matter as one at the desk: found within bounds, ranked by `nlp.duplicates`, with why.

Looked at are what the search engine finds alike, what the same caller sent, and what came for the same category and
place: at most `nlp.duplicates.LIMIT` tickets of the last `DAYS` days, and only those that the actor may know of.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache

from django.db.models import Q, QuerySet
from django.utils import timezone

from nlp.duplicates import LIMIT, Fingerprint, Match, Report, burst, fingerprint, rank
from nlp.extract.places import PlaceIndex, find_place
from ticketing.desk.show.rows import quiet
from ticketing.lifecycle.actors import Actor
from ticketing.models import Ticket
from ticketing.privacy.crypto import keyed_hash
from ticketing.search import service
from ticketing.terms import OPEN
from ticketing.visibility import visible

DAYS = 14
SHOWN = 6
#: parts of `LIMIT`: as many of the engine's, of the caller's, of the place's
ALIKE, CALLS, NEIGHBOURS = 40, 40, 80
#: a count beyond it is shown as "200+"
COUNTED = 200
_CHARACTERS = 500


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
    query = _report(str(matter.pk or 0), matter)
    query = replace(query, created_at=matter.created_at or now)
    tickets = {ticket.pk: ticket for ticket in _tickets(actor, matter, now)}
    reports = [_report(str(pk), of_ticket(ticket)) for pk, ticket in tickets.items()]
    matches = rank(query, reports, top=SHOWN)
    candidates = tuple(_candidate(match, tickets[int(match.key)]) for match in matches)
    return Alike(candidates, burst(query, reports), _today(actor, matter, now))


def _tickets(actor: Actor, matter: Matter, now: datetime) -> list[Ticket]:
    """At most LIMIT tickets worth a closer look, in three bounded queries and one that loads them."""
    since = now - timedelta(days=DAYS)
    ids = dict.fromkeys(service.candidates(matter.text, since=since, region=matter.city, limit=ALIKE))
    recent = Ticket.objects.filter(created_at__gte=since, created_at__lte=now, city_id=matter.city)
    if matter.caller:
        same = Q(identity__phone_hash=matter.caller) | Q(identity__user_hash=matter.caller)
        ids |= dict.fromkeys(_newest(recent.filter(same), CALLS))
    if matter.region and matter.category:
        ids |= dict.fromkeys(_newest(recent.filter(category=matter.category, region=matter.region), NEIGHBOURS))
    ids.pop(matter.pk or 0, None)
    rows = visible(actor, recent.filter(pk__in=list(ids)[:LIMIT]))
    return list(rows.select_related("identity").defer("public_answer"))


def _newest(tickets: QuerySet[Ticket], most: int) -> list[int]:
    return list(tickets.order_by("-created_at").values_list("pk", flat=True)[:most])


def _report(key: str, matter: Matter) -> Report:
    words, estate = _read(matter.text[:_CHARACTERS])
    return Report(
        key=key,
        fingerprint=words,
        caller=matter.caller or None,
        region=matter.region or None,
        estate=matter.place.strip() or estate,
        created_at=matter.created_at,
    )


@lru_cache(maxsize=8192)
def _read(text: str) -> tuple[Fingerprint, str]:
    """Words and estate or road of a text; a ticket's text does not change, so each is read once per process."""
    place = find_place(text, _no_regions())
    return fingerprint(text), place.estate or place.street


@lru_cache(maxsize=1)
def _no_regions() -> PlaceIndex:
    return PlaceIndex(())


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
