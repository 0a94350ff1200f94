"""Which phone network `scripts/up` uses: the one that is named, else this machine's own Asterisk, else the demo."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from typing import NamedTuple

from django.conf import settings

#: building Asterisk's root takes about a minute; a slow mirror must not keep the product down for ever
START_SECONDS = 600
DEMO_NOTE = "phone: demo gateway (labelled on every screen)"


class Phone(NamedTuple):
    """`gateway` for every process; `note` for the person; `stop` ends what was started here, empty when nothing was."""

    gateway: str
    note: str
    stop: tuple[str, ...] = ()


def choose(say: Callable[[str], object]) -> Phone:
    """Starts Asterisk when nobody named a gateway and this user may."""
    if settings.PHONE_GATEWAY != "demo" or "HOTLINE_PHONE_GATEWAY" in os.environ:
        return Phone(settings.PHONE_GATEWAY, f"phone: {settings.PHONE_GATEWAY}")
    if settings.ASTERISK_AMI_URL:
        return Phone("asterisk", "phone: the Asterisk named by HOTLINE_ASTERISK_AMI_URL")
    if os.geteuid() != 0:
        return Phone("demo", f"{DEMO_NOTE}; as root, scripts/up runs an Asterisk")
    return _own_asterisk(say)


def _own_asterisk(say: Callable[[str], object]) -> Phone:
    script = str(settings.BASE_DIR / "scripts" / "asterisk")
    environment = {**os.environ, "HOTLINE_PYTHON": sys.executable}
    if subprocess.run([script, "status"], env=environment, capture_output=True, check=False).returncode == 0:
        return Phone("asterisk", "phone: Asterisk, which was running already")
    say("looking for an Asterisk (HOTLINE_PHONE_GATEWAY=demo goes without)")
    try:
        code = _run(script, environment)
    except subprocess.TimeoutExpired:
        return Phone("demo", f"{DEMO_NOTE}; Asterisk was not ready within {START_SECONDS} s")
    if code:
        return Phone("demo", f"{DEMO_NOTE}; no Asterisk could be started, see above")
    return Phone("asterisk", "phone: Asterisk of this machine", (script, "stop"))


def _run(script: str, environment: dict[str, str]) -> int:
    """The exit code of `scripts/asterisk start`. When we are told to stop meanwhile, all that it runs ends with us."""
    # in a group of its own; an Asterisk that is up already has left it
    with subprocess.Popen(
        [script, "start"], env=environment, stdout=subprocess.DEVNULL, start_new_session=True
    ) as process:
        try:
            return process.wait(START_SECONDS)
        except BaseException as stopped:
            os.killpg(process.pid, signal.SIGKILL)  # debootstrap would wait for its children to end
            if not isinstance(stopped, subprocess.TimeoutExpired):
                subprocess.run([script, "stop"], env=environment, capture_output=True, timeout=60, check=False)
            raise
