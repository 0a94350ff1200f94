"""Logs carry no personal data: phones and ID numbers are masked in whatever text a library writes."""

from __future__ import annotations

import logging
import re

_LONG = re.compile(r"(?<!\d)(1[3-9]\d)\d{4}(\d{4})(?!\d)|(?<!\d)(\d{6})\d{8}(\d{3}[\dXx])(?!\d)")


def _mask(match: re.Match[str]) -> str:
    if match.group(1):
        return f"{match.group(1)}****{match.group(2)}"
    # 18 digits are a ticket number as well as an ID number: only a plausible birth date is masked
    text = match.group(0)
    plausible = text[6:8] in ("19", "20") and "01" <= text[10:12] <= "12" and "01" <= text[12:14] <= "31"
    return f"{match.group(3)}********{match.group(4)}" if plausible else text


class MaskPersonalData(logging.Filter):
    """Rewrites the finished message, so that arguments are covered too."""

    def filter(self, record: logging.LogRecord) -> bool:
        text = record.getMessage()
        masked = _LONG.sub(_mask, text)
        if masked != text:
            record.msg, record.args = masked, ()
        return True
