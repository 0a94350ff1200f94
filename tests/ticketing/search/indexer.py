"""The indexer as a process of its own, to be killed: feeds the index until the file named by its argument exists."""

from __future__ import annotations

import sys
import time
from pathlib import Path


def main(stop: Path) -> None:
    import django

    django.setup()
    from ticketing.outbox import reading
    from ticketing.search import engines, feed

    feed.PAUSE_SECONDS = 0.2
    idle = 0
    while not (stop.exists() and idle > 3):
        done = reading.run(feed.LISTENER)
        idle = 0 if done or not feed.ready() else idle + 1
        if not done:
            feed.watch()
            time.sleep(0.05)
    engines.tickets().close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
