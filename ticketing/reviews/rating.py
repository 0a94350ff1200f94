"""Giving and changing a review. Voluntary: who says nothing has no row here and is never counted as satisfied."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from ticketing.errors import BadInput, RuleBroken
from ticketing.journal import ledger
from ticketing.models import OutboxEntry, Ticket
from ticketing.outbox import topics
from ticketing.outbox.publish import publish
from ticketing.terms import Satisfaction

from . import annoyance, rectifying
from .models import Review, ReviewChange, ReviewOptions
from .terms import BAD_UP_TO, ReviewChannel, ReviewKind

#: how long a person may change the own review (issue: within 7 days, the history is kept)
CHANGE_WITHIN = timedelta(days=7)
OWNER = "owner"  # the one person of a ticket; nobody else can rate its handling


@dataclass(frozen=True, kw_only=True)
class Given:
    """A review as it comes in. `person`: who, as a keyed hash or `OWNER`; `origin_hash`: number or address, keyed."""

    kind: str
    key: str
    person: str
    level: int
    channel: str
    ticket: Ticket | None = None
    department_id: int | None = None
    options: tuple[str, ...] = ()
    remark: str = ""
    real_name: bool = False
    origin_hash: str = ""


def current_options(now: datetime | None = None) -> ReviewOptions | None:
    """The options in force today; None when the installation has none."""
    return ReviewOptions.objects.filter(effective_from__lte=timezone.localdate(now)).order_by("-version").first()


def labels_of(review: Review) -> list[str]:
    """The options ticked, in the words of the version they were offered in."""
    row = ReviewOptions.objects.filter(version=review.options_version).first()
    known = dict(row.options.get(str(review.level), [])) if row else {}
    return [str(known.get(code, code)) for code in review.options]


def give(given: Given, *, now: datetime | None = None) -> Review:
    """Stores the review, or changes the person's own within seven days (what it said before is kept).

    Raises `BadInput` for an unknown level, kind, channel or option, and `RuleBroken` when it is too late to change.
    """
    moment = now or timezone.now()
    offered = _check(given, moment)
    with transaction.atomic():
        review, new = Review.objects.select_for_update().get_or_create(
            kind=given.kind, key=given.key, person=given.person, defaults=_columns(given, moment, offered)
        )
        if not new:
            _change(review, given, moment, offered)
        rectifying.follow(review, moment)
        tell(review, moment, new=new)
    return review


def _check(given: Given, now: datetime) -> int:
    for field, content, accepted in (
        ("level", given.level, Satisfaction.values),
        ("kind", given.kind, ReviewKind.values),
        ("channel", given.channel, ReviewChannel.values),
    ):
        if content not in accepted:
            raise BadInput(field, f"“{field}”只接受：{'、'.join(map(str, accepted))}")
    options = current_options(now)
    offered = {code for code, _ in (options.options if options else {}).get(str(given.level), [])}
    unknown = [code for code in given.options if code not in offered]
    if unknown:
        raise BadInput("options", f"“options”中有该等级没有的选项：{'、'.join(unknown)}")
    return options.version if options else 0


def _columns(given: Given, now: datetime, version: int) -> dict[str, object]:
    ticket = given.ticket
    return {
        "ticket": ticket,
        "department_id": given.department_id or (ticket.lead_id if ticket else None),
        "city_id": ticket.city_id if ticket else settings.CITY_REGION,
        "level": given.level,
        "options": list(given.options),
        "options_version": version,
        "remark": given.remark.strip()[:2000],
        "channel": given.channel,
        "real_name": given.real_name,
        "origin_hash": given.origin_hash,
        "annoyance": annoyance.of(given.remark, given.options) if given.level <= BAD_UP_TO else "",
        "given_at": now,
    }


def _change(review: Review, given: Given, now: datetime, version: int) -> None:
    same = (review.level, list(review.options)) == (given.level, list(given.options))
    if same and review.remark == given.remark.strip()[:2000]:
        return
    if now - review.given_at > CHANGE_WITHIN:
        raise RuleBroken(f"评价后 {CHANGE_WITHIN.days} 天内可以修改，现已超过", rule="review_change")
    ReviewChange.objects.create(
        review=review,
        level=review.level,
        options=review.options,
        remark=review.remark,
        channel=review.channel,
        at=now,
    )
    columns = _columns(given, now, version)
    for name in ("level", "options", "options_version", "remark", "channel", "annoyance"):
        setattr(review, name, columns[name])
    review.changed_at = now
    review.save(update_fields=["level", "options", "options_version", "remark", "channel", "annoyance", "changed_at"])


def tell(review: Review, now: datetime, *, new: bool = False) -> None:
    """Puts the review on its way to the listeners and on record; inside the transaction of the change, at its end."""
    ledger.note(review, new=new)
    publish(
        [
            OutboxEntry(
                topic=topics.REVIEW,
                key=str(review.pk),
                ticket_id=review.ticket_id,
                payload={"kind": review.kind, "level": review.level, "unit": review.department_id},
                created_at=now,
            )
        ]
    )
