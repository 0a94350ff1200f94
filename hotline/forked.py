"""A Granian worker while it loads the application: told to stop, it stops.

The worker is a fork that still has its parent's signal handlers, which do nothing in it, until the application
is loaded and it installs its own. A SIGTERM of those seconds would be lost, and the worker killed after
its patience has run out.
"""

from __future__ import annotations

import signal


def end_when_told() -> None:
    """Gives back the system's own way with the signals that only the parent's handlers would hear."""
    for number in (signal.SIGTERM, signal.SIGINT):
        if str(getattr(signal.getsignal(number), "__module__", "")).startswith("granian"):
            signal.signal(number, signal.SIG_DFL)
