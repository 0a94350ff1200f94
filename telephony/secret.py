"""Secrets of the phone system: made once per installation, 256 bits, kept in the data folder."""

from __future__ import annotations

import os
import secrets

from django.conf import settings

from telephony.ami.link import Address


def manager_secret() -> str:
    """The manager interface's password, shared with the generated manager.conf: that of ASTERISK_AMI_URL where one is
    given, else our own."""
    if settings.ASTERISK_AMI_URL:
        return Address.parse(settings.ASTERISK_AMI_URL).secret
    folder = settings.DATA / "secrets"
    path = folder / "ami"
    try:
        return str(path.read_text(encoding="ascii").strip())
    except FileNotFoundError:
        folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f".ami.{os.getpid()}"
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
        file.write(secrets.token_hex(32))
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # another process was first: its value counts
    finally:
        draft.unlink()
    return str(path.read_text(encoding="ascii").strip())


def seat_password() -> str:
    """A phone password for one log-in: 192 bits."""
    return secrets.token_urlsafe(24)
