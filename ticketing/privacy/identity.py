"""The one place that opens and masks a ticket's identity."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from directory.models import Role
from ticketing.journal import ledger
from ticketing.lifecycle.actors import Actor
from ticketing.lifecycle.capacities import capacities
from ticketing.lifecycle.table import Capacity
from ticketing.models import Identity, ReadLedger, Ticket

from . import crypto, masking


@dataclass(frozen=True)
class Person:
    """A citizen's identity fields in clear text; lives in memory only while a report or a page needs it."""

    name: str = ""
    phone: str = ""
    address: str = ""
    id_number: str = ""
    email: str = ""
    user: str = ""

    def __bool__(self) -> bool:
        return any((self.name, self.phone, self.address, self.id_number, self.email, self.user))


def sealed(ticket: Ticket, person: Person) -> Identity:
    """The row to store for `person`. Until it is read again it knows its clear text: the journal digests that."""
    clear = {f"{name}_box": getattr(person, name) for name in ("name", "phone", "address", "id_number", "email")}
    found = Identity(
        ticket=ticket,
        phone_hash=crypto.keyed_hash("phone", person.phone),
        id_number_hash=crypto.keyed_hash("id", person.id_number),
        user_hash=crypto.keyed_hash("user", person.user),
        **{name: crypto.seal(text) for name, text in clear.items()},
    )
    found.__dict__["clear"] = clear
    return found


def opened(identity: Identity | None) -> Person:
    """The clear fields. Callers show them only after `reveal`, or send a message with them."""
    if identity is None:
        return Person()
    return Person(
        name=crypto.open_box(identity.name_box),
        phone=crypto.open_box(identity.phone_box),
        address=crypto.open_box(identity.address_box),
        id_number=crypto.open_box(identity.id_number_box),
        email=crypto.open_box(identity.email_box),
    )


def masked(identity: Identity | None) -> Person:
    """What everybody who sees the ticket may see of its citizen."""
    person = opened(identity)
    return Person(
        name=masking.name(person.name),
        phone=masking.phone(person.phone),
        address=masking.address(person.address),
        id_number=masking.id_number(person.id_number),
        email=masking.email(person.email),
    )


_MAY_REVEAL = frozenset(
    {
        Capacity.AGENT,
        Capacity.DISPATCHER,
        Capacity.CHECKER,
        Capacity.CALLBACK_CLERK,
        Capacity.SUPERVISOR,
        Capacity.WINDOW_CLERK,
    }
)
_UNITS = frozenset({Capacity.LEAD, Capacity.LEAD_HEAD, Capacity.SHARE, Capacity.SHARE_HEAD})


def may_see_identity(actor: Actor, ticket: Ticket) -> bool:
    """Masked identity is for the hotline and the handling units; a confidential citizen's is for the hotline alone."""
    held = capacities(actor, ticket, ticket.assignments.all())
    return bool(held & _MAY_REVEAL) or (bool(held & _UNITS) and not ticket.confidential)


def may_reveal(actor: Actor, ticket: Ticket) -> bool:
    """Clear text is for those who must reach the citizen; an auditor reads the ledger, not the phone."""
    if actor.standing is None or actor.standing.roles == frozenset({Role.AUDITOR}):
        return False
    return may_see_identity(actor, ticket)


def record_read(actor: Actor, ticket: Ticket, what: str, reason: str) -> None:
    """A row in the read ledger."""
    if actor.staff_id is None:
        raise ValueError("only staff read on the record")
    with transaction.atomic():
        row = ReadLedger.objects.create(
            staff_id=actor.staff_id, ticket=ticket, what=what[:40], reason=reason[:300], at=timezone.now()
        )
        ledger.note(row, new=True)
