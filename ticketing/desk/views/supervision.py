"""The supervision list: what is late, about to be late, returned twice, redone or unsigned; and the answer rates."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.core.cache import cache
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_safe

from directory.models import Role
from directory.worktime.calendar import FIRST_DAY, LAST_DAY
from ticketing import measures_basic
from ticketing.desk import paging, queues
from ticketing.desk.access import actor_of, for_roles, sight
from ticketing.desk.forms import filters
from ticketing.desk.roles import WATCHERS
from ticketing.desk.show import rows
from ticketing.lifecycle.actors import Actor
from ticketing.models import Ticket
from ticketing.terms import LadderStep, Status
from ticketing.visibility import visible

TABS: tuple[tuple[str, str], ...] = (
    ("late", "超期"),
    ("soon", "即将到期"),
    ("returned", "两次以上退单"),
    ("redone", "重办"),
    ("unsigned", "未签收"),
)
RATES_SECONDS = 120


def _where(tab: str, now: datetime) -> Q:
    if tab == "late":
        return Q(late=True)
    if tab == "soon":
        return queues.soon(now)
    if tab == "returned":
        return Q(return_count__gte=2) & queues.still_open()
    if tab == "redone":
        return Q(redo_count__gte=1) & queues.still_open()
    return Q(status=Status.TO_SIGN)


@for_roles(*WATCHERS)
@require_safe
def listing(request: HttpRequest, tab: str = "late") -> HttpResponse:
    if tab not in dict(TABS):
        raise Http404
    actor, now = actor_of(request), timezone.now()
    chosen = filters.read(request.GET)
    mine = visible(actor)
    tickets = chosen.apply(mine.filter(_where(tab, now)))
    found = paging.page(rows.listed(tickets), "due", request.GET.get("after", ""))
    standing = actor.standing
    context = {
        "tab": tab,
        "tabs": [(code, label, queues.capped(mine.filter(_where(code, now)))) for code, label in TABS],
        "cap": queues.CAP,
        "filters": chosen,
        "rows": rows.present(found.rows, now),
        "next": found.next,
        "steps": LadderStep.choices,
        "may_chase": standing is not None and standing.has(Role.SUPERVISOR),
    }
    return render(request, "ticketing/desk/supervision.html", context)


@for_roles(*WATCHERS)
@require_safe
def rates(request: HttpRequest) -> HttpResponse:
    """Share answered within 3, 5 and 10 working days of acceptance, over the tickets accepted in a period."""
    actor = actor_of(request)
    begin, end = parse_day(request.GET.get("from")), parse_day(request.GET.get("to"))
    key = f"desk.rates.{sight(actor)}.{begin}.{end}"
    shares: dict[int, tuple[int, int]] | None = cache.get(key)
    if shares is None:
        shares = measures_basic.shares(_accepted(actor, begin, end))
        cache.set(key, shares, RATES_SECONDS)
    shown = [(days, done, of, f"{done / of:.1%}" if of else "—") for days, (done, of) in shares.items()]
    context = {"shares": shown, "begin": begin, "end": end}
    fragment = bool(request.headers.get("HX-Request"))
    return render(request, "ticketing/desk/_rates.html" if fragment else "ticketing/desk/rates.html", context)


def _accepted(actor: Actor, begin: date | None, end: date | None) -> QuerySet[Ticket]:
    tickets = visible(actor)
    if begin is not None:
        tickets = tickets.filter(created_at__gte=_midnight(begin))
    if end is not None:
        tickets = tickets.filter(created_at__lt=_midnight(end + timedelta(days=1)))
    return tickets


def parse_day(text: str | None) -> date | None:
    """A day as `2025-09-30` of the calendar's years; None for nothing or something else."""
    try:
        day = parse_date(text or "")
    except ValueError:
        return None
    return day if day is not None and FIRST_DAY <= day < LAST_DAY else None


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
