"""How every process learns of a change of words, keywords or rules, seconds later and without a restart."""

from __future__ import annotations

from ticketing.memory import Remembered, remembered
from ticketing.models import WordingChange

#: seconds that a process may be behind
SECONDS = 3.0


@remembered(SECONDS)
def _newest() -> int:
    """The number of the newest change: one look-up by the primary key."""
    return WordingChange.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


_seen = 0


def refresh() -> None:
    """Makes this process work with the words and rules as they are now. Costs nothing but every `SECONDS`."""
    global _seen
    from ticketing.wording import dictionary

    newest = _newest()
    if newest != _seen:
        for value in _depending():
            value.forget()
        _seen = newest
    dictionary.apply()


def changed() -> None:
    """This process wrote a change itself: it is the first to work by it."""
    _newest.forget()


def _depending() -> tuple[Remembered[object], ...]:
    """What is remembered of the rows that `WordingChange` tells of."""
    from ticketing import classifying
    from ticketing.wording import dictionary, rules

    return (dictionary.listed, rules.in_force, classifying.classifier)  # type: ignore[return-value]
