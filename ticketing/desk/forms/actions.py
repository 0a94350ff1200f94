"""Forms made from the commands: one field per particular, with the words and the widget that fit it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, Field
from dataclasses import fields as particulars
from typing import Any

from django import forms
from django.forms import Form

from ticketing.desk.forms import fields
from ticketing.desk.offers import Offer
from ticketing.lifecycle.actions import COMMANDS
from ticketing.lifecycle.actions.handling import PAUSE_GROUNDS
from ticketing.lifecycle.capacities import is_lead
from ticketing.lifecycle.engine import Command
from ticketing.lifecycle.table import Action
from ticketing.models import Assignment, Ticket
from ticketing.refusals import refusals, return_grounds
from ticketing.terms import CallbackResult, Kind, LadderStep, Satisfaction, Urgency

Make = Callable[[], forms.Field]
A = Action
WAYS = (("one_key", "一键转接"), ("three_way", "三方通话"), ("ticket", "工单流转"), ("guided", "话务引导"))
MEANS = (("phone", "电话"), ("sms", "短信"), ("robot", "自动外呼"))
LINKS = (("related", "相关"), ("same_problem", "同一问题"))


def _line(label: str, most: int = 300, **options: Any) -> Make:
    return lambda: forms.CharField(label=label, max_length=most, required=False, **options)


def _text(label: str, rows: int = 3, most: int = 5000, **options: Any) -> Make:
    return lambda: fields.text(label=label, rows=rows, most=most, required=False, **options)


def _yes_no(label: str) -> Make:
    return lambda: fields.YesNo(label=label, required=False)


def _tick(label: str, **options: Any) -> Make:
    return lambda: forms.BooleanField(label=label, required=False, **options)


def _entries(found: Callable[[], dict[str, Any]], label: str) -> Make:
    return lambda: fields.choice(
        [(code, f"{code} {entry.name}" if code.isdigit() else entry.name) for code, entry in found().items()],
        empty="请选择",
        label=label,
        required=False,
    )


def _choice(choices: Any, label: str, empty: str = "请选择") -> Make:
    return lambda: fields.choice(choices, empty=empty, label=label, required=False)


#: by particular; a pair (action, particular) is more exact and wins
FIELDS: dict[str | tuple[Action, str], Make] = {
    "kind": _choice(Kind.choices, "诉求类型"),
    "category": lambda: fields.category(label="诉求分类", required=False),
    "urgency": _choice(Urgency.choices, "紧急程度"),
    "region": lambda: fields.region(label="区域", required=False),
    "confidential": _yes_no("保密"),
    "complained_unit": lambda: fields.unit(label="被投诉单位", required=False, help_text="不会派给该单位及其下级"),
    "reason": _text("理由", 2, 1000),
    "opinion": _text("意见", 2, 2000),
    (A.DISPATCH, "opinion"): _text("派单意见", 2, 2000, help_text="承办单位看得到"),
    (A.DISPATCH, "reason"): _line("更改系统建议的理由", help_text="改派给别的单位时填写，系统据此学习"),
    "lead": lambda: fields.unit(label="主办单位", required=False),
    "assists": lambda: fields.Units(label="协办单位", required=False, help_text="可不填"),
    "unit": lambda: fields.unit(label="单位", required=False),
    "suggested_unit": lambda: fields.unit(label="建议承办单位", required=False),
    "right_unit": lambda: fields.unit(
        label="裁定承办单位", required=False, help_text="第二次退单的裁定有约束力，并写入派单目录"
    ),
    "ground": _entries(return_grounds, "退单事由"),
    (A.PAUSE, "ground"): _choice(PAUSE_GROUNDS.items(), "暂停事由"),
    "cited_duty": _line("职责依据", help_text="引用的职责条款、三定规定或派单目录"),
    "answer": _text("答复内容", 5),
    (A.ANSWER_SUPERVISION, "answer"): _text("反馈内容", 4, 3000),
    "knowledge": _line("引用知识编号", 80),
    "code": _entries(refusals, "不予受理事由"),
    "explanation": _text("补充说明", 2, 1000),
    "consent": _tick("已征得来电人同意", initial=True),
    "way": _choice(WAYS, "转接方式", ""),
    "result": _text("处置结果", 3, 2000),
    (A.CALL_BACK, "result"): _choice(CallbackResult.choices, "回访结果"),
    "platform": _line("平台名称", 80),
    "their_number": _line("对方编号", 80),
    "note": _text("联系情况", 3),
    "reached": _tick("已联系上群众", initial=True),
    "text": _text("记录内容", 3),
    (A.EVIDENCE, "text"): _text("补充内容", 3, 3000),
    "public": _tick("群众可见"),
    "public_answer": _text("对外答复（群众可见）", 6, help_text="不得出现电话、身份证号、门牌号"),
    "internal_note": _text("内部办理情况（不对外）", 4),
    "truthful": _yes_no("是否属实"),
    "solved": _yes_no("是否解决"),
    "unsolved_reason": _line("未解决原因"),
    "close_silent": _line("了结未反馈协办的理由", help_text="尚有协办或下级单位未反馈时填写"),
    "working_days": lambda: forms.IntegerField(label="延期工作日", min_value=1, max_value=189, required=False),
    "granted_days": lambda: forms.IntegerField(
        label="批准工作日", min_value=1, max_value=189, required=False, help_text="空：按申请天数"
    ),
    "promise": _tick("承诺办理（长期，须附计划）"),
    "plan": _text("办理计划", 2, 2000),
    "publish": _tick("在门户公开（须群众同意且不保密）"),
    "override": _line("质检放行理由（未通过时必填）"),
    (A.REPLY, "override"): _line("质检放行理由", help_text="协办答复未通过质检、仍须提交时填写；主办答复由审核员把关"),
    "contacted": _yes_no("单位是否联系"),
    "satisfaction": _choice(Satisfaction.choices, "满意度", "未评价"),
    "remark": _text("回访记录", 2, 2000),
    "means": _choice(MEANS, "方式", ""),
    "close": _tick("登记后办结", initial=True),
    "published": _tick("在门户公开"),
    "confirmed": _tick("同意更正", initial=True),
    "master": _line("主工单编号", 18),
    "other": _line("关联工单编号", 18),
    (A.LINK, "kind"): _choice(LINKS, "关联方式", ""),
    "step": _choice(LadderStep.choices, "督办级别"),
    "demand": _text("督办要求", 2, 1000),
}
#: wide fields take the whole line
WIDE = (forms.Textarea, fields.SeveralUnits)


class ActionForm(Form):
    """One action on one ticket. `version`: the journal position the person was looking at."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, action: Action, offer: Offer, ticket: Ticket) -> None:
        self.action, self.command = action, COMMANDS[str(action)]
        super().__init__(data, prefix=None, auto_id=f"{action}_%s", initial=_initial(action, ticket))
        for particular in particulars(self.command):
            made = _field(action, particular, offer)
            if made is not None:
                self.fields[particular.name] = made

    @property
    def label(self) -> str:
        return self.action.label

    @property
    def visible_particulars(self) -> list[tuple[forms.BoundField, bool]]:
        """(field, whether it takes the whole line)."""
        return [(bound, isinstance(bound.field.widget, WIDE)) for bound in self.visible_fields()]

    def to_command(self) -> Command:
        """The command; call after `is_valid`. Empty particulars keep the command's own default."""
        given = {}
        for particular in particulars(self.command):
            if particular.name not in self.fields:
                continue
            value = self.cleaned_data.get(particular.name)
            if particular.name == "complained_unit" and _cleared(self):
                given[particular.name] = 0
                continue
            required = particular.default is MISSING
            if value in (None, "", ()) and not required:
                continue
            given[particular.name] = _typed(particular, value)
        return self.command(**given)

    def refuse(self, field: str, message: str) -> None:
        _refuse(self, field, message)


