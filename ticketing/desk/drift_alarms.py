"""Once a day: when the classifier's world has changed, its keepers are told on their desks and by e-mail."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from directory.models import RoleBinding
from nlp.classify.drift import Alarm
from ticketing.desk import language
from ticketing.desk.roles import MODEL_KEEPERS
from ticketing.models import Heartbeat
from ticketing.notify.telling import tell

#: heartbeat that remembers the last look
NAME = "drift"
_EVERY = timedelta(hours=20)
WORDS = {"mix": "诉求分类构成变化", "confidence": "模型把握下降", "corrections": "人工更正比例偏高"}


def look(now: datetime | None = None) -> int:
    """How many people were told. Each kind of alarm is told to a person once a week at most."""
    moment = now or timezone.now()
    if Heartbeat.objects.filter(name=NAME, beat_at__gt=moment - _EVERY).exists():
        return 0
    alarms = language.figures(moment).drift.alarms
    Heartbeat.objects.update_or_create(name=NAME, defaults={"beat_at": moment, "detail": {"alarms": len(alarms)}})
    return sum(_tell(alarm, _keepers(moment), moment) for alarm in alarms)


def _keepers(moment: datetime) -> list[int]:
    today = timezone.localdate(moment)
    roles = RoleBinding.objects.filter(
        Q(valid_from__isnull=True) | Q(valid_from__lte=today),
        Q(valid_to__isnull=True) | Q(valid_to__gte=today),
        role__in=MODEL_KEEPERS,
        staff__is_active=True,
    )
    return sorted(set(roles.values_list("staff", flat=True)))


def _tell(alarm: Alarm, people: Iterable[int], moment: datetime) -> int:
    week = timezone.localdate(moment).strftime("%G-W%V")
    text = f"智能分类预警：{WORDS[alarm.kind]}（{alarm.value:.3f}，限值 {alarm.limit}），请在“智能分类运行情况”页查看。"
    told = 0
    for person in people:
        _, new = tell(
            key=f"drift:{alarm.kind}:{week}:{person}",
            audience="staff",
            means="auto",
            template="drift",
            text=text,
            staff_id=person,
            created_at=moment,
            next_try_at=moment,
        )
        told += new
    return told
