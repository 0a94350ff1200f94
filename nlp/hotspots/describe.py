"""Names for a group of messages: where, and what."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from nlp.data import lines
from nlp.hotspots.heat import most_common
from nlp.hotspots.model import Item
from nlp.hotspots.names import plain
from nlp.hotspots.vectors import Space, Terms, Vector, dot
from nlp.words import REGION_CODE

_REGION = re.compile(
    rf"{REGION_CODE.pattern}|^[\u4e00-\u9fff]{{2,4}}?(?:市|县|(?<![小社园校库景厂])区)(?![域民场政内])"
)
_PROVINCE = re.compile(r"^[\u4e00-\u9fff]{2,3}省")
_OPENING = re.compile(
    r"^(?:再次|强烈|坚决|恳请|恳求|请求|请问|请|关于|投诉|举报|反映|反应|反馈|咨询|建议|希望|要求|求助|对|给)+"
)
_CLOSING = re.compile(r"(?:的?(?:问题|投诉|建议|反映|咨询|疑问))?[?？!！。…\s]*$")
_ENDINGS = (
    "新城",
    "花园",
    "家园",
    "公寓",
    "公园",
    "广场",
    "大厦",
    "新村",
    "商城",
    "小区",
    "街道",
    "学校",
    "学院",
    "公司",
)
_COMMON_NAME = 0.02
_COMMON_WORD = 0.05
#: members up to which a group must be alike as a whole, and the mean cosine of their words at which it is
_SMALL, _ALIKE = 3, 0.2


@dataclass(frozen=True, slots=True)
class Description:
    """What a group is about. `focus` is the share of its messages that carry its name (no more than the share of its
    titles that name one region), `unity` the share that use the problem word they have in common, less where a small
    group is hardly alike beyond its place."""

    place: str
    problem: str
    words: tuple[str, ...]
    focus: float
    unity: float


def describe(
    items: Sequence[Item], terms: Sequence[Terms], vectors: Sequence[Vector], total: Vector, space: Space
) -> Description:
    """Describe a group; `total` is the sum of its `vectors`."""
    name, carrying = _name(terms, space)
    region, _ = most_common([_region(item.title) for item in items])
    words = [term for term in sorted(total, key=lambda term: (-total[term], term)) if term[0] not in "@#"][:6]
    title = items[_middle(vectors, total)].title
    named = _extended(name, terms, items) if name and name not in region else ""
    place = named if region and named.startswith(region) else region + named
    problem = _problem(title, region, place.removeprefix(region)) or "、".join(words[:3])
    focus = min(carrying / len(items), _agreement([_region(item.title) for item in items]))
    return Description(place, problem, tuple(words), focus, _unity(terms, space, place) * _likeness(vectors, space))


def _likeness(vectors: Sequence[Vector], space: Space) -> float:
    """How far a small group is alike beyond its place, 0 to 1: of two or three letters a word in common says little."""
    if len(vectors) > _SMALL:
        return 1.0
    what = [{term: value for term, value in one.items() if not space.says_where(term)} for one in vectors]
    pairs = [dot(one, other) for at, one in enumerate(what) for other in what[:at]]
    return min(sum(pairs) / max(len(pairs), 1) / _ALIKE, 1.0)


def _agreement(regions: Sequence[str]) -> float:
    """Share of the titles with a region that may mean the same one: a district, and the city that others name alone."""
    counts = Counter(region for region in regions if region)
    cities = [count for region, count in counts.items() if region.endswith("市")]
    parts = [count for region, count in counts.items() if not region.endswith("市")]
    return (max(cities, default=0) + max(parts, default=0)) / counts.total() if counts else 1.0


def _unity(terms: Sequence[Terms], space: Space, place: str) -> float:
    """Share of the messages that use the word they have most in common: it says what, and is not used everywhere.

    A word of many other messages too speaks less for one problem: down to three quarters of its share, at the limit.
    """
    counts: Counter[str] = Counter()
    for one in terms:
        counts.update(one.words.keys())
    vague = frozenset(lines("not_problems.txt"))
    limit, best = _COMMON_WORD * space.documents, 0.0
    for word, count in counts.most_common():
        if count <= best * len(terms):
            break
        if word[0] == "#" or word in vague or word in place or space.says_where(word):
            continue
        if space.word_df[word] <= max(limit, 2 * count):
            elsewhere = min((space.word_df[word] - count) / limit, 1.0)
            best = max(best, count / len(terms) * (1 - elsewhere / 4))
    return best


def _extended(name: str, terms: Sequence[Terms], items: Sequence[Item]) -> str:
    """`name` with a second name or an ending that usually stands right beside it ("丽景" + "新城")."""
    others: Counter[str] = Counter()
    for one in terms:
        others.update(other[1:] for other in one.names if other[1:] != name)
    texts = [plain(item.title + " " + item.body) for item in items]
    for other in [*(other for other, _ in others.most_common(3)), *_ENDINGS]:
        for joined in (name + other, other + name):
            if 2 * sum(joined in text for text in texts) > len(texts):
                return joined
    return name


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
    found = _REGION.search(_OPENING.sub("", title)[:20])
    return found.group() if found else ""


def _middle(vectors: Sequence[Vector], total: Vector) -> int:
    """The message nearest to the group's sum."""
    return max(range(len(vectors)), key=lambda at: (dot(vectors[at], total), -at))


def _problem(title: str, region: str, name: str) -> str:
    said = _OPENING.sub("", "".join(title.split()))
    for part in (region, name, name[-3:] if len(name) > 5 else ""):
        if part:
            said = said.replace(part, "", 1)
    said = _PROVINCE.sub("", REGION_CODE.sub("", said))
    return _CLOSING.sub("", _OPENING.sub("", said)).strip("，,。.、；;:：的")
