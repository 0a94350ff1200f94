"""How long a ticket takes from its commit to the wallboard's socket.

usage: HOTLINE_DATABASE_URL=… HOTLINE_DATA=… benchmarks/wallboard.py http://127.0.0.1:8000 [--rounds 20]

The product runs at the address with the same database; this process files tickets into it as another worker would, and
hears the socket as a wallboard does. Prints JSON: p50, p95 and the longest of the delays in milliseconds.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hotline.settings")
#: nothing takes longer but a broken line
PATIENCE_SECONDS = 60


def _cookie() -> str:
    """A session of the demo city's supervisor."""
    from django.conf import settings
    from django.test import Client

    from directory.models import Staff

    client = Client()
    client.force_login(Staff.objects.get(username="supervisor1"))
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


def _file(number: int) -> float:
    """Files a ticket; the time at which it was committed."""
    from ticketing.intake.accept import accept
    from ticketing.intake.report import Report
    from ticketing.lifecycle.actors import SYSTEM

    accept(Report(channel="web", body=f"第{number}件：路口红绿灯不亮，影响通行。"), actor=SYSTEM)
    return time.monotonic()


async def _delays(address: str, rounds: int, cookie: str) -> list[float]:
    from websockets.asyncio.client import connect

    link, found = f"ws://{urlsplit(address).netloc}/ws/figures/", []
    async with connect(link, additional_headers={"Cookie": cookie}, origin=address) as socket:  # type: ignore[arg-type]
        known = _received(await socket.recv())
        for number in range(rounds):
            filed = await asyncio.to_thread(_file, number)
            async with asyncio.timeout(PATIENCE_SECONDS):
                while (shown := _received(await socket.recv())) <= known:
                    continue
            known = shown
            found.append(1000 * (time.monotonic() - filed))
    return sorted(found)


def _received(message: str | bytes) -> int:
    return int(json.loads(message)["content"]["today"]["received"]["value"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("address")
    parser.add_argument("--rounds", type=int, default=20)
    asked = parser.parse_args()
    import django

    django.setup()
    cookie = _cookie()
    found = asyncio.run(_delays(asked.address.rstrip("/"), asked.rounds, cookie))
    at = {name: found[min(len(found) - 1, int(share * len(found)))] for name, share in (("p50", 0.5), ("p95", 0.95))}
    told = {f"{name}_ms": round(value) for name, value in (*at.items(), ("most", found[-1]))}
    print(json.dumps({"rounds": asked.rounds, "load": os.getloadavg()[0], **told}))


if __name__ == "__main__":
    main()
