"""Word lists, rules and the model, loaded while nobody waits.

A process loads them at their first use, which takes most of a second: too long for the agent who types first. So a web
process reads one made-up report in the background, shortly after it has begun to answer. Nothing depends on it: what
fails here is loaded, and told, at its first use.
"""

from __future__ import annotations

import logging
import sys
import threading

from django.db import connections

from ticketing.terms import Channel

log = logging.getLogger(__name__)
#: seconds after the application is loaded: the pages that people wait for come first
_DELAY = 2.0
_MADE_UP = "小区旁边的工地半夜还在施工，噪音太大，老人孩子睡不着，电梯也停了，物业不管，请尽快处理。"


def begin() -> None:
    """Starts it, under a web server; a script or a test that imports the application reads nothing."""
    if "granian" in sys.modules:
        timer = threading.Timer(_DELAY, _warm)
        timer.daemon = True
        timer.start()


def load() -> None:
    """Reads a report with every function that reads reports, and compares it as duplicates are compared."""
    from nlp import duplicates, privacy
    from ticketing.intake.report import Report
    from ticketing.language import read

    read(Report(channel=Channel.PHONE, body=_MADE_UP))
    duplicates.fingerprint(_MADE_UP)
    privacy.find(_MADE_UP)


def _warm() -> None:
    try:
        load()
    except Exception:
        log.exception("the language functions could not be loaded ahead; the first report will load them")
    finally:
        connections.close_all()
