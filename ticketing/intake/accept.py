"""`accept`: the only way in. Idempotent on (channel, source, external id) and nothing else."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from django.conf import settings
from django.db import IntegrityError
from django.utils import timezone

from directory.models import Region
from ticketing.clocks import running
from ticketing.errors import BadInput, NotYours
from ticketing.journal import ledger
from ticketing.lifecycle import people
from ticketing.lifecycle.actors import Actor
from ticketing.lifecycle.case import Case, write
from ticketing.lifecycle.table import Action, find
from ticketing.memory import Remembered
from ticketing.models import Attachment, Ticket
from ticketing.privacy import crypto
from ticketing.privacy.identity import sealed
from ticketing.terms import ClockName
from ticketing.writing import writing

from . import routing
from .report import Report
from .understanding import Understanding, understand

#: without letters and digits that are easily taken for another
_CODE_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_CODE_LENGTH = 8


@dataclass(frozen=True)
class Accepted:
    """`query_code` is told to the citizen once and stored only as a keyed hash; empty when the ticket was known."""

    ticket: Ticket
    new: bool
    query_code: str = ""


def accept(report: Report, *, actor: Actor, now: datetime | None = None, files: Sequence[Attachment] = ()) -> Accepted:
    """Makes a ticket of the report: number, identity, proposal, dispatch clock, journal, outbox; one transaction.

    The same (channel, source, external id) again gives the ticket that exists. `files`: attachments that go in with a
    new one. Raises `BadInput` naming the field.
    """
    return accept_many([report], actor=actor, now=now, files={0: files} if files else {})[0]


def accept_many(
    reports: Sequence[Report],
    *,
    actor: Actor,
    now: datetime | None = None,
    understood: Sequence[Understanding] = (),
    files: Mapping[int, Sequence[Attachment]] = MappingProxyType({}),
) -> list[Accepted]:
    """The batch form: all reports in one transaction, answers in their order. Language work runs before it.

    `files`: attachments by the report's place in the list.
    """
    moment = now or timezone.now()
    readings = list(understood) or [understand(report) for report in reports]
    places = find_places(reports)
    for turn in range(5):
        # one report alone is most often new: the unique index would say so if it were not
        known = find_known(reports) if turn or len(reports) > 1 else {}
        # decided, sealed and proposed before the database is locked
        cases, found = _decide(reports, readings, places, known, actor, moment, files)
        try:
            with writing():
                write(cases)
        except IntegrityError:
            # a number was drawn twice, or somebody sent the same external id a moment ago: look again
            continue
        _dispatch_by_machine(found)
        return found
    raise BadInput("external_id", "无法登记：编号冲突，请重试")


@Remembered
def _regions() -> dict[str, Region]:
    return Region.objects.in_bulk()


def find_places(reports: Sequence[Report]) -> dict[str, Region]:
    """Every region that the reports name. Raises `BadInput` for an unknown code."""
    codes = {code for report in reports for code in (report.region, report.city or settings.CITY_REGION) if code}
    found = _regions()
    for code in codes:
        if code not in found:
            raise BadInput("region", f"“region”不是已登记的区划代码：{code}")
    return found


Outer = tuple[str, str, str]


def outer(of: Report | Ticket) -> Outer:
    """What is accepted once: the other side's number within its source and channel."""
    return of.channel, of.source, of.external_id or ""


def find_known(reports: Sequence[Report]) -> dict[Outer, Ticket]:
    """The tickets that exist for the reports' (channel, source, external id)."""
    numbers_of: dict[tuple[str, str], list[str]] = {}
    for report in reports:
        if report.external_id:
            numbers_of.setdefault((report.channel, report.source), []).append(report.external_id)
    ids = [
        pk
        for (channel, source), numbers in numbers_of.items()
        for pk in Ticket.objects.filter(channel=channel, source=source, external_id__in=numbers).values_list(
            "pk", flat=True
        )
    ]
    tickets = Ticket.objects.filter(pk__in=ids) if ids else ()
    return {outer(ticket): ticket for ticket in tickets}


