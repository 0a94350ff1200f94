"""Time limits in the words a citizen or a clerk would use."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from directory.worktime.calendar import Calendar
from directory.worktime.clock import Paused
from directory.worktime.limits import Deadline
from directory.worktime.times import DAY, last_day, local

HOUR = timedelta(hours=1)
PROVISIONAL = "（暂定）"


def humanize(deadline: Deadline | Paused, now: datetime, calendar: Calendar) -> str:
    """What is left or over: `还剩2个工作日，9月30日24时前`, `还剩3小时，今日17时30分前`, `已超期3小时`, `计时已暂停`.

    Working days left are counted as the limit is: from tomorrow, so that 5 working days given today are 5 days left. On
    the last day hours are told. A provisional due time says so.
    """
    if deadline.due_at is None:
        return "计时已暂停"
    return remaining(deadline.due_at, now, calendar, provisional=deadline.provisional)


def remaining(due_at: datetime, now: datetime, calendar: Calendar, *, provisional: bool = False) -> str:
    """As `humanize`, for a due time that was stored alone."""
    mark = PROVISIONAL if provisional else ""
    if now >= due_at:
        return f"已超期{_overdue(due_at, now, calendar)}{mark}"
    return f"还剩{_left(due_at, now, calendar)}，{due_words(due_at, now)}前{mark}"


def due_words(due_at: datetime, now: datetime) -> str:
    """`今日17时30分`, `明日24时`, `9月30日24时`, `2027年1月8日24时`."""
    day, today, here = last_day(due_at), local(now).date(), local(due_at)
    if (day - today).days in (0, 1):
        date_words = "今日" if day == today else "明日"
    else:
        date_words = f"{day.month}月{day.day}日" if day.year == today.year else f"{day.year}年{day.month}月{day.day}日"
    if here.time() == time.min:
        return f"{date_words}24时"
    return f"{date_words}{here.hour}时{f'{here.minute}分' if here.minute else ''}"


def _left(due_at: datetime, now: datetime, calendar: Calendar) -> str:
    today, last = local(now).date(), last_day(due_at)
    working = calendar.count(today, last)
    if last <= today or not working:
        return _hours(due_at - now)
    return f"{working}个工作日"


def _overdue(due_at: datetime, now: datetime, calendar: Calendar) -> str:
    over = now - due_at
    if over < DAY:
        return _hours(over)
    working = calendar.count(last_day(due_at), local(now).date())
    return f"{working}个工作日" if working else f"{over.days}天"


def _hours(amount: timedelta) -> str:
    """Whole hours, or minutes below one hour and at least one."""
    if amount >= HOUR:
        return f"{amount // HOUR}小时"
    return f"{max(1, amount // timedelta(minutes=1))}分钟"
