"""The journal in plain Chinese: who did what, for which unit, with the particulars that matter."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime

from directory.worktime.times import due_text
from ticketing.desk import lists
from ticketing.lifecycle.actions.handling import PAUSE_GROUNDS
from ticketing.lifecycle.table import Action
from ticketing.models import TicketEvent
from ticketing.models.alarms import CallState
from ticketing.refusals import return_grounds
from ticketing.terms import CallbackResult, Channel, ClockName, Kind, LadderStep, Satisfaction, Status, Urgency

#: shown with a red mark
_ALARMS = frozenset({Action.BREACH, Action.ALARM, Action.SUPERVISE})
#: done by a unit: the event's unit is the actor's; in the others it is the one it was done to
_BY_UNIT = frozenset(
    {
        Action.SIGN,
        Action.SHARE_SIGN,
        Action.ASK_RETURN,
        Action.SHARE_ASK_RETURN,
        Action.CONTACT,
        Action.NOTE,
        Action.ASK_EXTENSION,
        Action.REPLY,
        Action.SHARE_REPLY,
        Action.ANSWER_SUPERVISION,
    }
)


@dataclass(frozen=True)
class Step:
    """One line of the timeline."""

    at: datetime
    title: str
    who: str
    moved: str
    reason: str
    details: tuple[str, ...]
    alarm: bool
    seq: int


def steps(events: Iterable[TicketEvent]) -> list[Step]:
    """In the order given; no queries beyond the remembered lists."""
    return [_step(event) for event in events]


def _step(event: TicketEvent) -> Step:
    moved = ""
    if event.from_status != event.to_status and event.to_status in Status.values:
        before = Status(event.from_status).label + " → " if event.from_status in Status.values else ""
        moved = before + Status(event.to_status).label
    return Step(
        event.at,
        Action(event.action).label if event.action in Action.values else event.action,
        who(event),
        moved,
        event.reason,
        tuple(_details(event.data)),
        event.action in _ALARMS,
        event.seq,
    )


def who(event: TicketEvent) -> str:
    """`张三（代李四，市城管局）`, `群众`, `系统 → 市城管局`."""
    name = str(event.staff) if event.staff else {"citizen": "群众", "system": "系统"}.get(event.actor_kind, "对接系统")
    extra = []
    if event.for_staff:
        extra.append(f"代{event.for_staff}")
    own = event.action in _BY_UNIT
    if event.department and own:
        extra.append(str(event.department))
    whom = f" → {event.department}" if event.department and not own else ""
    return (f"{name}（{'，'.join(extra)}）" if extra else name) + whom


def _unit(pk: Any) -> str:
    return next((entry.name for entry in lists.units() if entry.key == str(pk)), f"单位{pk}")


def _person(pk: Any) -> str:
    return next((entry.name for entry in lists.people() if entry.key == str(pk)), "值班室")


def _category(pk: Any) -> str:
    return next((entry.name for entry in lists.categories() if entry.key == str(pk)), "未分类")


def _region(code: Any) -> str:
    return next((entry.name for entry in lists.regions() if entry.key == str(code)), str(code))


def _of(labels: type) -> Callable[[Any], str]:
    known = {str(key): str(label) for key, label in labels.choices}  # type: ignore[attr-defined]
    return lambda value: known.get(str(value), str(value))


def _yes(value: Any) -> str:
    return "不详" if value is None else "是" if value else "否"


def _when(value: Any) -> str:
    moment = parse_datetime(str(value)) if value else None
    return due_text(moment) if moment else "不定"


#: journalled particular → (label, how it reads)
_FACTS: dict[str, tuple[str, Callable[[Any], str]]] = {
    "channel": ("渠道", _of(Channel)),
    "lead": ("主办", _unit),
    "assists": ("协办", lambda ids: "、".join(_unit(pk) for pk in ids)),
    "suggested_unit": ("建议承办", _unit),
    "right_unit": ("裁定承办", _unit),
    "ground": ("事由", lambda code: PAUSE_GROUNDS.get(code) or getattr(return_grounds().get(code), "name", code)),
    "cited_duty": ("依据", str),
    "binding": ("约束性裁定", _yes),
    "working_days": ("工作日", str),
    "granted_days": ("批准工作日", str),
    "promise": ("承诺办理", _yes),
    "reached": ("已联系上", _yes),
    "public": ("群众可见", _yes),
    "truthful": ("属实", _yes),
    "contacted": ("已联系", _yes),
    "solved": ("已解决", _yes),
    "satisfaction": ("满意度", _of(Satisfaction)),
    "level": ("评价", _of(Satisfaction)),
    "result": ("结果", _of(CallbackResult)),
    "alarm": ("电话催签", _of(CallState)),
    "on_duty": ("值班人", _person),
    "round": ("第几轮", str),
    "tries": ("第几次", str),
    "step": ("级别", _of(LadderStep)),
    "answer_due_at": ("反馈期限", _when),
    "in_time": ("按期反馈", _yes),
    "consent": ("来电人同意", _yes),
    "platform": ("平台", str),
    "their_number": ("对方编号", str),
    "other": ("关联工单", str),
    "children": ("拆分出", lambda numbers: "、".join(numbers)),
    "clock": ("时钟", _of(ClockName)),
    "due_at": ("期限", _when),
    "confirmed": ("同意更正", _yes),
}
#: facts that say nothing when false or empty
_QUIET = frozenset({"binding", "promise", "assists", "public", "their_number"})
_COLUMNS: dict[str, tuple[str, Callable[[Any], str]]] = {
    "kind": ("类型", _of(Kind)),
    "category_id": ("分类", _category),
    "urgency": ("紧急程度", _of(Urgency)),
    "region_id": ("区域", _region),
    "confidential": ("保密", _yes),
    "complained_unit_id": ("被投诉单位", _unit),
}


def _details(data: dict[str, Any]) -> Iterable[str]:
    for name, (label, words) in _FACTS.items():
        value = data.get(name)
        if name in data and value is not None and (value or name not in _QUIET):
            yield f"{label}：{words(value)}"
    before = data.get("before") or {}
    changed = data.get("set") or {}
    for name, (label, words) in _COLUMNS.items():
        if name in before:
            old = words(before[name]) if before[name] not in (None, "") else "空"
            yield f"{label}：{old} → {words(changed.get(name))}"
    for clock in data.get("clocks") or []:
        line = _clock(clock)
        if line:
            yield line


_OPERATIONS = {
    "start": "开始计时",
    "pause": "暂停计时",
    "resume": "恢复计时",
    "extend": "延长",
    "reopen": "重新计时",
    "recalendar": "按日历重算",
}


def _clock(record: dict[str, Any]) -> str:
    name = _of(ClockName)(record.get("name"))
    operation = _OPERATIONS.get(str(record.get("op")))
    if operation:
        due = f"，期限 {_when(record['due_at'])}" if record.get("due_at") else ""
        return f"{name}时限{operation}{due}"
    state = str(record.get("state"))
    return f"{name}时限" + {"met": "按期完成", "late": "超期完成", "cancelled": "取消"}.get(state, "停止")
