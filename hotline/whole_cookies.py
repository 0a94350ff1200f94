"""HTTP/2 lets a browser send its cookies in several header fields, and browsers do; they are one (RFC 9113, 8.2.3).

The server hands them on as they came, and Django joins repeated fields with commas, which ends every session but the
first cookie's: over https nobody could log in.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

Application = Callable[[dict[str, Any], Any, Any], Awaitable[None]]


def with_whole_cookies(application: Application) -> Application:
    """`application`, whose scopes have at most one cookie field."""

    async def called(scope: dict[str, Any], receive: Any, send: Any) -> None:
        headers = scope.get("headers", ())
        cookies = [value for name, value in headers if name == b"cookie"]
        if len(cookies) > 1:
            rest = [(name, value) for name, value in headers if name != b"cookie"]
            scope = {**scope, "headers": [*rest, (b"cookie", b"; ".join(cookies))]}
        await application(scope, receive, send)

    return called
