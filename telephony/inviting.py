"""After a call that nobody rated by key: the SMS with the rating link, when the installation wants it."""

from __future__ import annotations

import re
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from telephony.calls.state import Outcome, Status
from telephony.models import Call
from ticketing.models import Notice
from ticketing.privacy.crypto import open_box
from ticketing.reviews.inviting import CALLS, of_call

MOBILE = re.compile(r"^(?:\+?86)?(1[3-9]\d{9})$")
#: a key's event may arrive after the end of its call; an invitation after an hour is a nuisance
AFTER, UNTIL = timedelta(minutes=3), timedelta(hours=1)
BATCH = 200


def run() -> int:
    """One portion; each call is invited once, and only a mobile number can be."""
    if settings.RATING_SMS not in CALLS:
        return 0
    now = timezone.now()
    rows = Call.objects.filter(
        status=Status.ENDED, outcome=Outcome.ANSWERED, outbound=False, rating=0, ended_at__gt=now - UNTIL,
        ended_at__lte=now - AFTER,
    ).exclude(number_hash="")  # fmt: skip
    told = set(Notice.objects.filter(template="rate", created_at__gt=now - 2 * UNTIL).values_list("key", flat=True))
    count = 0
    for row in rows.order_by("ended_at", "id")[: BATCH + len(told)]:
        mobile = MOBILE.match(open_box(row.number_box))
        if mobile and f"rate-call:{row.call}"[:120] not in told:
            count += of_call(row.call, mobile[1], now)
    return count
