"""The form of a new ticket at the desk: phone and window channels, the citizen's identity, what and where."""

from __future__ import annotations

import secrets
from typing import Any

from django import forms
from django.conf import settings

from directory.models import Region, Role
from ticketing.desk.forms import fields
from ticketing.intake.report import BODY_MOST, TITLE_MOST, Report
from ticketing.lifecycle.actors import Actor
from ticketing.privacy.identity import Person
from ticketing.terms import Channel, Kind, Urgency

WINDOWS = (Channel.WINDOW, Channel.ENTERPRISE_WINDOW)
DESK = (Channel.PHONE, Channel.SMS, Channel.EMAIL, Channel.MEDIA, Channel.INSPECTION, Channel.UPPER)
PERSON = ("name", "phone", "address", "id_number", "email")


class IntakeForm(forms.Form):
    """`form_key` makes a second click on “登记” find the first ticket instead of making another."""

    form_key = forms.CharField(widget=forms.HiddenInput, max_length=40)
    channel = forms.ChoiceField(label="渠道")
    body = fields.text(label="诉求内容", rows=7, most=BODY_MOST)
    title = forms.CharField(label="标题", max_length=TITLE_MOST, required=False, help_text="可不填，默认取内容开头")
    kind = fields.choice(Kind.choices, empty="由系统建议", label="诉求类型", required=False)
    category = fields.category(label="诉求分类", required=False)
    urgency = fields.choice(Urgency.choices, empty="由系统判断", label="紧急程度", required=False)
    region = fields.region(label="区域", required=False)
    place = forms.CharField(label="地点", max_length=300, required=False, help_text="路名、小区、门牌或显著地点")
    enterprise = forms.CharField(label="企业名称", max_length=200, required=False)
    complained_unit = fields.unit(label="被投诉单位", required=False, help_text="诉求反映某单位时填写，不会派给该单位")
    name = forms.CharField(label="姓名", max_length=40, required=False)
    phone = forms.CharField(
        label="联系电话", max_length=20, required=False, widget=forms.TextInput(attrs={"inputmode": "tel"})
    )
    address = forms.CharField(label="联系地址", max_length=200, required=False)
    id_number = forms.CharField(label="证件号码", max_length=30, required=False)
    email = forms.EmailField(label="电子邮箱", required=False)
    confidential = forms.BooleanField(label="保密（承办单位看不到身份）", required=False)
    anonymous = forms.BooleanField(label="匿名（不保存身份信息）", required=False)
    wants_callback = forms.BooleanField(label="需要回访", required=False, initial=True)
    publishable = forms.BooleanField(label="同意公开答复", required=False)

    what = ("channel", "body", "title", "kind", "category", "urgency", "complained_unit")
    where = ("region", "place", "enterprise")
    wishes = ("confidential", "anonymous", "wants_callback", "publishable")

    def __init__(self, data: Any = None, *, actor: Actor, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial={"form_key": secrets.token_hex(12)} | (initial or {}))
        choice = self.fields["channel"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [(str(channel), channel.label) for channel in channels(actor)]

    def part(self, names: tuple[str, ...]) -> list[forms.BoundField]:
        return [self[name] for name in names]

    @property
    def matter(self) -> list[forms.BoundField]:
        return self.part(self.what)

    @property
    def location(self) -> list[forms.BoundField]:
        return self.part(self.where)

    @property
    def person(self) -> list[forms.BoundField]:
        return self.part(PERSON)

    @property
    def choices(self) -> list[forms.BoundField]:
        return self.part(self.wishes)

    def to_report(self, *, parent: int | None = None, call_key: str = "") -> Report:
        """Raises `BadInput` naming the field."""
        told = self.cleaned_data
        return Report(
            channel=told["channel"],
            body=told["body"],
            title=told["title"],
            kind=told["kind"],
            category=int(told["category"]) if told["category"] else None,
            urgency=told["urgency"],
            region=told["region"] or "",
            city=city_of(told["region"] or ""),
            place=told["place"],
            enterprise=told["enterprise"],
            confidential=told["confidential"],
            anonymous=told["anonymous"],
            wants_callback=told["wants_callback"],
            publishable=told["publishable"],
            person=Person(**{name: told[name].strip() for name in PERSON}),
            complained_unit=int(told["complained_unit"]) if told["complained_unit"] else None,
            external_id=f"desk-{told['form_key']}",
            parent=parent,
            call_key=call_key,
        )

    def draft(self) -> Report | None:
        """What was typed so far, for a proposal; None while there is nothing to read. Holds no identity."""
        told = getattr(self, "cleaned_data", {})
        body = str(told.get("body") or "")
        if len(body.strip()) < 4:
            return None
        region = told.get("region") or ""
        return Report(
            channel=Channel.PHONE,
            body=body,
            title=str(told.get("title") or ""),
            kind=str(told.get("kind") or ""),
            category=int(told["category"]) if told.get("category") else None,
            region=region,
            city=city_of(region),
            place=str(told.get("place") or ""),
            complained_unit=int(told["complained_unit"]) if told.get("complained_unit") else None,
        )


def channels(actor: Actor) -> tuple[Channel, ...]:
    standing = actor.standing
    if standing is None:
        return ()
    desk = DESK if standing.has(Role.AGENT, Role.DISPATCHER) else ()
    windows = WINDOWS if standing.has(Role.WINDOW_CLERK) else ()
    return (*windows, *desk)


def city_of(region: str) -> str:
    """The city a region belongs to; the installation's city for a province or an unknown place."""
    if region and not region.endswith("0000"):
        city = f"{region[:4]}00"
        if city != settings.CITY_REGION and Region.objects.filter(pk=city).exists():
            return city
    return str(settings.CITY_REGION)
