"""What a text says beyond its matter, for who reads it now: separate demands, the mood. Nothing is stored."""

from __future__ import annotations

from nlp.extract.demands import demands
from nlp.extract.mood import mood

_ADVICE = {
    "abusive": "有辱骂或威胁：可先提醒，再犯可按规范结束通话，请班长协助",
    "distressed": "情绪低落，请先安抚，留意有无轻生念头",
    "angry": "情绪激动，先听完再核对要点",
}


def several(text: str) -> tuple[str, ...]:
    """The separate demands of a text that has more than one, in its own words."""
    found = demands(text)
    return found if len(found) > 1 else ()


def advice(text: str) -> str:
    """What who answers should know of the caller's mood; empty where nothing shows."""
    return _ADVICE.get(mood(text).level, "")
