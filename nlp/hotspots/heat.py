"""How hot a topic is, and why.

    heat = focus x unity x (10 x callers + 3 x repeats + 5 x ln(1 + support)) x freshness

- callers: distinct people. repeats: further tickets of the same people; one loud person does not make a hot topic.
- support: likes minus dislikes over all tickets, never below 0; a logarithm, because a vote costs less than a ticket.
- focus: share of the tickets that name the topic's place, estate, firm or group. Complaints about the same *kind* of
  thing in ten places are a category, not a hot topic, and come out low; so do titles of several districts. 0.2 at
  least.
- unity: share of the tickets that use the word the topic has in common (not a place, not a word all over the
  collection; one of many others too counts down to three quarters). Ten complaints about ten things in one estate
  are not one problem. In a group of up to three, times how alike its texts are beyond the place (mean cosine / 0.2, at
  most 1). 0.2 at least.
- freshness: 0.5 ^ (days since the last ticket / 30) when a `now` is given, else 1. A topic that nobody mentions cools.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from nlp.hotspots.model import Item, Trend

HALF_LIFE_DAYS = 30.0
_LEAST = 0.2
_WEEK = timedelta(days=7)

Parts = tuple[tuple[str, float], ...]


def parts(items: Sequence[Item], focus: float, unity: float, now: datetime | None) -> Parts:
    """The terms of the formula for one topic."""
    callers = len({item.caller for item in items})
    support = max(sum(item.likes - item.dislikes for item in items), 0)
    freshness = 1.0
    if now is not None:
        days = max((now - max(item.created_at for item in items)).total_seconds() / 86400, 0.0)
        freshness = 0.5 ** (days / HALF_LIFE_DAYS)
    return (
        ("callers", float(callers)),
        ("repeats", float(len(items) - callers)),
        ("support", float(support)),
        ("focus", round(max(focus, _LEAST), 3)),
        ("unity", round(max(unity, _LEAST), 3)),
        ("freshness", round(freshness, 4)),
    )


def heat(terms: Parts) -> float:
    """The formula of this module over its `parts`."""
    value = dict(terms)
    volume = 10 * value["callers"] + 3 * value["repeats"] + 5 * math.log1p(value["support"])
    return round(value["focus"] * value["unity"] * volume * value["freshness"], 2)


def trend(now: int, before: int | None) -> Trend:
    """Compare with the period before; `before` None means that nothing is known of it."""
    if before is None or (before == 0 and now > 0):
        return Trend(now, before or 0, float(now + 1), "new")
    factor = (now + 1) / (before + 1)
    direction = "rising" if factor >= 1.5 else "falling" if factor <= 0.67 else "steady"
    return Trend(now, before, round(factor, 2), direction)


def busiest_week(items: Sequence[Item]) -> int:
    """Most tickets within any seven days."""
    times = sorted(item.created_at for item in items)
    best = start = 0
    for end, time in enumerate(times):
        while time - times[start] > _WEEK:
            start += 1
        best = max(best, end - start + 1)
    return best


def reasons(
    items: Sequence[Item], place: str, focus: float, course: Trend, known_before: bool, last_year: int | None
) -> tuple[str, ...]:
    """Why this is on the list, in words for a supervisor."""
    callers, support = len({item.caller for item in items}), sum(item.likes - item.dislikes for item in items)
    said = [f"{callers}人反映{len(items)}件"]
    week = busiest_week(items)
    if 3 <= week < len(items):  # else it says what the line above says
        said.append(f"最密集的7天内{week}件")
    if place and focus >= 0.5:
        said.append(f"{focus:.0%}的诉求集中于{place}")
    if support >= 10:
        said.append(f"另有{support}人次点赞")
    if known_before:
        said.append(f"上一周期{course.before}件，本周期{course.now}件")
    if last_year is not None:
        seasonal = last_year >= 0.7 * len(items)
        said.append(f"去年同期{last_year}件" + ("，属季节性反复" if seasonal else "，不属季节性反复"))
    return tuple(said)


def most_common(values: Sequence[str]) -> tuple[str, int]:
    """The most frequent non-empty value and its count; ties go to the longer, then the first in order."""
    counts = Counter(value for value in values if value)
    if not counts:
        return "", 0
    return min(counts.items(), key=lambda pair: (-pair[1], -len(pair[0]), pair[0]))
