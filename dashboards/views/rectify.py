"""差评整改: what is owed by one's units or to be called back, and the page of one review with its steps and appeals."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from dashboards.access import Viewer, rectifying_page, viewer
from directory.models import Role
from ticketing.errors import TicketError
from ticketing.reviews import appeals, rectifying
from ticketing.reviews.models import Rectification, Review
from ticketing.reviews.rating import labels_of
from ticketing.reviews.terms import OWED, RectificationStep, Ruling
from ticketing.terms import Satisfaction

from .reviewing import reviews_in

SHOWN = 200


def _workable(who: Viewer) -> QuerySet[Review]:
    """The reviews that somebody may open; without figures to see only those that are being rectified."""
    found = reviews_in(who.scope)
    return found if who.figures else found.filter(rectification__isnull=False)


def _calls(who: Viewer) -> bool:
    standing = who.actor.standing
    return standing is not None and standing.has(Role.CALLBACK_CLERK, Role.SUPERVISOR)


@rectifying_page
def index(request: HttpRequest) -> HttpResponse:
    """What one has to do: one's units' rectifications, and the call-backs, first what falls due first."""
    who = viewer(request)
    standing = who.actor.standing
    assert standing is not None
    rows = Rectification.objects.select_related("review__ticket", "department").filter(review__in=_workable(who))
    mine = rows.filter(step__in=list(OWED), department_id__in=standing.departments).order_by("due_at", "pk")
    others = rows.filter(step__in=list(OWED)).exclude(department_id__in=standing.departments).order_by("due_at", "pk")
    answered = rows.filter(step=RectificationStep.ANSWERED).order_by("answered_at", "pk")[:SHOWN]
    context: dict[str, Any] = {
        "viewer": who,
        "now": timezone.now(),
        "mine": mine[:SHOWN] if standing.departments else None,
        "others": others[:SHOWN] if who.whole else None,
        "to_call": [(row, rectifying.call_back_due(row)) for row in answered] if _calls(who) else None,
    }
    return render(request, "dashboards/rectify.html", context)


@rectifying_page
def show(request: HttpRequest, pk: int) -> HttpResponse:
    who = viewer(request)
    review = get_object_or_404(_workable(who).select_related("department", "ticket"), pk=pk)
    row = Rectification.objects.filter(review=review).first()
    standing = who.actor.standing
    assert standing is not None
    context = {
        "viewer": who,
        "review": review,
        "row": row,
        "appeals": review.appeals.select_related("asked_by", "ruled_by").order_by("-asked_at"),
        "changes": [(change, Satisfaction(change.level).label) for change in review.changes.order_by("-at")],
        "mine": row is not None and row.department_id in standing.departments,
        "calls": standing.holds_in(Role.CALLBACK_CLERK, review.city_id)
        or standing.holds_in(Role.SUPERVISOR, review.city_id),
        "levels": Satisfaction.choices,
        "ticked": labels_of(review),
        "orders": list(review.orders.all()),
        "call_due": rectifying.call_back_due(row) if row is not None else None,
        "now": timezone.now(),
        "open_appeal": review.appeals.filter(ruling=Ruling.OPEN).first(),
    }
    return render(request, "dashboards/review.html", context)


@rectifying_page
@require_POST
def act(request: HttpRequest, pk: int) -> HttpResponse:
    """The forms of a bad review; what is refused is said on the page."""
    who = viewer(request)
    review = get_object_or_404(_workable(who), pk=pk)
    try:
        _step(request, review)
        messages.success(request, "已登记")
    except TicketError as error:
        messages.error(request, str(error))
    return redirect("figures:review", pk)


def _step(request: HttpRequest, review: Review) -> None:
    actor, form = viewer(request).actor, request.POST
    text, step = form.get("text", ""), form.get("do", "")
    row = Rectification.objects.filter(review=review).values_list("pk", flat=True).first() or 0
    if step == "verify":
        rectifying.verify(row, actor=actor, truthful=form.get("truthful") == "1", finding=text)
    elif step == "rectify":
        rectifying.rectify(row, actor=actor, measures=text)
    elif step == "answer":
        rectifying.answer(row, actor=actor, answer=text)
    elif step == "call_back":
        level = form.get("level", "")
        rectifying.call_back(row, actor=actor, note=text, second_level=int(level) if level.isdigit() else None)
    elif step == "appeal":
        appeals.appeal(review.pk, actor=actor, reason=text, evidence=form.get("evidence", ""))
    elif step == "rule":
        found = review.appeals.filter(ruling=Ruling.OPEN).values_list("pk", flat=True).first() or 0
        appeals.rule(found, actor=actor, upheld=form.get("upheld") == "1", opinion=text)
    else:
        raise Http404(step)
