"""One peer's API over HTTP: what is said, and what an answer means. No database."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

SECONDS = 10
LARGEST = 1 << 20
#: the other side says that it will never take this; everything else may be a matter of time
FINAL = frozenset({400, 404, 409, 413, 422})


class NotNow(ConnectionError):
    """Unreachable, busy, or our key is refused: try again later. `str()` is a code without personal data."""


class Declined(RuntimeError):
    """The other side refused this content; `str()` is its code."""


@dataclass(frozen=True)
class Client:
    url: str
    token: str

    def create(self, content: dict[str, Any], key: str) -> str:
        """Hands a matter over; the same `key` again is the same matter. Returns the other side's number."""
        answer = self._ask("POST", "/api/v1/tickets", content, {"Idempotency-Key": key})
        return _text(answer, "number")

    def look(self, number: str) -> tuple[str, str]:
        """(status, public answer) of a matter that we handed over."""
        answer = self._ask("GET", f"/api/v1/tickets/{quote(number)}")
        return _text(answer, "status"), str(answer.get("public_answer") or "")

    def _ask(
        self, method: str, path: str, content: dict[str, Any] | None = None, more: dict[str, str] | None = None
    ) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json", **(more or {})}
        body = json.dumps(content, ensure_ascii=False).encode() if content is not None else None
        request = urllib.request.Request(self.url.rstrip("/") + path, body, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=SECONDS) as answer:
                return _object(answer.read(LARGEST))
        except urllib.error.HTTPError as error:
            if error.code in FINAL:
                raise Declined(_code(error)) from error
            raise NotNow(f"http_{error.code}") from error
        except (OSError, ValueError) as error:
            raise NotNow(type(error).__name__) from error


def _object(raw: bytes) -> dict[str, Any]:
    loaded = json.loads(raw)
    if not isinstance(loaded, dict):
        raise ValueError("not an object")
    return loaded


def _text(answer: dict[str, Any], name: str) -> str:
    value = answer.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= 40:
        raise NotNow(f"no_{name}")
    return value


def _code(error: urllib.error.HTTPError) -> str:
    try:
        return str(_object(error.read(LARGEST)).get("code", ""))[:40] or f"http_{error.code}"
    except (OSError, ValueError):
        return f"http_{error.code}"
