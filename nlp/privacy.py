"""Personal data in text (隐私): found with their kind and place, and masked before anything becomes public.

Kinds: phone, landline, id_card (also passport, social security and driving licence, where the text says so), bank_card,
plate, email, account (WeChat, QQ), door, name. Service numbers (12345, 110, 400-…) are nobody's
data. Offsets refer to the text as given; masking keeps the length of every finding and finds nothing a second time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache

from nlp.data import rules
from nlp.text import is_ordinary, narrow


@dataclass(frozen=True, slots=True, order=True)
class Found:
    """One piece of personal data: `text[start:end]` of the text that was searched."""

    start: int
    end: int
    kind: str
    text: str


#: a sign between the groups of a number: 138-0013-8000, 138.0013.8000, 13800 138 000
_SIGN = r"[ ._·,，/—–-]"
_GROUPS = "|".join(
    rf"1[3-9]\d{{{first - 2}}}{_SIGN}{{1,2}}\d{{{second}}}(?:{_SIGN}{{1,2}}\d{{{third}}})?"
    for first, second, third in ((3, 4, 4), (4, 3, 4), (4, 4, 3), (5, 3, 3), (3, 3, 5), (3, 5, 3))
)
_PHONE = re.compile(
    rf"(?<![\d.])(?:(?:\+|00)?86{_SIGN}?)?(?P<number>1[3-9]\d{{9}}|{_GROUPS}|1[3-9]\d{_SIGN}\d{{8}})(?![\d.]*\d)"
    r"(?P<extension>(?:转|分机)\d{3,6}(?!\d))?"
)
_SPACED_PHONE = re.compile(r"(?<![\d.])1(?:[ .-]\d){10}(?![\d.]*\d)")
_DIGIT = r"[0-9零〇洞一二三四五六七八九幺妖两拐勾]"
_READ_OUT = re.compile("[零〇洞一二三四五六七八九幺妖两拐勾]")
#: a number read out, also in groups (一三七，零零三八，…) or half written (135三七…)
_SPOKEN = re.compile(rf"(?<!\d){_DIGIT}(?:[，,、. -]?{_DIGIT}){{10,}}(?!\d)")
_LANDLINE = re.compile(
    r"(?<![\d-])(?:\(0\d{2,3}\)[- ]?|0\d{2,3}[-—–－ ]{1,2}|0(?:10|2\d|[3-9]\d{2}))[2-9]\d{6,7}(?:-\d{1,6})?(?!\d)"
)
_BARE_LANDLINE = re.compile(r"(?<=[话机系线是为:： ])(?<!\d)[2-9]\d{6,7}(?!\d)(?![元块万号]|平方)")
_BEFORE_LANDLINE = re.compile(r"(?:电话|座机|固话|联系方式|热线|致电|拨打)[^\d。；;]{0,6}$")
_ID_CARD = re.compile(r"(?<![0-9A-Za-z])\d{6}[ -]?(?:\d{8}[ -]?\d{3}[\dXx]|\d{9})(?![0-9A-Za-z])")
_ID_CONTEXT = re.compile(r"(?:身份证|证件|身份号|驾驶证|驾照|居住证|社保卡?|医保卡?|残疾证|军官证)[^0-9]{0,8}$")
_OTHER_NUMBER = re.compile(r"(?:执照|编号|单号|工单|文号|订单|流水|信用代码|注册号|序列号|发票|条码|批次)[^0-9]{0,8}$")
_DOCUMENT = re.compile(
    r"(?:护照|通行证|社保卡?|医保卡?|残疾证|军官证|居住证|驾驶证|驾照|准考证|学籍|退休证|老年证)(?:的)?(?:卡)?(?:号码?|编号)?"
    r"[是为:： ]{0,3}(?P<number>[A-Za-z]{0,3}\d{6,20}[A-Za-z]?)(?![0-9A-Za-z])"
)
_ACCOUNT = re.compile(
    r"(?:[微威薇维徽][信x]|wx|WX|Wx|vx|VX|Vx|[VvＶ]信|[Ww]e[Cc]hat|QQ|qq|Qq|[扣叩][扣叩]|企鹅|加(?:我|个|下)?[VvQq](?![A-Za-z0-9])"
    r"|(?<![A-Za-z])[VvQq](?=号|[:：])|抖音|快手|小红书|微博|支付宝|陌陌|钉钉)"
    r"(?:群主?|群号)?(?:号码?|帐号|账号|ID|id)?[是为:： ]{0,3}"
    r"(?P<account>[A-Za-z0-9][A-Za-z0-9_-]{4,19})(?![0-9A-Za-z_-])"
)
_BANK_CARD = re.compile(r"(?<![0-9A-Za-z])\d{4}(?:[ -]?\d{4}){2,3}[ -]?\d{1,4}(?![0-9A-Za-z])")
_BANK_CONTEXT = re.compile(r"(?:工资卡|银联卡|[打退转汇]到|卡号|账号|帐号|账户|帐户|银行卡|储蓄卡|存折)[^0-9]{0,12}$")
_PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Za-hj-np-z][·•.\- ]?"
    r"(?:[DdFf][A-HJ-NP-Za-hj-np-z0-9]\d{4}|\d{5}[DdFf]|(?=(?:[A-Za-z]*\d){3})(?=[^DdFf]*[DdFf])[A-HJ-NP-Za-hj-np-z0-9]{6}|[A-HJ-NP-Za-hj-np-z0-9]{4}[A-HJ-NP-Za-hj-np-z0-9挂学警港澳])(?![0-9A-Za-z])"
)
_EMAIL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._%+-]* ?@ ?[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_NUMBER = r"(?:[A-Za-z]?\d{1,4}[A-Za-z]?|[A-Za-z]|[东西南北]?[一二三四五六七八九十百]{1,4}|[东西南北]\d{0,3})"
_BUILDING = rf"(?:\d{{1,4}}号院?)?{_NUMBER}(?:号楼|楼|号院|栋楼|幢楼|栋|幢|座|#楼?|号)"
_UNIT = r"(?:[A-Za-z]?\d{1,2}|[一二三四五六七八九十]{1,2}|[A-Za-z东西])(?:单元|门洞|门)"
_ROOM = (
    r"(?:[A-Za-z]?\d{3,4}|[零〇一二三四五六七八九十]{2,4})(?:[室户房号]|(?!\d|[年元米万%]|平方|块|多|余|人|名|家|户主))"
)
_FLOOR = r"(?:\d{1,2}|[一二三四五六七八九十]{1,3})(?:楼|层)"
_SIDE = r"(?:\d{3,4}[室户房号]|\d{1,2}[室号](?!楼|线)|[东西中南北]{1,2}户)"
_DOORS = (
    re.compile(rf"(?:{_BUILDING}[,， ]?)?{_UNIT}[,， ]?(?:{_FLOOR}[,， ]?)?(?:{_ROOM}|{_SIDE})"),
    re.compile(rf"{_BUILDING} ?(?:{_UNIT}[,， ]?)?(?:{_FLOOR}[,， ]?)?(?:{_ROOM}|{_SIDE})"),
    re.compile(
        r"(?<![\d年-])\d{1,3}[-—–]\d{1,2}[-—–](?!(?:19|20)\d\d(?!\d|[室户房号]))\d{3,4}(?:[室户房号])?(?![\d-])"
    ),
    re.compile(r"(?<=[区园苑府庭城寓厦村岛湾居])\d{1,3}[-—–]\d{1,2}[-—–]\d{3,4}(?![\d-])"),
    re.compile(r"(?<![\d年-])\d{1,2}[-—–]\d{3,4}(?:[室户房])(?![\d-])"),
    re.compile(
        rf"(?<=[区园苑府庭城寓厦村])(?!(?:19|20)\d\d[-—–]){_NUMBER}[栋幢座]?[-—–](?!(?:19|20)\d\d[年-])\d{{3,4}}(?![\d-]|[元米万])"
    ),
    re.compile(r"(?<=[组村庄队])(?:\d{1,4}|[一二三四五六七八九十百]{1,4})号(?![线楼院令文路])"),
    re.compile(r"(?<=[路街巷道弄])\d{1,4}号附\d{1,3}号"),
    re.compile(r"(?<=[路街巷道弄])\d{1,4}号(?:院|附)?(?:\d{1,3}号)?"),
)
_LIVES = re.compile(
    r"(?:家住|住在|现住|我住|本人住|住址|家庭地址|居住于|居住在|我家|门牌|住[:：]|户口所在)[^。；;！!？?]{0,24}$"
)
#: 靳老四, 王老五
_NICKNAME = re.compile(r"[\u4e00-\u9fff]老[大二三四五六七八九幺](?![\u4e00-\u9fff]?[个人位点])")
_MOBILE = 11
_COUNTED = re.compile(r"(?:共有?|有|约|总计|合计|计|达|涉及|近)$")
_RAREST_VERB = 11.0
_AFTER_COLLECTIVE = frozenset(
    " \t\n,，。.、；;：:！!？?（(）)【]“”\"'《》/的等与和之家在说以跑贪半误被骂不态辱把收欠拿打威强占私偷卷卖八九七六"
)
_AFTER_WORD = frozenset(" \t\n,，。.、；;（(）)】")
_PLACE_ENDINGS = frozenset("省市区县镇乡村路街局院厂店苑府")
_STREET_DOOR = len(_DOORS) - 1
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_SPOKEN_DIGITS = str.maketrans("零〇洞一二三四五六七八九幺妖两拐勾", "00012345678911279")


def find(text: str) -> tuple[Found, ...]:
    """Personal data in `text`, in order and without overlaps; of two kinds that claim the same text the surer wins."""
    plain = narrow(text)
    taken: list[Found] = []
    used: set[int] = set()
    for kind, search in _SEARCHES:
        for start, end in search(plain):
            if used.isdisjoint(range(start, end)):
                used.update(range(start, end))
                taken.append(Found(start, end, kind, text[start:end]))
    return tuple(sorted(taken))


def mask(text: str) -> str:
    """`text` with what `find` finds made unreadable; enough stays to recognise one's own data. Same length."""
    out = list(text)
    for found in find(text):
        out[found.start : found.end] = _MASKS[found.kind](found.text)
    return "".join(out)


