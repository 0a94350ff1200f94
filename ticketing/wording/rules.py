"""本市紧急规则: the city's own urgency rules, beside the shipped ones.

A rule is saved with the sentences that must and must not set it off, and only if all of them come out right, and no
sentence that another rule leaves alone becomes more urgent by it.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from django.db import IntegrityError, transaction

from nlp.patterns import BadPattern, joined
from nlp.urgency import Rule
from nlp.urgency.rulebook import Handover, Level, rule_of
from nlp.urgency.trial import Failure, failures
from ticketing.errors import BadInput, TicketChanged
from ticketing.memory import Remembered
from ticketing.models import OwnRule
from ticketing.terms import Urgency
from ticketing.wording import following, record

log = logging.getLogger(__name__)
#: rules of a city: each is tried on every report
MOST = 200
#: lines of a field, and characters of a sentence
LINES, LONGEST = 20, 200
_LISTS = ("event", "circumstances", "unless", "positive", "negative")
_LABEL = {one.name: str(one.verbose_name) for one in OwnRule._meta.fields}


@dataclass(frozen=True)
class Draft:
    """A rule as it was typed; lists hold one entry a line."""

    name: str
    level: str
    handover: str
    why: str
    event: tuple[str, ...]
    circumstances: tuple[str, ...]
    unless: tuple[str, ...]
    anytime: bool
    positive: tuple[str, ...]
    negative: tuple[str, ...]

    @classmethod
    def of(cls, row: OwnRule) -> Draft:
        plain = (row.name, row.level, row.handover, row.why)
        lists = (tuple(row.event), tuple(row.circumstances), tuple(row.unless))
        return cls(*plain, *lists, row.anytime, tuple(row.positive), tuple(row.negative))


class RuleFails(BadInput):
    """Sentences of the rule, or of others, come out wrong; `failures` names each."""

    code = "rule_fails"

    def __init__(self, found: Sequence[Failure]) -> None:
        super().__init__("positive", f"有 {len(found)} 个句子的结果不对，规则没有保存")
        self.failures = tuple(found)


@Remembered
def in_force() -> tuple[Rule, ...]:
    """The city's rules that are switched on, as `nlp.urgency.assess` takes them. One that cannot be used is left aside,
    loudly: it keeps no report out."""
    found = []
    for row in OwnRule.objects.filter(active=True):
        try:
            found.append(compiled(row.pk, Draft.of(row)))
        except BadInput:
            log.exception("the city's rule %s cannot be used; it is left aside", row.pk)
    return tuple(found)


def key_of(pk: int | None) -> str:
    """How the rule is named among the rules that fired."""
    return f"own_{pk or 'new'}"


def compiled(pk: int | None, draft: Draft) -> Rule:
    """The rule as `nlp.urgency` takes it. Raises `BadInput` naming the field: a pattern that is broken or may hang."""
    parts: dict[str, str] = {}
    for name in ("event", "circumstances", "unless"):
        lines = getattr(draft, name)
        try:
            parts[name] = joined(lines).pattern if lines else ""
        except BadPattern as error:
            raise BadInput(name, f"{_LABEL[name]}：{error}") from None
    return rule_of(
        id=key_of(pk),
        level=cast(Level, draft.level),
        handover=cast(Handover, draft.handover) or None,
        why=draft.why,
        event=parts["event"],
        circumstances=parts["circumstances"],
        unless=parts["unless"],
        anytime=draft.anytime,
        positive=draft.positive,
        negative=draft.negative,
    )


def save(pk: int | None, draft: Draft, *, version: int = 0, by: int, at: datetime) -> OwnRule:
    """Adds a rule (`pk` None) or changes the one of that `version`, after its sentences came out right.

    Raises `BadInput` for a field, `RuleFails` for sentences, `TicketChanged` when somebody else changed it meanwhile.
    """
    following.refresh()
    _check(pk, draft)
    rule = compiled(pk, draft)
    if wrong := failures(rule, in_force()):
        raise RuleFails(wrong)
    try:
        return _saved(pk, draft, version, by, at)
    except IntegrityError:
        raise BadInput("name", "已有同名的规则") from None  # somebody else's, a moment ago


def _saved(pk: int | None, draft: Draft, version: int, by: int, at: datetime) -> OwnRule:
    with transaction.atomic():
        row = _locked(pk, version) if pk else OwnRule(version=0)
        before = _told(row) if pk else {}
        _fill(row, draft)
        row.active, row.version, row.changed_at, row.changed_by_id = True, row.version + 1, at, by
        row.save()
        what = f"修改（第 {row.version} 版）" if pk else "添加"
        record.note("rule", row.name, what, before=before, after=_told(row), by=by, at=at)
    return row


def switch(pk: int, on: bool, *, version: int, by: int, at: datetime) -> OwnRule:
    """Switches a rule on or off. On again only if its sentences still come out right; they are tried before the row is
    locked, and the version tells whether they are still those."""
    following.refresh()
    tried = OwnRule.objects.filter(pk=pk, version=version).first() if on else None
    if tried and (wrong := failures(compiled(pk, Draft.of(tried)), in_force())):
        raise RuleFails(wrong)
    with transaction.atomic():
        row = _locked(pk, version)
        row.active, row.version, row.changed_at, row.changed_by_id = on, row.version + 1, at, by
        row.save(update_fields=["active", "version", "changed_at", "changed_by"])
        record.note("rule", row.name, "启用" if on else "停用", after=_told(row), by=by, at=at)
    return row


def _locked(pk: int, version: int) -> OwnRule:
    row = OwnRule.objects.select_for_update(of=("self",)).filter(pk=pk).select_related("changed_by").first()
    if row is None:
        raise BadInput("name", "没有这条规则")
    if row.version != version:
        raise TicketChanged(f"{row.changed_by.name} 已在您打开本页后修改过这条规则，请核对后再保存")
    return row


def _fill(row: OwnRule, draft: Draft) -> None:
    for name, value in vars(draft).items():
        setattr(row, name, list(value) if isinstance(value, tuple) else value)


def _told(row: OwnRule) -> dict[str, object]:
    return {name: getattr(row, name) for name in (*vars(Draft.of(row)), "active", "version")} | {"number": row.pk}


def _check(pk: int | None, draft: Draft) -> None:
    """Raises `BadInput` for the first field that is missing, too long or unknown."""
    _length("name", "名称", draft.name, 40)
    _length("why", "理由", draft.why, 60)
    if draft.level not in (Urgency.URGENT, Urgency.CRITICAL):
        raise BadInput("level", "级别只接受：紧急、特急")
    if draft.handover not in ("", "110", "119", "120", "122"):
        raise BadInput("handover", "移交只接受：110、119、120、122，或不移交")
    for name in _LISTS:
        lines = getattr(draft, name)
        if not lines and name in ("event", "positive", "negative"):
            raise BadInput(name, f"请填写{_LABEL[name]}，每行一个")
        if len(lines) > LINES:
            raise BadInput(name, f"{_LABEL[name]}最多 {LINES} 行，现有 {len(lines)} 行")
        if long := next((line for line in lines if len(line) > LONGEST), None):
            raise BadInput(name, f"{_LABEL[name]}每行最多 {LONGEST} 字：“{long[:20]}…”有 {len(long)} 字")
    if OwnRule.objects.filter(name=draft.name).exclude(pk=pk or 0).exists():
        raise BadInput("name", "已有同名的规则")
    if pk is None and OwnRule.objects.count() >= MOST:
        raise BadInput("name", f"本市规则最多 {MOST} 条，请先合并")


def _length(field: str, label: str, text: str, most: int) -> None:
    if not 0 < len(text) <= most:
        raise BadInput(field, f"{label}应为 1 至 {most} 个字")
