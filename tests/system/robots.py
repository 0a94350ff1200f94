"""Run by `manage.py shell`: robot seats log in, are ready, look alive, and log out at the end.

Arguments: how many log in, and how many of them, the first, are ready (all unless told).

A seat 9001 whose person `robot-9001` exists is logged in as that person, so that a page can belong to it.
"""

ROBOTS = """
import contextlib
import signal
import time
from django.utils import timezone
from directory.models import Staff
from telephony.models import SeatState
from telephony.seats import orders
names = [str(9001 + n) for n in range({count})]
def order(action, name, **content):
    for _ in range(20):  # a busy machine: the bridge may answer late
        with contextlib.suppress(orders.OrderFailed):
            return orders.wait(orders.give("default", action, seat=name, **content))
    raise SystemExit(f"{{action}} of {{name}} was refused")
people = dict(Staff.objects.filter(username__startswith="robot-").values_list("username", "pk"))
for name in names:
    content = {{"token": "robot-" + name, "password": "x" * 24, "queues": ["normal"]}}
    order("log_in", name, staff=people.get("robot-" + name), **content)
for name in names[:{ready}]:
    order("ready", name)
print("ready", flush=True)
leaving = []
signal.signal(signal.SIGTERM, lambda *_: leaving.append(True))
while not leaving:
    SeatState.objects.filter(extension__in=names).update(seen_at=timezone.now())
    time.sleep(1)
for name in names:
    with contextlib.suppress(orders.OrderFailed):
        orders.wait(orders.give("default", "log_out", seat=name))
"""


def script(count: int, ready: int | None = None) -> str:
    return ROBOTS.format(count=count, ready=count if ready is None else ready)
