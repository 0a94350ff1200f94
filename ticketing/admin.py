"""Staff administration of ticketing: rules that may be changed, records that may only be read.

Tickets are worked on at the desk, never here; identities are registered nowhere, so no page of the admin shows one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from ticketing.clocks import policies
from ticketing.exchange.models import Exchange, Peer
from ticketing.lifecycle.table import Action
from ticketing.models import (
    ApiKey,
    ClockPolicy,
    Correction,
    Heartbeat,
    LadderRule,
    OutboxCursor,
    ReadLedger,
    ReplyGate,
    TicketEvent,
    Webhook,
)
from ticketing.privacy.crypto import seal
from ticketing.reviews import admin as reviews_admin
from ticketing.terms import Status

# Django's classes take no type parameters at run time, their stubs want one.
if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[Any]
else:
    _ModelAdmin = admin.ModelAdmin


__all__ = ["reviews_admin"]  # the options of reviews register themselves

#: who acted, by the kind that the journal keeps
ACTORS = {"staff": "人员", "citizen": "群众", "system": "系统", "api": "对接系统"}


class ReadOnly(_ModelAdmin):
    """Looked at, never changed: nobody adds to, edits or deletes a record by hand."""

    list_per_page = 50
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(ClockPolicy)
class ClockPolicyAdmin(_ModelAdmin):
    """Limits. A change moves no promised date: a running clock carries its own copy of the rule."""

    list_display = (
        "clock",
        "kind",
        "urgent",
        "region",
        "limit",
        "unit",
        "warn_before_minutes",
        "effective_from",
        "effective_to",
        "basis",
    )
    list_filter = ("clock", "kind", "urgent")
    list_select_related = ("region",)
    autocomplete_fields = ("region",)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        policies.forget()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # given an end date instead: past limits must stay explainable


@admin.register(ReplyGate)
class ReplyGateAdmin(_ModelAdmin):
    list_display = ("__str__", "least")


@admin.register(LadderRule)
class LadderRuleAdmin(_ModelAdmin):
    list_display = ("step", "automatic", "answer_working_days")


@admin.register(ApiKey)
class ApiKeyAdmin(_ModelAdmin):
    """Keys of other systems: limits and the switch. The secret exists here only as a hash that is not shown."""

    list_display = ("name", "prefix", "region", "channel", "source", "scopes", "per_minute", "active", "last_used_at")
    list_filter = ("active", "channel")
    list_select_related = ("region",)
    fields = (
        "name",
        "prefix",
        "scopes",
        "region",
        "channel",
        "source",
        "per_minute",
        "active",
        "created_at",
        "last_used_at",
    )
    readonly_fields = ("prefix", "created_at", "last_used_at")
    autocomplete_fields = ("region",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # made by a command that shows the secret once

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Webhook)
class WebhookAdmin(_ModelAdmin):
    list_display = ("api_key", "url", "active")
    list_filter = ("active",)
    list_select_related = ("api_key",)
    fields = ("api_key", "url", "actions", "active")
    readonly_fields = ("api_key",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # made over the API, where its secret is told


class ActionFilter(admin.SimpleListFilter):
    title, parameter_name = "动作", "action"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(value, str(label)) for value, label in Action.choices]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(action=self.value()) if self.value() else queryset


class ActorFilter(admin.SimpleListFilter):
    title, parameter_name = "由谁", "actor_kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(ACTORS.items())

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(actor_kind=self.value()) if self.value() else queryset


@admin.register(TicketEvent)
class TicketEventAdmin(ReadOnly):
    """The journal. Chained and anchored: an edit by other means is found by `verify_journal`."""

    list_display = (
        "at",
        "ticket_number",
        "seq",
        "done",
        "before",
        "after",
        "who",
        "staff",
        "department",
    )
    list_filter = (ActionFilter, ActorFilter)
    list_select_related = ("ticket", "staff", "department")
    search_fields = ("=ticket__number",)
    ordering = ("-pk",)
    fields = (
        "ticket_number",
        "seq",
        "at",
        "done",
        "before",
        "after",
        "who",
        "staff",
        "for_staff",
        "department",
        "origin",
        "reason",
        "data",
        "mac",
    )

    @admin.display(description="工单")
    def ticket_number(self, event: TicketEvent) -> str:
        return event.ticket.number

    @admin.display(description="动作", ordering="action")
    def done(self, event: TicketEvent) -> str:
        return Action(event.action).label

    @admin.display(description="原状态")
    def before(self, event: TicketEvent) -> str:
        return Status(event.from_status).label if event.from_status else "—"

    @admin.display(description="现状态")
    def after(self, event: TicketEvent) -> str:
        return Status(event.to_status).label

    @admin.display(description="由谁")
    def who(self, event: TicketEvent) -> str:
        return ACTORS.get(event.actor_kind, event.actor_kind)


@admin.register(ReadLedger)
class ReadLedgerAdmin(ReadOnly):
    """Who looked at personal data or a confidential ticket, and why."""

    list_display = ("at", "staff", "ticket", "what", "reason")
    list_filter = ("what",)
    list_select_related = ("staff", "ticket")
    search_fields = ("=ticket__number", "staff__username", "staff__name")
    ordering = ("-pk",)
    date_hierarchy = "at"


@admin.register(Correction)
class CorrectionAdmin(ReadOnly):
    """What people corrected of the machine's proposals."""

    list_display = ("at", "ticket", "field", "proposed", "chosen", "confidence", "by", "why")
    list_filter = ("field",)
    list_select_related = ("ticket", "by")
    ordering = ("-pk",)


@admin.register(Heartbeat)
class HeartbeatAdmin(ReadOnly):
    list_display = ("name", "beat_at", "detail")


@admin.register(OutboxCursor)
class OutboxCursorAdmin(ReadOnly):
    list_display = ("listener", "last_id", "failures", "error", "updated_at", "leased_by")


class PeerForm(forms.ModelForm):  # type: ignore[type-arg]
    """The peer's key is written here and never shown again."""

    token = forms.CharField(
        label="接口密钥", required=False, max_length=300, widget=forms.PasswordInput(render_value=False),
        help_text="对方发给本平台的密钥；留空则保持不变",
    )  # fmt: skip

    class Meta:
        model = Peer
        fields = ("name", "kind", "url", "trunk", "active")


@admin.register(Peer)
class PeerAdmin(_ModelAdmin):
    """Platforms that we exchange tickets with."""

    form = PeerForm
    list_display = ("name", "kind", "url", "trunk", "active")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if form.cleaned_data.get("token"):
            obj.token_box = seal(form.cleaned_data["token"])
        super().save_model(request, obj, form, change)


@admin.register(Exchange)
class ExchangeAdmin(ReadOnly):
    """The ledger of what went to other platforms and came back."""

    list_display = ("created_at", "peer", "ticket", "state", "their_number", "tries", "error", "ended_at")
    list_filter = ("state", "peer")
    list_select_related = ("peer", "ticket")
    date_hierarchy = "created_at"
