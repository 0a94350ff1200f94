"""The page on the language functions: which model serves, whether its world has changed, and who would replace it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from nlp.classify.champion import ENOUGH, Score
from nlp.classify.drift import CONFIDENCE_LIMIT, CORRECTION_LIMIT, FEWEST, MIX_LIMIT
from ticketing import learning
from ticketing.desk import language
from ticketing.desk.access import for_roles
from ticketing.desk.drift_alarms import WORDS
from ticketing.desk.roles import WORDING_READERS
from ticketing.desk.views.wording import may_keep

BETTER = {"champion": "现用模型较好", "challenger": "候选模型较好，可由人工决定启用", "": "尚不能判断"}


@for_roles(*WORDING_READERS)
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    found = language.figures(timezone.now())
    context = {
        "found": found,
        "alarms": [(WORDS[alarm.kind], alarm) for alarm in found.drift.alarms],
        "lines": _lines(found),
        "sides": [("现用", _shares(found.contest.champion)), ("候选", _shares(found.contest.challenger))],
        "better": BETTER[found.contest.better],
        "models": language.models(),
        "training": language.last_training(),
        "enough": ENOUGH,
        "fewest_drift": FEWEST,
        "fewest_examples": learning.FEWEST,
        "may_keep": may_keep(request),
    }
    return render(request, "ticketing/desk/language.html", context)


def _shares(score: Score) -> list[str]:
    return [f"{share:.1%}" for share in (score.accuracy, score.coverage, score.precision_at_coverage)]


def _lines(found: language.Figures) -> list[tuple[str, str, str]]:
    """Figure, value, and from which value on it is alarmed."""
    drift = found.drift
    fall = drift.confidence_then - drift.confidence_now
    return [
        ("分类构成变化（PSI）", f"{drift.mix:.3f}", f"大于 {MIX_LIMIT}"),
        ("平均把握：此前 28 天", f"{drift.confidence_then:.1%}", ""),
        ("平均把握：近 7 天", f"{drift.confidence_now:.1%}", ""),
        ("把握下降", f"{fall:.3f}", f"大于 {CONFIDENCE_LIMIT}"),
        ("没有把握的比例", f"{drift.abstained_share:.1%}", ""),
        ("人工更正比例", f"{drift.correction_share:.1%}（{found.reviewed} 件已审核）", ""),
        ("更正比例下限（95% 置信）", f"{drift.correction_at_least:.1%}", f"大于 {CORRECTION_LIMIT:.0%}"),
    ]
