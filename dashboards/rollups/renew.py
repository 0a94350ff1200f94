"""Making the rollups anew by itself: after an upgrade that changed what is counted, or when they were lost."""

from __future__ import annotations

from dashboards.models import Counted, Daily, Pair, RollupState
from ticketing.models import Ticket

from . import feed
from .facts import definitions
from .rebuild import rebuild


def needed() -> bool:
    """Whether the stored rollups do not follow from the tickets: made by other definitions, or empty beside tickets.

    On a young database they are empty because the outbox has not been heard yet; that is no loss.
    """
    state = RollupState.objects.filter(pk=1).first()
    if state is not None and state.definitions != definitions():
        return True
    if Counted.objects.exists() or not Ticket.objects.exists():
        return False
    fed = state is not None and state.fed_at is not None
    return fed or not feed.waiting().exists()


def watch() -> int:
    """The job. One process at a time: the job's lease. Pages read the old rows until the end."""
    return rebuild() if needed() or _pairs_lost() else 0


def _pairs_lost() -> bool:
    """Whether only the pairs are gone; not asked for every page, as `needed` is."""
    return not Pair.objects.exists() and Daily.objects.filter(cut="kind").exists()
