"""What pages of the knowledge base send."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django import forms

from .filling import places
from .models import Material
from .rules import Content
from .structure import FACTS


class AskForm(forms.Form):
    text = forms.CharField(label="您想问什么", max_length=400, required=False)
    material = forms.ChoiceField(label="类型", choices=[("", "全部"), *Material.choices], required=False)


class EntryForm(forms.Form):
    """The fields of an entry; their rules are checked by `rules.Checker`, the same as for an import.

    The structured part of guides and policies is read by `filling`.
    """

    title = forms.CharField(label="标题", max_length=400, widget=forms.TextInput)
    category = forms.CharField(
        label="类目（代码或以“/”分隔的路径，止于末级）", widget=forms.TextInput(attrs={"list": "leaves"})
    )
    material = forms.ChoiceField(label="材料性质", choices=Material.choices)
    content = forms.CharField(label="内容", widget=forms.Textarea(attrs={"rows": 12}))
    owner = forms.CharField(label="责任单位（全称、简称或代码）", widget=forms.TextInput(attrs={"list": "units"}))
    issuer = forms.CharField(label="发文单位", required=False)
    keywords = forms.CharField(label="关键字（逗号分隔，每个不超过 20 字）", required=False)
    public = forms.BooleanField(label="公开给群众", required=False)
    valid_from = forms.CharField(label="生效日期", widget=forms.DateInput(attrs={"type": "date"}))
    valid_to = forms.CharField(label="失效日期", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    review_on = forms.CharField(label="复审日期", widget=forms.DateInput(attrs={"type": "date"}))

    @staticmethod
    def start(content: Content | dict[str, Any]) -> dict[str, Any]:
        """Initial values from a stored content."""
        raw = content.stored() if isinstance(content, Content) else dict(content)
        return {**raw, "keywords": ",".join(raw["keywords"])}


class FirmForm(forms.Form):
    """The short form of the policy calculator: only what some policy in force asks. Left empty means "not known"."""

    def __init__(self, *args: Any, asked: Collection[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, fact in FACTS.items():
            if name in asked:
                self.fields[name] = _field(name, fact.label, fact.kind, fact.unit, fact.choices)

    def firm(self) -> dict[str, object]:
        """What is known of the firm, as `policies.calculate` takes it."""
        known: dict[str, object] = {}
        for name, fact in FACTS.items():
            value = self.cleaned_data.get(name)
            if value in (None, ""):
                continue
            known[name] = value == "yes" if fact.kind == "yes_no" else value
        return known


def _field(name: str, label: str, kind: str, unit: str, choices: tuple[str, ...]) -> forms.Field:
    if kind == "number":
        text = f"{label}（{unit}）" if unit else label
        return forms.FloatField(label=text, required=False, min_value=0, max_value=1e9)
    if kind == "yes_no":
        return forms.ChoiceField(label=label, required=False, choices=[("", "不确定"), ("yes", "是"), ("no", "否")])
    options = [(choice, choice) for choice in choices]
    if name == "region":
        options = places()
    return forms.ChoiceField(label=label, required=False, choices=[("", "不确定"), *options])


class ErrorForm(forms.Form):
    text = forms.CharField(label="哪里有误", min_length=2, max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))


class ImportForm(forms.Form):
    file = forms.FileField(label="CSV 或 XLSX 文件（最多 1000 条）")
    update = forms.BooleanField(label="更新已有条目（标题相同而内容不同的行作为新版本提交）", required=False)
    partly = forms.BooleanField(label="有错误的行跳过，其余照常导入", required=False)