def _decide(
    reports: Sequence[Report],
    readings: Sequence[Understanding],
    places: dict[str, Region],
    known: dict[Outer, Ticket],
    actor: Actor,
    now: datetime,
    files: Mapping[int, Sequence[Attachment]],
) -> tuple[list[Case], list[Accepted]]:
    """The cases to write, and the answer to each report; nothing is written."""
    cases: list[Case] = []
    answers: list[Accepted] = []
    for place, (report, reading) in enumerate(zip(reports, readings, strict=True)):
        key = outer(report)
        if report.external_id and key in known:
            answers.append(Accepted(known[key], False))
            continue
        case, code = new_case(report, reading, places, actor, now)
        for row in files.get(place, ()):
            row.pk, row.ticket = None, case.ticket
            case.add(row)
        cases.append(case)
        answers.append(Accepted(case.ticket, True, code))
        if report.external_id:
            known[key] = case.ticket
    return cases, answers


def new_case(
    report: Report,
    reading: Understanding,
    places: dict[str, Region],
    actor: Actor,
    now: datetime,
    *,
    history: bool = False,
) -> tuple[Case, str]:
    """The case of a new ticket, decided but not written, and its query code."""
    moment = report.created_at or now
    code = "".join(secrets.choice(_CODE_LETTERS) for _ in range(_CODE_LENGTH))
    number = new_number(moment)
    ticket = Ticket(
        number=number,
        channel=report.channel,
        source=report.source,
        external_id=report.external_id,
        kind=report.kind,
        category_id=report.category,
        urgency=report.urgency or reading.urgency,
        region=places.get(report.region),
        city=places[report.city or settings.CITY_REGION],
        title=report.headline[:200],
        body=report.body,
        place=report.place,
        enterprise=report.enterprise,
        confidential=report.confidential,
        anonymous=report.anonymous,
        wants_callback=report.wants_callback and not report.anonymous,
        publishable=report.publishable,
        complained_unit_id=report.complained_unit or reading.complained_unit,
        suspected_110=reading.suspected_110,
        taken_by_id=actor.staff_id,
        call_key=report.call_key,
        query_hash=query_hash(number, code),
        parent_id=report.parent,
        history=history,
        created_at=moment,
    )
    if ticket.region is None and reading.region:
        ticket.region_id = reading.region
    ticket.proposal = {} if history else routing.proposal(ticket, reading, moment)
    case = Case(ticket, actor, now)
    _check_right(case)
    case.begin(Action.ACCEPT)
    case.fact(channel=report.channel, proposal=ticket.proposal)
    if report.person and not report.anonymous:
        case.add(sealed(ticket, report.person))
    running.start(case, ClockName.DISPATCH, at=moment)
    if report.person.phone or report.person.email:
        people.to_citizen(case, "accepted")
    return case, code


def _check_right(case: Case) -> None:
    """An API key accepts with its scope, staff in a region of their role; a citizen and the timers always may."""
    row = find(None, Action.ACCEPT)
    held = case.capacities()
    if row is None or not (held & row.who):
        raise NotYours("您没有在该地区登记工单的权限")


def new_number(moment: datetime) -> str:
    """18 digits: yyMMddHHmmss of the local time and six random ones (Tai'an's form; not guessable, never reused)."""
    return f"{timezone.localtime(moment):%y%m%d%H%M%S}{secrets.randbelow(1_000_000):06d}"


def query_hash(number: str, code: str) -> str:
    """What is stored of a query code."""
    return crypto.keyed_hash("query", f"{number}:{code.strip().upper()}")


def new_query_code(ticket: Ticket) -> str:
    """A fresh code in place of a lost one; told once to the proven owner."""
    code = "".join(secrets.choice(_CODE_LETTERS) for _ in range(_CODE_LENGTH))
    ticket.query_hash = query_hash(ticket.number, code)
    with writing():
        ticket.save(update_fields=["query_hash"])
        ledger.note_code(ticket)
    return code


def _dispatch_by_machine(found: Sequence[Accepted]) -> None:
    for accepted in found:
        if accepted.new and accepted.ticket.proposal.get("automatic"):
            routing.dispatch_by_machine(accepted.ticket)
