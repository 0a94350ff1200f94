"""Names of places and organisations found in the messages themselves.

A hot topic is about *something*: an estate, a street, a firm. Directories never know all of them, so names are read off
the collection: whatever stands before a typical ending ("…小区", "…路", "…公司") in two messages or more.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from functools import cache

from nlp.data import lines
from nlp.words import REGION_CODE, is_dictionary_word

_LONG_ENDINGS = (
    "小区 社区 花园 家园 公寓 新城 新村 公园 广场 大厦 商城 市场 中心 学校 小学 中学 学院 大学 幼儿园 医院 公司 集团 "
    "银行 大道 大桥 隧道 驾校 派出所 地铁站 酒店 饭店 超市 平台 楼盘 项目 街道"
)
_SHORT_ENDINGS = "苑 府 郡 城 园 村 组 路 街 巷 镇 站 厂 庭 湾 院 贷"
# a short ending that begins another word instead of ending a name: 安装|路灯, 按揭|贷款
_BEGUN = "路灯 贷款 城管 城市 城乡 城区 厂家 厂房 厂商 园林 组织 组成 组建 组长 站点 站台 站岗 府邸 院子 院落 村镇 镇压"
_ENDING = re.compile(
    f"{'|'.join(_LONG_ENDINGS.split())}|(?!{'|'.join(_BEGUN.split())})[{''.join(_SHORT_ENDINGS.split())}]"
)
_AFTER_NAME = re.compile(f"(?:{'|'.join(_LONG_ENDINGS.split())})*")
_RUN = re.compile(r"[\u4e00-\u9fff0-9]+")
_FUNCTION = re.compile(
    "[的了在是而我们你有被把为和与及对向从到给因由请将让就能何多少这那个该其也都还又再才吗呢吧啊不没无未]"
)
_PREFIX = re.compile(
    "^(?:关于|投诉|举报|反映|咨询|建议|希望|强烈|要求|附近|位于|居住|旁边|对面|尊敬|领导|您好|居民|业主|市民|解决|例如|比如|应聘|购置|购买|安排|就读|整治|严查|查处|违规|违法)+"
)
_DIVISION = re.compile(
    r"^(?:[\u4e00-\u9fff]{2,3}(?<![城都超夜股门])市)?(?:[\u4e00-\u9fff]{2,3}(?:(?<![小社园校库景厂片地山])区|县))?(?=[\u4e00-\u9fff0-9]{2})"
)
_LEAD_CHARACTERS = 200


def plain(text: str) -> str:
    """`text` without white space and region codes."""
    return REGION_CODE.sub(" ", "".join(text.split()))


def candidates(text: str) -> set[str]:
    """Strings in `text` that end like a name. A one-character ending belongs to the name, a longer one is dropped."""
    found = set()
    for run in _RUN.findall(plain(text)):
        start = 0
        for ending in _ENDING.finditer(run):
            core = _DIVISION.sub("", _PREFIX.sub("", _FUNCTION.split(run[start : ending.start()])[-1]))
            start = ending.end()
            if 2 <= len(core) <= 6:
                found.add(core + ending.group() if len(ending.group()) == 1 else core)
    return found


@cache
def _kinds() -> re.Pattern[str]:
    return re.compile("|".join(re.escape(line) for line in lines("not_names.txt")))


def is_kind(text: str) -> bool:
    """Whether `text` names a kind of thing ("搅拌站", "公积金贷") and not one thing."""
    return bool(_kinds().search(text)) or text[-1] in "性化型级式" or is_dictionary_word(text)


def places(title: str) -> frozenset[str]:
    """What a title names that looks like a place or a firm, known from elsewhere or not."""
    return frozenset(name for name in candidates(title) if not is_kind(name))


def _end_of(name: str, text: str, at: int) -> int:
    """Where `name` at `at` ends, its ending included ("丽景" in "丽景新城小区")."""
    ending = _AFTER_NAME.match(text, at + len(name))
    return ending.end() if ending else at + len(name)


class Names:
    """Finds known names in a text, longest first."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._by_start: dict[str, list[str]] = defaultdict(list)
        for name in sorted(set(names), key=lambda name: (-len(name), name)):
            if len(name) >= 2:
                self._by_start[name[:2]].append(name)

    @classmethod
    def discover(cls, texts: Sequence[tuple[str, str]], known: Iterable[str] = (), at_least: int = 2) -> Names:
        """Names in (title, body) pairs that occur in `at_least` messages, plus `known` ones."""
        seen: Counter[str] = Counter()
        for title, body in texts:
            seen.update(candidates(f"{title} {body[:_LEAD_CHARACTERS]}"))
        found = (name for name, count in seen.items() if count >= at_least and not is_kind(name))
        return cls([*known, *found])

    def find(self, text: str) -> tuple[list[str], str]:
        """Names in `text` (without region codes) and the text with a blank in place of each and of its ending."""
        text, found, rest, at = plain(text), [], [], 0
        while at < len(text):
            for name in self._by_start.get(text[at : at + 2], ()):
                if text.startswith(name, at):
                    found.append(name)
                    rest.append(" ")
                    at = _end_of(name, text, at)
                    break
            else:
                rest.append(text[at])
                at += 1
        return found, "".join(rest)
