"""The language functions put to work on a report: the one place where `nlp` meets the directory.

What comes out is a proposal with its reasons. Places and units are matched against the directory by name; the
classifier is the promoted model (`MODELS/champion`), or the cold start from the categories' own words.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from itertools import islice

from directory.models import Category, Department, Region, RegionLevel
from nlp.classify import Classification
from nlp.classify.champion import Opinion
from nlp.extract.places import Place, PlaceIndex, find_place
from nlp.kinds import kind_of
from nlp.urgency import assess
from ticketing.classifying import classifier, contender
from ticketing.intake.report import Report
from ticketing.intake.understanding import Understanding
from ticketing.memory import Remembered
from ticketing.terms import Kind
from ticketing.wording import following, rules

log = logging.getLogger(__name__)
#: a unit is complained about only in matters that are complaints
_AGAINST = frozenset({Kind.COMPLAINT, Kind.REPORT})
_HOSTILE = re.compile(r"态度|推诿|不作为|乱作为|扯皮|索要|吃拿卡要|收受|违规|粗暴|辱骂|不管不问|踢皮球|敷衍|包庇")
#: how near the words of blame must stand to the unit's name, in characters
_NEAR = 25
_MOST_ALTERNATIVES = 5
#: a shortened name alone (中原 for 中原区) may be part of anything; the full name, or one with its city, is clear
_CLEAR = 0.7
#: how sure a road or an estate alone can be: its district is not said
_ELSEWHERE = 0.5


def read(report: Report) -> Understanding:
    """What the text says: kind, category, urgency, 110, place, the unit complained about, each with its reason."""
    following.refresh()
    text = report.text
    urgency, kind = assess(text, rules.in_force()), kind_of(text)
    engine, codes = classifier(), _categories()
    found = engine.classify(report.body, title=report.title)
    known = ((codes[one.label], one) for one in found.ranked if one.label in codes)
    ranked = list(islice(known, _MOST_ALTERNATIVES))
    best = ranked[0] if ranked else None
    reasons = [f"紧急判断：{rule.why}（“{rule.words}”，规则 {rule.rule}）" for rule in urgency.rules]
    if kind.words:
        reasons.append(f"诉求类型“{kind.label}”：{'、'.join(kind.words[:4])}")
    if best is not None:
        terms = "、".join(best[1].top_terms[:5])
        reasons.append(f"分类“{best[1].label}”：{terms}")
    place = placed(f"{report.place} {text}")
    if place.region or place.estate or place.street:
        reasons.append(_told(place))
    return Understanding(
        kind=kind.kind if kind.words else "",
        category=best[0] if best else None,
        confidence=best[1].probability if best else 0.0,
        abstained=found.abstained or best is None,
        promoted=engine.promoted,
        urgency=urgency.level,
        suspected_110=urgency.suspected_110,
        handover=urgency.handover or "",
        region=report.region or place.region or "",
        complained_unit=_accused(text) if (report.kind or kind.kind) in _AGAINST else None,
        reasons=tuple(reasons),
        alternatives=tuple((pk, round(one.probability, 4)) for pk, one in ranked),
        model=engine.name,
        facts=_second_opinion(report, found),
    )


def _second_opinion(report: Report, first: Classification) -> dict[str, object]:
    """Both models' opinions for the record while a challenger runs beside; it decides nothing and may fail."""
    other = contender()
    if other is None:
        return {}
    try:
        second = other.classify(report.body, title=report.title)
    except Exception:
        log.exception("the challenger %s failed; the report goes on without its opinion", other.name)
        return {}
    return {
        "champion": asdict(Opinion.of(first)),
        "challenger": asdict(Opinion.of(second)) | {"model": other.name},
    }


@Remembered
def _categories() -> dict[str, int]:
    """Category ids by path."""
    return dict(Category.objects.filter(active=True).values_list("path", "pk"))


@dataclass(frozen=True)
class Names:
    """Names of the directory as one pattern; longer names first, so that 郑东新区 is not 东新."""

    pattern: re.Pattern[str] | None
    keys: dict[str, str]

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str]]) -> Names:
        keys = {name: key for name, key in pairs if len(name) >= 2}
        longest = sorted(keys, key=len, reverse=True)
        return cls(re.compile("|".join(map(re.escape, longest))) if longest else None, keys)


@Remembered
def places() -> PlaceIndex:
    """The divisions of the directory by name."""
    return PlaceIndex(Region.objects.values_list("code", "name", "parent_id").order_by("code"))


@Remembered
def _small() -> frozenset[str]:
    """Codes of districts and sub-districts: what a ticket's region may be."""
    return frozenset(
        Region.objects.filter(level__in=[RegionLevel.COUNTY, RegionLevel.STREET]).values_list("code", flat=True)
    )


@Remembered
def _unit_names() -> Names:
    rows = Department.objects.filter(active=True).values_list("name", "short_name", "pk")
    return Names.of((word, str(pk)) for name, short, pk in rows for word in (name, short) if word)


def placed(text: str) -> Place:
    """Where the text says that it happens; the region only if it is a district or smaller, and said clearly enough."""
    found = find_place(text, places())
    if found.region_sure >= _CLEAR and found.region in _small():
        return found
    return replace(found, region=None, region_name="", confidence=min(found.confidence, _ELSEWHERE))


def _told(place: Place) -> str:
    """The place with how sure it is, for the person at the desk."""
    named = " ".join(filter(None, (place.region_name, place.street, place.estate, place.point)))
    return f"地点“{named}”：正文写明，把握{place.confidence:.0%}"


def _accused(text: str) -> int | None:
    """The unit that is named close to words of blame, or None."""
    names = _unit_names()
    if names.pattern is None:
        return None
    for match in names.pattern.finditer(text):
        around = text[max(0, match.start() - _NEAR) : match.end() + _NEAR]
        if _HOSTILE.search(around):
            return int(names.keys[match.group()])
    return None
