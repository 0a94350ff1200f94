"""Weights of the appraisal in the administration: four numbers, from a day on; what has been in force stays."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone

from dashboards.measures.evaluate import DEFAULT_WEIGHTS
from dashboards.models import MeasureWeights
from directory.adminforms import OwnFormAdmin, day_input
from directory.models import Region
from directory.models.places import RegionLevel

if TYPE_CHECKING:
    _ModelForm = forms.ModelForm[MeasureWeights]
else:
    _ModelForm = forms.ModelForm

LABELS = {"response": "响应率权重", "solved": "解决率权重", "satisfied": "满意率权重", "fair": "基本满意折算"}
#: those that make up 综合成绩
SUMMED = ("response", "solved", "satisfied")


class WeightsForm(_ModelForm):
    """The weights as numbers instead of JSON."""

    class Meta:
        model = MeasureWeights
        fields = ("region", "effective_from", "basis")
        widgets = {"effective_from": day_input()}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cities = Region.objects.filter(level=RegionLevel.CITY).order_by("code")
        self.fields["region"] = forms.ModelChoiceField(cities, label="城市", required=False, empty_label="全部")
        stored = DEFAULT_WEIGHTS | (self.instance.weights or {})
        for name, label in LABELS.items():
            self.fields[name] = forms.DecimalField(
                label=label, min_value=0, max_value=1, max_digits=5, decimal_places=3, initial=Decimal(stored[name])
            )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if any(cleaned.get(name) is None for name in LABELS):
            return cleaned
        total = sum(cleaned[name] for name in SUMMED)
        if total != 1:
            raise ValidationError(f"响应、解决、满意三项权重之和应为 1，现为 {total}")
        day = cleaned.get("effective_from")
        known = MeasureWeights.objects.filter(region=cleaned.get("region")).exclude(pk=self.instance.pk)
        if day is not None and day < timezone.localdate() and known.exists():
            raise ValidationError("生效日期不能早于今天：过去的期间保留当时的权重")
        self.instance.weights = {name: str(cleaned[name]) for name in LABELS}
        return cleaned


@admin.register(MeasureWeights)
class MeasureWeightsAdmin(OwnFormAdmin):
    form = WeightsForm
    list_display = ("__str__", "shown", "basis")
    list_select_related = ("region",)

    @admin.display(description="响应 / 解决 / 满意 / 基本满意折算")
    def shown(self, row: MeasureWeights) -> str:
        stored = DEFAULT_WEIGHTS | row.weights
        return " / ".join(str(stored[name]) for name in LABELS)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is not None and not self.has_change_permission(request, obj):
            return ("region", "effective_from", "weights", "basis")
        return ("region", "effective_from", *LABELS, "basis")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # what was in force once explains past figures
        return obj is None or obj.effective_from > timezone.localdate()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is not None and obj.effective_from > timezone.localdate()