def is_id_number(text: str) -> bool:
    """A valid 18-digit number of GB 11643: an existing date and the right check digit; or 15 digits with a date."""
    digits = text.replace(" ", "").replace("-", "").upper()
    if len(digits) == 15:
        return digits.isdigit() and digits[0] != "0" and _is_date("19" + digits[6:12])
    if len(digits) != 18 or not digits[:17].isdigit() or digits[0] == "0" or not _is_date(digits[6:14]):
        return False
    total = sum(int(digit) * factor for digit, factor in zip(digits[:17], _ID_WEIGHTS, strict=True))
    return "10X98765432"[total % 11] == digits[17]


def is_card_number(text: str) -> bool:
    """A bank card by length, first digits and Luhn sum."""
    digits = [int(char) for char in text if char.isdigit()]
    if not 15 <= len(digits) <= 19 or digits[0] not in (3, 4, 5, 6, 9) or (len(digits) == 18 and digits[:2] != [6, 2]):
        return False
    doubled = [digit if at % 2 == 0 else sum(divmod(2 * digit, 10)) for at, digit in enumerate(reversed(digits))]
    return sum(doubled) % 10 == 0


def _is_date(text: str) -> bool:
    try:
        return 1900 <= date(int(text[:4]), int(text[4:6]), int(text[6:])).year <= date.today().year
    except ValueError:
        return False


