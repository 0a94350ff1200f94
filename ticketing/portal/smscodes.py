"""Proof of a phone by a code sent to it. Nobody learns from the answers whether a phone is known here."""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from ticketing.errors import RuleBroken
from ticketing.models import Identity, Notice, SmsCode
from ticketing.models.notices import CODE_TEMPLATE as TEMPLATE
from ticketing.notify.telling import tell
from ticketing.privacy import crypto

VALID_FOR = timedelta(minutes=10)
AGAIN_AFTER = timedelta(seconds=60)
MOST_PER_DAY = 6
MOST_TRIES = 5
MOST_TICKETS = 50
_GONE = "查询验证码（已失效）"


def phone_hash(phone: str) -> str:
    return crypto.keyed_hash("phone", phone)


def _code_hash(phone: str, code: str) -> str:
    return crypto.keyed_hash("sms", f"{phone}:{code}")


def send(phone: str, *, now: datetime | None = None) -> str:
    """Makes a code for `phone` and, when a ticket knows the phone, a notice with it. Returns the phone's hash.

    Known or not, the same rows are counted and the same refusals given: `RuleBroken` within a minute of the last code
    and after `MOST_PER_DAY`.
    """
    moment = now or timezone.now()
    hashed = phone_hash(phone)
    rows = SmsCode.objects.filter(phone_hash=hashed)
    if rows.filter(created_at__gt=moment - AGAIN_AFTER).exists():
        raise RuleBroken("验证码每分钟只发一次，请稍候再试", rule="sms_minute")
    if rows.filter(created_at__gt=moment - timedelta(days=1)).count() >= MOST_PER_DAY:
        raise RuleBroken("今天的验证码次数已用完，请用工单编号和查询码查询，或拨打12345", rule="sms_daily")
    code = f"{secrets.randbelow(1_000_000):06d}"
    with transaction.atomic():
        row = SmsCode.objects.create(
            phone_hash=hashed,
            code_hash=_code_hash(hashed, code),
            created_at=moment,
            expires_at=moment + VALID_FOR,
        )
        if Identity.objects.filter(phone_hash=hashed).exists():
            _notice(phone, code, row.pk, moment)
    return hashed


def _notice(phone: str, code: str, row_id: int, now: datetime) -> None:
    tell(
        audience="citizen",
        means="sms",
        template=TEMPLATE,
        text=f"查询验证码 {code}，10分钟内有效，请勿告诉他人。【12345】",
        address_box=crypto.seal(phone),
        key=f"{TEMPLATE}:{row_id}",
        created_at=now,
        next_try_at=now,
    )


def prove(hashed: str, code: str, *, now: datetime | None = None) -> bool:
    """Whether `code` is the newest code of that phone; each counts `MOST_TRIES` tries and works once."""
    moment = now or timezone.now()
    row = SmsCode.objects.filter(phone_hash=hashed, used=False, expires_at__gt=moment).order_by("-pk").first()
    if row is None:
        return False
    open_rows = SmsCode.objects.filter(pk=row.pk, used=False, tries__lt=MOST_TRIES)
    if not open_rows.update(tries=F("tries") + 1):
        return False
    if not hmac.compare_digest(row.code_hash, _code_hash(hashed, code.strip())):
        return False
    if not SmsCode.objects.filter(pk=row.pk, used=False).update(used=True):
        return False
    Notice.objects.filter(key=f"{TEMPLATE}:{row.pk}").update(text=_GONE)
    return True


def tickets_of(hashed: str) -> list[int]:
    """Ids of the newest tickets filed with that phone."""
    rows = Identity.objects.filter(phone_hash=hashed).order_by("-ticket__created_at")
    return list(rows.values_list("ticket_id", flat=True)[:MOST_TICKETS])


def expire(now: datetime | None = None) -> int:
    """Background: codes that ran out leave the messages, an unsent one is not sent any more, old rows go."""
    moment = now or timezone.now()
    stale = Notice.objects.filter(template=TEMPLATE, created_at__lt=moment - VALID_FOR).exclude(text=_GONE)
    stale.filter(state="waiting").update(state="failed", error="expired")
    cleaned = stale.update(text=_GONE)
    return cleaned + SmsCode.objects.filter(created_at__lt=moment - timedelta(days=2)).delete()[0]
