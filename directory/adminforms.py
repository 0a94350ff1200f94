"""Administration of what a form of our own writes: fields that are none of the model's, and rows with a day from which
they hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[Any]
else:
    _ModelAdmin = admin.ModelAdmin


class OwnFormAdmin(_ModelAdmin):
    """Uses `form` as it stands: the admin's form factory would look for every field among the model's and fail."""

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        return self.form


def day_input() -> forms.DateInput:
    """The browser's own choice of a day."""
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
