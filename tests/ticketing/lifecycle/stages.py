"""A ticket in every status, and a right command for every action: what the table tests walk through."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone

from directory.models import Role, RoleBinding
from tests.city import City
from ticketing.alarms.calls import NoteAlarm
from ticketing.clocks.poller import Breach, Warn
from ticketing.clocks.recalendar import Recalendar
from ticketing.exchange.sending import NoteResult
from ticketing.lifecycle.actions import (
    answering,
    checking,
    citizens,
    dispatching,
    extensions,
    handling,
    linking,
    returns,
    supervising,
    triage,
)
from ticketing.lifecycle.actors import SYSTEM, Actor, api_actor, citizen_actor
from ticketing.lifecycle.engine import Command, act
from ticketing.lifecycle.table import Action, Capacity
from ticketing.models import Clock, ExtensionRequest, ReturnRequest, Supervision, Ticket
from ticketing.terms import Status

REACHED = checking.RecordCallback(result="reached", contacted=True, solved=True, satisfaction=4)
ASK_RETURN = returns.AskReturn(ground="not_our_duty", cited_duty="职责清单第三条", reason="不属于照明设施")


def in_status(city: City, status: Status) -> Ticket:
    """A ticket that walked to `status` by allowed moves, with an assist and a delegated share where units work."""
    return _STAGES[status](city)


def _answered(city: City) -> Ticket:
    return act(city.report().pk, answering.Answer(answer="可到社区办理。"), actor=city.actor("agent"))


def _handling(city: City) -> Ticket:
    ticket = city.dispatched(assists=("water",))
    ticket = act(ticket.pk, handling.Sign(), actor=city.actor("handler"))
    return act(ticket.pk, dispatching.Delegate(unit=city.unit["crew"].pk), actor=city.actor("handler"))


def _to_check(city: City) -> Ticket:
    command = handling.SubmitReply(public_answer="已经修复完毕。", solved=True, close_silent="协办无需办理")
    return act(_handling(city).pk, command, actor=city.actor("handler"))


def _call_back(city: City) -> Ticket:
    return act(_to_check(city).pk, checking.ApproveResult(), actor=city.actor("checker"))


def _redoing(city: City) -> Ticket:
    return act(_call_back(city).pk, checking.Redo(reason="仍然不亮"), actor=city.actor("caller"))


def _closed(city: City) -> Ticket:
    return act(_call_back(city).pk, REACHED, actor=city.actor("caller"))


def _by(city: City, command: Command, who: str = "dispatcher") -> Ticket:
    return act(city.report().pk, command, actor=city.actor(who))


_STAGES: dict[Status, Callable[[City], Ticket]] = {
    Status.NEW: lambda city: city.report(),
    Status.TO_DISPATCH: lambda city: city.triaged(),
    Status.TO_SIGN: lambda city: city.dispatched(assists=("water",)),
    Status.RETURN_ASKED: lambda city: act(
        city.dispatched(assists=("water",)).pk, ASK_RETURN, actor=city.actor("handler")
    ),
    Status.HANDLING: _handling,
    Status.TO_CHECK: _to_check,
    Status.TO_CALL_BACK: _call_back,
    Status.REDOING: _redoing,
    Status.CLOSED: _closed,
    Status.ARCHIVED: lambda city: act(_closed(city).pk, checking.Archive(), actor=SYSTEM),
    Status.ANSWERED: _answered,
    Status.REFUSED: lambda city: _by(city, answering.Refuse(code="4")),
    Status.TO_110: lambda city: _by(city, answering.To110(reason="治安事项")),
    Status.TO_PLATFORM: lambda city: _by(city, answering.ToPlatform(platform="省热线", reason="省属事项")),
    Status.MERGED: lambda city: _by(city, linking.MergeInto(master=city.report().number)),
    Status.WITHDRAWN: lambda city: _by(city, answering.Withdraw(), "agent"),
}


def actor_for(city: City, capacity: Capacity, ticket: Ticket) -> Actor:
    """Somebody who stands in `capacity` to the ticket (as far as its shares give it)."""
    people = {
        Capacity.AGENT: "agent",
        Capacity.DISPATCHER: "dispatcher2",
        Capacity.CHECKER: "checker",
        Capacity.CALLBACK_CLERK: "caller",
        Capacity.SUPERVISOR: "supervisor",
        Capacity.WINDOW_CLERK: "window",
        Capacity.LEAD: "colleague",
        Capacity.LEAD_HEAD: "head",
        Capacity.SHARE: "water",
        Capacity.ABOVE: "colleague",
    }
    if capacity == Capacity.CITIZEN:
        return citizen_actor(ticket.pk)
    if capacity == Capacity.SYSTEM:
        return SYSTEM
    if capacity == Capacity.API:
        return api_actor("peer", ticket.city_id, frozenset({"act"}))
    if capacity == Capacity.WINDOW_CLERK:
        Ticket.objects.filter(pk=ticket.pk).update(taken_by=city.staff["window"])
    if capacity == Capacity.SHARE_HEAD:
        RoleBinding.objects.get_or_create(
            staff=city.staff["water"], role=Role.UNIT_HEAD, department=city.unit["water"], region=None
        )
        return city.actor("water")
    return city.actor(people[capacity])


def command_for(city: City, action: Action, ticket: Ticket, capacity: Capacity) -> Command:
    """A command with good particulars for `action`, after what it needs has been prepared."""
    prepare = _PREPARE.get(action)
    if prepare is not None:
        prepare(city, ticket, capacity)
    return _COMMANDS[action](city, ticket, capacity)


def _share_of(city: City, ticket: Ticket, unit: str) -> int:
    return ticket.assignments.filter(department=city.unit[unit]).latest("pk").pk


def _crew_share(city: City, ticket: Ticket, capacity: Capacity) -> int:
    """The share that the acting capacity may close: the delegated one from above, else the assist's."""
    below = ticket.assignments.filter(department=city.unit["crew"]).first()
    return below.pk if capacity == Capacity.ABOVE and below else _share_of(city, ticket, "water")


