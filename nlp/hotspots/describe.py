"""Names for a group of messages: where, and what."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from nlp.hotspots.heat import most_common
from nlp.hotspots.model import Item
from nlp.hotspots.vectors import Space, Terms, Vector, dot
from nlp.words import REGION_CODE

_REGION = re.compile(rf"{REGION_CODE.pattern}|[\u4e00-\u9fff]{{2,3}}?(?:新区|市|区|县)")
_PROVINCE = re.compile(r"^[\u4e00-\u9fff]{2,3}省")
_OPENING = re.compile(
    r"^(?:再次|强烈|坚决|恳请|恳求|请求|请问|请|关于|投诉|举报|反映|反应|反馈|咨询|建议|希望|要求|求助|对|给)+"
)
_CLOSING = re.compile(r"(?:的)?(?:问题|投诉|建议|反映|咨询|疑问)?(?:请.{0,8}|何时.{0,8})?[?？!！。…\s]*$")
_COMMON_NAME = 0.02
_DIRECTIONS = str.maketrans("", "", "的和与及")


@dataclass(frozen=True, slots=True)
class Description:
    """What a group is about. `focus` is the share of its messages that carry its name."""

    place: str
    problem: str
    words: tuple[str, ...]
    focus: float


def describe(items: Sequence[Item], terms: Sequence[Terms], vectors: Sequence[Vector], total: Vector, space: Space) -> Description:
    """Describe a group; `total` is the sum of its `vectors`."""
    name, carrying = _name(terms, space)
    region, _ = most_common([_region(item.title) for item in items])
    words = [term for term, _ in sorted(total.items(), key=lambda pair: (-pair[1], pair[0])) if term[0] not in "@#"][:6]
    title = items[_middle(vectors, total)].title
    place = region if not name or name in region else region + name
    return Description(place, _problem(title, region, name) or "、".join(words[:3]), tuple(words), carrying / len(items))


def _name(terms: Sequence[Terms], space: Space) -> tuple[str, int]:
    """The name most messages of the group share, and how many do.

    Names all over the collection (a city, a ministry) do not say which topic this is, unless the topic is that large.
    """
    counts: Counter[str] = Counter()
    for one in terms:
        counts.update(one.names.keys())
    limit = max(_COMMON_NAME * space.documents, 5)
    fit = {name: count for name, count in counts.items() if space.name_df[name] <= max(limit, 2 * count)}
    if not fit:
        return "", 0
    # Between equally frequent names the rarer elsewhere wins: it is the more specific one.
    name = min(fit, key=lambda name: (-fit[name], space.name_df[name], -len(name), name))
    return name[1:], fit[name]


def _region(title: str) -> str:
    found = _REGION.search(title[:20])
    return found.group() if found else ""


def _middle(vectors: Sequence[Vector], total: Vector) -> int:
    """The message nearest to the group's sum."""
    return max(range(len(vectors)), key=lambda at: (dot(vectors[at], total), -at))


def _problem(title: str, region: str, name: str) -> str:
    said = _OPENING.sub("", "".join(title.split()))
    for part in (region, name):
        if part:
            said = said.replace(part, "", 1)
    said = _CLOSING.sub("", REGION_CODE.sub("", _OPENING.sub("", said)))
    return said.strip("，,。.、；;:：的“”\"'（）()").translate(_DIRECTIONS) if len(said) < 4 else said.strip("，,。.、；;:：")
