"""Everything the ticket page shows, loaded with a number of statements that does not depend on how much there is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from ticketing import replycheck
from ticketing.desk import lists, offers
from ticketing.desk.forms.actions import ActionForm, DispatchNowForm
from ticketing.desk.offers import Facts, Offer
from ticketing.desk.show import clocks, journal, proposal, rows, shares
from ticketing.intake import hearing
from ticketing.lifecycle.actors import Actor
from ticketing.lifecycle.capacities import is_lead
from ticketing.lifecycle.table import Action
from ticketing.models import Link, Reply, Ticket, TicketEvent
from ticketing.privacy import identity
from ticketing.replycheck import Verdict
from ticketing.terms import OPEN, Status
from ticketing.visibility import visible

JOURNAL_SHOWN = 200
RELATED_SHOWN = 30
#: replies of assists that are checked for the page, the newest: 3 ms each
CHECKED = 6


@dataclass(frozen=True)
class Group:
    label: str
    forms: list[tuple[Offer, ActionForm]]


def load(actor: Actor, number: str) -> Ticket:
    """The ticket with what its page needs at once. Raises `TicketNotFound`."""
    from ticketing.errors import TicketNotFound

    related = ("category", "region", "city", "lead", "complained_unit", "taken_by", "master", "parent", "identity")
    found = visible(actor).filter(number=number).select_related(*related)
    ticket = found.prefetch_related("assignments__department").first()
    if ticket is None:
        raise TicketNotFound("没有这张工单")
    return ticket


def facts(ticket: Ticket, actor: Actor) -> Facts:
    clocks_found = ticket.clocks.select_related("assignment__department").prefetch_related("pauses").order_by("pk")
    return Facts(
        ticket,
        actor,
        tuple(ticket.assignments.all()),
        tuple(clocks_found),
        tuple(ticket.returnrequests.select_related("suggested_unit", "asked_by", "decided_by").order_by("pk")),
        tuple(ticket.extensionrequests.select_related("asked_by", "decided_by").order_by("pk")),
        tuple(ticket.supervisions.select_related("department", "issued_by").order_by("-pk")),
    )


def context(
    ticket: Ticket, actor: Actor, now: datetime, tried: ActionForm | DispatchNowForm | None = None
) -> dict[str, Any]:
    """The page's context. `tried`: a refused form to show again with what was typed."""
    known = facts(ticket, actor)
    offered = offers.of(known)
    page: dict[str, Any] = {
        "ticket": ticket,
        "now": now,
        "title": rows.quiet(ticket.title),
        "due": rows.due(ticket, now),
        "marks": rows.marks(ticket),
        "open": ticket.status in OPEN,
        "facts": known,
        "shares": shares.tree(known.shares),
        "clocks": clocks.lines(known.clocks, ticket.city_id, now),
        "reply_check": _reply_check(ticket),
        "may_reply": Action.REPLY in offered,
        "proposal": proposal.read(ticket.proposal, decided=ticket.category_id is not None),
        "waiting": ticket.status in (Status.NEW, Status.TO_DISPATCH),
        "demands": hearing.several(ticket.body) if offers.may_split(known) else (),
        "dispatch_now": _dispatch_now(known, tried),
        "groups": groups(known, offered, tried),
        "may_add_files": Action.NOTE in offered,
        "may_split": offers.may_split(known),
        "tried": tried,
        "tried_elsewhere": _typed_in_vain(tried, offered, known),
    }
    page["lists"] = (
        [
            lists.datalist("units", lists.units()),
            lists.datalist("categories", lists.categories()),
            lists.datalist("regions", lists.regions()),
        ]
        if page["groups"] or page["dispatch_now"]
        else []
    )
    return page | _story(ticket) | _related(ticket, actor) | _person(ticket, actor)


def _reply_check(ticket: Ticket) -> Verdict | None:
    """What the check says of the answer that waits for the checker."""
    if ticket.status != Status.TO_CHECK:
        return None
    return replycheck.verdict(ticket, ticket.public_answer, ticket.lead_id)


