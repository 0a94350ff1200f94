"""Which limit applies: the most specific rule in force; its copy goes into the clock."""

from __future__ import annotations

from datetime import date, datetime

from django.utils import timezone

from directory.duties import chain
from ticketing.memory import Remembered
from ticketing.models import ClockPolicy, Ticket
from ticketing.terms import Kind, Urgency

#: DOMAIN: a ticket whose kind nobody stated is treated as a complaint
UNKNOWN_KIND = Kind.COMPLAINT


def forget() -> None:
    """Drops this process's copy; called when rules were edited."""
    _rules.forget()


@Remembered
def _rules() -> list[ClockPolicy]:
    return list(ClockPolicy.objects.all())


def applicable(clock: str, ticket: Ticket, at: datetime) -> ClockPolicy | None:
    """The rule for `clock` on this ticket at `at`, or None when no rule exists (then no clock runs).

    More specific first: region (nearest), urgency, kind; then the one that came into force last.
    """
    on = timezone.localdate(at)
    urgent = ticket.urgency != Urgency.NORMAL
    kind = ticket.kind or UNKNOWN_KIND
    fitting = [rule for rule in _rules() if rule.clock == clock and _fits(rule, on, urgent, kind)]
    if not fitting:
        return None
    if any(rule.region_id for rule in fitting):
        places: list[str] = chain(ticket.region_id or ticket.city_id)
        fitting = [rule for rule in fitting if rule.region_id is None or rule.region_id in places]
    else:
        places = []

    def rank(rule: ClockPolicy) -> tuple[int, bool, bool, int, int]:
        near = places.index(rule.region_id) if rule.region_id else len(places)
        return (near, rule.urgent is None, not rule.kind, -rule.effective_from.toordinal(), -rule.pk)

    return min(fitting, key=rank, default=None)


def _fits(rule: ClockPolicy, on: date, urgent: bool, kind: str) -> bool:
    return (
        rule.effective_from <= on
        and (rule.effective_to is None or on <= rule.effective_to)
        and rule.urgent in (None, urgent)
        and rule.kind in ("", kind)
    )


def snapshot(rule: ClockPolicy) -> dict[str, object]:
    """The copy that a clock carries: enough to recompute it when the row is long gone."""
    return {
        "id": rule.pk,
        "limit": rule.limit,
        "unit": str(rule.unit),
        "warn_before_minutes": rule.warn_before_minutes,
        "region": rule.region_id,
        "basis": rule.basis,
    }
