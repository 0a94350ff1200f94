"""好差评: bad reviews and their rectification, appeals, coverage, signals; rating points with printable codes."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from dashboards.access import figures_page, viewer
from dashboards.asking import Asked
from dashboards.measures.scope import Scope
from dashboards.measures.sources import SUBJECTS
from dashboards.show import overview, present
from directory.worktime.times import day_end, midnight
from telephony.models import Call
from ticketing.models import Ticket
from ticketing.reviews import annoyance, signals
from ticketing.reviews.models import Appeal, Review
from ticketing.reviews.terms import BAD_UP_TO, Annoyance, ReviewKind
from ticketing.terms import Satisfaction
from ticketing.visibility import visible

from .pages import _frame, asked_of

SHOWN, GATHERED = 200, 20
#: what bad reviews are gathered by
GROUP = ("annoyance", "department__code", "ticket__category__code")
KINDS = tuple((str(kind), str(kind.label)) for kind in ReviewKind)
TILES = (
    "self_review_rate", "good_review_rate", "good_call_review_rate", "bad_review_rectified", "item_coverage",
    "unit_coverage",
)  # fmt: skip


def reviews_in(scope: Scope) -> QuerySet[Review]:
    """The reviews of a scope."""
    found = Review.objects.filter(city_id=scope.city)
    columns = {"unit": "department_id", **SUBJECTS["review"].dims}
    for cut, keys in scope.only.items():
        found = found.filter(**{f"{columns[cut]}__in": list(keys)})
    return found


@figures_page
def index(request: HttpRequest) -> HttpResponse:
    asked = asked_of(request)
    start, end = midnight(asked.period.first), day_end(asked.period.last)
    rows = reviews_in(asked.scope).filter(given_at__gte=start, given_at__lt=end)
    bad = rows.filter(level__lte=BAD_UP_TO).select_related("department", "rectification", "ticket")
    reason = request.GET.get("reason", "")
    listed = _of_group(
        bad.filter(annoyance=reason) if reason in Annoyance.values else bad, request.GET.get("group", "")
    )
    context = _frame(request, asked) | {
        "tiles": overview.tiles(asked, TILES),
        "bad": listed.order_by("-given_at", "-pk")[:SHOWN],
        "reason": dict(Annoyance.choices).get(reason, ""),
        "reasons": _reasons(bad),
        "satisfactions": [label for _, label in Satisfaction.choices],
        "levels": _levels(rows),
        "bad_n": listed.count(),
        "now": timezone.now(),
        "gathered": _gathered(bad),
        "themes": _themes(bad),
        "signals": _signals(asked) if viewer(request).whole else [],
        "appeals": _appeals(asked),
    }
    return render(request, "dashboards/reviews.html", context)


def _levels(rows: QuerySet[Review]) -> list[tuple[str, list[int], int]]:
    """Per kind of review, never mixed: how many of each level count, and how many were taken out by an appeal."""
    counted = Counter(rows.filter(excluded_at__isnull=True).values_list("kind", "level"))
    out = Counter(rows.filter(excluded_at__isnull=False).values_list("kind", flat=True))
    return [(label, [counted[kind, level] for level in Satisfaction.values], out[kind]) for kind, label in KINDS]


def _gathered(bad: QuerySet[Review]) -> list[dict[str, Any]]:
    """Where which trouble gathers: reason, unit, category, how many, and what is said; the codes open the reviews."""
    columns = (*GROUP, "department__short_name", "ticket__category__path")
    rows = bad.order_by("-given_at", "-pk").values_list(*columns, "remark")
    labels = dict(Annoyance.choices)
    found = annoyance.groups(((tuple(part or "" for part in key), remark) for *key, remark in rows), GATHERED)
    return [
        {
            "group": "|".join(one.key[:3]),
            "reason": str(labels.get(one.key[0], one.key[0])),
            "unit": one.key[3],
            "category": one.key[4],
            "n": one.n,
            "words": one.words,
        }
        for one in found
    ]


def _themes(bad: QuerySet[Review]) -> list[tuple[str, str, int, tuple[str, ...]]]:
    """What annoys people: each reason with how many name it and the words that tell its texts from the others'."""
    rows = bad.order_by("-given_at", "-pk").values_list("annoyance", "remark")
    labels = dict(Annoyance.choices)
    found = annoyance.groups((((reason,), remark) for reason, remark in rows), len(labels))
    return [(one.key[0], str(labels.get(one.key[0], one.key[0])), one.n, one.words) for one in found]


def _of_group(bad: QuerySet[Review], text: str) -> QuerySet[Review]:
    """The reviews of one group, named by its reason and the codes of unit and category, empty where there is none."""
    parts = text.split("|")
    if len(parts) != len(GROUP):
        return bad
    for column, code in zip(GROUP, parts, strict=True):
        bad = bad.filter(**({column: code} if code or column == "annoyance" else {f"{column}__isnull": True}))
    return bad


def _reasons(bad: QuerySet[Review]) -> list[tuple[str, str, int]]:
    """What annoys people: each reason with how many bad reviews name it, most first."""
    counted = Counter(bad.values_list("annoyance", flat=True))
    labels = dict(Annoyance.choices)
    return [(code, str(labels.get(code, code)), n) for code, n in counted.most_common()]


def _appeals(asked: Asked) -> QuerySet[Appeal]:
    found = Appeal.objects.filter(review__in=reviews_in(asked.scope)).select_related("review", "department")
    return found.order_by("ruling", "-asked_at")[:50]


def _numbers(calls: list[str]) -> dict[str, str]:
    """Keyed digests of the numbers that called, for the signal of ratings in series."""
    return dict(Call.objects.filter(call__in=calls).exclude(number_hash="").values_list("call", "number_hash"))


def _signals(asked: Asked) -> list[signals.Signal]:
    """Among what somebody may see and asked for; of a whole city no list of tickets is needed."""
    start, end = midnight(asked.period.first), day_end(asked.period.last)
    among = {"tickets": present.tickets(asked.scope), "reviews": reviews_in(asked.scope)} if asked.scope.only else {}
    return signals.signals(start, end, asked.scope.city, _numbers, **among)  # type: ignore[arg-type]


@figures_page
def signal(request: HttpRequest, code: str) -> HttpResponse:
    """The tickets behind a signal."""
    if not viewer(request).whole:
        raise Http404
    asked = asked_of(request)
    found = next((item for item in _signals(asked) if item.code == code), None)
    if found is None:
        raise Http404(code)
    tickets = visible(viewer(request).actor, Ticket.objects.filter(pk__in=found.tickets)).select_related("lead")
    reviews = (
        Review.objects.filter(pk__in=found.reviews).select_related("department", "ticket").order_by("given_at", "pk")
    )
    context = {"signal": found, "tickets": tickets, "reviews": reviews, "query": asked.address()}
    context["viewer"] = viewer(request)
    return render(request, "dashboards/signal.html", context)
