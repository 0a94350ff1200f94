"""A bound on what a form with files may send, looked at before the body is parsed."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from ticketing.attachments import MOST_FILES

View = Callable[..., HttpResponse]


def most_bytes() -> int:
    """All files of one form at their largest, and room for the words."""
    return MOST_FILES * settings.ATTACHMENT_MB * 1024 * 1024 + 1024 * 1024


def bounded(view: View) -> View:
    """Refuses a larger request with 413. The CSRF check moves inside, because it would read the body first."""
    protected = csrf_protect(view)

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not str(length).isdigit() or int(length) > most_bytes():
            facts = {"most": settings.ATTACHMENT_MB, "files": MOST_FILES}
            return render(request, "ticketing/portal/too_large.html", facts, status=413)
        return protected(request, *args, **kwargs)

    return csrf_exempt(guarded)
