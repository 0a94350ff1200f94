"""Filing a complaint, and its receipt."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from ticketing.attachments.kinds import ACCEPT_ATTRIBUTE, ACCEPTED
from ticketing.attachments.receiving import MOST_FILES
from ticketing.errors import BadInput
from ticketing.portal import filing, owned, qr
from ticketing.portal.forms import FilingForm
from ticketing.portal.throttle import FILED_FROM_HERE, address

from .uploads import bounded

#: intake's field names where the form calls them otherwise
_FIELDS = {"title": "body", "external_id": "token"}


@never_cache
@bounded
@require_http_methods(["GET", "HEAD", "POST"])
def file(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        # words that the knowledge base could not answer come along in the session, never in the address
        carried = request.session.pop("filing_text", "")
        return _form(request, FilingForm(initial={"token": secrets.token_urlsafe(24), "body": carried}))
    here = address(request)
    form = FilingForm(request.POST)
    if FILED_FROM_HERE.reached(here):
        form.add_error(None, "此处一小时内提交的诉求太多，请稍后再试，或拨打 12345")
    if not form.is_valid():
        return _form(request, form)
    try:
        filed = filing.file(form.cleaned_data, request.FILES.getlist("files"))
    except BadInput as error:
        name = _FIELDS.get(error.field, error.field)
        form.add_error(name if name in form.fields else None, str(error))
        return _form(request, form, files_error=str(error) if error.field == "files" else "")
    FILED_FROM_HERE.count(here)
    if filed.code or owned.receipt(request, filed.receipt_token) is None:
        owned.remember_receipt(request, filed.receipt_token, filed.ticket, filed.code)
    return redirect("portal:receipt", token=filed.receipt_token)


def _form(request: HttpRequest, form: FilingForm, *, files_error: str = "") -> HttpResponse:
    facts = {
        "form": form,
        "files_error": files_error,
        "files_lost": bool(form.is_bound and request.FILES),
        "accept": ACCEPT_ATTRIBUTE,
        "accepted": ACCEPTED,
        "most_files": MOST_FILES,
        "most_mb": settings.ATTACHMENT_MB,
    }
    return render(request, "ticketing/portal/file.html", facts, status=422 if form.is_bound else 200)


@never_cache
@require_safe
def receipt(request: HttpRequest, token: str) -> HttpResponse:
    found = owned.receipt(request, token)
    if found is None:
        raise Http404
    picture = qr.svg(found.ticket.number, found.code)
    return render(request, "ticketing/portal/receipt.html", {"receipt": found, "qr": picture})
