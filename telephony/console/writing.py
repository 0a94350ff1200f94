"""What helps the agent while typing: the live reading of the text, tickets that are alike, places, bursts."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.utils import timezone

from directory.models import Category, Region
from telephony.console.access import acting, endpoint, seat_of
from telephony.console.parsing import body, text
from telephony.console.popup import burst
from telephony.console.present import current_call
from ticketing.desk import duplicates
from ticketing.intake import hearing
from ticketing.intake.report import Report
from ticketing.intake.understanding import Understanding, understand
from ticketing.terms import Kind, Urgency

LEAST = 4  # characters before a text says anything


@endpoint("POST")
def suggest(request: HttpRequest) -> JsonResponse:
    """Live reading of what is being typed: kind, category, urgency, 110, mood, demands, duplicates, burst. Nothing is
    stored."""
    content = body(request)
    words, place = text(content, "body"), text(content, "place", 300)
    if len(words) < LEAST:
        return JsonResponse({"ready": False})
    report = Report(channel="phone", body=words, place=place)
    found = understand(report)
    category = Category.objects.filter(pk=found.category or 0).values_list("path", flat=True).first()
    region = Region.objects.filter(code=found.region).values_list("name", flat=True).first()
    alike = duplicates.find(acting(request), _matter(request, report, found), timezone.now())
    return JsonResponse(
        {"ready": True, "kind": found.kind, "kind_label": Kind(found.kind).label if found.kind else "",
         "category": found.category, "category_label": category or "", "confidence": round(found.confidence, 3),
         "urgency": found.urgency, "urgency_label": Urgency(found.urgency).label, "suspected_110": found.suspected_110,
         "handover": found.handover, "mood": hearing.advice(words), "demands": list(hearing.several(words)),
         "region": found.region, "region_label": region or "", "reasons": list(found.reasons),
         "burst": alike.burst, "here": burst(place), "today": alike.today,
         "alike": [_candidate(one) for one in alike.candidates]}
    )  # fmt: skip


def _matter(request: HttpRequest, report: Report, found: Understanding) -> duplicates.Matter:
    call = current_call(seat_of(request)) if request.headers.get("X-Seat-Token") else None
    return duplicates.Matter(
        text=f"{report.headline}\n{report.body}", city=settings.CITY_REGION, region=found.region,
        category=found.category, place=report.place, caller=call.number_hash if call else "",
    )  # fmt: skip


def _candidate(one: duplicates.Candidate) -> dict[str, object]:
    ticket = one.ticket
    return {
        "number": ticket.number, "title": one.title, "percent": one.percent, "why": list(one.why), "same": one.same,
        "status": ticket.get_status_display(),
    }  # fmt: skip


@endpoint("GET")
def places(request: HttpRequest) -> JsonResponse:
    """Place look-up: regions whose name holds what was typed."""
    words = request.GET.get("q", "").strip()[:20]
    rows = Region.objects.filter(name__contains=words).select_related("parent")[:15] if words else []
    return JsonResponse(
        {"places": [{"code": r.code, "name": f"{r.parent.name if r.parent else ''}{r.name}"} for r in rows]}
    )
