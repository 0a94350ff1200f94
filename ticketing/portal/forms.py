"""What citizens type, checked with words they understand."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from django import forms
from django.conf import settings

from directory.models import Region
from ticketing.terms import Kind, Satisfaction

#: what a person types; imports may be longer
_BODY_MOST = 5000
_BAD_MARKS = {"null_characters_not_allowed": "有不可用的字符，请删去后重填"}
IDENTITY = [
    ("open", "实名：把姓名和电话告诉办理单位，方便联系您"),
    ("confidential", "保密：只有热线知道您是谁，不告诉办理单位"),
    ("anonymous", "匿名：不留姓名和电话，我们无法联系您、也不会回访"),
]
KINDS = [("", "不清楚，请帮我选"), *((str(kind.value), str(kind.label)) for kind in Kind if kind != Kind.OTHER)]
LEVELS = [(level.value, level.label) for level in Satisfaction]


def tidy_phone(text: str) -> str:
    """Digits only: full-width digits, spaces, dashes and +86 before a mobile number are understood."""
    digits = re.sub(r"[\s\-()]", "", unicodedata.normalize("NFKC", text))
    return re.sub(r"^(\+86|0086|86)(?=1\d{10}$)", "", digits)


class PhoneField(forms.CharField):
    """A phone number of 5 to 15 digits."""

    def __init__(self, **options: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel", "maxlength": "24"})
        super().__init__(max_length=24, widget=widget, **options)

    def clean(self, value: Any) -> str:
        phone = tidy_phone(str(super().clean(value) or ""))
        if phone and not re.fullmatch(r"\+?[0-9]{5,15}", phone):
            raise forms.ValidationError("电话号码应为 5 至 15 位数字，例如 13800000000 或 037100000000")
        return phone


def districts() -> list[tuple[str, str]]:
    """The city's districts and counties, and a way out for whoever does not know."""
    rows = Region.objects.filter(parent_id=settings.CITY_REGION).order_by("code").values_list("code", "name")
    return [("", "不清楚"), *((str(code), str(name)) for code, name in rows)]


class FilingForm(forms.Form):
    """A complaint. `token` makes sending the form twice one complaint."""

    token = forms.RegexField(r"^[A-Za-z0-9_-]{20,64}$", widget=forms.HiddenInput)
    body = forms.CharField(
        label="您要反映什么",
        min_length=5,
        max_length=_BODY_MOST,
        widget=forms.Textarea(attrs={"rows": 7, "placeholder": "什么时间、什么事、希望怎样解决"}),
        error_messages={"required": "请写明您要反映的事情", "min_length": "请写得再详细一点，至少 5 个字"} | _BAD_MARKS,
    )
    kind = forms.ChoiceField(label="属于哪一类", choices=KINDS, required=False, widget=forms.RadioSelect, initial="")
    region = forms.ChoiceField(label="在哪个区", required=False)
    place = forms.CharField(
        label="具体地点",
        required=False,
        max_length=300,
        widget=forms.TextInput(attrs={"placeholder": "例如：某某路与某某街交叉口东北角", "autocomplete": "off"}),
    )
    identity = forms.ChoiceField(label="是否公开身份", choices=IDENTITY, widget=forms.RadioSelect, initial="open")
    phone = PhoneField(label="联系电话", required=False)
    name = forms.CharField(
        label="怎么称呼您",
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    wants_callback = forms.BooleanField(label="办完后请给我打电话回访", required=False, initial=True)
    on_behalf = forms.BooleanField(label="我替家里老人或亲友反映（代为办理）", required=False)
    publishable = forms.BooleanField(
        label="同意把答复隐去个人信息后公开，帮助遇到同样问题的人", required=False, initial=False
    )
    enterprise = forms.CharField(label="企业名称（企业诉求才填）", required=False, max_length=200)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["region"].choices = districts()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        if found.get("identity") == "anonymous":
            return found | {"phone": "", "name": "", "wants_callback": False}
        if not found.get("phone") and "phone" not in self.errors and "identity" not in self.errors:
            self.add_error("phone", "请填写联系电话；不想留电话，请在上面选择“匿名”")
        return found


class NumberForm(forms.Form):
    """Number and query code."""

    number = forms.CharField(
        label="工单编号（18 位数字）",
        max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"required": "请填写工单编号"},
    )
    code = forms.CharField(
        label="查询码（8 位字母和数字）",
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        error_messages={"required": "请填写查询码"},
    )

    def clean_number(self) -> str:
        return re.sub(r"\D", "", unicodedata.normalize("NFKC", self.cleaned_data["number"]))

    def clean_code(self) -> str:
        return re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", self.cleaned_data["code"])).upper()


class PhoneForm(forms.Form):
    phone = PhoneField(label="提交诉求时留的电话", error_messages={"required": "请填写电话号码"})


class CodeForm(forms.Form):
    sms = forms.CharField(
        label="短信验证码（6 位数字）",
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
        error_messages={"required": "请填写短信里的验证码"},
    )

    def clean_sms(self) -> str:
        return re.sub(r"\D", "", unicodedata.normalize("NFKC", self.cleaned_data["sms"]))


class EvidenceForm(forms.Form):
    """Words, files or both; `once` tells a second press apart from a second wish."""

    once = forms.RegexField(r"^[A-Za-z0-9_-]{16,64}$", widget=forms.HiddenInput)
    text = forms.CharField(
        label="要补充的情况", required=False, max_length=3000, widget=forms.Textarea(attrs={"rows": 4})
    )


class RateForm(forms.Form):
    level = forms.TypedChoiceField(
        label="您对这次办理满意吗",
        choices=LEVELS,
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": "请选择一个评价"},
    )
    remark = forms.CharField(
        label="想说的话（可不填）", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )


class ReopenForm(forms.Form):
    reason = forms.CharField(
        label="哪里还没有解决",
        min_length=2,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "请写明哪里还没有解决", "min_length": "请写得再详细一点"},
    )


class ReasonForm(forms.Form):
    """Withdrawing or urging: a reason is welcome and not needed."""

    reason = forms.CharField(
        label="想说明的情况（可不填）", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )
