"""What a unit does with its share: sign, contact, notes, pauses, reply."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ticketing import replycheck
from ticketing.clocks import running
from ticketing.errors import BadInput, RuleBroken
from ticketing.lifecycle import rules
from ticketing.lifecycle.capacities import is_lead
from ticketing.lifecycle.case import Case
from ticketing.lifecycle.engine import Command
from ticketing.lifecycle.table import Action, Capacity
from ticketing.models import Assignment, Clock, Note, Reply
from ticketing.terms import AssignmentStatus, ClockName, ClockState, Urgency


@dataclass(frozen=True, kw_only=True)
class Sign(Command):
    """签收: the unit takes its share; urgent ones owe a first word within two hours (初步反馈)."""

    action: ClassVar[Action] = Action.SIGN
    also: ClassVar[tuple[Action, ...]] = (Action.SHARE_SIGN,)
    assignment: int | None = None

    def decide(self, case: Case) -> None:
        own = rules.own_share(case, self.assignment)
        if own.status != AssignmentStatus.TO_SIGN:
            raise RuleBroken("本单位已签收或正在申请退单", rule="signed")
        lead = is_lead(own)
        case.begin(Action.SIGN if lead else Action.SHARE_SIGN)
        case.event.assignment = own
        case.change(own, status=AssignmentStatus.HANDLING, signed_at=case.now)
        running.stop(case, ClockName.SIGN, own)
        if lead:
            case.put(signed_at=case.now)
        if case.ticket.urgency != Urgency.NORMAL:
            running.start(case, ClockName.FEEDBACK, own)


@dataclass(frozen=True, kw_only=True)
class Contact(Command):
    """联系群众: the unit spoke with the citizen; this is the first word that urgent tickets owe."""

    action: ClassVar[Action] = Action.CONTACT
    note: str
    reached: bool = True
    assignment: int | None = None

    def decide(self, case: Case) -> None:
        own = rules.own_share(case, self.assignment)
        note = rules.text("note", self.note, least=2)
        _signed(own)
        case.begin(Action.CONTACT)
        case.event.assignment = own
        case.add(Note(ticket=case.ticket, assignment=own, kind="contact", text=note, created_at=case.now))
        case.fact(reached=self.reached)
        if self.reached:
            running.stop(case, ClockName.FEEDBACK, own)
            if case.ticket.contacted_at is None:
                case.put(contacted_at=case.now)


@dataclass(frozen=True, kw_only=True)
class AddNote(Command):
    """办理记录: a progress note; a public one stands on the citizen's page."""

    action: ClassVar[Action] = Action.NOTE
    text: str
    public: bool = False
    assignment: int | None = None

    def decide(self, case: Case) -> None:
        content = rules.text("text", self.text)
        own = case.own_share(self.assignment)
        case.begin(Action.NOTE)
        case.event.assignment = own
        case.fact(public=self.public)
        case.add(
            Note(
                ticket=case.ticket,
                assignment=own,
                kind="progress",
                text=content,
                public=self.public,
                created_at=case.now,
            )
        )


#: what may stop a legal clock; waiting for anything else does not
PAUSE_GROUNDS = {
    "material": "等待群众补充材料",
    "test": "法定检验、检测、鉴定",
    "procedure": "法定公示、听证等程序",
    "force_majeure": "不可抗力",
    "citizen_absent": "群众要求推迟",
}


def _handle_clock(case: Case, share: Assignment) -> Clock | None:
    return case.clock(ClockName.HANDLE, share) or case.clock(ClockName.REDO, share)


@dataclass(frozen=True, kw_only=True)
class PauseClock(Command):
    """暂停计时: the handle clock stands still for a ground of the list; shown to the citizen with since when."""

    action: ClassVar[Action] = Action.PAUSE
    ground: str
    reason: str
    assignment: int | None = None

    def decide(self, case: Case) -> None:
        if self.ground not in PAUSE_GROUNDS:
            raise BadInput("ground", f"“ground”只接受：{'、'.join(PAUSE_GROUNDS)}")
        reason = rules.text("reason", self.reason, least=2, most=200)
        share = _share(case, self.assignment)
        clock = _handle_clock(case, share)
        if clock is None or clock.state != ClockState.RUNNING:
            raise RuleBroken("没有正在计时的办理时钟", rule="not_running")
        if clock.breached_at is not None or (clock.due_at and clock.due_at < case.now):
            raise RuleBroken("已超期的时钟不能暂停", rule="late")
        case.begin(Action.PAUSE, reason=reason)
        case.event.assignment = share
        case.fact(ground=self.ground)
        running.pause(case, clock, f"{PAUSE_GROUNDS[self.ground]}：{reason}")


