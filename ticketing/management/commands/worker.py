"""`manage.py worker`: the background process of a single machine; also the celery-free way to run the jobs."""

from __future__ import annotations

import signal
from argparse import ArgumentParser
from types import FrameType

from django.core.management.base import BaseCommand

from ticketing.work.loop import Loop


class Command(BaseCommand):
    help = "Run the outbox, the clocks, the notices, the webhooks and the auditor until stopped."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="one pass over all jobs, then stop")

    def handle(self, *args: object, **options: object) -> None:
        loop = Loop()
        if options["once"]:
            loop.step()
            return

        def stop(_signal: int, _frame: FrameType | None) -> None:
            loop.stop()

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        loop.run()
