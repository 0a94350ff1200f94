"""Parts and how to ask each whether it works.

A package below may bring probes of its own: `PACKAGE/health.py` with `PROBES`, a dictionary of functions by name, whose
answers are mappings with `ok`, `detail` and, if wanted, `degraded` and figures. Such a probe takes the place of the one
of the same name here; an answer of `None` means "not configured on this installation".
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec

PACKAGES = ("ticketing", "telephony", "dashboards")
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class State:
    """A part's answer. `degraded`: it works, but not as it should. `figures` are measured now, units in their names."""

    ok: bool
    detail: str
    degraded: bool = False
    figures: Mapping[str, object] = field(default_factory=dict)

    def as_json(self) -> dict[str, object]:
        return {"configured": True, "ok": self.ok, "degraded": self.degraded, "detail": self.detail, **self.figures}


Probe = Callable[[], State | None]


@dataclass(frozen=True)
class Part:
    """`required`: without it no work can be taken, so `/readyz` says no."""

    name: str
    probe: Probe
    required: bool = False
    needs_database: bool = True


def ask(part: Part) -> State | None:
    """The part's state. A probe that fails is an answer too; its text stays in the log."""
    try:
        return part.probe()
    except Exception as error:
        log.exception("health probe %s failed", part.name)
        return State(False, f"the probe failed: {type(error).__name__}")


def ask_all(parts: Mapping[str, Part]) -> dict[str, State | None]:
    """Every part's state. Without a database the others are not asked: each would wait for it in turn."""
    states: dict[str, State | None] = {}
    down = False
    for part in sorted(parts.values(), key=lambda part: part.needs_database):
        states[part.name] = State(False, "not asked: the database is not ready") if down else ask(part)
        if part.name == "database":
            state = states["database"]
            down = state is None or not state.ok
    return {name: states[name] for name in parts}


def _adapted(answer: Callable[[], Mapping[str, object] | None]) -> Probe:
    def probe() -> State | None:
        given = answer()
        if given is None:
            return None
        rest = {key: value for key, value in given.items() if key not in ("ok", "detail", "degraded")}
        return State(bool(given["ok"]), str(given["detail"]), bool(given.get("degraded")), rest)

    return probe


def brought_along() -> dict[str, Part]:
    """Parts from the `health` modules of the packages below."""
    found: dict[str, Part] = {}
    for package in PACKAGES:
        name = f"{package}.health"
        if find_spec(name) is not None:
            probes: Mapping[str, Callable[[], Mapping[str, object] | None]] = import_module(name).PROBES
            found |= {key: Part(key, _adapted(answer)) for key, answer in probes.items()}
    return found