def _replies(ticket: Ticket) -> list[Reply]:
    """The newest first; those of assists, while the ticket is open, with what the check says of them."""
    found = list(ticket.replies.select_related("assignment__department").order_by("-pk"))
    shown = [one for one in found if one.assignment and not is_lead(one.assignment) and not one.superseded]
    checked = shown[:CHECKED] if ticket.status in OPEN else []
    known = replycheck.gates() if checked else {}
    for reply in checked:
        unit = reply.assignment.department_id if reply.assignment else None
        reply.verdict = replycheck.verdict(ticket, reply.public_answer, unit, known)  # type: ignore[attr-defined]
    return found


def groups(known: Facts, offered: dict[Action, Offer], tried: Any = None) -> list[Group]:
    """The forms of the actions open now, by group; the refused one keeps what was typed."""
    found = []
    for label, actions in offers.GROUPS:
        forms = [
            (
                offered[action],
                tried
                if isinstance(tried, ActionForm) and tried.action == action
                else ActionForm(action=action, offer=offered[action], ticket=known.ticket),
            )
            for action in actions
            if action in offered
        ]
        if forms:
            found.append(Group(label, forms))
    return found


def _dispatch_now(known: Facts, tried: Any) -> DispatchNowForm | None:
    if not offers.may_triage_and_dispatch(known):
        return None
    return tried if isinstance(tried, DispatchNowForm) else DispatchNowForm(ticket=known.ticket)


def _typed_in_vain(tried: Any, offered: dict[Action, Offer], known: Facts) -> list[tuple[str, str]]:
    """What was typed into a form that is not offered any more: shown for copying, never lost."""
    if tried is None:
        return []
    if isinstance(tried, DispatchNowForm):
        if offers.may_triage_and_dispatch(known):
            return []
    elif tried.action in offered:
        return []
    typed = (
        (bound.label, "、".join(filter(None, tried.data.getlist(bound.html_name)))) for bound in tried.visible_fields()
    )
    return [(label, text) for label, text in typed if text]


def _story(ticket: Ticket) -> dict[str, Any]:
    events = TicketEvent.objects.filter(ticket=ticket).select_related("staff", "for_staff", "department")
    return {
        "steps": journal.steps(events.order_by("-seq")[:JOURNAL_SHOWN]),
        "replies": _replies(ticket),
        "notes": list(ticket.notes.select_related("assignment__department").order_by("-pk")),
        "callbacks": list(ticket.callbacks.select_related("by").order_by("-pk")),
        "attachments": list(ticket.attachments.order_by("pk")),
    }


def _related(ticket: Ticket, actor: Actor) -> dict[str, Any]:
    """Other tickets of the same matter, as far as the actor may know of them."""
    links = list(Link.objects.filter(Q(ticket=ticket) | Q(other=ticket)).values_list("ticket_id", "other_id", "kind"))
    kinds = {(other if mine == ticket.pk else mine): kind for mine, other, kind in links}
    near = Q(pk__in=kinds) | Q(master=ticket) | Q(parent=ticket)
    for pk in (ticket.master_id, ticket.parent_id):
        if pk is not None:
            near |= Q(pk=pk)
    found = (
        visible(actor).filter(near).exclude(pk=ticket.pk).only("number", "title", "status", "master_id", "parent_id")
    )
    return {"related": [(other, _relation(ticket, other, kinds)) for other in found.order_by("pk")[:RELATED_SHOWN]]}


def _relation(ticket: Ticket, other: Ticket, kinds: dict[int, str]) -> str:
    if other.pk == ticket.master_id:
        return "主工单"
    if other.master_id == ticket.pk:
        return "并入本单"
    if other.pk == ticket.parent_id:
        return "拆分自"
    if other.parent_id == ticket.pk:
        return "拆分出"
    return {"same_problem": "同一问题"}.get(kinds.get(other.pk, ""), "相关")


def _person(ticket: Ticket, actor: Actor) -> dict[str, Any]:
    sealed = getattr(ticket, "identity", None)
    seen = identity.may_see_identity(actor, ticket)
    return {
        "person": identity.masked(sealed) if sealed is not None and seen else None,
        "person_hidden": sealed is not None and not seen,
        "may_reveal": sealed is not None and identity.may_reveal(actor, ticket),
    }
