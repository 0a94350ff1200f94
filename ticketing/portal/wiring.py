"""What the portal and the attachments do in the background."""

from __future__ import annotations

from datetime import timedelta

from ticketing.attachments import storage
from ticketing.work.jobs import Job, register

from . import smscodes


def connect() -> None:
    register(Job("sms_codes", timedelta(minutes=1), smscodes.expire))
    register(Job("attachment_sweep", timedelta(hours=1), storage.sweep, lease=timedelta(minutes=10)))
