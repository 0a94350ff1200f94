"""Where: administrative region from the directory, road, estate and the exact point."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

_NOT_A_REGION = (
    "路",
    "大街",
    "街",
    "大道",
    "巷",
    "桥",
    "河",
    "湖",
    "花园",
    "小区",
    "广场",
    "国际",
    "家园",
    "新城",
    "公园",
    "大厦",
    "医院",
    "学校",
)
_REGION_ENDINGS = ("街道办事处", "街道", "新区", "省", "市", "区", "县", "镇", "乡")
_CUT = re.compile(
    r"[的了在是我你他她它们有被把为和与及对向从到给因由请将让就能何也都还又才吗呢吧啊不没无未位于至往经沿于着过及跟]|"
    r"麻烦|感谢|多谢|表扬|派人|看看|冒充|上门|第二天|家住|住(?=[\u4e00-\u9fff]{2,}(?:路|街|道|巷))|关于|投诉|举报|反映|咨询|建议|希望|请问|住在|居住|附近|旁边|对面|门口|业主|居民|市民|您好|你好|领导|经过|靠近|一个|某|号院?(?=[\u4e00-\u9fff])|\d+号|前面|后面"
)
_ROAD = re.compile(
    r"[\u4e00-\u9fff0-9]{1,12}?(?:大道|大街|环路|高架|胡同|路|街|巷)(?![道边口灯面过上人费由程径线政况网])"
)
_ESTATE = re.compile(
    r"[\u4e00-\u9fffA-Za-z0-9·]{1,14}?(?:小区|花园|家园|公寓|新城|社区|新村|公馆|商场|公园|市场|城(?=[一二三四五六七八九\d]期)|园(?=[一二三四五六七八九\d]期)|名邸|雅苑|家属院|安置区|广场|大厦|商城|庄园|华府|学府|国际城|苑|庭|郡|府|湾)"
    r"(?![\u4e00-\u9fff]?(?:政府|街道|路|大道|大桥|桥|超市))(?:[一二三四五六七八九东西南北A-Z\d]{1,2}[期区])?"
)
_CROSSING = re.compile(
    r"(?:与|和|、|跟|同)?(?P<other>[\u4e00-\u9fff]{1,6}(?:大道|大街|路|街|巷))(?:的)?(?:交叉口?|交汇处?|路口|十字路口|交口)(?P<side>向?[东西南北]{1,2}(?:\d+米|角|侧|边)?)?"
)
#: what may stand before a name without a blank: a road with its crossing, a side of it, a distance, a division. A bare
#: direction is left, for it may begin the name (东方家园)
_BEFORE = re.compile(
    r"(?:(?:大道|路|街|巷)(?:交叉口|交汇处|十字路口|交口|口)?|街道|区|市|县|镇)"
    r"(?:[东西南北]{1,2}(?:侧|边|角|头|段))?(?:[东西南北]{0,2}\d+米(?:处|左右)?)?(?=[\u4e00-\u9fff]{2})"
    r"|^[东西南北]{0,2}\d+米(?:处|左右)?(?:路[东西南北])?(?=[\u4e00-\u9fff]{2})"
)
_POINT = re.compile(
    r"(?:[A-Za-z]?\d{1,4}|[一二三四五六七八九十]{1,3})(?:号院|号楼|号|栋|幢|座|#楼?)(?:[A-Za-z\d一二三四五六七八九十]{1,3}单元)?(?:\d{1,2}[楼层])?(?:\d{3,4}[室户号]?)?"
    r"|(?:[东西南北]{1,2}门|正?门口|大门|入口|出口|地下(?:车库|室)|楼顶|对面|旁边|附近|[东西南北]侧|[东西南北]边\d*米?|门前|后门)"
)
_BAD_ROAD = re.compile(
    r"^(?:道|公|马|铁|网|一条|第?[一二三四五六七八九十\d]+天?|一|半|回|电|思|线|出|这条|那条|上|下|修|此|该|本|每条|乡|小|水|断头|十字|逛|走|问|让|堵|大|高速公|步|村|泥|土|老|新|多条|两条|几条)?(?:路|街|巷|大街|大道)$"
)
_BAD_ESTATE = re.compile(
    r"^(?:本|该|我们|整个|这个|全|老旧?|老|贵|此|一个|各|多个|几个|新|旧|某|政|周边|附近|官|公|区|县|市|省|到|家|客)?(?:小区|社区|花园|公寓|新城|广场|大厦|家园|家属院|府|湾|庭|苑|郡|新村|安置区|商城|商场|公园|市场|菜市场|农贸市场|超市)$"
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a report happens. `region` is the deepest division found; `confidence` from 0 (nothing) to 1."""

    region: str | None = None
    region_name: str = ""
    street: str = ""
    estate: str = ""
    point: str = ""
    confidence: float = 0.0
    #: of the region alone
    region_sure: float = 0.0


@dataclass(frozen=True, slots=True)
class _Entry:
    code: str
    name: str
    parent: str | None


#: position, name, and the codes of the divisions that bear it
Mention = tuple[int, str, list[str]]