def _emails(text: str) -> Iterator[tuple[int, int]]:
    return (found.span() for found in _EMAIL.finditer(text))


def _ids(text: str) -> Iterator[tuple[int, int]]:
    for found in _ID_CARD.finditer(text):
        before = text[: found.start()]
        valid = is_id_number(found.group()) and not (len(found.group()) == 15 and _OTHER_NUMBER.search(before))
        if valid or _ID_CONTEXT.search(before):
            yield found.span()
    for found in _DOCUMENT.finditer(text):
        yield found.span("number")


def _accounts(text: str) -> Iterator[tuple[int, int]]:
    return (found.span("account") for found in _ACCOUNT.finditer(text))


def _phones(text: str) -> Iterator[tuple[int, int]]:
    for found in _PHONE.finditer(text):
        if sum(char.isdigit() for char in found["number"]) == _MOBILE:
            yield found.span()
    for found in _SPACED_PHONE.finditer(text):
        if found.group()[2] in "3456789":
            yield found.span()
    for spoken in _SPOKEN.finditer(text):
        if not _READ_OUT.search(spoken.group()):
            continue
        places = [at for at in range(*spoken.span()) if text[at] not in "，,、. -"]
        digits = "".join(text[at] for at in places).translate(_SPOKEN_DIGITS)
        for at in range(len(digits) - 10):
            if re.fullmatch(r"1[3-9]\d{9}", digits[at : at + 11]):
                yield places[at], places[at + 10] + 1
                break


