"""试一句: everything that the language functions read in one sentence, with why. Nothing is stored or logged."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice

from django.utils import timezone

from nlp import privacy
from nlp.extract import Extraction, extract
from nlp.extract.facts import TimeMention
from nlp.segment import segment
from nlp.urgency import Fired, assess
from ticketing.classifying import classifier
from ticketing.intake.hearing import advice
from ticketing.language import placed, places
from ticketing.models import OwnRule
from ticketing.terms import Urgency
from ticketing.wording import following, rules

#: characters that are looked at, and labels that are shown
LONGEST, LABELS = 5_000, 5
#: what the product calls rules that stand in no file
_LEARNT = frozenset({"sounds_dangerous", "sounds_harmless"})
MOODS = {"calm": "平静", "upset": "不满", "angry": "激动", "distressed": "低落", "abusive": "辱骂或威胁"}
PRIVATE = {
    "phone": "手机",
    "landline": "固定电话",
    "id_card": "证件号",
    "bank_card": "银行卡",
    "plate": "车牌",
    "email": "邮箱",
    "account": "账号",
    "door": "门牌",
    "name": "姓名",
}


@dataclass(frozen=True)
class Hit:
    """A rule that held. `source` names where it stands; `own` is the number of a city's own rule."""

    name: str
    words: str
    why: str
    source: str
    own: int | None = None


@dataclass(frozen=True)
class Label:
    path: str
    percent: int
    words: tuple[str, ...]


@dataclass(frozen=True)
class Seen:
    """What was read. `mark` is how sure the category is, in words; `hidden` names the kinds of personal data found."""

    level: str
    urgent: bool
    hits: tuple[Hit, ...]
    line: str
    police: bool
    kind: str
    kind_words: tuple[str, ...]
    mood: str
    mood_words: tuple[str, ...]
    advice: str
    place: str
    place_percent: int
    facts: Extraction
    masked: str
    hidden: tuple[str, ...]
    words: tuple[str, ...]
    engine: str
    abstained: bool
    threshold: int
    labels: tuple[Label, ...] = field(default=())

    @property
    def times(self) -> list[str]:
        return [_told(one) for one in self.facts.times]


def look(text: str) -> Seen:
    """Reads the text as a report of that wording would be read now."""
    following.refresh()
    found, facts = assess(text, rules.in_force()), extract(text, places(), today=timezone.localdate())
    engine = classifier()
    answer, place = engine.classify(text), placed(text)
    named = (place.region_name, place.street, place.estate, place.point)
    private = privacy.find(text)
    return Seen(
        level=str(Urgency(found.level).label),
        urgent=found.level != "normal",
        hits=_hits(found.rules),
        line=found.handover or "",
        police=found.suspected_110,
        kind=facts.kind.label if facts.kind.words else "",
        kind_words=facts.kind.words[:4],
        mood=MOODS[facts.mood.level],
        mood_words=facts.mood.words[:4],
        advice=advice(text),
        place=" ".join(filter(None, named)),
        place_percent=round(place.confidence * 100),
        facts=facts,
        masked=privacy.mask(text),
        hidden=tuple(dict.fromkeys(PRIVATE.get(one.kind, one.kind) for one in private)),
        words=tuple(word for word in segment(text) if not word.isspace()),
        engine="训练模型" if engine.promoted else "分类关键词（冷启动）",
        abstained=answer.abstained,
        threshold=round(answer.threshold * 100),
        labels=tuple(
            Label(one.label, round(one.probability * 100), one.top_terms[:5]) for one in islice(answer.ranked, LABELS)
        ),
    )


def _hits(fired: tuple[Fired, ...]) -> tuple[Hit, ...]:
    names = dict(OwnRule.objects.filter(active=True).values_list("pk", "name"))
    own = {rules.key_of(pk): pk for pk in names}
    return tuple(
        Hit(names[own[one.rule]], one.words, one.why, "本市规则", own[one.rule])
        if one.rule in own
        else Hit(one.rule, one.words, one.why, "整句判断（学习所得）" if one.rule in _LEARNT else "随产品的规则")
        for one in fired
    )


def _told(one: TimeMention) -> str:
    return f"{one.text}（{one.day:%Y-%m-%d}）" if one.day else one.text
