"""What a ticket is: triage, correction after dispatch, and its review."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from directory.access import departments_below
from ticketing.clocks import running
from ticketing.errors import BadInput, RuleBroken
from ticketing.lifecycle import rules
from ticketing.lifecycle.case import Case
from ticketing.lifecycle.engine import Command
from ticketing.lifecycle.table import Action
from ticketing.models import Correction
from ticketing.terms import ENDED, ClockName, Kind, Status, Urgency


@dataclass(frozen=True, kw_only=True)
class _Facts(Command):
    """What may be said of a ticket; None or "" leaves it as it is. `complained_unit` 0: no unit is complained about."""

    kind: str = ""
    category: int | None = None
    urgency: str = ""
    region: str = ""
    confidential: bool | None = None
    complained_unit: int | None = None
    reason: str = ""

    def apply(self, case: Case) -> dict[str, tuple[object, object]]:
        """Sets what changed and returns {column: (before, after)}. Corrections of the machine become examples."""
        ticket = case.ticket
        wanted: dict[str, object] = {}
        if self.kind:
            wanted["kind"] = rules.choice("kind", self.kind, Kind)
        if self.category is not None:
            wanted["category_id"] = rules.category("category", self.category).pk
        if self.urgency:
            wanted["urgency"] = rules.choice("urgency", self.urgency, Urgency)
        if self.region:
            wanted["region_id"] = rules.region("region", self.region).pk
        if self.confidential is not None:
            wanted["confidential"] = self.confidential
        if self.complained_unit is not None:
            wanted["complained_unit_id"] = self._accused(case)
        changed = {name: (getattr(ticket, name), new) for name, new in wanted.items() if getattr(ticket, name) != new}
        case.put(**{name: new for name, (_, new) in changed.items()})
        if "category_id" in wanted:
            self._learn(case, "category", str(ticket.proposal.get("category", "")), str(wanted["category_id"]))
        if "kind" in wanted:
            self._learn(case, "kind", str(ticket.proposal.get("kind", "")), str(wanted["kind"]))
        return changed

    def _accused(self, case: Case) -> int | None:
        """The unit complained about. Refuses one that works on the ticket, or stands above one that does."""
        if self.complained_unit == 0 or self.complained_unit is None:
            return None
        unit = rules.unit("complained_unit", self.complained_unit)
        below = departments_below([unit.pk])
        shares = [*case.open_shares(), *([case.lead] if case.lead else [])]
        holder = next((share.department for share in shares if share.department_id in below), None)
        if holder is not None and case.status not in ENDED:
            raise RuleBroken(
                f"“{holder}”正在承办本工单：请先收回工单（已答复的先退回）或了结其任务，再登记被投诉单位",
                rule="accused_unit",
            )
        return unit.pk

    def _learn(self, case: Case, field: str, proposed: str, chosen: str) -> None:
        if case.actor.kind != "staff" or proposed == chosen:
            return
        case.add(
            Correction(
                ticket=case.ticket,
                field=field,
                proposed=proposed,
                chosen=chosen,
                category_id=int(chosen) if field == "category" else None,
                confidence=case.ticket.proposal.get("confidence"),
                by_id=case.actor.staff_id,
                why=self.reason[:300],
                at=case.now,
            )
        )


@dataclass(frozen=True, kw_only=True)
class Triage(_Facts):
    """审核: confirms kind, category, urgency and place; the ticket then waits for dispatch."""

    action: ClassVar[Action] = Action.TRIAGE

    def decide(self, case: Case) -> None:
        case.begin(Action.TRIAGE, reason=self.reason)
        changed = self.apply(case)
        if not case.ticket.kind:
            raise BadInput("kind", "请选择诉求类型")
        if "urgency" in changed:
            _renew_dispatch_clock(case)


def _renew_dispatch_clock(case: Case) -> None:
    """The limit depends on the urgency: the clock starts anew from acceptance under the rule that now applies."""
    clock = case.clock(ClockName.DISPATCH)
    if clock is not None:
        begin = clock.started_at
        running.stop(case, ClockName.DISPATCH, state="cancelled")  # type: ignore[arg-type]
        running.start(case, ClockName.DISPATCH, at=begin)


@dataclass(frozen=True, kw_only=True)
class Correct(_Facts):
    """更正: a change of kind, category, urgency or place. After dispatch it needs a reason and is reviewed.

    Running limits of units stay as promised (the policy was copied at their start).
    """

    action: ClassVar[Action] = Action.CORRECT

    def decide(self, case: Case) -> None:
        dispatched = case.status not in (Status.NEW, Status.TO_DISPATCH)
        if dispatched:
            rules.text("reason", self.reason, least=2, most=500)
        case.begin(Action.CORRECT, reason=self.reason)
        changed = self.apply(case)
        if not changed:
            raise BadInput("category", "没有需要更正的内容")
        case.fact(before={name: old for name, (old, _) in changed.items()})
        if dispatched and {"kind", "category_id"} & set(changed):
            case.put(to_review=True)
        elif "urgency" in changed and not dispatched:
            _renew_dispatch_clock(case)


@dataclass(frozen=True, kw_only=True)
class ReviewCorrection(Command):
    """复核更正: somebody else than the corrector confirms a late change of kind or category."""

    action: ClassVar[Action] = Action.REVIEW_CORRECTION
    confirmed: bool
    reason: str = ""

    def decide(self, case: Case) -> None:
        if not case.ticket.to_review:
            raise BadInput("confirmed", "没有待复核的更正")
        last = case.ticket.events.filter(action=Action.CORRECT).order_by("-seq").first()
        rules.someone_else(case, last.staff_id if last else None)
        case.begin(Action.REVIEW_CORRECTION, reason=self.reason)
        case.put(to_review=False)
        case.fact(confirmed=self.confirmed)
        if not self.confirmed and last:
            before = last.data.get("before", {})
            case.put(**{name: before[name] for name in ("kind", "category_id") if name in before})
