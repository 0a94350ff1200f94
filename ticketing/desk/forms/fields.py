"""Form fields of the trade: a unit, a category, a place picked by typing, and a yes/no that may stay open."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.datastructures import MultiValueDict
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from ticketing.desk import lists
from ticketing.desk.lists import Entry


class Picker(forms.CharField):
    """A text field with a `<datalist>`: works by typing code or name, with or without scripts. Cleans to the key."""

    def __init__(self, source: Callable[[], list[Entry]], name: str, what: str, **options: Any) -> None:
        self.source, self.what = source, what
        widget = forms.TextInput(attrs={"list": name, "autocomplete": "off", "placeholder": f"输入{what}名称或代码"})
        super().__init__(widget=widget, **options)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        entry = lists.search(self.source(), text)
        if entry is None:
            raise ValidationError(f"没有这个{self.what}：{text}。请从列表中选择，或输入代码。")
        return entry.key

    def prepare_value(self, value: Any) -> Any:
        """An id given as the initial value is shown as code and name; typed text stays as typed."""
        if isinstance(value, int) or (isinstance(value, str) and self.what == "区域"):
            found = next((e for e in self.source() if e.key == str(value)), None)
            return found.typed if found else value
        return value


def unit(**options: Any) -> Picker:
    return Picker(lists.units, "units", "单位", **options)


def category(**options: Any) -> Picker:
    return Picker(lists.categories, "categories", "分类", **options)


def region(**options: Any) -> Picker:
    return Picker(lists.regions, "regions", "区域", **options)


class SeveralUnits(forms.Widget):
    """Three text fields of one name, each with the units' list."""

    FIELDS = 3

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        shown = [str(part) for part in value or []]
        shown += [""] * max(self.FIELDS - len(shown), 1)
        first = (attrs or {}).get("id", f"id_{name}")
        return format_html_join(
            " ",
            '<input type="text" list="units" autocomplete="off" name="{}" value="{}" id="{}" aria-label="协办单位 {}">',
            ((name, part, first if i == 0 else f"{first}_{i}", i + 1) for i, part in enumerate(shown)),
        )

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        got = data.getlist(name) if isinstance(data, MultiValueDict) else data.get(name, [])
        return [text for text in got if text.strip()]


class Units(forms.Field):
    """Any number of units; cleans to a tuple of ids."""

    widget = SeveralUnits

    def clean(self, value: Any) -> tuple[int, ...]:
        found = []
        for text in value or []:
            entry = lists.search(lists.units(), text)
            if entry is None:
                raise ValidationError(f"没有这个单位：{text}。请从列表中选择，或输入代码。")
            found.append(int(entry.key))
        return tuple(dict.fromkeys(found))

    def prepare_value(self, value: Any) -> list[str]:
        names = {entry.key: entry.typed for entry in lists.units()}
        return [names.get(str(part), str(part)) for part in value or []]


class YesNo(forms.TypedChoiceField):
    """Yes, no, or not said."""

    def __init__(self, **options: Any) -> None:
        choices = [("", "未登记"), ("yes", "是"), ("no", "否")]
        super().__init__(choices=choices, coerce=lambda text: text == "yes", empty_value=None, **options)

    def prepare_value(self, value: Any) -> Any:
        return {True: "yes", False: "no", None: ""}.get(value, value) if not isinstance(value, str) else value


def choice(choices: Sequence[tuple[Any, Any]], *, empty: str = "", **options: Any) -> forms.ChoiceField:
    """A plain list; `empty` is the words of "nothing chosen"."""
    head = [("", empty)] if empty else []
    return forms.ChoiceField(choices=[*head, *[(str(key), words) for key, words in choices]], **options)


def text(*, rows: int = 3, most: int = 5000, **options: Any) -> forms.CharField:
    return forms.CharField(widget=forms.Textarea(attrs={"rows": rows}), max_length=most, **options)