def _cards(text: str) -> Iterator[tuple[int, int]]:
    for found in _BANK_CARD.finditer(text):
        before = text[: found.start()]
        likely = is_card_number(found.group()) and not _OTHER_NUMBER.search(before)
        if likely or _BANK_CONTEXT.search(before):
            yield found.span()


def _plates(text: str) -> Iterator[tuple[int, int]]:
    for found in _PLATE.finditer(text):
        if any(char.isdigit() for char in found.group()):
            yield found.span()


def _landlines(text: str) -> Iterator[tuple[int, int]]:
    for found in _LANDLINE.finditer(text):
        yield found.span()
    for found in _BARE_LANDLINE.finditer(text):
        if _BEFORE_LANDLINE.search(text[: found.start()]):
            yield found.span()


def _doors(text: str) -> Iterator[tuple[int, int]]:
    """Door numbers down to the room; a number on a street only where somebody says that they live there."""
    for at, pattern in enumerate(_DOORS):
        for found in pattern.finditer(text):
            before = text[: found.start()]
            counted = found.group().endswith("户") and _COUNTED.search(before)
            if not counted and (at != _STREET_DOOR or _LIVES.search(before)):
                yield found.span()


@dataclass(frozen=True, slots=True)
class _NameWords:
    before: re.Pattern[str]
    collective: re.Pattern[str]
    kin: re.Pattern[str]
    after: re.Pattern[str]
    loose: re.Pattern[str]
    surnames: frozenset[str]
    compound: tuple[str, ...]
    given: frozenset[str]
    not_given: frozenset[str]
    not_names: frozenset[str]


@cache
def _name_words() -> _NameWords:
    data = rules("privacy.toml")
    surnames = frozenset("".join(data["surnames"].split()))
    surname = f"(?:{_either(data['compound_surnames'])}|[{''.join(sorted(surnames))}])"
    free = "|".join(
        rf"(?<={word})" for word in ("联系", "感谢", "表扬", "投诉", "举报", "致电", "咨询", "转告", "找", "请查")
    )
    loose = rf"(?:(?<![\u4e00-\u9fff])|{free})(?P<name>{surname}[\u4e00-\u9fff]{{1,2}}?)"
    signs = r"[（(,，:： ]+(?:男|女|身份证|电话|手机|联系|\d{11})"
    link = r"(?:[:：是叫为（( ]|\s)*"
    return _NameWords(
        before=re.compile(rf"(?:{_either([*data['strong_before'], *data['weak_before']])}){link}"),
        collective=re.compile(rf"(?:{_either(data['collective_before'])}){link}"),
        kin=re.compile(rf"(?:{_either(data['kin_before'])}){link}"),
        after=re.compile(rf"{loose}(?=(?:{_either(data['after'])}))"),
        loose=re.compile(rf"{loose}(?={signs})"),
        surnames=surnames,
        compound=tuple(data["compound_surnames"]),
        given=frozenset(data["given"]),
        not_given=frozenset(data["not_given"]),
        not_names=frozenset(data["not_names"]),
    )


def _either(strings: list[str]) -> str:
    return "|".join(sorted((re.escape(string) for string in strings), key=len, reverse=True))


