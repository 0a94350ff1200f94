"""Forms of the language pages: parsed to what `ticketing.wording` takes, which checks them."""

from __future__ import annotations

from typing import Any

from django import forms

from ticketing.terms import Urgency
from ticketing.wording import rules

_ROWS = {"event": 4, "circumstances": 2, "unless": 2, "positive": 4, "negative": 4}
_HELP = {
    "event": "每行一种说法，命中任意一行即可。“…”代表同一句里最多 8 个字、不含“没”“未”，“|”表示任选其一，"
    "例如：测温灯…(闪|红)",
    "circumstances": "可不填。填写后，险情用语前后 20 字内还须出现其中一行",
    "unless": "可不填。同一句里出现其中一行时不算",
    "positive": "每行一句，保存时逐句检验：每句都必须命中并达到所选级别",
    "negative": "每行一句，保存时逐句检验：写容易误判的话（否定、已过去、比喻、咨询），每句都不得命中",
}


def _lines(label: str, name: str, *, required: bool) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": _ROWS[name], "aria-describedby": f"id_{name}_help"})
    return forms.CharField(label=label, required=required, widget=widget, help_text=_HELP[name])


class RuleForm(forms.Form):
    """One of the city's urgency rules; each list is a box with one entry a line."""

    name = forms.CharField(label="名称", max_length=40)
    level = forms.ChoiceField(label="级别", choices=[("critical", "特急"), ("urgent", "紧急")])
    handover = forms.ChoiceField(
        label="移交",
        required=False,
        choices=[("", "不移交"), ("110", "110"), ("119", "119"), ("120", "120"), ("122", "122")],
    )
    why = forms.CharField(label="理由", max_length=60, help_text="显示给话务员和派单员，例如：危化品泄漏危及周边")
    event = _lines("险情用语", "event", required=True)
    circumstances = _lines("同时出现", "circumstances", required=False)
    unless = _lines("例外", "unless", required=False)
    positive = _lines("应命中的句子", "positive", required=True)
    negative = _lines("不应命中的句子", "negative", required=True)
    anytime = forms.BooleanField(
        label="不看时态和否定",
        required=False,
        help_text="一般不勾选：系统会略过“没有”“去年”“已修好”“万一”“培训”一类的话。勾选后只要出现就算",
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def draft(self) -> rules.Draft:
        data = self.cleaned_data
        lists = {name: _split(data[name]) for name in _ROWS}
        return rules.Draft(
            name=data["name"].strip(),
            level=data["level"],
            handover=data["handover"],
            why=data["why"].strip(),
            anytime=data["anytime"],
            **lists,
        )

    @staticmethod
    def filled(draft: rules.Draft, version: int) -> dict[str, Any]:
        """What the boxes show of a stored rule."""
        return {
            name: "\n".join(value) if isinstance(value, tuple) else value for name, value in vars(draft).items()
        } | {"version": version}

    def explain(self, found: rules.RuleFails) -> list[str]:
        """Each sentence that came out wrong, in words."""
        return [_explained(one) for one in found.failures]


def _explained(one: Any) -> str:
    level = Urgency(one.found.level).label
    if one.kind == "silent":
        fired = any(rule.rule == one.rule for rule in one.found.rules)
        return f"应命中的句子“{one.sentence}”" + (f"命中了，但只判为{level}" if fired else "没有命中")
    words = next((rule.words for rule in one.found.rules if rule.rule.startswith("own_")), "")
    if one.kind == "fires":
        return f"不应命中的句子“{one.sentence}”命中了（“{words}”）"
    return f"会把规则 {one.rule} 自带的反例“{one.sentence}”变成{level}（“{words}”）"


def _split(text: str) -> tuple[str, ...]:
    lines = (line.strip() for line in text.splitlines())
    return tuple(dict.fromkeys(line for line in lines if line))