def _cleared(form: Form) -> bool:
    """Whether somebody emptied the unit complained about, which the ticket had: nobody is complained about."""
    name = "complained_unit"
    return bool(form.initial.get(name)) and name in form.data and not form.cleaned_data.get(name)


def _refuse(form: Form, field: str, message: str) -> None:
    """Shows the domain's refusal at its field, in the field's Chinese name."""
    shown = form.fields.get(field)
    if shown is None:
        form.add_error(None, message)
    else:
        form.add_error(field, message.replace(f"“{field}”", f"“{shown.label}”"))


def _field(action: Action, particular: Field[Any], offer: Offer) -> forms.Field | None:
    name = particular.name
    if name == "assignment":
        return _share_field(offer.shares)
    if name == "supervision":
        rows = [(s.pk, f"{s.number} {s.get_step_display()}") for s in offer.supervisions]
        return fields.choice(rows, label="督办", required=False)
    if (action, name) == (A.REPLY, "override") and all(is_lead(share) for share in offer.shares):
        return None  # the checker looks at a lead's answer
    make = FIELDS.get((action, name)) or FIELDS.get(name)
    if make is None:
        raise LookupError(f"the desk has no field for {action}.{name}: add it to ticketing.desk.forms.actions.FIELDS")
    made = make()
    if particular.default is MISSING and not isinstance(made, forms.BooleanField):
        made.required = True
        made.error_messages["required"] = f"请填写“{made.label}”。"
    return made


