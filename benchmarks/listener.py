"""A bare listener of the package panoramisk, to set beside the bridge. Run by any Python that has that package.

usage: PYTHON listener.py PORT SECRET_FILE, ended by SIGTERM; prints JSON: unique ids seen joining a queue, events, CPU,
and how late the joins arrived (Asterisk's own time of the event → here): what Asterisk owes, not the bridge.
"""

import asyncio
import json
import signal
import sys
import time
from pathlib import Path

from panoramisk import Manager


async def main() -> None:
    port, secret = int(sys.argv[1]), Path(sys.argv[2]).read_text().strip()
    manager = Manager(host="127.0.0.1", port=port, username="hotline", secret=secret)
    joins, events, late = set(), [0], []

    def note(_manager: Manager, event: object) -> None:
        events[0] += 1
        if event.event == "QueueCallerJoin":
            joins.add(event.Uniqueid)
            late.append(time.time() - float(event.Timestamp))

    manager.register_event("*", note)
    await manager.connect()
    print("ready", file=sys.stderr, flush=True)
    over = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, over.set)
    await over.wait()
    status = Path("/proc/self/status").read_text()
    size = int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024
    late.sort()
    found = {
        "late_ms": {f"p{share}": round(1000 * late[len(late) * share // 100], 1) for share in (50, 99) if late},
        "joins": sorted(joins),
        "events": events[0],
        "cpu_seconds": round(time.process_time(), 1),
        "mb": round(size),
    }
    print(json.dumps(found), flush=True)


asyncio.run(main())