def _ask_extension(city: City, ticket: Ticket, _: Capacity) -> None:
    act(ticket.pk, extensions.AskExtension(working_days=2, reason="等待配件"), actor=city.actor("handler"))


def _pause(city: City, ticket: Ticket, _: Capacity) -> None:
    act(ticket.pk, handling.PauseClock(ground="material", reason="等材料"), actor=city.actor("head"))


def _sign_share(city: City, ticket: Ticket, _: Capacity) -> None:
    act(ticket.pk, handling.Sign(), actor=city.actor("water"))


def _share_returns(city: City, ticket: Ticket, capacity: Capacity) -> None:
    who = "crew" if capacity == Capacity.ABOVE else "water"
    act(ticket.pk, ASK_RETURN, actor=city.actor(who))


def _correct(city: City, ticket: Ticket, _: Capacity) -> None:
    Ticket.objects.filter(pk=ticket.pk).update(to_review=True)


def _supervise(city: City, ticket: Ticket, capacity: Capacity) -> None:
    share = capacity in (Capacity.SHARE, Capacity.SHARE_HEAD)
    unit = "water" if share else "lights"
    command = supervising.Supervise(step="urge", reason="请尽快", assignment=_share_of(city, ticket, unit))
    act(ticket.pk, command, actor=city.actor("supervisor"))


def _consent(city: City, ticket: Ticket, _: Capacity) -> None:
    Ticket.objects.filter(pk=ticket.pk).update(publishable=True)


def _lapse(city: City, ticket: Ticket, _: Capacity) -> None:
    now = timezone.now()
    Clock.objects.filter(ticket=ticket).update(due_at=now - timedelta(hours=1), warn_at=now - timedelta(hours=2))