def _share_field(shares: tuple[Assignment, ...]) -> forms.Field | None:
    """Nothing to choose: no share or one, hidden; several: a list."""
    if not shares:
        return None
    choices = [(share.pk, f"{share.department} · {share.get_part_display()}") for share in shares]
    made = fields.choice(choices, label="任务", required=False, initial=str(shares[0].pk))
    if len(shares) == 1:
        made.widget = forms.HiddenInput()
    return made


def _typed(particular: Field[Any], value: Any) -> Any:
    """What forms give as text where the command wants a number."""
    if "int" in str(particular.type) and isinstance(value, str):
        return int(value) if value.isdigit() else 0
    return value


def _initial(action: Action, ticket: Ticket) -> dict[str, Any]:
    """What the ticket or the machine's proposal already says."""
    plan = ticket.proposal
    found: dict[str, Any] = {"version": ticket.version}
    if action in (A.TRIAGE, A.CORRECT):
        found |= {
            "kind": ticket.kind or (plan.get("kind") if action == A.TRIAGE else ""),
            "category": ticket.category_id or (plan.get("category") if action == A.TRIAGE else None),
            "urgency": ticket.urgency,
            "region": ticket.region_id or "",
            "confidential": ticket.confidential,
            "complained_unit": ticket.complained_unit_id,
        }
    if action in (A.DISPATCH, A.DESIGNATE):
        found |= {"lead": plan.get("department"), "assists": plan.get("assists", [])}
    if action == A.PUBLISH:
        found["published"] = not ticket.published
    if action == A.REPLY:
        found["public_answer"] = ""
    return found


class DispatchNowForm(Form):
    """审核并派单: what the ticket is and who gets it, in one step. Prefilled from the machine's proposal."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    kind = fields.choice(Kind.choices, empty="请选择", label="诉求类型")
    category = fields.category(label="诉求分类", required=False)
    urgency = fields.choice(Urgency.choices, label="紧急程度")
    region = fields.region(label="区域", required=False)
    confidential = fields.YesNo(label="保密", required=False)
    complained_unit = fields.unit(label="被投诉单位", required=False)
    lead = fields.unit(label="主办单位")
    assists = fields.Units(label="协办单位", required=False)
    opinion = fields.text(label="派单意见", rows=2, most=2000, required=False)
    reason = forms.CharField(label="更改系统建议的理由", max_length=300, required=False)

    label = "审核并派单"
    code = "triage_dispatch"
    facts = ("kind", "category", "urgency", "region", "confidential", "complained_unit", "reason")

    def __init__(self, data: Any = None, *, ticket: Ticket) -> None:
        initial = _initial(A.TRIAGE, ticket) | _initial(A.DISPATCH, ticket)
        super().__init__(data, auto_id="triage_dispatch_%s", initial=initial)

    @property
    def visible_particulars(self) -> list[tuple[forms.BoundField, bool]]:
        return [(bound, isinstance(bound.field.widget, WIDE)) for bound in self.visible_fields()]

    def to_commands(self) -> tuple[Command, Command]:
        """(triage, dispatch); call after `is_valid`."""
        told = self.cleaned_data
        triage: dict[str, Any] = {name: told[name] for name in self.facts if told.get(name) not in (None, "")}
        for name in ("category", "complained_unit"):
            if name in triage:
                triage[name] = int(triage[name])
        if _cleared(self):
            triage["complained_unit"] = 0
        dispatch = {
            "lead": int(told["lead"]),
            "assists": told["assists"],
            "opinion": told["opinion"],
            "reason": told["reason"],
        }
        return COMMANDS[A.TRIAGE](**triage), COMMANDS[A.DISPATCH](**dispatch)

    def refuse(self, field: str, message: str) -> None:
        _refuse(self, field, message)
