"""What people decided becomes the next model: examples from the database, and the training that runs at night.

The night's training writes `MODELS/challenger` with its report and stops there. Putting a model into service is a
person's decision (`manage.py promote_classifier`).
"""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from nlp.classify.views import joined
from ticketing.classifying import challenger
from ticketing.models import Correction, Heartbeat, Ticket, TicketEvent
from ticketing.terms import ENDED
from ticketing.wording import following

log = logging.getLogger(__name__)
#: with fewer confirmed examples nothing is trained at night
FEWEST = 200
#: the newest so many are learnt from: training takes minutes and some 2 GB for these
MOST = 50_000
#: local hours in which the night's training may begin
NIGHT = range(1, 5)
#: heartbeat that remembers the last start
NAME = "learning"


@dataclass(frozen=True)
class Examples:
    """Texts with the category that a person confirmed; `groups` keeps one caller's tickets in one fold."""

    texts: list[str]
    labels: list[str]
    groups: list[str]


def confirmed() -> QuerySet[Ticket]:
    """Tickets whose category a person set: corrected ones, and ended ones that staff triaged or that came with history.

    What the machine dispatched alone is left out: a model that learns from its own answers never sees its errors.
    """
    by_person = TicketEvent.objects.filter(ticket=OuterRef("pk"), actor_kind="staff", action__in=["triage", "correct"])
    corrected = Correction.objects.filter(ticket=OuterRef("pk"), field="category")
    ended = Q(status__in=list(ENDED)) & (Q(history=True) | Q(Exists(by_person)))
    return Ticket.objects.filter(Q(Exists(corrected)) | ended, category__active=True, to_review=False)


def examples() -> Examples:
    """The newest `MOST` confirmed tickets as the classifier's training takes them."""
    following.refresh()
    rows = confirmed().order_by("-created_at", "-pk")[:MOST]
    found = Examples([], [], [])
    columns = ("title", "body", "category__path", "number", "master__number", "identity__phone_hash")
    for title, body, path, number, master, caller in rows.values_list(*columns).iterator(chunk_size=2000):
        found.texts.append(joined(body, title))
        found.labels.append(path)
        found.groups.append(caller or master or number)
    return found


def enough() -> bool:
    """Whether there are at least `FEWEST` confirmed examples."""
    return len(confirmed().values_list("pk", flat=True)[:FEWEST]) >= FEWEST


def nightly(now: datetime | None = None) -> int:
    """Starts the training once a night when there is enough to learn from; 1 when it started.

    It runs as a process of its own: the poller must go on firing clocks meanwhile. The start is remembered first, so a
    training that fails is not tried again before the next night.
    """
    moment = now or timezone.now()
    local = timezone.localtime(moment)
    last = Heartbeat.objects.filter(name=NAME).values_list("beat_at", flat=True).first()
    if local.hour not in NIGHT or (last is not None and timezone.localtime(last).date() == local.date()):
        return 0
    able = enough()
    Heartbeat.objects.update_or_create(name=NAME, defaults={"beat_at": moment, "detail": {"started": able}})
    if not able:
        return 0
    out = challenger()
    out.parent.mkdir(parents=True, exist_ok=True)
    manage = str(settings.BASE_DIR / "manage.py")
    _start([sys.executable, manage, "train_classifier", "--from-database", "--out", str(out)])
    return 1


def _start(command: Sequence[str]) -> subprocess.Popen[bytes]:
    """A low-priority process that outlives a restart of the worker; its words go to `challenger.log`."""
    log.info("the night's training starts")
    with challenger().with_name("challenger.log").open("wb") as output:
        whole = ["nice", "-n", "15", *command]
        return subprocess.Popen(whole, stdout=output, stderr=output, stdin=subprocess.DEVNULL, start_new_session=True)
