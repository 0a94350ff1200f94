"""extensions.conf: the fixed contexts come from a template, numbers, trunks and seats are filled in."""

from __future__ import annotations

from pathlib import Path
from string import Template

from telephony.asterisk_config.site import LineSpec, Site, TrunkSpec, code


class Fill(Template):
    delimiter = "@"


TEMPLATE = Path(__file__).parent / "templates" / "extensions.conf"


def line(spec: LineSpec, max_wait_seconds: int) -> str:
    steps = [
        f"exten => {spec.number},1,Set(__HL_LINE={spec.number})",
        "GotoIf($[${DB_EXISTS(hotline-nuisance/${FILTER(0-9+,${CALLERID(num)})})}]?blocked,s,1)",
        f"Set(__HL_QUEUE={spec.queue})",
        f"Set(__HL_WAIT={max_wait_seconds})",
    ]
    if spec.hours:
        steps.append(f"GotoIfTime({spec.hours}?open)")
        steps.append("Goto(closed,s,1)")
        steps.append(f"{'Goto(menu,s,1)' if spec.menu else 'Goto(welcome,s,1)'}")
        labelled = [*steps[:1], *(f" same => n,{step}" for step in steps[1:-1]), f" same => n(open),{steps[-1]}"]
        return "\n".join(labelled)
    steps.append("Goto(bare,s,1)" if spec.bare else "Goto(menu,s,1)" if spec.menu else "Goto(welcome,s,1)")
    return "\n".join([steps[0], *(f" same => n,{step}" for step in steps[1:])])


def outward(trunk: TrunkSpec | None, number: str = "${EXTEN}") -> str:
    """The dial string of a trunk; without one the call ends as CHANUNAVAIL and the caller is kept."""
    return f"PJSIP/{number}@{trunk.name}" if trunk else "Local/none@no-trunk"


def outcome(target: str) -> list[str]:
    """After a consultation's Dial: what came of it, for the ledger."""
    event = f"UserEvent(HotlineConsult,Callid: ${{CHANNEL(linkedid)}},Target: {target},Status: ${{DIALSTATUS}})"
    return [f" same => n,{event}", " same => n,Hangup()"]


def peers(site: Site, *, blind: bool = False) -> str:
    """One extension per peer platform; the call asks for its public number."""
    kind, lines = ("blind" if blind else "consult"), []
    for trunk in site.peers:
        dial = f"Dial({outward(trunk, trunk.number)},{site.transfer_seconds},U({kind}-answered^{trunk.name}))"
        lines.append(f"exten => {code(trunk.name)},1,{dial}")
        lines += [" same => n,Goto(blind-done,s,1)"] if blind else outcome(trunk.name)
    return "\n".join(lines)


def colleagues(site: Site) -> str:
    return "\n".join(f"exten => {seat.extension},1,Dial(PJSIP/{seat.extension},20)" for seat in site.seats)


def seats(site: Site) -> str:
    """A colleague who joins a talk: rung by itself, its answer reported like that of 110."""
    lines = []
    for seat in site.seats:
        dial = f"Dial(PJSIP/{seat.extension},{site.transfer_seconds},U(consult-answered^{seat.extension}))"
        lines += [f"exten => {seat.extension},1,{dial}", *outcome(seat.extension)]
    return "\n".join(lines)


def dialplan(site: Site) -> str:
    waits = {queue.name: queue.max_wait_seconds for queue in site.queues}
    text = Fill(TEMPLATE.read_text(encoding="utf-8"))
    return text.substitute(
        home=site.home,
        transfer=site.transfer_seconds,
        lines="\n".join(line(spec, waits[spec.queue]) for spec in site.lines),
        police=outward(site.trunk("police"), "110"),
        carrier=outward(site.trunk("carrier")),
        peers=peers(site),
        blind_peers=peers(site, blind=True),
        seats=seats(site),
        colleagues=colleagues(site),
    )
