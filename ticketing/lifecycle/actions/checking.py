"""After the reply: result check, call-back, redo, closing, archive."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from nlp.replies import ReplyScore
from ticketing import replycheck
from ticketing.clocks import running
from ticketing.errors import BadInput, RuleBroken
from ticketing.lifecycle import people, rules
from ticketing.lifecycle.actions.dispatching import due_words
from ticketing.lifecycle.case import Case
from ticketing.lifecycle.engine import Command
from ticketing.lifecycle.table import Action, Capacity
from ticketing.models import Assignment, Callback, Clock, Reply
from ticketing.terms import AssignmentStatus, CallbackResult, ClockName, ClockState, Satisfaction

TRIES = 3


def close(case: Case) -> None:
    """Marks the ticket closed now and tells the citizen; `ticketing.notify.merged` tells those merged into it."""
    for clock in list(case.clocks):
        running.stop(case, clock.name, clock.assignment)
    case.put(closed_at=case.now)
    people.to_citizen(case, "closed")


@dataclass(frozen=True, kw_only=True)
class ApproveResult(Command):
    """审核通过: the answer goes out; whoever wants none or is anonymous is not called back and the ticket closes."""

    action: ClassVar[Action] = Action.APPROVE
    also: ClassVar[tuple[Action, ...]] = (Action.APPROVE_CLOSE,)
    publish: bool = False
    override: str = ""

    def decide(self, case: Case) -> None:
        calls = case.ticket.wants_callback and not case.ticket.anonymous
        found = self._checked(case)
        case.begin(Action.APPROVE if calls else Action.APPROVE_CLOSE, reason=self.override[:500])
        case.fact(reply_check=found.overall, overridden=bool(self.override))
        running.stop(case, ClockName.CHECK)
        case.put(published=self.publish and case.ticket.publishable and not case.ticket.confidential)
        people.to_citizen(case, "answered")
        if calls:
            running.start(case, ClockName.CALL_BACK, at=case.ticket.replied_at)
        else:
            close(case)

    def _checked(self, case: Case) -> ReplyScore:
        """The answer's score; refuses what may not go out unless the checker says why it may."""
        found = replycheck.check(case.ticket, case.ticket.public_answer)
        stopped = replycheck.stops(found, case.ticket.lead_id)
        if stopped and len(self.override.strip()) < 2:
            hints = "；".join(dict.fromkeys(item.hint for item in stopped))
            raise RuleBroken(f"答复质检未通过：{hints}。请退回，或填写放行理由", rule="reply_check")
        return found


@dataclass(frozen=True, kw_only=True)
class SendBack(Command):
    """退回重报: the answer is not good enough; the unit's old clock goes on, the time of the check credited."""

    action: ClassVar[Action] = Action.SEND_BACK
    also: ClassVar[tuple[Action, ...]] = (Action.SEND_BACK_REDO,)
    reason: str

    def decide(self, case: Case) -> None:
        reason = rules.text("reason", self.reason, least=2, most=1000)
        lead = case.lead
        if lead is None:
            raise RuleBroken("没有主办单位", rule="no_share")
        redo = case.ticket.redo_count > 0
        case.begin(Action.SEND_BACK_REDO if redo else Action.SEND_BACK, reason=reason)
        case.event.assignment = lead
        running.stop(case, ClockName.CHECK)
        take_up_again(case, lead)
        clock = (
            Clock.objects.filter(ticket=case.ticket, assignment=lead, name=ClockName.REDO if redo else ClockName.HANDLE)
            .order_by("-pk")
            .first()
        )
        if clock is not None and clock.state in (ClockState.MET, ClockState.LATE):
            clock.ticket, clock.assignment = case.ticket, lead
            running.reopen(case, clock, "结果审核期间")
        people.to_unit(case, lead.department_id, "unit_sent_back")


def take_up_again(case: Case, lead: Assignment) -> None:
    """The lead works on it again; what it answered before is kept, marked superseded."""
    case.change(lead, status=AssignmentStatus.HANDLING, replied_at=None)
    for reply in Reply.objects.filter(ticket=case.ticket, assignment=lead, superseded=False):
        case.change(reply, superseded=True)
    case.put(replied_at=None, public_answer="")


