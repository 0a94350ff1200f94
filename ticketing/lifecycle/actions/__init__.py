"""The verbs of the trade, one command each; `COMMANDS` finds them by action code."""

from __future__ import annotations

from ticketing.lifecycle.engine import Command

from . import answering, checking, citizens, dispatching, extensions, handling, linking, returns, supervising, triage

COMMANDS: dict[str, type[Command]] = {
    str(command.action): command
    for module in (
        triage,
        answering,
        dispatching,
        returns,
        handling,
        extensions,
        checking,
        citizens,
        linking,
        supervising,
    )
    for command in vars(module).values()
    if isinstance(command, type) and issubclass(command, Command) and "action" in vars(command)
}
