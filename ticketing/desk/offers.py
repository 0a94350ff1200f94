"""Which actions are open to me on this ticket now: the transition table, cut down to what the facts allow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from directory.models import Role
from ticketing.lifecycle.actions import COMMANDS
from ticketing.lifecycle.actions.returns import MOST_RETURNS
from ticketing.lifecycle.actors import Actor
from ticketing.lifecycle.capacities import capacities, is_lead
from ticketing.lifecycle.table import Action, Capacity, allowed
from ticketing.models import Assignment, Clock, ExtensionRequest, ReturnRequest, Supervision, Ticket
from ticketing.terms import ASSIGNMENT_OPEN, AssignmentStatus, ClockName, ClockState, Status

A = Action
#: on the desk nobody acts as the citizen, and these are done elsewhere or by the timers
_NOT_HERE = frozenset({A.RATE, A.SPLIT})
#: how a table row of a share's action is reached: through the same command as the lead's
SHARE_FORM = {
    A.SIGN: A.SHARE_SIGN,
    A.ASK_RETURN: A.SHARE_ASK_RETURN,
    A.REPLY: A.SHARE_REPLY,
    A.APPROVE_RETURN: A.SHARE_APPROVE_RETURN,
    A.REJECT_RETURN: A.SHARE_REJECT_RETURN,
}
GROUPS: tuple[tuple[str, tuple[Action, ...]], ...] = (
    (
        "下一步",
        (
            A.TRIAGE,
            A.DISPATCH,
            A.SIGN,
            A.REPLY,
            A.APPROVE_RETURN,
            A.REJECT_RETURN,
            A.APPROVE_EXTENSION,
            A.REJECT_EXTENSION,
            A.APPROVE,
            A.SEND_BACK,
            A.CALL_BACK,
            A.ANSWER_SUPERVISION,
            A.REVIEW_CORRECTION,
            A.BACK_FROM_110,
        ),
    ),
    (
        "办理",
        (
            A.CONTACT,
            A.NOTE,
            A.DELEGATE,
            A.ASK_EXTENSION,
            A.PAUSE,
            A.RESUME,
            A.ASK_RETURN,
            A.ADD_ASSIST,
            A.CLOSE_SHARE,
            A.EVIDENCE,
        ),
    ),
    ("其他去向", (A.ANSWER, A.REFUSE, A.TO_110, A.TO_PLATFORM, A.DESIGNATE, A.RECALL, A.WITHDRAW)),
    ("更正与关联", (A.CORRECT, A.MERGE, A.UNMERGE, A.LINK)),
    ("督办与办结", (A.URGE, A.SUPERVISE, A.REDO, A.REOPEN, A.CLOSE, A.PUBLISH, A.ARCHIVE)),
)


@dataclass(frozen=True)
class Facts:
    """What was loaded of a ticket anyway; nothing here asks the database."""

    ticket: Ticket
    actor: Actor
    shares: tuple[Assignment, ...]
    clocks: tuple[Clock, ...]
    returns: tuple[ReturnRequest, ...]
    extensions: tuple[ExtensionRequest, ...]
    supervisions: tuple[Supervision, ...]

    @property
    def units(self) -> frozenset[int]:
        return self.actor.standing.departments if self.actor.standing else frozenset()

    @property
    def held(self) -> frozenset[Capacity]:
        return capacities(self.actor, self.ticket, self.shares)

    def mine(self, status: AssignmentStatus | None = None) -> list[Assignment]:
        """Open shares of my units, in one status or in any."""
        return [
            share
            for share in self.shares
            if share.department_id in self.units
            and share.status in ASSIGNMENT_OPEN
            and (status is None or share.status == status)
        ]

    def clock_in(self, state: ClockState) -> bool:
        return any(
            clock.state == state and clock.name in (ClockName.HANDLE, ClockName.REDO) and clock.breached_at is None
            for clock in self.clocks
        )


@dataclass(frozen=True)
class Offer:
    """One action open now; `shares` are the ones it may be about (empty: the command finds it itself)."""

    action: Action
    shares: tuple[Assignment, ...] = ()
    supervisions: tuple[Supervision, ...] = ()

    @property
    def code(self) -> str:
        return str(self.action)


def of(facts: Facts) -> dict[Action, Offer]:
    """Every command that the table allows in this status to my capacities and that has something to work on."""
    rows = {move.action for move in allowed(facts.ticket.status, facts.held)} - _NOT_HERE
    found = {}
    for code, command in COMMANDS.items():
        action = Action(code)
        if not rows & {action, *command.also}:
            continue
        offer = _offer(action, facts, rows)
        if offer is not None:
            found[action] = offer
    return found


def _offer(action: Action, facts: Facts, rows: set[Action]) -> Offer | None:
    if action in _SHARES:
        shares = tuple(share for share in _SHARES[action](facts) if _row_of(action, share) in rows)
        return Offer(action, shares) if shares else None
    if action == A.ANSWER_SUPERVISION:
        waiting = tuple(s for s in facts.supervisions if s.answered_at is None and s.department_id in facts.units)
        return Offer(action, supervisions=waiting) if waiting else None
    condition = _WHEN.get(action)
    return Offer(action) if condition is None or condition(facts) else None


def _row_of(action: Action, share: Assignment) -> Action:
    return action if is_lead(share) or action not in SHARE_FORM else SHARE_FORM[action]


def _asked(rows: tuple[ReturnRequest, ...] | tuple[ExtensionRequest, ...], facts: Facts) -> list[Assignment]:
    """Shares with an open request that somebody else made: nobody rules on their own."""
    wanted = {row.assignment_id for row in rows if row.decision == "open" and row.asked_by_id != facts.actor.staff_id}
    return [share for share in facts.shares if share.pk in wanted]


def _may_return(share: Assignment, facts: Facts) -> bool:
    """Not what was designated, returned twice before, or ruled to be this unit's."""
    used_up = share.designated or (is_lead(share) and facts.ticket.return_count >= MOST_RETURNS)
    return not used_up and all(row.decision != "rejected" for row in facts.returns if row.assignment_id == share.pk)


