"""What every page's template may use."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, object]:
    """`demo`: show the demo banner; `elder`: the visitor asked for large type."""
    return {"demo": settings.DEMO, "elder": request.COOKIES.get("elder") == "1"}