def _near(city: City, ticket: Ticket, _: Capacity) -> None:
    now = timezone.now()
    Clock.objects.filter(ticket=ticket).update(due_at=now + timedelta(hours=1), warn_at=now - timedelta(hours=2))


def _provisional(city: City, ticket: Ticket, _: Capacity) -> None:
    Clock.objects.filter(ticket=ticket).update(provisional=True)


_PREPARE: dict[Action, Callable[[City, Ticket, Capacity], None]] = {
    Action.APPROVE_EXTENSION: _ask_extension,
    Action.REJECT_EXTENSION: _ask_extension,
    Action.RESUME: _pause,
    Action.SHARE_REPLY: _sign_share,
    Action.SHARE_APPROVE_RETURN: _share_returns,
    Action.SHARE_REJECT_RETURN: _share_returns,
    Action.REVIEW_CORRECTION: _correct,
    Action.ANSWER_SUPERVISION: _supervise,
    Action.PUBLISH: _consent,
    Action.BREACH: _lapse,
    Action.WARN: _near,
    Action.RECALENDAR: _provisional,
}


def _open_return(ticket: Ticket) -> int | None:
    row = ReturnRequest.objects.filter(ticket=ticket, decision="open").order_by("-pk").first()
    return row.assignment_id if row else None


def _open_supervision(ticket: Ticket) -> int:
    row = Supervision.objects.filter(ticket=ticket, answered_at__isnull=True).order_by("-pk").first()
    return row.pk if row else 0


def _open_extension(ticket: Ticket) -> int | None:
    row = ExtensionRequest.objects.filter(ticket=ticket, decision="open").first()
    return row.assignment_id if row else None


def _first_share(ticket: Ticket) -> int:
    share = ticket.assignments.order_by("pk").first()
    return share.pk if share else 0


def _delegate(city: City, ticket: Ticket, capacity: Capacity) -> Command:
    return dispatching.Delegate(unit=city.unit["crew"].pk)