_SHARES: dict[Action, Callable[[Facts], list[Assignment]]] = {
    A.SIGN: lambda f: f.mine(AssignmentStatus.TO_SIGN),
    A.ASK_RETURN: lambda f: [share for share in f.mine(AssignmentStatus.TO_SIGN) if _may_return(share, f)],
    A.REPLY: lambda f: f.mine(AssignmentStatus.HANDLING),
    A.CONTACT: lambda f: f.mine(AssignmentStatus.HANDLING),
    A.DELEGATE: lambda f: f.mine(AssignmentStatus.HANDLING),
    A.ASK_EXTENSION: lambda f: f.mine(AssignmentStatus.HANDLING),
    A.APPROVE_RETURN: lambda f: _asked(f.returns, f),
    A.REJECT_RETURN: lambda f: _asked(f.returns, f),
    A.APPROVE_EXTENSION: lambda f: _asked(f.extensions, f),
    A.REJECT_EXTENSION: lambda f: _asked(f.extensions, f),
    A.CLOSE_SHARE: lambda f: [s for s in f.shares if s.status in ASSIGNMENT_OPEN and not is_lead(s)],
    A.SUPERVISE: lambda f: [s for s in f.shares if s.status in ASSIGNMENT_OPEN or is_lead(s)],
}
_WHEN: dict[Action, Callable[[Facts], bool]] = {
    A.PAUSE: lambda f: f.clock_in(ClockState.RUNNING),
    A.RESUME: lambda f: f.clock_in(ClockState.PAUSED),
    A.REVIEW_CORRECTION: lambda f: f.ticket.to_review,
    A.PUBLISH: lambda f: f.ticket.published or (f.ticket.publishable and not f.ticket.confidential),
    A.REOPEN: lambda f: f.ticket.reopen_count == 0,
    A.REDO: lambda f: f.ticket.redo_count == 0 or Capacity.SUPERVISOR in f.held,
    A.UNMERGE: lambda f: f.ticket.master_id is not None,
    A.DISPATCH: lambda f: f.ticket.status == Status.TO_DISPATCH,
}


def may_triage_and_dispatch(facts: Facts) -> bool:
    """审核并派单 in one go: the ticket waits for triage and I may dispatch it as well."""
    if facts.ticket.status != Status.NEW:
        return False
    now = {move.action for move in allowed(Status.NEW, facts.held)}
    then = {move.action for move in allowed(Status.TO_DISPATCH, facts.held)}
    return A.TRIAGE in now and A.DISPATCH in then


def may_split(facts: Facts) -> bool:
    standing = facts.actor.standing
    able = standing is not None and standing.has(Role.AGENT, Role.DISPATCHER, Role.WINDOW_CLERK)
    return able and A.SPLIT in {move.action for move in allowed(facts.ticket.status, facts.held)}
