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
    source: str = ""
    scopes: frozenset[str] = frozenset()

    def owns_as_system(self, city: str, channel: str, source: str) -> bool:
        """Whether another system may know of what came to this city through this channel from this source."""
        if self.kind != "api" or self.region != city:
            return False
        return "all" in self.scopes or (self.channel in ("", channel) and self.source in ("", source))

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


def api_actor(name: str, region: str, scopes: frozenset[str], channel: str = "", source: str = "") -> Actor:
    """Another system: its own tickets in its city (those of its channel and source, as far as it has them), or all of
    the city's with the scope `all`."""
    return Actor("api", f"api:{name}"[:64], region=region, channel=channel, source=source, scopes=scopes)