_COMMANDS: dict[Action, Callable[[City, Ticket, Capacity], Command]] = {
    Action.TRIAGE: lambda c, t, k: triage.Triage(kind="complaint", category=c.category["lamp"].pk),
    Action.DISPATCH: lambda c, t, k: dispatching.Dispatch(lead=c.unit["lights"].pk),
    Action.DESIGNATE: lambda c, t, k: dispatching.Designate(lead=c.unit["urban"].pk, reason="职责明确"),
    Action.RECALL: lambda c, t, k: dispatching.Recall(reason="派错单位"),
    Action.ANSWER: lambda c, t, k: answering.Answer(answer="可到社区办理。"),
    Action.REFUSE: lambda c, t, k: answering.Refuse(code="4"),
    Action.TO_110: lambda c, t, k: answering.To110(reason="治安事项"),
    Action.BACK_FROM_110: lambda c, t, k: answering.BackFrom110(result="警情已处置"),
    Action.TO_PLATFORM: lambda c, t, k: answering.ToPlatform(platform="省热线", reason="省属事项"),
    Action.MERGE: lambda c, t, k: linking.MergeInto(master=c.report().number),
    Action.UNMERGE: lambda c, t, k: linking.Unmerge(reason="不是同一问题"),
    Action.WITHDRAW: lambda c, t, k: answering.Withdraw(),
    Action.SIGN: lambda c, t, k: handling.Sign(),
    Action.ASK_RETURN: lambda c, t, k: ASK_RETURN,
    Action.APPROVE_RETURN: lambda c, t, k: returns.ApproveReturn(opinion="确非职责"),
    Action.REJECT_RETURN: lambda c, t, k: returns.RejectReturn(opinion="属于职责"),
    Action.SHARE_SIGN: lambda c, t, k: handling.Sign(),
    Action.SHARE_ASK_RETURN: lambda c, t, k: ASK_RETURN,
    Action.SHARE_APPROVE_RETURN: lambda c, t, k: returns.ApproveReturn(opinion="同意", assignment=_open_return(t)),
    Action.SHARE_REJECT_RETURN: lambda c, t, k: returns.RejectReturn(opinion="不同意", assignment=_open_return(t)),
    Action.SHARE_REPLY: lambda c, t, k: handling.SubmitReply(public_answer="管线无异常。", solved=True),
    Action.CLOSE_SHARE: lambda c, t, k: handling.CloseShare(assignment=_crew_share(c, t, k), reason="未反馈"),
    Action.ADD_ASSIST: lambda c, t, k: dispatching.AddAssist(unit=c.unit["street"].pk),
    Action.DELEGATE: _delegate,
    Action.CONTACT: lambda c, t, k: handling.Contact(note="已电话联系"),
    Action.NOTE: lambda c, t, k: handling.AddNote(text="已到现场"),
    Action.PAUSE: lambda c, t, k: handling.PauseClock(ground="material", reason="等材料"),
    Action.RESUME: lambda c, t, k: handling.ResumeClock(),
    Action.ASK_EXTENSION: lambda c, t, k: extensions.AskExtension(working_days=2, reason="等待配件"),
    Action.APPROVE_EXTENSION: lambda c, t, k: extensions.ApproveExtension(assignment=_open_extension(t)),
    Action.REJECT_EXTENSION: lambda c, t, k: extensions.RejectExtension(opinion="理由不足"),
    Action.REPLY: lambda c, t, k: handling.SubmitReply(
        public_answer="已经修复完毕。", solved=True, close_silent="协办无需办理"
    ),
    Action.APPROVE: lambda c, t, k: checking.ApproveResult(),
    Action.APPROVE_CLOSE: lambda c, t, k: checking.ApproveResult(),
    Action.SEND_BACK: lambda c, t, k: checking.SendBack(reason="答复不完整"),
    Action.SEND_BACK_REDO: lambda c, t, k: checking.SendBack(reason="答复不完整"),
    Action.CALL_BACK: lambda c, t, k: checking.RecordCallback(result="no_answer"),
    Action.CLOSE: lambda c, t, k: checking.CloseTicket(reason="群众已评价"),
    Action.REDO: lambda c, t, k: checking.Redo(reason="仍然不亮"),
    Action.REOPEN: lambda c, t, k: citizens.Reopen(reason="又坏了"),
    Action.REOPEN_ANSWER: lambda c, t, k: citizens.Reopen(reason="没有解决"),
    Action.ARCHIVE: lambda c, t, k: checking.Archive(),
    Action.URGE: lambda c, t, k: citizens.Urge(),
    Action.EVIDENCE: lambda c, t, k: citizens.AddEvidence(text="补充：共三盏灯"),
    Action.RATE: lambda c, t, k: citizens.Rate(level=4),
    Action.CORRECT: lambda c, t, k: triage.Correct(category=c.category["pole"].pk, reason="类别有误"),
    Action.REVIEW_CORRECTION: lambda c, t, k: triage.ReviewCorrection(confirmed=True),
    Action.LINK: lambda c, t, k: linking.LinkTo(other=c.report().number),
    Action.PUBLISH: lambda c, t, k: checking.Publish(published=True),
    Action.SUPERVISE: lambda c, t, k: supervising.Supervise(step="order", reason="久拖不决"),
    Action.ANSWER_SUPERVISION: lambda c, t, k: supervising.AnswerSupervision(
        supervision=_open_supervision(t), answer="正在处理"
    ),
    Action.WARN: lambda c, t, k: Warn(),
    Action.BREACH: lambda c, t, k: Breach(),
    Action.EXCHANGE: lambda c, t, k: NoteResult(peer="110", text="110（已反馈结果）：已处置"),
    Action.ALARM: lambda c, t, k: NoteAlarm(assignment=_first_share(t), result="unanswered"),
    Action.RECALENDAR: lambda c, t, k: Recalendar(),
}
#: rows that are reached through another door than a command on an existing ticket
OTHER_DOORS = frozenset({Action.ACCEPT, Action.IMPORT_REPLY, Action.SPLIT})
