"""Whether a question asks about the rules of another city: 上海的居住证怎么办 is not answered with ours."""

from __future__ import annotations

import re
from functools import cache

from directory.models import Department, Region
from directory.models.places import RegionLevel

from . import lists

#: stands for the name of another place; the class @away of `data/matters.txt` has it
AWAY = "异乡"
#: matters in which another place is named and ours is asked about
ACROSS = re.compile("异地|跨省|外地|省外|外省|出入境|通行证|护照")
#: the place is where somebody comes from, or where something is brought from or to
_FROM = re.compile("(?:从|来自|老家|老家在|是|原籍|户籍在|户口在|以前在|之前在|原来在|曾在|离开|回|去|到|往|飞)$")
_ORIGIN = re.compile("^(?:省|市)?(?:人|来|老家|户口|户籍|农村|那边|转|迁|籍|牌照|回|的身份证|的户口)")


@cache
def _names() -> re.Pattern[str]:
    names = lists.shipped_words("elsewhere.txt")
    return re.compile("|".join(sorted(names, key=len, reverse=True)))


def asked_about(text: str) -> bool:
    """True when `text` asks about a place that is none of ours, and names none of ours."""
    found = list(_names().finditer(text))
    if not found or any(_ours(place.group()) for place in found):
        return False
    return any(not (_FROM.search(text[: place.start()]) or _ORIGIN.match(text[place.end() :])) for place in found)


def across(head: str) -> bool:
    """Whether an entry with this title and keywords is about matters between places."""
    return bool(ACROSS.search(head))


def as_away(text: str) -> str:
    """`text` with the names of other places as one word, by which matters between places know them."""
    return _names().sub(lambda place: place.group() if _ours(place.group()) else AWAY, text)


def _ours(name: str) -> bool:
    """Whether a place of that name lies where a hotline of ours is, or the hotline in it; the directory may hold the
    whole province. Streets bear the names of other cities (南阳路街道), so they do not count."""
    named = Region.objects.filter(name__startswith=name).exclude(level=RegionLevel.STREET)
    codes = list(named.values_list("code", flat=True))
    if not codes:
        return False
    served = set(Department.objects.filter(kind="hotline", active=True).values_list("region_id", flat=True))
    return not served or any(_within(code, own) or _within(own, code) for code in codes for own in served if own)


def _within(code: str, whole: str) -> bool:
    """Codes of regions name the province, the city and the county two digits each; what is whole ends with zeros."""
    return code.startswith(re.sub("(00)+$", "", whole))
