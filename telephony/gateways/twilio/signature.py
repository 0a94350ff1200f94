"""Whether a webhook really comes from the provider: the SDK's validator, right behind a proxy too.

The scheme has no nonce. A request that is sent again passes here and changes nothing: every event has a key that the
journal takes once. The algorithm is a setting; a request's own header cannot choose a weaker one.
"""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from twilio.request_validator import RequestValidator


def address(request: HttpRequest) -> str:
    """The address as the provider called it: PUBLIC_URL decides, not what a proxy makes of it."""
    base = str(settings.PUBLIC_URL).rstrip("/")
    return f"{base}{request.get_full_path()}"


def genuine(request: HttpRequest) -> bool:
    """False without a token: an unset secret must not open the door."""
    if not settings.TWILIO_AUTH_TOKEN:
        return False
    validator = RequestValidator(settings.TWILIO_AUTH_TOKEN)
    given = request.headers.get("X-Twilio-Signature", "")
    return bool(validator.validate(address(request), request.POST, given, algorithm=settings.TWILIO_SIGNATURE))
