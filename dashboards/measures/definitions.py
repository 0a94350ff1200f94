"""The measures: each stands here once. Formulas: DOMAIN table of measures; targets: 豫政办〔2022〕78号, GB/T 33358.

A changed formula is a new entry with the same code, a higher version and its date; a period keeps the version in force
on its first day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

SINCE = date(2000, 1, 1)
UP, DOWN, NEUTRAL = "up", "down", ""


@dataclass(frozen=True)
class Term:
    """A counter and what it weighs: "" counts fully, else the name of a configured weight."""

    counter: str
    weight: str = ""


@dataclass(frozen=True)
class Measure:
    """One measure. A rate has a denominator; a count has none; a score is made of other measures by weight (`parts`);
    a state (`state`) is taken now, not over a period. `behind`: what stands behind the figure (tickets, calls, …)."""

    code: str
    name: str
    group: str
    meaning: str
    numerator: tuple[Term, ...] = ()
    denominator: tuple[Term, ...] = ()
    excluded: tuple[Term, ...] = ()
    exclusions: str = ""
    unit: str = "%"
    target: float | None = None
    direction: str = UP
    since: date = SINCE
    version: int = 1
    parts: tuple[tuple[str, str], ...] = ()
    state: str = ""
    basis: str = ""
    behind: str = "ticket"

    @property
    def kind(self) -> str:
        if self.parts:
            return "score"
        if self.state:
            return "state"
        return "rate" if self.denominator else "count"

    @property
    def nested(self) -> bool:
        """Whether the numerator is a part of the denominator, so that the rest can be named.

        Returns, extensions and redos are set against what was given out, and are no part of it.
        """
        return bool(self.denominator) and self.direction != DOWN

    def counters(self) -> tuple[str, ...]:
        return tuple(term.counter for term in (*self.numerator, *self.denominator, *self.excluded))


def _terms(*names: str) -> tuple[Term, ...]:
    return tuple(Term(name) for name in names)


def _met(*names: str) -> tuple[Term, ...]:
    return _terms(*(f"{name}_met" for name in names))


def _due(*names: str) -> tuple[Term, ...]:
    """Met, missed and run out: the limits that ended in the period, whenever the matter was received."""
    return _terms(*(f"{name}_{end}" for name in names for end in ("met", "missed", "running")))


def _off(*names: str) -> tuple[Term, ...]:
    return _terms(*(f"{name}_off" for name in names))


HENAN = "豫政办〔2022〕78号"
CANCELLED = "期限届满前取消的时钟（退单、改派、撤回等）"

LIST = (
    # --- intake
    Measure("received", "受理量", "受理", "期内受理的工单", _terms("received"), unit="件", direction=NEUTRAL),
    Measure("closed", "办结量", "办理", "期内办结的工单", _terms("closed"), unit="件", direction=NEUTRAL),
    Measure(
        "direct_answer_rate", "直接答复率", "受理", "期内受理的工单中，热线未派单直接答复的比例",
        _terms("direct"), _terms("received_ours"), _terms("received_history"),
        "历史导入的工单（是否直接答复不详）",
    ),
    # --- limits
    Measure(
        "dispatch_on_time", "及时转办率", "时限", "转办期限在期内届满的工单中，在期限内派给承办单位的比例",
        numerator=_met("dispatch"), denominator=_due("dispatch"),
        excluded=_terms("dispatch_other", "dispatch_off", "dispatch_history"),
        exclusions="期限内直接答复、不予受理、转出的工单；历史导入的工单（派单时间不详）",
        target=100, basis=f"{HENAN} 第30项",
    ),
    Measure(
        "sign_on_time", "按期签收率", "时限", "签收期限在期内届满的派单中，在期限内签收的比例",
        numerator=_met("sign"), denominator=_due("sign"), excluded=_off("sign"), exclusions=CANCELLED,
    ),
    Measure(
        "close_on_time", "按期办结率", "时限", "办理期限在期内届满（不论何时受理）的工单中，主办单位在期限内答复的比例",
        numerator=_met("handle"), denominator=_due("handle"), excluded=_off("handle"), exclusions=CANCELLED,
    ),
    Measure(
        "reply_on_time", "按期回复率", "时限", "应在期内回复群众的工单（含重办）中，在期限内回复的比例",
        numerator=_met("handle", "redo"), denominator=_due("handle", "redo"),
        excluded=_off("handle", "redo"), exclusions=CANCELLED,
        target=100, basis=f"{HENAN} 第30项",
    ),
    Measure(
        "assist_on_time", "按期协办率", "时限", "协办和下级任务的办理期限在期内届满的，按期反馈的比例",
        numerator=_met("assist"), denominator=_due("assist"), excluded=_off("assist"), exclusions=CANCELLED,
    ),
    Measure(
        "feedback_on_time", "初步反馈及时率", "时限", "紧急工单初步反馈期限在期内届满的，按期联系群众的比例",
        numerator=_met("feedback"), denominator=_due("feedback"), excluded=_off("feedback"), exclusions=CANCELLED,
    ),
    *(
        Measure(
            f"answered_within_{n}", f"{n}个工作日答复率", "时限", f"期内答复的工单中，受理后{n}个工作日内答复的比例",
            _terms(f"answered_{n}"), _terms("answered"),
        )
        for n in (3, 5, 10)
    ),
    # --- dispatching
    Measure(
        "dispatch_accuracy", "派单准确率", "派单", "期内首次派单的工单中，首派单位签收的比例",
        _terms("first_taken"), _terms("first_taken", "first_not_taken"), _terms("first_open"),
        "首派单位尚未签收、也未退单的",
    ),
    Measure(
        "return_rate", "退单率", "派单", "期内同意的退单与期内派单之比",
        _terms("returned"), _terms("dispatched"), _terms("returned_share"), "协办单位的退单", direction=DOWN,
    ),
    Measure(
        "extension_rate", "延期率", "派单", "期内同意的延期与期内派单之比",
        _terms("extended"), _terms("dispatched"), _terms("extended_share"), "协办单位的延期", direction=DOWN,
    ),
    Measure(
        "redo_rate", "重办率", "办理", "期内发起的重办与期内办结之比",
        _terms("redone"), _terms("closings"), _terms("closings_history"), "历史导入的办结（是否重办不详）",
        direction=DOWN,
    ),
    # --- call-backs
    Measure(
        "callback_rate", "回访率", "回访", "期内答复且需要回访的工单中，已回访的比例",
        _terms("callback_made"), _terms("callback_owed"), _terms("callback_anonymous"),
        "匿名和不要求回访的工单；历史导入的工单",
    ),
    Measure(
        "callback_on_time", "按期回访率", "回访", "回访期限在期内届满的工单中，按期完成回访的比例",
        numerator=_met("callback_limit"), denominator=_due("callback_limit"),
        excluded=_off("callback_limit"), exclusions=CANCELLED,
    ),
    Measure(
        "response_rate", "响应率", "三率", "有效回访中，承办单位联系过群众的比例",
        _terms("callback_contacted"), _terms("callback_valid"), _terms("callback_not_reached"), "未接通的回访",
    ),
    Measure(
        "solved_rate", "解决率", "三率", "有效回访中，问题已解决的比例",
        _terms("callback_solved"), _terms("callback_valid"), _terms("callback_not_reached"), "未接通的回访",
    ),
    Measure(
        "satisfaction_rate", "满意率", "三率",
        "（非常满意＋满意＋权重×基本满意）÷ 作出评价的有效回访；未评价不视为满意",
        (Term("callback_very_good"), Term("callback_good"), Term("callback_fair", "fair")),
        _terms("callback_very_good", "callback_good", "callback_fair", "callback_bad"),
        _terms("callback_unrated", "callback_not_reached", "callback_appealed"),
        "未接通的回访；接通而未评价的；申诉成立的",
    ),
    Measure(
        "overall_score", "综合成绩", "三率", "响应率、解决率、满意率按权重合成", unit="分",
        parts=(("response_rate", "response"), ("solved_rate", "solved"), ("satisfaction_rate", "satisfied")),
    ),
    # --- calls
    Measure("calls", "呼入量", "话务", "期内呼入", _terms("calls"), unit="次", direction=NEUTRAL, behind="call"),
    Measure(
        "call_answer_rate", "人工接通率", "话务", "请求人工服务的呼入中，人工接通的比例",
        _terms("calls_answered"), _terms("calls_asked"), _terms("calls_never_asked"), "未请求人工即结束的呼入",
        target=95, basis="GB/T 33358", behind="call",
    ),
    Measure(
        "call_timeliness", "应答及时率", "话务", "人工接通的呼入中，15秒内接通的比例",
        _terms("calls_in_time"), _terms("calls_answered"), target=80, basis="GB/T 33358", behind="call",
    ),
    Measure(
        "call_within_15", "15秒接通率", "话务", "请求人工服务的呼入中，15秒内接通的比例",
        _terms("calls_in_time"), _terms("calls_asked"), _terms("calls_never_asked"), "未请求人工即结束的呼入",
        behind="call",
    ),
    # --- reviews
    Measure(
        "self_review_rate", "主动评价率", "好差评", "期内办结且可评价的工单中，群众主动评价的比例；未评价不计为满意",
        _terms("rated_by_self"), _terms("ratable"), _terms("closed_history"), "历史导入的办结工单",
    ),
    Measure(
        "good_review_rate", "办理好评率", "好差评", "期内一事一评中，基本满意及以上的比例",
        _terms("reviews_handling_good"), _terms("reviews_handling"), _terms("reviews_handling_out"), "申诉成立的评价",
        behind="review",
    ),
    Measure(
        "good_call_review_rate", "通话好评率", "好差评", "期内一次一评中，基本满意及以上的比例",
        _terms("reviews_call_good"), _terms("reviews_call"), _terms("reviews_call_out"), "申诉成立的评价",
        behind="review",
    ),
    Measure(
        "bad_review_rectified", "实名差评按期整改率", "好差评", "整改期限在期内届满的实名差评中，按期整改并答复的比例",
        _terms("rectified"), _terms("rectified", "rectified_late", "rectification_owed"), _terms("rectification_out"),
        "匿名差评、七日内改评的、申诉成立的", target=100, basis=f"{HENAN} 第31项", behind="review",
    ),
    Measure(
        "item_coverage", "评价覆盖事项率", "好差评", "有可用评价渠道的服务事项占全部启用事项的比例（当前）",
        state="items", target=100, basis=f"{HENAN} 第31项", behind="item",
    ),
    Measure(
        "unit_coverage", "评价覆盖部门率", "好差评", "有可用评价渠道的单位占全部启用单位的比例（当前）",
        state="units", exclusions="热线中心、110", target=100, basis=f"{HENAN} 第31项", behind="unit",
    ),
)  # fmt: skip

#: the five of 豫政办〔2022〕78号, items 30 and 31, each with target 100 %
KPI = ("dispatch_on_time", "reply_on_time", "item_coverage", "unit_coverage", "bad_review_rectified")


def measures(day: date) -> list[Measure]:
    """The versions in force on `day`, in the order of the list."""
    found: dict[str, Measure] = {}
    for item in LIST:
        known = found.get(item.code)
        if item.since <= day and (known is None or item.version > known.version):
            found[item.code] = item
    return list(found.values())


def version_of(code: str, version: int) -> Measure:
    """One version of a measure, whenever it was in force. Raises `KeyError`."""
    return {(item.code, item.version): item for item in LIST}[code, version]


def measure(code: str, day: date) -> Measure:
    """The version of one measure in force on `day`. Raises `KeyError`."""
    return {item.code: item for item in measures(day)}[code]
