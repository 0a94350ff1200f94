"""Options of reviews in the administration: a new version from a day on; what was offered once stays as it was."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Max
from django.http import HttpRequest
from django.utils import timezone

from directory.adminforms import OwnFormAdmin, day_input
from ticketing.terms import Satisfaction

from .models import ReviewOptions

if TYPE_CHECKING:
    _ModelForm = forms.ModelForm[ReviewOptions]
else:
    _ModelForm = forms.ModelForm

_LINE = re.compile(r"([a-z][a-z0-9_]{0,38})\s*[=＝]\s*(\S.{0,19})")
#: options offered with one level
MOST = 12


def read(text: str) -> list[list[str]]:
    """Lines `code=words` of one level. Raises `ValidationError` naming the line and what is accepted."""
    found: list[list[str]] = []
    for number, line in enumerate(filter(None, map(str.strip, text.splitlines())), 1):
        match = _LINE.fullmatch(line)
        if match is None:
            raise ValidationError(
                f"第{number}行“{line[:40]}”应为“代码=文字”：代码为小写字母、数字、下划线，文字 1 至 20 个字"
            )
        if match[1] in [code for code, _ in found]:
            raise ValidationError(f"第{number}行的代码 {match[1]} 重复")
        found.append([match[1], match[2].strip()])
    if len(found) > MOST:
        raise ValidationError(f"一个等级最多 {MOST} 个选项")
    return found


class OptionsForm(_ModelForm):
    """One box of lines per level instead of JSON."""

    class Meta:
        model = ReviewOptions
        fields = ("effective_from",)
        widgets = {"effective_from": day_input()}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        last = ReviewOptions.objects.first()
        for value, label in sorted(Satisfaction.choices, reverse=True):
            rows = (last.options if last else {}).get(str(value), [])
            self.fields[f"level_{value}"] = forms.CharField(
                label=str(label),
                required=False,
                widget=forms.Textarea(attrs={"rows": 6, "cols": 40}),
                initial="\n".join(f"{code}={words}" for code, words in rows),
                help_text="每行一个：代码=文字，例如 delay=办理拖延。代码与“不满原因”相同的，直接计入该原因。",
            )

    def clean_effective_from(self) -> Any:
        day = self.cleaned_data["effective_from"]
        if day < timezone.localdate():
            raise ValidationError("生效日期不能早于今天：已给出的评价按当时的选项")
        return day

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        options = {}
        for value in Satisfaction.values:
            try:
                options[str(value)] = read(cleaned.get(f"level_{value}", ""))
            except ValidationError as error:
                self.add_error(f"level_{value}", error)
        self.instance.options = options
        return cleaned


@admin.register(ReviewOptions)
class ReviewOptionsAdmin(OwnFormAdmin):
    form = OptionsForm
    list_display = ("__str__", "effective_from")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is not None:
            return ("version", "effective_from", "options")
        return ("effective_from", *(f"level_{value}" for value in sorted(Satisfaction.values, reverse=True)))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj.version = (ReviewOptions.objects.aggregate(last=Max("version"))["last"] or 0) + 1
        super().save_model(request, obj, form, change)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # a new version instead: reviews name the one they were given in

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
