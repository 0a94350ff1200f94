"""Calls under load on a real Asterisk: nothing lost, pops and boards in time, memory flat. Prints JSON.

usage: python -m benchmarks.calls FOLDER [--profile NAME] [--rate N] [--seconds N | --minutes N] [--boards N]
                                  [--consoles N] [--seats N] [--steps N,N,…] [--panoramisk PYTHON]

FOLDER is an empty data folder. Needs root, SIPp and the Asterisk of scripts/asterisk (HOTLINE_ASTERISK_ROOT).

  signalling  50 calls/s without greeting, music or recording, nobody answers, callers give up after 10 s
  pops        10 calls/s to 40 seats that answer, 50 consoles that fetch what the page fetches
  boards      the same calls with 1,000 boards beside them and no console
  shipped     the configuration as shipped (greeting, music, recording), calls of 40 s, one rate
  ceiling     shipped, stepped up (--steps) until Asterisk or the bridge does not carry it any more
  steady      shipped at 2 calls/s for 30 minutes: memory
  all         signalling, pops, boards, ceiling, steady, each in a house of its own: about 55 minutes

--panoramisk names a Python that has the package panoramisk (a throw-away environment will do): a bare listener of it
counts the same events in the same runs.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.call_run import MEDIA_PORTS, Load, Stage
from tests.system.phones import house

BARE = Load(rate=10, seconds=60, line="12399", stays=2.0, voice=False)
LOADS = {
    "signalling": Load(rate=50, seconds=60, line="12399", stays=10.0, voice=False),
    "pops": BARE,
    "boards": BARE,
    "shipped": Load(rate=4, seconds=60),
    "ceiling": Load(rate=0, seconds=60),
    "steady": Load(rate=2, seconds=1800),
}
#: seats, consoles, boards
PEOPLE = {
    "signalling": (0, 0, 1), "pops": (50, 50, 1), "boards": (40, 0, 1000), "shipped": (8, 8, 1), "ceiling": (8, 8, 1),
    "steady": (8, 8, 1),
}  # fmt: skip
STEPS = (2.0, 4.0, 6.0, 8.0, 10.0, 12.0, 14.0, 16.0)
#: so many seats have a phone and answer; the others only look on
ANSWERING = 40
#: of the calls; more INVITEs that had to be sent again say that Asterisk no longer answers in half a second
SENT_AGAIN = 0.01
SLOW_SECONDS = 1.0


def asterisk_fails(found: dict[str, Any]) -> str:
    """Why Asterisk did not carry this load, by the callers' own books; empty when it did."""
    callers = found["callers"]
    if callers["failed"]:
        return f"{callers['failed']} calls failed"
    if callers["sent_again"] > SENT_AGAIN * callers["calls"]:
        return f"{callers['sent_again']} requests had to be sent again"
    if (callers["answer_ms"]["p99"] or 0) > 1000 * SLOW_SECONDS:
        return f"answered after {callers['answer_ms']['p99']} ms at p99"
    return ""


def bridge_fails(found: dict[str, Any]) -> str:
    """Why the bridge did not keep up; empty when it did."""
    lost = sum(one["lost"] for one in found["events"].values())
    if lost or found["open_for_ever"]:
        return f"{lost} events lost, {found['open_for_ever']} calls open for ever"
    bare = found["panoramisk"]
    late = bare["late_ms"].get("p99", 0) if isinstance(bare, dict) else 0  # events that Asterisk itself tells late
    behind = (found["happening_to_board_ms"]["p99"] or 0) - late
    return f"{behind:.0f} ms behind at p99" if behind > 2000 * SLOW_SECONDS else ""


def ceiling(stage: Stage, load: Load, steps: tuple[float, ...]) -> dict[str, Any]:
    """The highest step that Asterisk carries, and whether the bridge did too; the first failure ends it."""
    runs, carried = [], 0.0
    for rate in steps:
        found = stage.run(replace(load, rate=rate), f"step{rate:g}")
        found["asterisk_fails"], found["bridge_fails"] = asterisk_fails(found), bridge_fails(found)
        runs.append(found)
        say(f"{rate:g}/s: Asterisk: {found['asterisk_fails'] or 'fine'}; bridge: {found['bridge_fails'] or 'fine'}")
        if found["asterisk_fails"] or found["bridge_fails"]:
            break
        carried = rate
    ended = runs[-1]["asterisk_fails"] or runs[-1]["bridge_fails"]
    return {
        "highest_rate_carried": carried, "ended_by": ended or "the last step; give higher --steps",
        "bridge_kept_up": not any(run["bridge_fails"] and not run["asterisk_fails"] for run in runs), "runs": runs,
    }  # fmt: skip