@dataclass(frozen=True, kw_only=True)
class ResumeClock(Command):
    """恢复计时: what the clock waited for has come; the paused time is credited."""

    action: ClassVar[Action] = Action.RESUME
    reason: str = ""
    assignment: int | None = None

    def decide(self, case: Case) -> None:
        share = _share(case, self.assignment)
        clock = _handle_clock(case, share)
        if clock is None or clock.state != ClockState.PAUSED:
            raise RuleBroken("没有已暂停的办理时钟", rule="not_paused")
        case.begin(Action.RESUME, reason=self.reason[:500])
        case.event.assignment = share
        running.resume(case, clock)


def _share(case: Case, assignment: int | None) -> Assignment:
    """The named share, the actor's own, or the lead's (hotline people act on that one)."""
    found = next((a for a in case.assignments if a.pk == assignment), None) if assignment else None
    found = found or case.own_share() or case.lead
    if found is None:
        raise RuleBroken("没有在办任务", rule="no_share")
    return found


@dataclass(frozen=True, kw_only=True)
class SubmitReply(Command):
    """提交答复: internal note and public answer apart. The lead's reply stops its clock and goes to the check.

    An assist's reply ends its own share only, and nobody checks it after: what the check of replies holds up goes on
    only with the reason `override`. A lead with silent assists closes them first, or says `close_silent`.
    """

    action: ClassVar[Action] = Action.REPLY
    also: ClassVar[tuple[Action, ...]] = (Action.SHARE_REPLY,)
    public_answer: str
    internal_note: str = ""
    truthful: bool | None = None
    solved: bool | None = None
    unsolved_reason: str = ""
    close_silent: str = ""
    override: str = ""
    assignment: int | None = None

    def decide(self, case: Case) -> None:
        own = rules.own_share(case, self.assignment)
        answer = rules.text("public_answer", self.public_answer, least=5)
        _signed(own)
        if self.solved is False:
            rules.text("unsolved_reason", self.unsolved_reason, least=2, most=300)
        lead = is_lead(own)
        silent = [a for a in case.open_shares() if a is not own and (lead or a.parent_id == own.pk)]
        if silent and len(self.close_silent.strip()) < 2:
            raise RuleBroken("尚有协办或下级单位未反馈：请等待，或填写理由后了结", rule="silent_shares")
        verdict = None if lead else self._checked(case, own, answer)
        reasons = (self.close_silent if silent else "", self.override if verdict and verdict.stopped else "")
        case.begin(Action.REPLY if lead else Action.SHARE_REPLY, reason="；".join(filter(None, reasons))[:1000])
        case.event.assignment = own
        if verdict is not None:
            case.fact(reply_check=verdict.score.overall, overridden=bool(verdict.stopped))
        for share in silent:
            close_silent(case, share)
        case.add(
            Reply(
                ticket=case.ticket,
                assignment=own,
                internal_note=self.internal_note,
                public_answer=answer,
                truthful=self.truthful,
                solved=self.solved,
                unsolved_reason=self.unsolved_reason[:300],
                created_at=case.now,
            )
        )
        case.fact(truthful=self.truthful, solved=self.solved, silent=[share.pk for share in silent])
        running.stop_share(case, own)
        case.change(own, status=AssignmentStatus.REPLIED, replied_at=case.now)
        if lead:
            case.put(replied_at=case.now, public_answer=answer)
            running.start(case, ClockName.CHECK)

    def _checked(self, case: Case, own: Assignment, answer: str) -> replycheck.Verdict:
        """Refuses an assist's reply that may not go on unless its writer says why it may."""
        found = replycheck.verdict(case.ticket, answer, own.department_id)
        if found.stopped and len(self.override.strip()) < 2:
            raise RuleBroken(f"答复质检未通过：{found.hints}。请修改，或填写放行理由", rule="reply_check")
        return found


def close_silent(case: Case, share: Assignment) -> None:
    """A silent share ends; its clock stays late if it was due, and is called off if it was not."""
    for clock in list(case.clocks):
        if clock.assignment is share and clock.state in (ClockState.RUNNING, ClockState.PAUSED):
            overdue = clock.due_at is not None and clock.due_at <= case.now
            running.stop(case, clock.name, share, state=ClockState.LATE if overdue else ClockState.CANCELLED)
    case.change(share, status=AssignmentStatus.CLOSED_SILENT, ended_at=case.now)


@dataclass(frozen=True, kw_only=True)
class CloseShare(Command):
    """了结协办: the lead, the unit above or the hotline ends a silent share with a reason."""

    action: ClassVar[Action] = Action.CLOSE_SHARE
    assignment: int
    reason: str

    def decide(self, case: Case) -> None:
        reason = rules.text("reason", self.reason, least=2, most=500)
        share = next((a for a in case.open_shares() if a.pk == self.assignment and not is_lead(a)), None)
        if share is None:
            raise BadInput("assignment", "不是在办的协办或下级任务")
        if Capacity.LEAD not in case.capacities():
            rules.gave(case, share)
        case.begin(Action.CLOSE_SHARE, reason=reason)
        case.event.assignment = share
        close_silent(case, share)


def _signed(share: Assignment) -> None:
    if share.status != AssignmentStatus.HANDLING:
        raise RuleBroken("请先签收", rule="sign_first")