@dataclass(frozen=True, kw_only=True)
class RecordCallback(Command):
    """回访登记: one try. Three fruitless tries end in an SMS and the ticket closes as not reached.

    A reached citizen's answers are the three rates: contacted? solved? how satisfied?
    """

    action: ClassVar[Action] = Action.CALL_BACK
    also: ClassVar[tuple[Action, ...]] = (Action.CLOSE,)
    result: str
    contacted: bool | None = None
    solved: bool | None = None
    satisfaction: int | None = None
    remark: str = ""
    means: str = "phone"
    close: bool = True

    def decide(self, case: Case) -> None:
        rules.choice("result", self.result, CallbackResult)
        if self.means not in ("phone", "sms", "robot"):
            raise BadInput("means", "“means”只接受：phone、sms、robot")
        if self.satisfaction is not None:
            rules.choice("satisfaction", self.satisfaction, Satisfaction)  # type: ignore[arg-type]
        reached = self.result == CallbackResult.REACHED
        if reached and (self.contacted is None or self.solved is None):
            raise BadInput("solved", "已接通的回访请登记：单位是否联系、问题是否解决")
        before = Callback.objects.filter(ticket=case.ticket, tried_at__gte=case.ticket.replied_at).count()
        case.begin(Action.CALL_BACK)
        case.add(
            Callback(
                ticket=case.ticket,
                tried_at=case.now,
                by_id=case.actor.staff_id,
                means=self.means,
                result=self.result,
                contacted=self.contacted if reached else None,
                solved=self.solved if reached else None,
                satisfaction=self.satisfaction if reached else None,
                remark=self.remark,
            )
        )
        case.fact(result=self.result, tries=before + 1)
        if reached:
            case.put(contacted=self.contacted, solved=self.solved, satisfaction=self.satisfaction)
            case.fact(contacted=self.contacted, solved=self.solved, satisfaction=self.satisfaction)
        elif before + 1 >= TRIES:
            people.to_citizen(case, "callback_sms")
        if self._ends(reached, before + 1):
            case.begin(Action.CLOSE, reason="" if reached else "三次回访未接通，已发短信")
            close(case)

    def _ends(self, reached: bool, tries: int) -> bool:
        return (reached and self.close) or (not reached and (tries >= TRIES or self.result == CallbackResult.REFUSED))


@dataclass(frozen=True, kw_only=True)
class CloseTicket(Command):
    """办结 without a further call: the robot or the citizen's own rating already said what a call-back would ask."""

    action: ClassVar[Action] = Action.CLOSE
    reason: str

    def decide(self, case: Case) -> None:
        case.begin(Action.CLOSE, reason=rules.text("reason", self.reason, least=2, most=500))
        close(case)


@dataclass(frozen=True, kw_only=True)
class Redo(Command):
    """重办: dissatisfied with reason, once, at most five working days; a second needs a supervisor (then 督办)."""

    action: ClassVar[Action] = Action.REDO
    reason: str

    def decide(self, case: Case) -> None:
        reason = rules.text("reason", self.reason, least=2, most=1000)
        if case.ticket.redo_count >= 1 and Capacity.SUPERVISOR not in case.capacities():
            raise RuleBroken("已重办一次，仍不满意的应转督办", rule="redo_once")
        case.begin(Action.REDO, reason=reason)
        start_redo(case)
        case.put(redo_count=case.ticket.redo_count + 1)


def start_redo(case: Case) -> None:
    """The same lead works again under the redo limit."""
    lead = case.lead
    if lead is None:
        raise RuleBroken("没有主办单位，不能重办", rule="no_share")
    case.event.assignment = lead
    running.stop(case, ClockName.CALL_BACK)
    take_up_again(case, lead)
    clock = running.start(case, ClockName.REDO, lead)
    case.put(closed_at=None, solved=None, satisfaction=None, contacted=None)
    people.to_unit(case, lead.department_id, "unit_redo", due=due_words(clock.due_at if clock else None))
    people.to_citizen(case, "redo")


@dataclass(frozen=True, kw_only=True)
class Archive(Command):
    """归档: nothing moves any more; ratings and supervision results are still kept."""

    action: ClassVar[Action] = Action.ARCHIVE

    def decide(self, case: Case) -> None:
        case.begin(Action.ARCHIVE)


@dataclass(frozen=True, kw_only=True)
class Publish(Command):
    """公开: shows the anonymised answer on the portal, with the citizen's consent; or takes it off again."""

    action: ClassVar[Action] = Action.PUBLISH
    published: bool

    def decide(self, case: Case) -> None:
        if self.published and (case.ticket.confidential or not case.ticket.publishable):
            raise RuleBroken("保密件或群众未同意的工单不能公开", rule="not_publishable")
        case.begin(Action.PUBLISH)
        case.put(published=self.published)