def measured(profile: str, folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    load = LOADS[profile]
    given = int(options.minutes * 60) if options.minutes else options.seconds
    load = replace(load, rate=options.rate or load.rate, seconds=given or load.seconds)
    asked = (options.seats, options.consoles, options.boards)
    seats, consoles, boards = (n if n is not None else own for n, own in zip(asked, PEOPLE[profile], strict=True))
    seats = max(seats, consoles)
    folder.mkdir(parents=True, exist_ok=True)
    with (
        house(folder / "data", max(12, seats), MEDIA_PORTS) as home,
        Stage(
            home,
            folder,
            seats=seats,
            answering=min(seats, ANSWERING),
            speaking=load.voice,
            consoles=consoles,
            boards=boards,
            panoramisk=options.panoramisk,
        ) as stage,  # fmt: skip
    ):
        found = ceiling(stage, load, options.steps) if profile == "ceiling" else stage.run(load, "run")
        # kept before the house is taken down: half an hour of calls is not lost if something does not end in time
        (folder / f"{profile}.json").write_text(json.dumps(found, indent=1))
        return found


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def all_of_it(options: argparse.Namespace) -> dict[str, Any]:
    """Criterion 4 in one answer; the lengths given count for the steady part only."""
    found: dict[str, Any] = {"cores": os.cpu_count()}
    for profile in ("signalling", "pops", "boards", "ceiling", "steady"):
        say(f"— {profile}")
        own = argparse.Namespace(**vars(options))
        if profile != "steady":
            own.minutes = None
        own.rate = own.seats = own.consoles = own.boards = None
        if profile == "boards":
            own.boards = options.boards
        found[profile] = measured(profile, options.folder / profile, own)
    found["verdicts"] = verdicts(found)
    return found


def verdicts(found: dict[str, Any]) -> dict[str, bool]:
    """The targets of the flood, one by one."""
    runs = [found[name] for name in ("signalling", "pops", "boards", "steady")] + found["ceiling"]["runs"]
    signalling = found["signalling"]
    growth = found["steady"]["memory_mb_per_hour"]["bridge"]
    return {
        "signalling_at_50_per_second_carried": not asterisk_fails(signalling) and not bridge_fails(signalling),
        "bridge_keeps_up_as_long_as_asterisk": found["ceiling"]["bridge_kept_up"],
        "invite_to_pop_p99_within_150_ms": (found["pops"]["invite_to_pop_ms"]["p99"] or 1e9) <= 150,
        "board_p99_within_80_ms": (found["boards"]["board_ms"]["p99"] or 1e9) <= 80,
        "no_event_lost": not any(one["lost"] for run in runs for one in run["events"].values()),
        "bridge_memory_flat": growth is not None and growth < 10,
    }  # fmt: skip


def steps(text: str) -> tuple[float, ...]:
    return tuple(float(one) for one in text.split(","))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--profile", choices=[*LOADS, "all"], default="signalling")
    parser.add_argument("--rate", type=float)
    parser.add_argument("--seconds", type=int)
    parser.add_argument("--minutes", type=float, help="instead of --seconds")
    parser.add_argument("--consoles", type=int)
    parser.add_argument("--boards", type=int)
    parser.add_argument("--seats", type=int)
    parser.add_argument("--steps", type=steps, default=STEPS, help="calls a second, e.g. 2,4,8 (ceiling)")
    parser.add_argument("--panoramisk", default="", help="a Python that has the package panoramisk")
    options = parser.parse_args()
    options.folder = options.folder.resolve()
    options.folder.mkdir(parents=True, exist_ok=True)
    found = all_of_it(options) if options.profile == "all" else measured(options.profile, options.folder, options)
    print(json.dumps(found, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
