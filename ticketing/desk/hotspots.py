"""Hot topics as somebody sees them: a window of tickets, compared with the equally long time before and a year ago."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.core.cache import cache
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_date

from nlp.hotspots import Hotspot, find
from ticketing.desk.access import sight
from ticketing.hot_topics import read
from ticketing.lifecycle.actors import Actor
from ticketing.models import Ticket
from ticketing.visibility import visible

#: most tickets of one window that are grouped, the newest first
MOST = 5_000
LONGEST_DAYS = 92
FRESH = timedelta(seconds=60)
#: an older answer is shown rather than computed twice at once
KEPT_SECONDS = 600
TOPS = (5, 10, 20, 50)
PRESETS: tuple[tuple[str, str, int], ...] = (("today", "今天", 1), ("3", "3 天", 3), ("7", "7 天", 7))
#: from so many callers on a topic that is new or grows raises an alarm
ALARM_CALLERS = 3
_YEAR = timedelta(days=364)


class BadWindow(ValueError):
    """The period asked for cannot be shown; the text says what is accepted."""


@dataclass(frozen=True)
class Window:
    """Whole local days; `code` is `today`, `3`, `7` or empty for a period of one's own."""

    first: date
    last: date
    code: str = ""

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def moments(self, now: datetime) -> tuple[datetime, datetime]:
        """Begin and end (exclusive); never later than now: today is compared with as much of yesterday."""
        end = _midnight(self.last + timedelta(days=1))
        return _midnight(self.first), max(min(end, now), _midnight(self.first))


@dataclass(frozen=True)
class Found:
    """The topics of a window. `cut`: there were more tickets than are grouped, so the period begins at `begin`."""

    topics: tuple[Hotspot, ...]
    tickets: int
    begin: datetime
    end: datetime
    cut: bool
    made_at: datetime


def window(query: Mapping[str, str], today: date) -> Window:
    """The window a page address names: `window=today|3|7` or `from` and `to`. Raises BadWindow."""
    first, last = query.get("from", ""), query.get("to", "")
    if first or last:
        return _own(_day("from", first), _day("to", last))
    code = query.get("window") or "today"
    days = next((days for known, _, days in PRESETS if known == code), 0)
    if not days:
        raise BadWindow("window 只接受 today、3、7，或用 from、to 指定日期")
    return Window(today - timedelta(days=days - 1), today, code)


def _own(first: date, last: date) -> Window:
    chosen = Window(first, last)
    if last < first:
        raise BadWindow("截止日期早于起始日期")
    if chosen.days > LONGEST_DAYS:
        raise BadWindow(f"一次最多查看 {LONGEST_DAYS} 天")
    return chosen


def _day(name: str, text: str) -> date:
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    if day is None or not 2000 <= day.year <= 2100:
        raise BadWindow(f"{name} 需要日期，如 2026-03-01")
    return day


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def topics(actor: Actor, chosen: Window, top: int, now: datetime) -> Found:
    """The hottest topics among what the actor may see; remembered for `FRESH` per sight.

    While one request computes, others get the last answer, so that a slow search is not done many times at once.
    """
    key = f"desk.hotspots.{sight(actor)}.{chosen.first}.{chosen.last}.{top}"
    known: Found | None = cache.get(key)
    if known is not None and (now - known.made_at < FRESH or not cache.add(f"{key}.busy", 1, 60)):
        return known
    found = _search(visible(actor), chosen, top, now)
    cache.set(key, found, KEPT_SECONDS)
    cache.delete(f"{key}.busy")
    return found


def _search(tickets: QuerySet[Ticket], chosen: Window, top: int, now: datetime) -> Found:
    begin, end = chosen.moments(now)
    items = list(read(_newest(tickets, begin, end)))
    cut = len(items) == MOST
    if cut:
        begin = min(item.created_at for item in items)
    length = end - begin if cut else timedelta(days=chosen.days)
    spots = find(
        items,
        top=top,
        now=end,
        previous=list(read(_newest(tickets, begin - length, end - length))),
        last_year=list(read(_newest(tickets, begin - _YEAR, end - _YEAR))) or None,
    )
    return Found(tuple(spots), len(items), begin, end, cut, now)


def _newest(tickets: QuerySet[Ticket], begin: datetime, end: datetime) -> QuerySet[Ticket]:
    return tickets.filter(created_at__gte=begin, created_at__lt=end).order_by("-created_at", "-pk")[:MOST]


def alarms(spot: Hotspot) -> tuple[str, ...]:
    """Why somebody should look at once; each names its reason. Empty for what goes on as before."""
    if spot.callers < ALARM_CALLERS:
        return ()
    if spot.trend.direction == "new":
        return (f"新出现：上一周期没有，本周期 {spot.callers} 人反映",)
    if spot.trend.direction == "rising":
        return (f"上升：由 {spot.trend.before} 件增至 {spot.trend.now} 件",)
    return ()
