"""Whether a question asks about the rules of another city: 上海的居住证怎么办 is not answered with ours."""

from __future__ import annotations

import re
from functools import cache

from directory.models import Region
from directory.models.places import RegionLevel

from . import lists

#: matters in which another place is named and ours is asked about
ACROSS = re.compile("异地|跨省|随迁|外地|省外|外省|出入境|通行证|护照")
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


def _ours(name: str) -> bool:
    """Streets bear the names of other cities (南阳路街道), so they do not count."""
    return Region.objects.filter(name__startswith=name).exclude(level=RegionLevel.STREET).exists()
