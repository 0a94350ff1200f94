"""Refusals of the domain: facts with a stable code, a sentence for people, and whether trying again may help."""

from __future__ import annotations


class TicketError(Exception):
    """Base of all refusals. `code` is stable (API), `str()` is Chinese text for the person who tried."""

    code = "refused"
    status = 409
    retry = False

    def __init__(self, message: str, **facts: object) -> None:
        super().__init__(message)
        self.facts = facts


class TicketNotFound(TicketError):
    """There is no such ticket for this actor: unknown numbers and hidden tickets look alike."""

    code = "not_found"
    status = 404


class MoveNotAllowed(TicketError):
    """The ticket stands where this action does not lead anywhere."""

    code = "wrong_status"


class TicketChanged(TicketError):
    """Somebody else acted since the page was opened; the text says who, what and when."""

    code = "changed"
    retry = True


class NotYours(TicketError):
    """The actor sees the ticket but may not do this."""

    code = "forbidden"
    status = 403


class BadInput(TicketError):
    """A field is missing or wrong; `facts["field"]` names it."""

    code = "bad_input"
    status = 422

    def __init__(self, field: str, message: str, **facts: object) -> None:
        super().__init__(message, field=field, **facts)
        self.field = field


class RuleBroken(TicketError):
    """The status would allow it, but a rule of the trade forbids it here; `facts["rule"]` names the rule."""

    code = "rule"
