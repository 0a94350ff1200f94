"""The trade's enumerations: codes in English, labels in Chinese. docs/glossary.md is checked against this file."""

from __future__ import annotations

from django.db import models


class Status(models.TextChoices):
    """Where a ticket stands in its one lifecycle."""

    NEW = "new", "待审核"
    TO_DISPATCH = "to_dispatch", "待派单"
    TO_SIGN = "to_sign", "待签收"
    RETURN_ASKED = "return_asked", "退单待审"
    HANDLING = "handling", "办理中"
    TO_CHECK = "to_check", "待结果审核"
    TO_CALL_BACK = "to_call_back", "待回访"
    REDOING = "redoing", "重办中"
    CLOSED = "closed", "已办结"
    ARCHIVED = "archived", "已归档"
    ANSWERED = "answered", "直接答复"
    REFUSED = "refused", "不予受理"
    TO_110 = "to_110", "已转110"
    TO_PLATFORM = "to_platform", "已转其他平台"
    MERGED = "merged", "已并单"
    WITHDRAWN = "withdrawn", "已撤回"


IN_HOTLINE = frozenset({Status.NEW, Status.TO_DISPATCH, Status.RETURN_ASKED, Status.TO_CHECK, Status.TO_CALL_BACK})
IN_UNIT = frozenset({Status.TO_SIGN, Status.HANDLING, Status.REDOING})
OPEN = IN_HOTLINE | IN_UNIT
EXITS = frozenset({Status.ANSWERED, Status.REFUSED, Status.TO_110, Status.TO_PLATFORM, Status.MERGED, Status.WITHDRAWN})
ENDED = EXITS | {Status.CLOSED, Status.ARCHIVED}


class Kind(models.TextChoices):
    """诉求类型 (DOMAIN: ticket fields)."""

    CONSULT = "consult", "咨询"
    HELP = "help", "求助"
    COMPLAINT = "complaint", "投诉"
    REPORT = "report", "举报"
    OPINION = "opinion", "意见"
    SUGGESTION = "suggestion", "建议"
    PRAISE = "praise", "感谢表扬"
    OTHER = "other", "其他"


class Urgency(models.TextChoices):
    NORMAL = "normal", "一般"
    URGENT = "urgent", "紧急"
    CRITICAL = "critical", "特急"


class Channel(models.TextChoices):
    PHONE = "phone", "电话"
    WEB = "web", "网站"
    WECHAT = "wechat", "微信"
    MINI_PROGRAM = "mini_program", "小程序"
    APP = "app", "移动应用"
    WINDOW = "window", "政务窗口"
    ENTERPRISE_WINDOW = "enterprise_window", "万人助万企窗口"
    POLICE_110 = "110", "110转来"
    UPPER = "upper", "上级平台"
    LOWER = "lower", "下级平台"
    PEER = "peer", "同级平台"
    MEDIA = "media", "媒体网站"
    REVIEW = "review", "好差评"
    INSPECTION = "inspection", "互联网+督查"
    SMS = "sms", "短信"
    EMAIL = "email", "电子邮件"


class Part(models.TextChoices):
    """What a unit does in an assignment."""

    LEAD = "lead", "主办"
    ASSIST = "assist", "协办"


class AssignmentStatus(models.TextChoices):
    TO_SIGN = "to_sign", "待签收"
    RETURN_ASKED = "return_asked", "退单待审"
    HANDLING = "handling", "办理中"
    REPLIED = "replied", "已反馈"
    RETURNED = "returned", "已退回"
    CLOSED_SILENT = "closed_silent", "未反馈而办结"
    CANCELLED = "cancelled", "已取消"


ASSIGNMENT_OPEN = frozenset({AssignmentStatus.TO_SIGN, AssignmentStatus.RETURN_ASKED, AssignmentStatus.HANDLING})
#: an assignment in one of these gives its unit no sight of the ticket any more
ASSIGNMENT_GONE = frozenset({AssignmentStatus.RETURNED, AssignmentStatus.CANCELLED})


class ClockName(models.TextChoices):
    DISPATCH = "dispatch", "派单"
    SIGN = "sign", "签收"
    FEEDBACK = "feedback", "初步反馈"
    HANDLE = "handle", "办理"
    REDO = "redo", "重办"
    CHECK = "check", "结果审核"
    CALL_BACK = "call_back", "回访"
    RULING = "ruling", "退单裁定"
    EXTENSION = "extension_ruling", "延期审批"


class LimitUnit(models.TextChoices):
    WALL_MINUTES = "wall_minutes", "分钟（自然时间）"
    WALL_HOURS = "wall_hours", "小时（自然时间）"
    SIGN_HOURS = "sign_hours", "小时（非工作日顺延）"
    OFFICE_HOURS = "office_hours", "工作小时"
    WORKING_DAYS = "working_days", "工作日"


class ClockState(models.TextChoices):
    RUNNING = "running", "计时中"
    PAUSED = "paused", "已暂停"
    MET = "met", "按期"
    LATE = "late", "超期完成"
    CANCELLED = "cancelled", "已取消"
    UNKNOWN = "unknown", "不详"


CLOCK_OPEN = frozenset({ClockState.RUNNING, ClockState.PAUSED})


class Satisfaction(models.IntegerChoices):
    """Five levels of GB/T 39735; 2 and 1 are bad reviews."""

    VERY_GOOD = 5, "非常满意"
    GOOD = 4, "满意"
    FAIR = 3, "基本满意"
    BAD = 2, "不满意"
    VERY_BAD = 1, "非常不满意"


class CallbackResult(models.TextChoices):
    REACHED = "reached", "已联系"
    NO_ANSWER = "no_answer", "无人接听"
    REFUSED = "refused", "拒绝回访"
    WRONG_NUMBER = "wrong_number", "号码有误"


class LadderStep(models.TextChoices):
    """The supervision ladder (督办阶梯)."""

    URGE = "urge", "催办"
    YELLOW = "yellow", "黄牌"
    RED = "red", "红牌"
    ORDER = "order", "督办单"
    SECOND_ORDER = "second_order", "二次督办"
    CIRCULAR = "circular", "通报"
    INTERVIEW = "interview", "约谈"
    HAND_OVER = "hand_over", "移送"
