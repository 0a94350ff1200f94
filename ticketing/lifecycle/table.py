"""The table of allowed moves: the one place that says what may follow what, and who may do it.

Rows are data. The engine checks them, the desk offers buttons from them, `manage.py draw_lifecycle` draws them, and the
tests walk through every (status, action, capacity) that they allow and every one that they do not.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models

from ticketing.terms import ENDED, EXITS, IN_HOTLINE, IN_UNIT, OPEN, ClockName, Status


class Action(models.TextChoices):
    ACCEPT = "accept", "受理"
    TRIAGE = "triage", "审核"
    DISPATCH = "dispatch", "派单"
    DESIGNATE = "designate", "指定承办"
    RECALL = "recall", "收回"
    ANSWER = "answer", "直接答复"
    REFUSE = "refuse", "不予受理"
    TO_110 = "to_110", "转110"
    BACK_FROM_110 = "back_from_110", "110转回"
    TO_PLATFORM = "to_platform", "转其他平台"
    MERGE = "merge", "并单"
    UNMERGE = "unmerge", "撤销并单"
    WITHDRAW = "withdraw", "撤回"
    SIGN = "sign", "签收"
    ASK_RETURN = "ask_return", "申请退单"
    APPROVE_RETURN = "approve_return", "同意退单"
    REJECT_RETURN = "reject_return", "驳回退单"
    SHARE_SIGN = "share_sign", "协办签收"
    SHARE_ASK_RETURN = "share_ask_return", "协办申请退单"
    SHARE_APPROVE_RETURN = "share_approve_return", "同意协办退单"
    SHARE_REJECT_RETURN = "share_reject_return", "驳回协办退单"
    SHARE_REPLY = "share_reply", "协办反馈"
    CLOSE_SHARE = "close_share", "了结协办"
    ADD_ASSIST = "add_assist", "增派协办"
    DELEGATE = "delegate", "向下派单"
    CONTACT = "contact", "联系群众"
    NOTE = "note", "办理记录"
    PAUSE = "pause", "暂停计时"
    RESUME = "resume", "恢复计时"
    ASK_EXTENSION = "ask_extension", "申请延期"
    APPROVE_EXTENSION = "approve_extension", "同意延期"
    REJECT_EXTENSION = "reject_extension", "驳回延期"
    REPLY = "reply", "提交答复"
    APPROVE = "approve", "审核通过"
    APPROVE_CLOSE = "approve_close", "审核通过并办结"
    SEND_BACK = "send_back", "退回重报"
    SEND_BACK_REDO = "send_back_redo", "退回重办答复"
    CALL_BACK = "call_back", "回访登记"
    CLOSE = "close", "办结"
    REDO = "redo", "发起重办"
    REOPEN = "reopen", "群众重开"
    REOPEN_ANSWER = "reopen_answer", "答复后重开"
    ARCHIVE = "archive", "归档"
    URGE = "urge", "催办"
    EVIDENCE = "evidence", "补充材料"
    RATE = "rate", "评价"
    CORRECT = "correct", "更正类别"
    REVIEW_CORRECTION = "review_correction", "复核更正"
    SPLIT = "split", "拆分"
    LINK = "link", "关联"
    PUBLISH = "publish", "公开"
    SUPERVISE = "supervise", "督办"
    ANSWER_SUPERVISION = "answer_supervision", "督办反馈"
    WARN = "warn", "预警"
    BREACH = "breach", "超期"
    ALARM = "alarm", "电话催签"
    EXCHANGE = "exchange", "平台反馈"
    RECALENDAR = "recalendar", "日历重算"
    IMPORT_REPLY = "import_reply", "历史答复"


class Capacity(models.TextChoices):
    """In what capacity somebody stands towards one ticket; worked out by `ticketing.lifecycle.capacities`."""

    AGENT = "agent", "话务员"
    WINDOW_CLERK = "window_clerk", "窗口人员"
    DISPATCHER = "dispatcher", "派单员"
    CHECKER = "checker", "审核员"
    CALLBACK_CLERK = "callback_clerk", "回访员"
    SUPERVISOR = "supervisor", "督办员"
    LEAD = "lead", "主办单位"
    LEAD_HEAD = "lead_head", "主办单位负责人"
    SHARE = "share", "协办或下级单位"
    SHARE_HEAD = "share_head", "协办或下级单位负责人"
    ABOVE = "above", "交办单位"
    CITIZEN = "citizen", "群众"
    API = "api", "对接系统"
    SYSTEM = "system", "系统"


C = Capacity
LEADS = frozenset({C.LEAD, C.LEAD_HEAD})
SHARES = frozenset({C.SHARE, C.SHARE_HEAD})
RULERS = frozenset({C.DISPATCHER, C.SUPERVISOR})
FRONT = frozenset({C.AGENT, C.DISPATCHER, C.WINDOW_CLERK})
TIMER = frozenset({C.SYSTEM})


@dataclass(frozen=True)
class Move:
    """From `source` by `action` to `target` (None: stays); `starts` and `stops` name the clocks it touches."""

    action: Action
    source: Status | None
    target: Status | None
    who: frozenset[Capacity]
    starts: tuple[ClockName, ...] = ()
    stops: tuple[ClockName, ...] = ()


def _rows(
    action: Action,
    sources: frozenset[Status] | Status | None,
    target: Status | None,
    who: frozenset[Capacity],
    starts: tuple[ClockName, ...] = (),
    stops: tuple[ClockName, ...] = (),
) -> list[Move]:
    single = sources is None or isinstance(sources, Status)
    origins = [sources] if single else sorted(sources)  # type: ignore[arg-type]
    return [Move(action, source, target, who, starts, stops) for source in origins]  # type: ignore[arg-type]


A, S, K = Action, Status, ClockName
WAITING = frozenset({S.NEW, S.TO_DISPATCH})
AT_WORK = frozenset({S.HANDLING, S.REDOING})
SHARED = IN_UNIT | {S.RETURN_ASKED, S.TO_CHECK, S.TO_CALL_BACK}
WITH_UNIT = SHARED | {S.CLOSED}
NOTERS = RULERS | {C.AGENT, C.CHECKER, C.CALLBACK_CLERK}
UNIT_CLOCKS = (K.SIGN, K.FEEDBACK, K.HANDLE, K.REDO)
ALL_CLOCKS = tuple(ClockName)

MOVES: tuple[Move, ...] = tuple(
    row
    for rows in (
        # into the house
        _rows(A.ACCEPT, None, S.NEW, FRONT | {C.CITIZEN, C.API, C.SYSTEM}, starts=(K.DISPATCH,)),
        _rows(A.TRIAGE, S.NEW, S.TO_DISPATCH, FRONT | {C.SUPERVISOR, C.SYSTEM}),
        _rows(A.ANSWER, WAITING, S.ANSWERED, FRONT | {C.SUPERVISOR}, stops=ALL_CLOCKS),
        _rows(A.REFUSE, WAITING, S.REFUSED, FRONT | {C.SUPERVISOR}, stops=ALL_CLOCKS),
        _rows(A.TO_110, WAITING | {S.TO_SIGN}, S.TO_110, FRONT | {C.SUPERVISOR}, stops=ALL_CLOCKS),
        _rows(A.BACK_FROM_110, S.TO_110, S.NEW, FRONT | {C.SUPERVISOR, C.API, C.SYSTEM}, starts=(K.DISPATCH,)),
        _rows(A.TO_PLATFORM, WAITING, S.TO_PLATFORM, RULERS, stops=ALL_CLOCKS),
        _rows(A.MERGE, WAITING | {S.TO_SIGN, S.HANDLING}, S.MERGED, FRONT | {C.SUPERVISOR}, stops=ALL_CLOCKS),
        _rows(A.UNMERGE, S.MERGED, S.TO_DISPATCH, RULERS, starts=(K.DISPATCH,)),
        _rows(
            A.WITHDRAW,
            WAITING | {S.TO_SIGN, S.RETURN_ASKED, S.HANDLING},
            S.WITHDRAWN,
            frozenset({C.CITIZEN, C.AGENT, C.API}),
            stops=ALL_CLOCKS,
        ),
        # to a unit
        _rows(A.DISPATCH, S.TO_DISPATCH, S.TO_SIGN, RULERS | {C.SYSTEM}, (K.SIGN, K.HANDLE), (K.DISPATCH,)),
        _rows(
            A.DESIGNATE,
            frozenset({S.TO_DISPATCH, S.RETURN_ASKED}),
            S.TO_SIGN,
            RULERS,
            (K.SIGN, K.HANDLE),
            (K.DISPATCH, K.RULING, *UNIT_CLOCKS),
        ),
        _rows(
            A.RECALL,
            frozenset({S.TO_SIGN, S.RETURN_ASKED, S.HANDLING}),
            S.TO_DISPATCH,
            RULERS,
            (K.DISPATCH,),
            (K.RULING, K.EXTENSION, *UNIT_CLOCKS),
        ),
        _rows(A.SIGN, S.TO_SIGN, S.HANDLING, LEADS, (K.FEEDBACK,), (K.SIGN,)),
        _rows(A.ASK_RETURN, S.TO_SIGN, S.RETURN_ASKED, LEADS, (K.RULING,)),
        _rows(A.APPROVE_RETURN, S.RETURN_ASKED, S.TO_DISPATCH, RULERS, (K.DISPATCH,), (K.RULING, *UNIT_CLOCKS)),
        _rows(A.REJECT_RETURN, S.RETURN_ASKED, S.TO_SIGN, RULERS, (), (K.RULING,)),
        # shares beside and below the lead
        _rows(A.ADD_ASSIST, IN_UNIT, None, RULERS, (K.SIGN, K.HANDLE)),
        _rows(A.DELEGATE, AT_WORK, None, LEADS | SHARES, (K.SIGN, K.HANDLE)),
        _rows(A.SHARE_SIGN, SHARED, None, SHARES, (K.FEEDBACK,), (K.SIGN,)),
        _rows(A.SHARE_ASK_RETURN, SHARED, None, SHARES, (K.RULING,)),
        _rows(A.SHARE_APPROVE_RETURN, SHARED, None, RULERS | {C.ABOVE}, (), (K.RULING, *UNIT_CLOCKS)),
        _rows(A.SHARE_REJECT_RETURN, SHARED, None, RULERS | {C.ABOVE}, (), (K.RULING,)),
        _rows(A.SHARE_REPLY, SHARED, None, SHARES, (), UNIT_CLOCKS),
        _rows(A.CLOSE_SHARE, SHARED, None, LEADS | RULERS | {C.ABOVE}, (), UNIT_CLOCKS),
        # the work
        _rows(A.CONTACT, AT_WORK, None, LEADS | SHARES, (), (K.FEEDBACK,)),
        _rows(A.NOTE, WAITING, None, NOTERS),
        _rows(A.NOTE, OPEN - WAITING, None, NOTERS | LEADS | SHARES),
        _rows(A.PAUSE, AT_WORK, None, RULERS | {C.LEAD_HEAD}),
        _rows(A.RESUME, AT_WORK, None, LEADS | RULERS | {C.SYSTEM}),
        _rows(A.ASK_EXTENSION, AT_WORK, None, LEADS | SHARES, (K.EXTENSION,)),
        _rows(A.APPROVE_EXTENSION, AT_WORK, None, RULERS | {C.CHECKER}, (), (K.EXTENSION,)),
        _rows(A.REJECT_EXTENSION, AT_WORK, None, RULERS | {C.CHECKER}, (), (K.EXTENSION,)),
        _rows(A.REPLY, AT_WORK, S.TO_CHECK, LEADS, (K.CHECK,), UNIT_CLOCKS),
        # after the reply
        _rows(A.APPROVE, S.TO_CHECK, S.TO_CALL_BACK, frozenset({C.CHECKER, C.SUPERVISOR}), (K.CALL_BACK,), (K.CHECK,)),
        _rows(A.APPROVE_CLOSE, S.TO_CHECK, S.CLOSED, frozenset({C.CHECKER, C.SUPERVISOR}), (), (K.CHECK,)),
        _rows(A.SEND_BACK, S.TO_CHECK, S.HANDLING, frozenset({C.CHECKER, C.SUPERVISOR}), (K.HANDLE,), (K.CHECK,)),
        _rows(A.SEND_BACK_REDO, S.TO_CHECK, S.REDOING, frozenset({C.CHECKER, C.SUPERVISOR}), (K.REDO,), (K.CHECK,)),
        _rows(A.CALL_BACK, S.TO_CALL_BACK, None, frozenset({C.CALLBACK_CLERK, C.SUPERVISOR, C.SYSTEM})),
        _rows(
            A.CLOSE, S.TO_CALL_BACK, S.CLOSED, frozenset({C.CALLBACK_CLERK, C.SUPERVISOR, C.SYSTEM}), (), (K.CALL_BACK,)
        ),
        _rows(
            A.REDO,
            frozenset({S.TO_CALL_BACK, S.CLOSED}),
            S.REDOING,
            frozenset({C.CALLBACK_CLERK, C.SUPERVISOR}),
            (K.REDO,),
            (K.CALL_BACK,),
        ),
        _rows(A.REOPEN, S.CLOSED, S.REDOING, frozenset({C.CITIZEN, C.AGENT}), (K.REDO,)),
        # closed without a unit: what another system answered before us
        _rows(
            A.REOPEN_ANSWER,
            frozenset({S.ANSWERED, S.CLOSED}),
            S.TO_DISPATCH,
            frozenset({C.CITIZEN, C.AGENT}),
            (K.DISPATCH,),
        ),
        _rows(A.ARCHIVE, EXITS | {S.CLOSED}, S.ARCHIVED, TIMER | {C.SUPERVISOR}),
        # at any time
        _rows(A.URGE, OPEN, None, frozenset({C.CITIZEN, C.AGENT, C.SUPERVISOR, C.API})),
        _rows(A.EVIDENCE, OPEN, None, frozenset({C.CITIZEN, C.AGENT, C.WINDOW_CLERK, C.API})),
        _rows(A.RATE, frozenset({S.CLOSED, S.ANSWERED, S.ARCHIVED, S.MERGED}), None, frozenset({C.CITIZEN})),
        _rows(A.CORRECT, OPEN, None, FRONT | {C.SUPERVISOR, C.CHECKER}),
        _rows(A.REVIEW_CORRECTION, OPEN | {S.CLOSED}, None, frozenset({C.SUPERVISOR})),
        _rows(A.SPLIT, WAITING, None, FRONT | {C.SUPERVISOR}),
        _rows(A.LINK, OPEN | ENDED, None, FRONT | {C.SUPERVISOR}),
        _rows(A.PUBLISH, frozenset({S.CLOSED, S.ANSWERED, S.ARCHIVED}), None, frozenset({C.CHECKER, C.SUPERVISOR})),
        _rows(A.SUPERVISE, WITH_UNIT, None, frozenset({C.SUPERVISOR, C.SYSTEM})),
        _rows(A.ANSWER_SUPERVISION, WITH_UNIT, None, LEADS | SHARES),
        # the timers
        _rows(A.WARN, OPEN, None, TIMER),
        _rows(A.BREACH, OPEN, None, TIMER),
        _rows(A.ALARM, SHARED, None, TIMER),
        _rows(A.EXCHANGE, OPEN | ENDED, None, TIMER),
        _rows(A.RECALENDAR, OPEN, None, TIMER),
        # what another system did before us: answered and closed, its dispatch and signing unknown
        _rows(A.IMPORT_REPLY, S.NEW, S.CLOSED, TIMER, (K.HANDLE,), (K.DISPATCH, K.HANDLE)),
    )
    for row in rows
)

BY_KEY: dict[tuple[Status | None, Action], Move] = {(move.source, move.action): move for move in MOVES}
if len(BY_KEY) != len(MOVES):
    raise AssertionError("two rows of the transition table have the same status and action")


def find(source: str | None, action: Action) -> Move | None:
    """The row for `action` in status `source`, or None when the action leads nowhere from there."""
    return BY_KEY.get((Status(source) if source else None, action))


def allowed(source: str, capacities: frozenset[Capacity]) -> list[Move]:
    """All moves open to somebody with `capacities` while the ticket is in `source`."""
    return [move for move in MOVES if move.source == source and move.who & capacities]


__all__ = ["BY_KEY", "IN_HOTLINE", "MOVES", "Action", "Capacity", "Move", "allowed", "find"]
