"""Who acts: a person with a standing, the citizen who owns the ticket, another system, or the timers."""

from __future__ import annotations

from dataclasses import dataclass

from directory.access import Standing, standing
from directory.models import Staff


@dataclass(frozen=True)
class Actor:
    """`origin` says from where (desk, console, portal, api:NAME, timer…), never an address that tells who it was."""

    kind: str
    origin: str
    standing: Standing | None = None
    owns: frozenset[int] = frozenset()
    region: str = ""
    channel: str = ""
    scopes: frozenset[str] = frozenset()

    @property
    def staff_id(self) -> int | None:
        return self.standing.staff_id if self.standing else None

    @property
    def name(self) -> str:
        return (
            self.standing.name if self.standing else {"citizen": "群众", "system": "系统"}.get(self.kind, self.origin)
        )


#: the timers, the ladder and other work nobody in particular does
SYSTEM = Actor("system", "timer")


def staff_actor(staff: Staff, origin: str = "desk") -> Actor:
    return Actor("staff", origin, standing(staff))


def citizen_actor(*ticket_ids: int, origin: str = "portal") -> Actor:
    """The citizen after proving ownership (number + query code, or phone + SMS code) of these tickets."""
    return Actor("citizen", origin, owns=frozenset(ticket_ids))


def api_actor(name: str, region: str, scopes: frozenset[str], channel: str = "") -> Actor:
    """Another system: its own channel's tickets in its city, or all of the city's with the scope `all`."""
    return Actor("api", f"api:{name}"[:64], region=region, channel=channel, scopes=scopes)
