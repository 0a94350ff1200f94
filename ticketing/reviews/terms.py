"""The reviews' enumerations (GB/T 39734, GB/T 39735)."""

from __future__ import annotations

from django.db import models


class ReviewKind(models.TextChoices):
    """What is rated. The two are never mixed: each has its own rates."""

    CALL = "call", "一次一评"
    HANDLING = "handling", "一事一评"


class ReviewChannel(models.TextChoices):
    KEYPAD = "keypad", "话后按键"
    SMS = "sms", "短信链接"
    PORTAL = "portal", "网站"
    QR = "qr", "扫码或评价器"
    CLERK = "clerk", "回访员"


#: given by the person without being asked by a clerk: what 主动评价率 counts
OWN_CHANNELS = frozenset({ReviewChannel.KEYPAD, ReviewChannel.SMS, ReviewChannel.PORTAL, ReviewChannel.QR})
#: 2 and 1 are bad reviews (差评)
BAD_UP_TO = 2


class RectificationStep(models.TextChoices):
    """The loop of a bad review: verify, rectify, answer, call back, second review."""

    OPEN = "open", "待核实"
    VERIFIED = "verified", "整改中"
    RECTIFIED = "rectified", "待答复"
    ANSWERED = "answered", "待回访"
    DONE = "done", "已完成"
    WITHDRAWN = "withdrawn", "已改评"
    EXCLUDED = "excluded", "申诉成立"


#: steps at which the unit still owes something
OWED = frozenset({RectificationStep.OPEN, RectificationStep.VERIFIED, RectificationStep.RECTIFIED})


class Ruling(models.TextChoices):
    OPEN = "open", "待复核"
    UPHELD = "upheld", "成立"
    REJECTED = "rejected", "不成立"


class Annoyance(models.TextChoices):
    """What annoys people, read from the words of a bad review and from the options ticked."""

    ATTITUDE = "attitude", "服务态度"
    DELAY = "delay", "办理拖延"
    NOT_SOLVED = "not_solved", "问题未解决"
    WRONG_UNIT = "wrong_unit", "推诿或派错单位"
    PERFUNCTORY = "perfunctory", "答复敷衍"
    UNTRUE = "untrue", "答复与事实不符"
    NO_CONTACT = "no_contact", "未联系本人"
    OTHER = "other", "其他"