class PlaceIndex:
    """Names of a directory, ready to be found in texts. Rows are (code, name, parent code or None)."""

    def __init__(self, rows: Iterable[tuple[str, str, str | None]]) -> None:
        self._entries = {code: _Entry(code, name, parent or None) for code, name, parent in rows}
        self._by_name: dict[str, list[str]] = defaultdict(list)
        for entry in self._entries.values():
            for alias in _aliases(entry.name):
                self._by_name[alias].append(entry.code)

    @cached_property
    def _by_start(self) -> dict[str, list[str]]:
        starts: dict[str, list[str]] = defaultdict(list)
        for name in sorted(self._by_name, key=len, reverse=True):
            starts[name[:2]].append(name)
        return starts

    def name(self, code: str) -> str:
        return self._entries[code].name

    def ancestors(self, code: str) -> list[str]:
        """The code and its parents, deepest first."""
        chain: list[str] = []
        current: str | None = code
        while current and current in self._entries and current not in chain:
            chain.append(current)
            current = self._entries[current].parent
        return chain

    def mentions(self, text: str) -> Iterator[Mention]:
        """(position, name, codes of that name) of every known name, longest first, without overlaps."""
        at = 0
        while at < len(text) - 1:
            for name in self._by_start.get(text[at : at + 2], ()):
                if text.startswith(name, at) and self._stands_for_region(name, text[at + len(name) :]):
                    yield at, name, self._by_name[name]
                    at += len(name)
                    break
            else:
                at += 1

    def _stands_for_region(self, name: str, following: str) -> bool:
        """A shortened name does not count inside the name of a road or estate (金水路, 文化路)."""
        if any(self._entries[code].name == name for code in self._by_name[name]):
            return True
        return not name.endswith(("路", "街", "道", "桥")) and not following.startswith(_NOT_A_REGION)

    def region(self, text: str, mentions: Sequence[Mention] | None = None) -> tuple[str | None, float]:
        """The deepest division that the text names, and how sure that is.

        A name borne by several divisions (文化路街道) is decided by a parent that is named too; without one the first
        common parent is taken with little confidence.
        """
        found = [(name, codes) for _, name, codes in self.mentions(text)]
        named = {code for name, codes in found if len(codes) == 1 for code in codes}
        best: tuple[float, int, str] | None = None
        for name, codes in found:
            for code in codes:
                chain = self.ancestors(code)
                supported = any(parent in named for parent in chain[1:])
                if len(codes) > 1 and not supported:
                    continue
                full = name == self._entries[code].name
                sure = min(0.5 + 0.25 * full + 0.2 * supported + 0.1 * (len(codes) == 1), 0.95)
                if best is None or (len(chain), sure) > (best[1], best[0]):
                    best = (sure, len(chain), code)
        if best:
            return best[2], best[0]
        return self._common(found)

    def _common(self, found: list[tuple[str, list[str]]]) -> tuple[str | None, float]:
        for _, codes in found:
            shared = set.intersection(*(set(self.ancestors(code)) for code in codes))
            if shared:
                return max(shared, key=lambda code: len(self.ancestors(code))), 0.3
        return None, 0.0


def _aliases(name: str) -> set[str]:
    """The name, and the name without its ending when two characters or more are left."""
    names = {name} if len(name) >= 2 else set()
    for ending in _REGION_ENDINGS:
        if name.endswith(ending) and len(name) - len(ending) >= 2:
            names.add(name.removesuffix(ending))
            break
    return names


def find_place(text: str, index: PlaceIndex) -> Place:
    """Region, road, estate and point of a text; what is not said stays empty."""
    mentions = list(index.mentions(text))
    code, sure = index.region(text, mentions)
    rest = _without_regions(text, mentions)
    road, after_road = _road(rest)
    estate = _first(_ESTATE, rest, _BAD_ESTATE)
    anchor = rest.find(estate) + len(estate) if estate else after_road
    point = _point(rest, anchor) if estate or road else ""
    if code is None and not road and not estate:
        return Place()
    confidence = sure if code else 0.2
    confidence = min(confidence + 0.05 * bool(road) + 0.1 * bool(estate), 1.0)
    return Place(code, index.name(code) if code else "", road, estate, point, round(confidence, 2), sure)


def _without_regions(text: str, mentions: Sequence[Mention]) -> str:
    """The text with a blank for each division named in full, so that it does not become part of a road's name."""
    chars = list(text)
    for at, name, _ in mentions:
        if name.endswith(_REGION_ENDINGS):
            chars[at : at + len(name)] = " " * len(name)
    return "".join(chars)


def _first(pattern: re.Pattern[str], text: str, bad: re.Pattern[str]) -> str:
    """The first match that is a name and not a common noun, cut to what belongs to it."""
    for found in pattern.finditer(text):
        name = _trim(found.group())
        if len(name) >= 3 and not bad.match(name):
            return name
    return ""


def _trim(raw: str) -> str:
    """Drop what stands before the name: everything up to the last function word, road or number of a house."""
    cuts = [found.end() for found in _CUT.finditer(raw) if found.end() < len(raw) - 1]
    name = raw[cuts[-1] :] if cuts else raw
    inner = [found.end() for found in _BEFORE.finditer(name)]
    if inner and len(name) - inner[-1] >= 3:
        name = name[inner[-1] :]
    return name


def _road(text: str) -> tuple[str, int]:
    for found in _ROAD.finditer(text):
        name = _trim(found.group())
        if len(name) < 2 or _BAD_ROAD.match(name) or name.endswith(("道路", "公路", "马路")):
            continue
        crossing = _CROSSING.match(text, found.end())
        if crossing:
            side = crossing.group("side") or ""
            return f"{name}与{crossing.group('other')}交叉口{side}", crossing.end()
        return name, found.end()
    return "", 0


def _point(text: str, start: int) -> str:
    """The building, door or side named right behind the estate or road."""
    found = _POINT.search(text, start, start + 16)
    return found.group() if found else ""
