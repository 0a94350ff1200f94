"""Messages that actions leave behind: texts by template, addressed to the citizen, a unit or a colleague."""

from __future__ import annotations

from ticketing.models import Notice

from .case import Case

#: what each message says; `{number}` is the ticket's number. No name, phone or address ever stands in one.
TEMPLATES = {
    "accepted": "您的诉求已受理，工单编号 {number}。可凭编号和查询码在网站查看办理进度。【12345】",
    "dispatched": "您的诉求（{number}）已交 {unit} 办理，承诺 {due} 前答复。【12345】",
    "answered": "您的诉求（{number}）已有答复，请登录网站查看。【12345】",
    "closed": "您的诉求（{number}）已办结，欢迎评价。【12345】",
    "refused": "您的诉求（{number}）未予受理，原因和救济途径请登录网站查看。【12345】",
    "merged": "您的诉求（{number}）与同一问题的工单合并办理，您的编号、答复和评价权利不变。【12345】",
    "extended": "您的诉求（{number}）办理期限延长至 {due}，原因请登录网站查看。【12345】",
    "to_110": "您的诉求（{number}）属于110职责范围，已转110处理。【12345】",
    "to_platform": "您的诉求（{number}）已转 {unit}。【12345】",
    "redo": "您的诉求（{number}）已发起重办。【12345】",
    "callback_sms": "多次回访未能接通。您的诉求（{number}）如仍未解决，可在网站评价或重开。【12345】",
    "unit_new": "新工单 {number} 待签收，签收期限 {due}。",
    "unit_urgent": "紧急工单 {number} 待签收，请立即处理，签收期限 {due}。",
    "unit_return_rejected": "工单 {number} 的退单申请未获同意，请签收办理。",
    "unit_recalled": "工单 {number} 已由热线收回，不再由本单位办理。",
    "unit_sent_back": "工单 {number} 的答复被退回，请补充后重新提交。",
    "unit_redo": "工单 {number} 需重办，期限 {due}。",
    "unit_urged": "工单 {number} 被催办。",
    "unit_warned": "工单 {number} 的{clock}期限将至：{due}。",
    "unit_late": "工单 {number} 的{clock}已超期，期限为 {due}。",
    "duty_alarm": "紧急工单 {number} 超过签收时限，请立即登录系统签收。【12345】",
    "hotline_alarm": "紧急工单 {number} 超时未签收，{unit} 值班电话均未接通，请人工联系。",
    "unit_supervised": "工单 {number} 收到{step}，请于 {due} 前反馈。",
    "unit_extension": "工单 {number} 的延期申请：{result}。",
}


def to_citizen(case: Case, template: str, **words: object) -> None:
    """One message per event to the citizen, by the means that the delivery chooses (SMS, e-mail, portal)."""
    if case.ticket.anonymous and not case.ticket.query_hash:
        return
    case.tell(_notice(case, "citizen", template, words))


def to_unit(case: Case, department_id: int | None, template: str, **words: object) -> None:
    """One message per event to a unit's people on the desk, and by e-mail where they have one."""
    if department_id is not None:
        notice = _notice(case, "unit", template, words)
        notice.department_id = department_id
        notice.key = f"{notice.key}:{department_id}"
        case.tell(notice)


def _notice(case: Case, audience: str, template: str, words: dict[str, object]) -> Notice:
    text = TEMPLATES[template].format(number=case.ticket.number, **words)
    sequence = case.ticket.version + len(case.events)
    return Notice(
        ticket=case.ticket,
        audience=audience,
        means="auto",
        template=template,
        text=text,
        key=f"{case.ticket.number}:{sequence}:{template}:{audience}",
        created_at=case.now,
        next_try_at=case.now,
    )