def _names(text: str) -> Iterator[tuple[int, int]]:
    known = _name_words()
    for found in known.before.finditer(text):
        end = _name_end(text, found.end(), known)
        if end:
            yield found.end(), end
    for found in known.collective.finditer(text):
        end = _name_end(text, found.end(), known)
        if end and (end == len(text) or text[end] in _AFTER_COLLECTIVE or _typical(text[found.end() : end], known)):
            yield found.end(), end
    for found in known.kin.finditer(text):
        end = _name_end(text, found.end(), known)
        if end and _typical(text[found.end() : end], known):
            yield found.end(), end
    for pattern in (known.after, known.loose):
        for found in pattern.finditer(text):
            if _is_name(found.group("name"), known):
                yield found.span("name")


def _name_end(text: str, start: int, known: _NameWords) -> int:
    """Where the name that begins at `start` ends, or 0. Two given characters unless the second begins another word."""
    if nickname := _NICKNAME.match(text, start):
        return nickname.end() if nickname.group()[0] in known.surnames else 0
    surname = 2 if text.startswith(known.compound, start) else 1 if text[start : start + 1] in known.surnames else 0
    first = start + surname
    if not surname or not _may_be_given(text[first : first + 1], known):
        return 0
    end = first + 1
    rest = text[end:]
    if _may_be_given(rest[:1], known) and (len(rest) == 1 or not is_ordinary(rest[:2], _RAREST_VERB)):
        end += 1
    name = text[start:end]
    return end if _is_name(name, known) or _is_word_and_name(name, text[end : end + 1], known) else 0


def _typical(name: str, known: _NameWords) -> bool:
    """A surname with given characters such as parents choose."""
    return known.given >= set(name[1:])


def _is_word_and_name(name: str, after: str, known: _NameWords) -> bool:
    """高峰 or 白露, where nothing follows that would make the word mean itself."""
    alone = len(name) == 2 and (not after or after in _AFTER_WORD)
    return alone and name[1] in known.given and name not in known.not_names


def _may_be_given(char: str, known: _NameWords) -> bool:
    return "\u4e00" <= char <= "\u9fff" and char not in known.not_given


def _is_name(name: str, known: _NameWords) -> bool:
    parts = (name[:2], name[-2:], name)
    if name.startswith(known.compound):
        return name[2:] != "" and not known.not_given & set(name[2:])
    if name[-1] in _PLACE_ENDINGS or any(part in known.not_names for part in parts):
        return False
    if is_ordinary(name[:2]) and not (len(name) == 3 and known.given >= set(name[1:])):
        return False
    return not known.not_given & set(name[1:])


_SEARCHES: tuple[tuple[str, Callable[[str], Iterator[tuple[int, int]]]], ...] = (
    ("email", _emails),
    ("id_card", _ids),
    ("phone", _phones),
    ("account", _accounts),
    ("bank_card", _cards),
    ("plate", _plates),
    ("landline", _landlines),
    ("door", _doors),
    ("name", _names),
)


def _keep(head: int, tail: int) -> Callable[[str], str]:
    def masked(text: str) -> str:
        """Stars for letters and digits between the first `head` and last `tail` of them; separators stay."""
        places = [at for at, char in enumerate(text) if char.isalnum()]
        hidden = set(places[head : len(places) - tail])
        return "".join("*" if at in hidden else char for at, char in enumerate(text))

    return masked


def _mask_email(text: str) -> str:
    user, _, host = text.partition("@")
    return user[0] + "*" * (len(user) - 1) + "@" + "*" * len(host.split(".")[0]) + host[len(host.split(".")[0]) :]


def _mask_door(text: str) -> str:
    return re.sub(r"[A-Za-z0-9零〇一二三四五六七八九十百\uff10-\uff19\uff21-\uff3a]", "*", text)


_MASKS: dict[str, Callable[[str], str]] = {
    "email": _mask_email,
    "id_card": _keep(3, 1),
    "phone": _keep(3, 4),
    "bank_card": _keep(0, 4),
    "plate": _keep(2, 1),
    "landline": _keep(0, 2),
    "account": _keep(1, 0),
    "door": _mask_door,
    "name": _keep(1, 0),
}
