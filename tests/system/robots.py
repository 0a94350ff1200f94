"""Run by `manage.py shell`: logs robot seats in, keeps their pages “alive”, sets them ready. Argument: a count."""

ROBOTS = """
import time
from django.utils import timezone
from telephony.models import SeatState
from telephony.seats import orders
names = [str(9001 + n) for n in range({count})]
for name in names:
    content = {{"token": "robot-" + name, "password": "x" * 24, "queues": ["normal"]}}
    orders.wait(orders.give("default", "log_in", seat=name, **content))
for name in names:
    orders.wait(orders.give("default", "ready", seat=name))
print("ready", flush=True)
while True:
    SeatState.objects.filter(extension__in=names).update(seen_at=timezone.now())
    time.sleep(5)
"""


def script(count: int) -> str:
    return ROBOTS.format(count=count)
