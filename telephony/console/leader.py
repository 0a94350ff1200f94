"""What the team leader tells everybody: messages and known outages."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.core.cache import cache
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from directory.models import Role
from telephony.console.access import Refused, endpoint, require, staff
from telephony.console.parsing import body, text
from telephony.console.present import MESSAGES, NOTICES
from telephony.models import OutageNotice, SeatMessage


@endpoint("POST")
def message(request: HttpRequest) -> JsonResponse:
    require(request, Role.SUPERVISOR)
    content = body(request)
    words = text(content, "text", 300)
    if not words:
        raise Refused(422, "bad_input", "消息不能为空")
    row = SeatMessage.objects.create(
        text=words, seat=text(content, "seat", 12), staff=staff(request), created_at=timezone.now()
    )
    cache.delete(MESSAGES)
    return JsonResponse({"id": row.pk})


@endpoint("POST")
def notice(request: HttpRequest) -> JsonResponse:
    """Publishes “停水至18:00” for every console until its end."""
    require(request, Role.SUPERVISOR)
    content = body(request)
    words, end = text(content, "text", 300), parse_datetime(text(content, "ends_at", 40) or "")
    now = timezone.now()
    if not words or not isinstance(end, datetime) or timezone.is_naive(end) or not now < end < now + timedelta(days=7):
        raise Refused(422, "bad_input", "通告要有内容，结束时间要在七天以内并带时区")
    row = OutageNotice.objects.create(text=words, starts_at=now, ends_at=end, staff=staff(request))
    cache.delete(NOTICES)
    return JsonResponse({"id": row.pk})


@endpoint("POST")
def end_notice(request: HttpRequest, pk: int) -> JsonResponse:
    """The water is back before 18:00: no console shows the notice any longer. Ended twice is ended."""
    require(request, Role.SUPERVISOR)
    row = OutageNotice.objects.filter(pk=pk).first()
    if row is None:
        raise Refused(404, "no_notice", "没有这条通告")
    now = timezone.now()
    if row.ends_at > now:
        row.ends_at = now
        row.save(update_fields=["ends_at"])
        cache.delete(NOTICES)
    return JsonResponse({"id": row.pk})
