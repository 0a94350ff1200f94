"""The page of hot topics: what, where, how many, how hot and why, and the tickets behind each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from nlp.hotspots import Hotspot
from ticketing.desk import hotspots
from ticketing.desk.access import actor_of, for_roles
from ticketing.desk.roles import ANALYSTS
from ticketing.desk.show.rows import quiet
from ticketing.lifecycle.actors import Actor
from ticketing.models import Ticket
from ticketing.visibility import visible

#: tickets linked below one topic, the newest
LINKED = 30
DIRECTIONS = {
    "new": ("red", "新出现"),
    "rising": ("red", "上升"),
    "steady": ("", "持平"),
    "falling": ("green", "下降"),
}


@dataclass(frozen=True)
class Row:
    """A topic as shown. `more`: tickets that are counted but not linked."""

    spot: Hotspot
    formula: str
    tone: str
    direction: str
    alarms: tuple[str, ...]
    tickets: list[Ticket]
    more: int


@for_roles(*ANALYSTS)
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """`window=today|3|7` or `from`/`to`, and `top`; anything else is said to be wrong, with 422."""
    actor, now = actor_of(request), timezone.now()
    context: dict[str, object] = {"presets": hotspots.PRESETS, "tops": hotspots.TOPS, "top": _top(request)}
    try:
        chosen = hotspots.window(request.GET.dict(), timezone.localdate(now))
    except hotspots.BadWindow as error:
        context |= {"error": str(error), "begin": request.GET.get("from", ""), "end": request.GET.get("to", "")}
        return render(request, "ticketing/desk/hotspots.html", context, status=422)
    found = hotspots.topics(actor, chosen, _top(request), now)
    context |= {"chosen": chosen, "found": found, "rows": _rows(found.topics, actor), "most": hotspots.MOST}
    context |= {"begin": chosen.first.isoformat(), "end": chosen.last.isoformat()}
    return render(request, "ticketing/desk/hotspots.html", context)


def _top(request: HttpRequest) -> int:
    text = request.GET.get("top", "")
    return int(text) if text in map(str, hotspots.TOPS) else 10


def _rows(spots: Sequence[Hotspot], actor: Actor) -> list[Row]:
    """The remembered topics with the tickets that the actor may know of now."""
    wanted = {spot.rank: spot.ids[-LINKED:][::-1] for spot in spots}
    numbers = {number for ids in wanted.values() for number in ids}
    known = {one.number: one for one in visible(actor).filter(number__in=numbers).only("number", "title", "status")}
    rows = []
    for spot in spots:
        tone, direction = DIRECTIONS[spot.trend.direction]
        tickets = [known[number] for number in wanted[spot.rank] if number in known]
        for ticket in tickets:
            ticket.title = quiet(ticket.title)
        alarms = hotspots.alarms(spot)
        # red is kept for what raises an alarm: two people on something new are no news
        shown = tone if alarms or tone != "red" else "amber"
        rows.append(Row(spot, formula(spot), shown, direction, alarms, tickets, spot.tickets - len(tickets)))
    return rows


def formula(spot: Hotspot) -> str:
    """The heat with its numbers put in; the words stand above the list."""
    part = dict(spot.terms)
    volume = f"10×{part['callers']:.0f} + 3×{part['repeats']:.0f} + 5×ln(1+{part['support']:.0f})"
    return f"{part['focus']:g} × {part['unity']:g} × ({volume}) × {part['freshness']:g} = {spot.heat:g}"
