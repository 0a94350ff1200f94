"""Store and forward: queue a ticket for a peer, deliver it when the peer can be reached, bring its result back."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.db import transaction
from django.utils import timezone

from ticketing.errors import BadInput, RuleBroken, TicketError
from ticketing.journal import ledger
from ticketing.lifecycle import rules
from ticketing.lifecycle.actions.answering import BackFrom110
from ticketing.lifecycle.actors import SYSTEM
from ticketing.lifecycle.case import Case
from ticketing.lifecycle.engine import Command, act
from ticketing.lifecycle.table import Action
from ticketing.models import Note, OutboxEntry, Ticket, TicketEvent
from ticketing.notify.telling import tell
from ticketing.privacy import crypto
from ticketing.privacy.identity import opened
from ticketing.terms import ENDED, Status

from .client import Client, Declined, NotNow
from .models import Exchange, ExchangeState, Peer, PeerKind

log = logging.getLogger(__name__)
BATCH = 20
LEASE = timedelta(minutes=2)
LOOK_AGAIN = timedelta(minutes=5)
GIVE_UP = timedelta(days=7)
OPEN = (ExchangeState.WAITING, ExchangeState.SENT)


@dataclass(frozen=True, kw_only=True)
class NoteResult(Command):
    """平台反馈: what became of the ticket on the other platform, as a note of the ticket."""

    action: ClassVar[Action] = Action.EXCHANGE
    peer: str
    text: str

    def decide(self, case: Case) -> None:
        case.begin(Action.EXCHANGE)
        case.fact(platform=self.peer)
        case.add(Note(ticket=case.ticket, kind="exchange", text=self.text, created_at=case.now))


def queue(
    ticket: Ticket, peer: Peer, *, reason: str, consent: bool, staff_id: int | None = None, call_key: str = "",
    now: datetime | None = None,
) -> Exchange:  # fmt: skip
    """The ticket's data on their way to `peer`. One open row for each ticket and peer: asking twice is once.

    Raises `BadInput` without reason, `RuleBroken` without the citizen's consent.
    """
    why = rules.text("reason", reason, most=200)
    if not consent:
        raise RuleBroken("转办需征得群众同意", rule="consent")
    if not peer.active:
        raise BadInput("peer", f"对接平台“{peer}”未启用")
    moment = now or timezone.now()
    with transaction.atomic():
        Ticket.objects.select_for_update().get(pk=ticket.pk)
        known = Exchange.objects.filter(ticket=ticket, peer=peer, state__in=OPEN).first()
        if known is not None:
            return known
        row = Exchange.objects.create(
            ticket=ticket, peer=peer, reason=why, call_key=call_key, staff_id=staff_id, created_at=moment,
            next_at=moment,
        )  # fmt: skip
        ledger.note(row, new=True)
    return row


def hear(entries: Sequence[OutboxEntry]) -> None:
    """工单流转: a ticket that the desk hands to 110 or to a platform we exchange with goes there by itself."""
    moves = (Action.TO_110, Action.TO_PLATFORM)
    wanted = [e.event_id for e in entries if e.event_id is not None and e.payload.get("action") in moves]
    for event in TicketEvent.objects.select_related("ticket").filter(pk__in=wanted).order_by("pk"):
        peer = _named(event)
        if peer is None or event.ticket.history or Exchange.objects.filter(ticket=event.ticket, peer=peer).exists():
            continue
        try:
            queue(event.ticket, peer, reason=event.reason[:200], consent=bool(event.data.get("consent", True)),
                  staff_id=event.staff_id)  # fmt: skip
        except TicketError as error:
            log.info("ticket %s stays here: %s", event.ticket_id, error.code)


def _named(event: TicketEvent) -> Peer | None:
    rows = Peer.objects.filter(active=True)
    if event.action == Action.TO_110:
        return rows.filter(kind=PeerKind.POLICE).first()
    return rows.filter(name=event.data.get("platform", "")).first()


def content(ticket: Ticket, reason: str) -> dict[str, Any]:
    """What the other side gets. Who asked for secrecy stays with us: they reach the citizen through the hotline."""
    found: dict[str, Any] = {
        "external_id": ticket.number, "title": ticket.title, "body": f"{ticket.body}\n（转办原因：{reason}）",
        "place": ticket.place, "confidential": ticket.confidential, "anonymous": ticket.anonymous,
        "wants_callback": ticket.wants_callback, "kind": ticket.kind or None, "urgency": ticket.urgency or None,
    }  # fmt: skip
    if not (ticket.confidential or ticket.anonymous):
        person = opened(getattr(ticket, "identity", None))
        found["person"] = {"name": person.name, "phone": person.phone, "address": person.address}
    return {name: value for name, value in found.items() if value is not None}


def client(peer: Peer) -> Client:
    return Client(peer.url, crypto.open_box(peer.token_box))


def run(now: datetime | None = None) -> int:
    """One batch of what is due: rows to deliver, rows whose result is looked for. Network outside transactions."""
    moment = now or timezone.now()
    done = 0
    for row in Exchange.objects.select_related("ticket", "peer").filter(next_at__lte=moment).order_by("pk")[:BATCH]:
        taken = Exchange.objects.filter(pk=row.pk, next_at=row.next_at, state=row.state)
        if taken.update(next_at=moment + LEASE):
            (deliver if row.state == ExchangeState.WAITING else look)(row, moment)
            done += 1
    return done


def deliver(row: Exchange, now: datetime) -> None:
    row.tries += 1
    try:
        key = f"{row.ticket.number}-{row.pk}"
        row.their_number = client(row.peer).create(content(row.ticket, row.reason), key)
    except NotNow as problem:
        _later(row, str(problem), now)
    except Declined as refusal:
        row.error = str(refusal)
        _end(row, ExchangeState.DECLINED, f"对方系统不接收（{refusal}）", now)
    else:
        row.state, row.sent_at, row.next_at, row.error = ExchangeState.SENT, now, now + LOOK_AGAIN, ""
        with transaction.atomic():
            row.save(update_fields=["state", "sent_at", "next_at", "error", "tries", "their_number"])
            ledger.note(row)


def _later(row: Exchange, problem: str, now: datetime) -> None:
    """30 s, 1 min … at most 6 h, for a week: then somebody must look."""
    log.warning("exchange %s with peer %s waits (%s)", row.pk, row.peer_id, problem)
    row.error = problem[:80]
    if now - row.created_at > GIVE_UP:
        _end(row, ExchangeState.FAILED, "七日内未能送达，请人工联系对方", now)
        return
    row.next_at = now + min(timedelta(seconds=30 * 2 ** min(row.tries, 12)), timedelta(hours=6))
    row.save(update_fields=["next_at", "error", "tries"])


def look(row: Exchange, now: datetime) -> None:
    """Asks for the result; a peer that is away is asked again."""
    try:
        status, answer = client(row.peer).look(row.their_number)
    except (NotNow, Declined) as problem:
        row.error, row.next_at = str(problem)[:80], now + LOOK_AGAIN
        row.save(update_fields=["error", "next_at"])
        return
    if status == Status.REFUSED:
        _end(row, ExchangeState.DECLINED, answer or "对方不予受理", now)
    elif status in ENDED:
        _end(row, ExchangeState.ANSWERED, answer or "对方已办结", now)
    else:
        row.error, row.next_at = "", now + LOOK_AGAIN
        row.save(update_fields=["error", "next_at"])


def _end(row: Exchange, state: str, result: str, now: datetime) -> None:
    """The result is on the ticket, told to the citizen, and what nobody took comes back to us (首接先行受理)."""
    with transaction.atomic():
        row.state, row.result, row.ended_at, row.next_at = state, result[:4000], now, None
        row.save(update_fields=["state", "result", "ended_at", "next_at", "error", "tries"])
        ledger.note(row)
        text = f"{row.peer}（{row.get_state_display()}）：{row.result}"
        act(row.ticket_id, NoteResult(peer=row.peer.name, text=text), actor=SYSTEM, now=now)
        if state == ExchangeState.ANSWERED:
            _tell(row, now)
    if state != ExchangeState.ANSWERED and row.peer.kind == PeerKind.POLICE:
        _back(row, now)


def _tell(row: Exchange, now: datetime) -> None:
    text = f"您反映的事项（{row.ticket.number}）由{row.peer}办理，结果：{row.result[:300]}"
    tell(
        key=f"exchange:{row.pk}", ticket=row.ticket, audience="citizen", means="auto", template="exchange", text=text,
        created_at=now, next_try_at=now,
    )  # fmt: skip


def _back(row: Exchange, now: datetime) -> None:
    try:
        act(row.ticket_id, BackFrom110(result=f"110未接收：{row.result}"[:2000]), actor=SYSTEM, now=now)
    except TicketError as error:
        log.info("ticket of exchange %s stays as it is: %s", row.pk, error.code)
