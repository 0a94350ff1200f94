"""Personal numbers and addresses: phones, identity numbers, cards, accounts, plates, e-mail.

Service numbers (12345, 110, 400-…) are nobody's data. All functions take a text in narrow characters and give where the
findings stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

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
    r"|(?<![A-Za-z])[VvQq](?=号|[:：是])|抖音|快手|小红书|微博|支付宝|陌陌|钉钉)"
    r"(?:群主?|群号)?(?:号码?|帐号|账号|ID|id)?[是为:： ]{0,3}"
    r"(?P<account>[A-Za-z0-9][A-Za-z0-9_-]{4,19})(?![0-9A-Za-z_-])"
)
#: a group of digits with blanks (QQ 915 3308 274), and a name given some words later (微信叫…，号是pp-ddcs_1974)
_SPACED_ACCOUNT = re.compile(
    r"(?:QQ|qq|扣扣|(?<![A-Za-z])[Qq])(?:群主?|群)?(?:号码?)?[是为:： ]{0,3}"
    r"(?P<account>\d{2,5}(?:[ -]\d{2,5}){1,3})(?![0-9A-Za-z_-])"
)
_LATER_ACCOUNT = re.compile(
    r"(?:[微威薇维徽][信x]|[VvWw][Xx]|QQ|qq|[扣叩][扣叩]|抖音|快手|小红书|微博|陌陌|钉钉)[^。；;！!？?0-9A-Za-z]{0,16}?"
    r"(?:号码?|帐号|账号|ID|id|是|叫|搜|加|为|[:：])[是为:： ]{0,3}"
    r"(?P<account>[A-Za-z][A-Za-z0-9_-]{4,19})(?![0-9A-Za-z_.@-])"
)
_BARE_ACCOUNT = re.compile(
    r"(?<![A-Za-z0-9@./])(?P<account>(?:wxid|wx|WX|vx|VX|qq|QQ)[_-]?[A-Za-z0-9]*[_0-9-][A-Za-z0-9_-]{2,18})(?![0-9A-Za-z_.@-])"
)
_BANK_CARD = re.compile(r"(?<![0-9A-Za-z])\d{4}(?:[ -]?\d{4}){2,3}[ -]?\d{1,4}(?![0-9A-Za-z])")
_BANK_CONTEXT = re.compile(r"(?:工资卡|银联卡|[打退转汇]到|卡号|账号|帐号|账户|帐户|银行卡|储蓄卡|存折)[^0-9]{0,12}$")
_PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Za-hj-np-z][·•.\- ]?"
    r"(?:[A-HJKa-hjk][A-HJ-NP-Za-hj-np-z0-9]\d{4}|\d{5}[DdFf]|(?=(?:[A-Za-z]*\d){3})(?=[^DdFf]*[DdFf])[A-HJ-NP-Za-hj-np-z0-9]{6}|[A-HJ-NP-Za-hj-np-z0-9]{4}[A-HJ-NP-Za-hj-np-z0-9挂学警港澳])(?![0-9A-Za-z])"
)
_EMAIL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._%+-]* ?@ ?[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_MOBILE = 11
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_SPOKEN_DIGITS = str.maketrans("零〇洞一二三四五六七八九幺妖两拐勾", "00012345678911279")


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


def emails(text: str) -> Iterator[tuple[int, int]]:
    return (found.span() for found in _EMAIL.finditer(text))


def ids(text: str) -> Iterator[tuple[int, int]]:
    for found in _ID_CARD.finditer(text):
        before = text[: found.start()]
        valid = is_id_number(found.group()) and not (len(found.group()) == 15 and _OTHER_NUMBER.search(before))
        if valid or _ID_CONTEXT.search(before):
            yield found.span()
    for found in _DOCUMENT.finditer(text):
        yield found.span("number")


def accounts(text: str) -> Iterator[tuple[int, int]]:
    for pattern in (_ACCOUNT, _SPACED_ACCOUNT, _LATER_ACCOUNT, _BARE_ACCOUNT):
        for found in pattern.finditer(text):
            yield found.span("account")


def phones(text: str) -> Iterator[tuple[int, int]]:
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


def cards(text: str) -> Iterator[tuple[int, int]]:
    for found in _BANK_CARD.finditer(text):
        before = text[: found.start()]
        likely = is_card_number(found.group()) and not _OTHER_NUMBER.search(before)
        if likely or _BANK_CONTEXT.search(before):
            yield found.span()


def plates(text: str) -> Iterator[tuple[int, int]]:
    for found in _PLATE.finditer(text):
        if any(char.isdigit() for char in found.group()):
            yield found.span()


def landlines(text: str) -> Iterator[tuple[int, int]]:
    for found in _LANDLINE.finditer(text):
        yield found.span()
    for found in _BARE_LANDLINE.finditer(text):
        if _BEFORE_LANDLINE.search(text[: found.start()]):
            yield found.span()
