"""What every page's template may use."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest

DEMO_PHONE = "演示电话：未连接真实电话网络"


def site(request: HttpRequest) -> dict[str, object]:
    """`demo`: show the demo banner; `elder`: the visitor asked for large type; `demo_phone`: calls are invented."""
    invented = DEMO_PHONE if settings.PHONE_GATEWAY == "demo" else ""
    return {"demo": settings.DEMO, "elder": request.COOKIES.get("elder") == "1", "demo_phone": invented}
