"""Counters: what is counted, on which day it counts, and where. Measures are made of these and of nothing else.

The same condition serves three readings: the number over a period, the daily rollup rows, and the list of tickets
behind a figure. A deadline at 24:00 belongs to the day it ends. A counter that `ripens` counts a limit still running:
only when its day is over is it known to be missed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Exists, F, OuterRef, Q

from telephony.calls.state import Outcome
from telephony.calls.state import Status as CallStatus
from telephony.calls.statistics import IN_TIME_SECONDS
from ticketing.lifecycle.table import Action
from ticketing.measures_basic import DAYS
from ticketing.models import Assignment, Callback, Decision
from ticketing.reviews.models import Review
from ticketing.reviews.terms import OWN_CHANNELS, RectificationStep, ReviewKind
from ticketing.terms import AssignmentStatus, CallbackResult, ClockName, ClockState, Part, Satisfaction


@dataclass(frozen=True)
class Counter:
    """`day` names the time column that dates a row; `deadline`: 24:00 is still that day; `ripens`: see above."""

    name: str
    meaning: str
    source: str
    day: str
    where: Q
    deadline: bool = False
    ripens: bool = False


def _ticket(name: str, meaning: str, day: str, where: Q) -> Counter:
    return Counter(name, meaning, "ticket", day, where)


EVERY = Q(pk__isnull=False)
OURS = Q(history=False)
ANSWERED = Q(replied_at__isnull=False, answered_in_days__isnull=False)
#: answered by the hotline itself, without any unit: the status may have moved on to archived since
DIRECT = Q(history=False, dispatch_count=0, refusal_code="", replied_at__isnull=False, closed_at__isnull=False)
BY_UNIT = Q(history=False, dispatch_count__gt=0, replied_at__isnull=False)
CALLED = Exists(Callback.objects.filter(ticket=OuterRef("pk"), tried_at__gte=OuterRef("replied_at")))
RATED_BY_SELF = Exists(
    Review.objects.filter(
        ticket=OuterRef("pk"), kind=ReviewKind.HANDLING, channel__in=list(OWN_CHANNELS), excluded_at__isnull=True
    )
)
RATABLE = Q(history=False, replied_at__isnull=False, closed_at__isnull=False)

TICKETS = [
    _ticket("received", "受理的工单", "created_at", EVERY),
    _ticket("received_ours", "本系统受理的工单", "created_at", OURS),
    _ticket("received_history", "历史导入的工单", "created_at", ~OURS),
    _ticket("direct", "直接答复的工单", "created_at", DIRECT),
    _ticket("answered", "已答复的工单", "replied_at", ANSWERED),
    *(
        _ticket(f"answered_{n}", f"{n}个工作日内答复的工单", "replied_at", ANSWERED & Q(answered_in_days__lte=n))
        for n in DAYS
    ),
    _ticket("closed", "办结的工单", "closed_at", Q(closed_at__isnull=False)),
    _ticket("callback_owed", "已答复且需要回访的工单", "replied_at", BY_UNIT & Q(wants_callback=True, anonymous=False)),
    _ticket(
        "callback_made",
        "其中已回访的工单",
        "replied_at",
        BY_UNIT & Q(wants_callback=True, anonymous=False) & Q(CALLED),
    ),
    _ticket(
        "callback_anonymous",
        "匿名、不要求回访的工单",
        "replied_at",
        BY_UNIT & (Q(anonymous=True) | Q(wants_callback=False)),
    ),
    _ticket("ratable", "可评价的工单", "closed_at", RATABLE),
    _ticket("rated_by_self", "群众主动评价的工单", "closed_at", RATABLE & Q(RATED_BY_SELF)),
    _ticket("closed_history", "历史导入的办结工单", "closed_at", Q(history=True, closed_at__isnull=False)),
]

# --- limits: met, missed, still running, called off -------------------------------------------------------------------
MET = Q(state=ClockState.MET)
#: stopped late, or run out and then still open or called off: being called off later does not undo a breach
MISSED = Q(state=ClockState.LATE) | Q(
    state__in=[ClockState.RUNNING, ClockState.PAUSED, ClockState.CANCELLED], breached_at__isnull=False
)
RUNNING = Q(state=ClockState.RUNNING, breached_at__isnull=True)
CALLED_OFF = Q(state=ClockState.CANCELLED, breached_at__isnull=True)
LEAD_SHARE = Q(assignment__part=Part.LEAD, assignment__parent__isnull=True)
#: an imported answer has no share: its limit hangs on the ticket itself
HANDLE = Q(name=ClockName.HANDLE) & (LEAD_SHARE | Q(assignment__isnull=True))
SENT_TO_UNIT = Exists(
    Assignment.objects.filter(
        ticket=OuterRef("ticket"), dispatched_at=OuterRef("stopped_at"), part=Part.LEAD, parent__isnull=True
    )
)
DISPATCH = Q(name=ClockName.DISPATCH, ticket__history=False)


def _limit(name: str, label: str, base: Q, met: Q = MET) -> list[Counter]:
    def one(suffix: str, meaning: str, where: Q, ripens: bool = False) -> Counter:
        return Counter(f"{name}_{suffix}", f"{label}{meaning}", "clock", "due_at", base & where, True, ripens)

    return [
        one("met", "按期", met),
        one("missed", "超期", MISSED),
        one("running", "到期未完成", RUNNING, True),
        one("off", "已取消", CALLED_OFF),
    ]


LIMITS = [
    *_limit("dispatch", "转办", DISPATCH, MET & Q(SENT_TO_UNIT)),
    Counter(
        "dispatch_other", "未派单即按期答复、不予受理或转出", "clock", "due_at", DISPATCH & MET & ~Q(SENT_TO_UNIT), True
    ),
    Counter(
        "dispatch_history",
        "历史导入，派单时间不详",
        "clock",
        "due_at",
        Q(name=ClockName.DISPATCH, ticket__history=True),
        True,
    ),
    *_limit("sign", "签收", Q(name=ClockName.SIGN)),
    *_limit("handle", "办理", HANDLE),
    *_limit("redo", "重办", Q(name=ClockName.REDO)),
    *_limit("assist", "协办", Q(name=ClockName.HANDLE, assignment__isnull=False) & ~LEAD_SHARE),
    *_limit("feedback", "初步反馈", Q(name=ClockName.FEEDBACK)),
    *_limit("callback_limit", "回访", Q(name=ClockName.CALL_BACK)),
]

# --- what was given to units, and what came back ----------------------------------------------------------------------
SHARE = Q(part=Part.LEAD, parent__isnull=True)
FIRST = SHARE & Q(round=1)
TAKEN = Q(signed_at__isnull=False)
NOT_TAKEN = Q(signed_at__isnull=True) & (Q(status=AssignmentStatus.RETURNED) | Q(ticket__dispatch_count__gt=1))
APPROVED = Q(decision=Decision.APPROVED)

SHARES = [
    Counter("dispatched", "派给主办单位", "share", "dispatched_at", SHARE),
    Counter("first_taken", "首派单位签收", "share", "dispatched_at", FIRST & TAKEN),
    Counter("first_not_taken", "首派后改派", "share", "dispatched_at", FIRST & NOT_TAKEN),
    Counter("first_open", "首派尚无结果", "share", "dispatched_at", FIRST & ~TAKEN & ~NOT_TAKEN),
    Counter("returned", "同意的退单", "return", "decided_at", APPROVED & LEAD_SHARE),
    Counter("returned_share", "同意的协办退单", "return", "decided_at", APPROVED & ~LEAD_SHARE),
    Counter("extended", "同意的延期", "extension", "decided_at", APPROVED & LEAD_SHARE),
    Counter("extended_share", "同意的协办延期", "extension", "decided_at", APPROVED & ~LEAD_SHARE),
    Counter("redone", "发起的重办", "event", "at", Q(action__in=[Action.REDO, Action.REOPEN])),
    Counter("closings", "办结", "event", "at", Q(action__in=[Action.CLOSE, Action.APPROVE_CLOSE])),
    Counter("closings_history", "历史导入的办结", "event", "at", Q(action=Action.IMPORT_REPLY)),
]

# --- what citizens said -----------------------------------------------------------------------------------------------
VALID = Q(result=CallbackResult.REACHED)
#: the answer to the clerk is the handling review: an upheld appeal takes it out here too
APPEALED = Exists(
    Review.objects.filter(
        Q(given_at=OuterRef("tried_at")) | Q(changed_at=OuterRef("tried_at")),
        ticket=OuterRef("ticket"),
        kind=ReviewKind.HANDLING,
        excluded_at__isnull=False,
    )
)
SAID = VALID & ~Q(APPEALED)


def _callback(name: str, meaning: str, where: Q) -> Counter:
    return Counter(name, meaning, "callback", "tried_at", where)


CALLBACKS = [
    _callback("callback_tries", "回访次数", EVERY),
    _callback("callback_valid", "有效回访", VALID),
    _callback("callback_not_reached", "未接通的回访", ~VALID),
    _callback("callback_contacted", "单位已联系", VALID & Q(contacted=True)),
    _callback("callback_solved", "已解决", VALID & Q(solved=True)),
    _callback("callback_very_good", "非常满意", SAID & Q(satisfaction=Satisfaction.VERY_GOOD)),
    _callback("callback_good", "满意", SAID & Q(satisfaction=Satisfaction.GOOD)),
    _callback("callback_fair", "基本满意", SAID & Q(satisfaction=Satisfaction.FAIR)),
    _callback("callback_bad", "不满意和非常不满意", SAID & Q(satisfaction__lte=Satisfaction.BAD)),
    _callback("callback_appealed", "申诉成立剔除的回访评价", VALID & Q(APPEALED) & Q(satisfaction__isnull=False)),
    _callback("callback_unrated", "回访中未评价", VALID & Q(satisfaction__isnull=True)),
]

# --- calls: the conditions of telephony.calls.statistics, on stored rows ----------------------------------------------
ENDED = Q(status=CallStatus.ENDED.value, outbound=False)
ASKED = ENDED & Q(queued_at__isnull=False)
TALKED = ENDED & Q(answered_at__isnull=False)
IN_TIME = TALKED & Q(answered_at__lte=F("queued_at") + timedelta(seconds=IN_TIME_SECONDS))


def _call(name: str, meaning: str, where: Q) -> Counter:
    return Counter(name, meaning, "call", "arrived_at", where)


CALLS = [
    _call("calls", "呼入", ENDED),
    _call("calls_asked", "请求人工", ASKED),
    _call("calls_answered", "人工接通", TALKED),
    _call("calls_in_time", "15秒内接通", IN_TIME),
    _call("calls_abandoned", "排队中放弃", ENDED & Q(outcome=Outcome.ABANDONED.value)),
    _call("calls_never_asked", "未请求人工", ENDED & Q(queued_at__isnull=True)),
]

# --- reviews ----------------------------------------------------------------------------------------------------------
COUNTS = Q(excluded_at__isnull=True)
GOOD = Q(level__gte=Satisfaction.FAIR)
OUT_STEPS = [RectificationStep.WITHDRAWN, RectificationStep.EXCLUDED]
#: an appeal may be upheld after the rectification was over, which then keeps its last step
DUE = Q(review__real_name=True, review__excluded_at__isnull=True) & ~Q(step__in=OUT_STEPS)


def _review(kind: ReviewKind, label: str) -> list[Counter]:
    base = Q(kind=kind)
    return [
        Counter(f"reviews_{kind}", f"{label}评价", "review", "given_at", base & COUNTS),
        Counter(f"reviews_{kind}_good", f"{label}好评", "review", "given_at", base & COUNTS & GOOD),
        Counter(f"reviews_{kind}_out", f"{label}申诉成立剔除", "review", "given_at", base & ~COUNTS),
    ]


REVIEWS = [
    *_review(ReviewKind.HANDLING, "办理"),
    *_review(ReviewKind.CALL, "通话"),
    Counter("rectified", "实名差评按期整改", "rectification", "due_at", DUE & Q(answered_at__lte=F("due_at")), True),
    Counter(
        "rectified_late", "实名差评超期整改", "rectification", "due_at", DUE & Q(answered_at__gt=F("due_at")), True
    ),
    Counter(
        "rectification_owed",
        "实名差评到期未整改",
        "rectification",
        "due_at",
        DUE & Q(answered_at__isnull=True),
        True,
        True,
    ),
    Counter(
        "rectification_out",
        "匿名、已改评或申诉成立的差评",
        "rectification",
        "due_at",
        Q(review__real_name=False) | Q(review__excluded_at__isnull=False) | Q(step__in=OUT_STEPS),
        True,
    ),
]

COUNTERS = {item.name: item for item in (*TICKETS, *LIMITS, *SHARES, *CALLBACKS, *CALLS, *REVIEWS)}
