"""Times, amounts and organisations named in a text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from nlp.text import narrow


@dataclass(frozen=True, slots=True)
class TimeMention:
    """A time in the words of the text; `day` when it can be told from `today`. Durations ("三天了") have no day."""

    text: str
    day: date | None
    duration: bool


@dataclass(frozen=True, slots=True)
class Amount:
    """A quantity; `value` in `unit`, money always in 元."""

    text: str
    value: float
    unit: str


_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_SCALES = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}
_NUMBER = r"(?:\d+(?:,\d{3})*(?:\.\d+)?|[零一二两三四五六七八九十百千万亿]*[零一二两三四五六七八九十百千])"
_DAY = re.compile(
    r"(?P<year>20\d\d)年(?P<month>\d{1,2})月(?:(?P<day>\d{1,2})[日号])?"
    r"|(?P<iso>20\d\d[-/.]\d{1,2}[-/.]\d{1,2})"
    r"|(?<!\d)(?P<month2>\d{1,2})月(?P<day2>\d{1,2})[日号]"
    r"|(?P<relative>大前天|前天|昨[天晚日]|今[天早晚日晨]|明[天早晚]|刚才|刚刚|现在)"
    r"|上(?:个)?(?:周|星期|礼拜)(?P<weekday>[一二三四五六日天])"
    r"|(?P<ago>[\d一二两三四五六七八九十]+)天前"
    r"|(?P<vague>(?:去年|今年|前年|明年|大前年|上(?:个)?月|这个月|本月|下(?:个)?月|20\d\d年)(?:[正一二三四五六七八九十冬腊\d]{1,3}月(?:[初十廿二三]?[一二三四五六七八九十]{1,2}|\d{1,2}[日号])?|春天|夏天|秋天|冬天|春节|国庆节?|五一|元旦|年底|年初|开春|以来|底|初)?"
    r"|(?:正|腊|冬|[一二三四五六七八九十]{1,2})月(?:初[一二三四五六七八九十]|[一二三廿]?[十]?[一二三四五六七八九十][日号]?|份|底|初|以来)?|(?<![\d.])\d{1,2}[日号](?=晚|早|上午|下午|又|就|才|还|到|结果|，|。|$)|年底|年初)"
)
_HOUR = re.compile(
    r"(?:凌晨|早上|上午|中午|下午|傍晚|晚上|夜里|半夜|深夜)?(?:\d{1,2}|[一二两三四五六七八九十]{1,3})[点:：](?:\d{1,2}分?|半|多)?(?![\d.])|凌晨|半夜|深夜"
)
_DURATION = re.compile(
    r"(?:[\d一二两三四五六七八九十几半多]+)(?:个)?(?:多)?(?:小时|天|周|星期|月|年|分钟)(?:多|以上)?(?:了|来)?(?!前)"
)
_MONEY = re.compile(
    rf"(?P<number>{_NUMBER})\s*(?P<scale>[万亿千百]*)(?:多)?(?:元|块钱?|圆|人民币)|(?P<number2>{_NUMBER})(?P<scale2>[万亿])(?!人|户|平|多人|亩|吨|公里|步|台|套|次)"
)
#: money without its unit, behind a word of paying or a price (赔我三百, 每亩八百, 办卡3999), and 几万, 十几万
_BARE_MONEY = re.compile(
    r"(?:[收交付给赔花欠要扣退借罚骗卖拿]了?(?:我|他|她|你|俺|我们|他们|人家)?(?:们)?(?:一共|总共|近)?|涨到|说好的|办卡|[费价]|每[亩月年人户天次晚]|押金|定金|价值|蛋糕|只转来|预付)"
    r"(?P<number>\d{2,7}(?:\.\d+)?|[一二两三四五六七八九][百千万][一二两三四五六七八九十百千万零]*|[五六七八九]十)(?:多)?(?=[，。,；;！!一的]|$)"
)
_QUANTITY = re.compile(
    rf"(?P<number>{_NUMBER})(?P<scale>[万亿]?)(?:多|余)?(?P<unit>平方米|平米|平方公里|平方|公里|千米|米|亩|户|人|名|栋|辆|分贝|吨|度|%|％)"
)
_ORGANISATION = re.compile(
    r"[\u4e00-\u9fffA-Za-z0-9（）()]{2,18}?(?:有限责任公司|股份有限公司|有限公司|分公司|公司|集团|派出所|公安分?局|管理局|监管局|监督局|规划局|教育局|住建局|城管局|环保局|人社局|交警大队|执法局|"
    r"管委会|居委会|村委会|业委会|街道办事处|街道办|医院|卫生院|银行|学校|小学|中学|学院|大学|幼儿园|物业|酒店|饭店|超市|商场|驾校|培训中心|法院|检察院|开发商|合作社|工厂|砖厂|搅拌站|加油站|养老院|服务中心|管理中心|公积金中心|[\u4e00-\u9fff]{2}中心|营业厅|度假村|俱乐部|蛋糕店|保险(?!费|员|合同|箱|柜)|速运|快递公司|中介(?=[收交说不骗退拖欠，。])|房产中介|监察大队|民政局|社保局|税务局|水务局|电力局|信访局|房管局|客运站|汽车[东西南北]?站)"
)
#: authorities that are called by what they are alone
_BARE_ORGANISATION = re.compile(
    r"(?:[省市区县镇]?(?:劳动监察大队|交警大队|派出所|城管(?!理|局|执法)|社保局|民政局|检察院|法院|村委会|居委会|公安局|信访局|税务局|住建局|教育局|人社局|房管局|市场监管局|水务局|林业局|卫健委|消防队|纪委))"
)
_BEFORE_NAME = re.compile(
    r"^(?:.*(?:的|了|在|是|被|把|和|与|及|对|向|从|到|给|由|请|让|找|去|问|投诉|举报|反映|咨询|附近|旁边|位于|联系|拨打|因为|但是|要求|希望|强烈|关于|来自|我们|你们|他们|这家|那家|一家))"
)
_COMMON = frozenset(
    {
        "该公司",
        "本公司",
        "这个公司",
        "有限公司",
        "小区物业",
        "该医院",
        "该学校",
        "中小学",
        "该小学",
        "本物业",
        "该物业",
        "前期物业",
        "新物业",
        "老物业",
    }
)


def number(text: str) -> float:
    """An Arabic or Chinese number."""
    plain = text.replace(",", "")
    if re.fullmatch(r"\d+(?:\.\d+)?", plain):
        return float(plain)
    total = section = digit = 0
    for char in plain:
        if char in _DIGITS:
            digit = _DIGITS[char]
        elif _SCALES[char] >= 10_000:
            total = (total + section + digit) * _SCALES[char]
            section = digit = 0
        else:
            section += (digit or 1) * _SCALES[char]
            digit = 0
    return float(total + section + digit)


def _scaled(value: str, scale: str) -> float:
    result = number(value)
    for char in scale:
        result *= _SCALES[char]
    return result


def times(text: str, today: date | None = None) -> tuple[TimeMention, ...]:
    """Days, hours and durations, in order. Dates without a year are the latest ones not after `today`."""
    plain, found = narrow(text), []
    for match in _DAY.finditer(plain):
        found.append((match.start(), TimeMention(match.group(), _day(match, today), False)))
    taken = [(start, start + len(mention.text)) for start, mention in found]
    for pattern, duration in ((_HOUR, False), (_DURATION, True)):
        for match in pattern.finditer(plain):
            if not any(start < match.end() and match.start() < end for start, end in taken):
                found.append((match.start(), TimeMention(match.group(), None, duration)))
                taken.append(match.span())
    return tuple(mention for _, mention in sorted(found, key=lambda pair: pair[0]))


def _day(match: re.Match[str], today: date | None) -> date | None:
    part = match.groupdict()
    try:
        if part["vague"]:
            return None
        if part["iso"]:
            year, month, day = (int(one) for one in re.split(r"[-/.]", part["iso"]))
            return date(year, month, day)
        if part["year"]:
            return date(int(part["year"]), int(part["month"]), int(part["day"])) if part["day"] else None
        return _relative(part, today) if today else None
    except ValueError:
        return None


def _relative(part: dict[str, str | None], today: date) -> date | None:
    if part["month2"] and part["day2"]:
        day = date(today.year, int(part["month2"]), int(part["day2"]))
        return day if day <= today else date(today.year - 1, day.month, day.day)
    if part["ago"]:
        return today - timedelta(days=int(number(part["ago"])))
    if part["weekday"]:
        weekday = "一二三四五六日".index("日" if part["weekday"] == "天" else part["weekday"])
        return today - timedelta(days=today.weekday() + 7 - weekday)
    word = part["relative"] or ""
    back = {"大前天": 3, "前天": 2}.get(word, 1 if word.startswith("昨") else -1 if word.startswith("明") else 0)
    return today - timedelta(days=back)


def amounts(text: str) -> tuple[Amount, ...]:
    """Money in 元, then other quantities with their unit, in order of appearance."""
    plain, found, taken = narrow(text), [], list[tuple[int, int]]()
    for match in _MONEY.finditer(plain):
        value, scale = (
            match.group("number") or match.group("number2"),
            match.group("scale") or match.group("scale2") or "",
        )
        found.append((match.start(), Amount(match.group(), _scaled(value, scale), "元")))
        taken.append(match.span())
    for match in _BARE_MONEY.finditer(plain):
        if not any(start < match.end("number") and match.start("number") < end for start, end in taken):
            found.append((match.start("number"), Amount(match["number"], number(match["number"]), "元")))
            taken.append(match.span("number"))
    for match in _QUANTITY.finditer(plain):
        if not any(start < match.end() and match.start() < end for start, end in taken):
            value = _scaled(match.group("number"), match.group("scale"))
            found.append((match.start(), Amount(match.group(), value, match.group("unit"))))
    return tuple(amount for _, amount in sorted(found, key=lambda pair: pair[0]))


def organisations(text: str) -> tuple[str, ...]:
    """Firms, authorities, schools and the like, each once, in order."""
    names: list[tuple[int, str]] = []
    for match in _ORGANISATION.finditer(text):
        name = _BEFORE_NAME.sub("", match.group())
        if len(name) >= 4 and name not in _COMMON:
            names.append((match.end(), name))
    ends = {end for end, _ in names}
    names += [(one.end(), one.group()) for one in _BARE_ORGANISATION.finditer(text) if one.end() not in ends]
    return tuple(dict.fromkeys(name for _, name in sorted(names)))
