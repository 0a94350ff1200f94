"""The receipt's QR code as an inline picture. The code stands in the fragment, which browsers never send."""

from __future__ import annotations

from urllib.parse import quote

import segno
from django.conf import settings


def address(number: str, code: str) -> str:
    """`https://…/track/#n=NUMBER&c=CODE`; the page reads the fragment and takes it out of the address bar."""
    return f"{settings.PUBLIC_URL.rstrip('/')}/track/#n={quote(number)}&c={quote(code)}"


def svg(number: str, code: str) -> str:
    """An SVG with a title for screen readers, dark on white, without fixed size."""
    return str(
        segno.make(address(number, code), error="m", micro=False).svg_inline(
            scale=4, border=3, dark="#000", light="#fff", omitsize=True, title="扫码查询办理进度", svgclass="qr"
        )
    )
