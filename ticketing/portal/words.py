"""What statuses, steps and clocks are called when one speaks with a citizen."""

from __future__ import annotations

from ticketing.lifecycle.table import Action
from ticketing.terms import ClockName, Satisfaction, Status

#: status → (headline, what comes next). `{unit}` is the unit that leads
STATUS = {
    Status.NEW: ("已收到，等待热线审核", "工作人员会核对您的诉求，然后交给负责的单位。"),
    Status.TO_DISPATCH: ("正在确定由哪个单位办理", "热线确定责任单位后会立即派单。"),
    Status.TO_SIGN: ("已交给{unit}，等待签收", "{unit}签收后开始办理。"),
    Status.RETURN_ASKED: ("正在确认由哪个单位办理", "{unit}认为不属于本单位职责，热线正在裁定由谁办理。"),
    Status.HANDLING: ("{unit}正在办理", "{unit}会在期限前答复，需要时会与您联系。"),
    Status.TO_CHECK: ("{unit}已答复，热线正在审核", "审核通过后您可以在这里看到答复。"),
    Status.TO_CALL_BACK: ("已有答复，等待回访", "热线会联系您，了解问题是否解决、您是否满意。"),
    Status.REDOING: ("{unit}正在重新办理", "{unit}会在新的期限前重新答复。"),
    Status.CLOSED: ("已办结", "欢迎评价；如果问题没有解决，可以要求重新办理。"),
    Status.ARCHIVED: ("已归档", "本件已办结并归档；有新情况请重新提交诉求。"),
    Status.ANSWERED: ("热线已直接答复", "欢迎评价；如果没有说清楚，可以要求继续办理。"),
    Status.REFUSED: ("按规定不能受理", "原因和其他解决途径见下面的答复。"),
    Status.TO_110: ("已转110处理", "紧急情况请直接拨打110。"),
    Status.TO_PLATFORM: ("已转其他平台办理", "由接收的平台继续办理并答复您。"),
    Status.MERGED: ("与同一问题的诉求合并办理", "您的编号、答复和评价权利不变。"),
    Status.WITHDRAWN: ("您已撤回", "如果还需要办理，请重新提交诉求。"),
}

#: steps that citizens see, and how they are told; steps that are not here stay inside the house
STEPS = {
    Action.ACCEPT: "诉求已受理",
    Action.TRIAGE: "热线已审核",
    Action.DISPATCH: "已派给{unit}办理",
    Action.DESIGNATE: "热线指定{unit}承办",
    Action.RECALL: "热线收回工单，另行确定办理单位",
    Action.ANSWER: "热线已直接答复",
    Action.REFUSE: "按规定不予受理：{reason}",
    Action.TO_110: "已转110处理",
    Action.BACK_FROM_110: "110处理后转回热线，继续办理",
    Action.TO_PLATFORM: "已转{platform}办理",
    Action.MERGE: "与反映同一问题的诉求合并办理",
    Action.UNMERGE: "已恢复单独办理",
    Action.WITHDRAW: "诉求已撤回",
    Action.SIGN: "{unit}已签收，开始办理",
    Action.ASK_RETURN: "{unit}认为不属于本单位职责，申请退回",
    Action.APPROVE_RETURN: "热线同意退回，将重新派单",
    Action.REJECT_RETURN: "热线没有同意退回，仍由{unit}办理",
    Action.ADD_ASSIST: "增加{unit}协助办理",
    Action.DELEGATE: "交{unit}具体办理",
    Action.PAUSE: "办理计时暂停：{reason}",
    Action.RESUME: "办理计时恢复",
    Action.ASK_EXTENSION: "{unit}申请延长办理时间：{reason}",
    Action.APPROVE_EXTENSION: "同意延长 {days} 个工作日",
    Action.REJECT_EXTENSION: "没有同意延长，仍按原期限办理",
    Action.REPLY: "{unit}已提交答复，热线正在审核",
    Action.APPROVE: "答复已通过审核",
    Action.APPROVE_CLOSE: "答复已通过审核",
    Action.SEND_BACK: "热线认为答复还不够，退回{unit}继续办理",
    Action.SEND_BACK_REDO: "热线认为答复还不够，退回{unit}继续办理",
    Action.CLOSE: "诉求已办结",
    Action.REDO: "热线发起重新办理",
    Action.REOPEN: "您要求重新办理",
    Action.REOPEN_ANSWER: "您要求继续办理",
    Action.ARCHIVE: "已归档",
    Action.RATE: "您作出了评价：{level}",
    Action.CORRECT: "热线更正了诉求的分类",
    Action.SUPERVISE: "热线对{unit}发出{step}",
    Action.BREACH: "“{clock}”已超过期限",
    Action.ALARM: "热线电话催促{unit}值班人员签收",
    Action.RECALENDAR: "工作日历公布，期限已重新计算",
    Action.IMPORT_REPLY: "已答复",
}

CONTACT = {True: "{unit}已与您联系", False: "{unit}联系您，没有接通"}
CALL_BACK = {True: "热线已回访", False: "热线回访没有接通"}
URGE = {True: "您催办了一次", False: "热线催办了承办单位"}

#: clock → what is being waited for; in the order in which they are shown
CLOCKS = {
    ClockName.HANDLE: "{unit}办理并答复",
    ClockName.REDO: "{unit}重新办理并答复",
    ClockName.FEEDBACK: "{unit}先联系您、告诉您初步情况",
    ClockName.SIGN: "{unit}签收",
    ClockName.DISPATCH: "热线审核并派单",
    ClockName.CHECK: "热线审核答复",
    ClockName.CALL_BACK: "热线回访您",
    ClockName.RULING: "热线裁定由谁办理",
    ClockName.EXTENSION: "热线审批延期申请",
}

NOTES = {"evidence": "您补充了材料：{text}", "rating": "您的评价留言：{text}", "progress": "{unit}：{text}"}


def level(value: object) -> str:
    """The name of a rating level; empty for none."""
    return str(Satisfaction(value).label) if isinstance(value, int) and value in Satisfaction.values else ""
