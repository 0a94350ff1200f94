"""Staff administration of the directory: places, units, categories, duties, people, roster, seats."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest

from directory import duties
from directory.access import forget_trees
from directory.models import (
    Category,
    Department,
    Deputy,
    Duty,
    DutyShift,
    Region,
    RoleBinding,
    Seat,
    Staff,
)
from directory.worktime import admin as worktime_admin

# Django's classes take no type parameters at run time, their stubs want one.
if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[Any]
    _Inline = admin.TabularInline[Any, Any]
    _UserAdmin = UserAdmin[Staff]
else:
    _ModelAdmin, _Inline, _UserAdmin = admin.ModelAdmin, admin.TabularInline, UserAdmin

__all__ = ["worktime_admin"]  # working days and office hours register themselves

if admin.site.is_registered(Group):
    admin.site.unregister(Group)  # what people may do stands in their roles


def changed() -> None:
    """Caches of trees and duties in this process are dropped; the others follow within a minute."""
    forget_trees()
    duties.changed()


class Kept(_ModelAdmin):
    """Rows of the directory: the caches hear of every change, and what tickets point to cannot be deleted."""

    list_per_page = 50
    show_full_result_count = False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        changed()

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        changed()

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        super().delete_model(request, obj)
        changed()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        super().delete_queryset(request, queryset)
        changed()


@admin.register(Region)
class RegionAdmin(Kept):
    list_display = ("code", "name", "level", "parent", "note")
    list_filter = ("level",)
    list_select_related = ("parent",)
    search_fields = ("code", "name")
    autocomplete_fields = ("parent",)


@admin.register(Department)
class DepartmentAdmin(Kept):
    list_display = ("code", "name", "short_name", "kind", "superior", "region", "phone", "active")
    list_filter = ("kind", "active")
    list_select_related = ("superior", "region")
    search_fields = ("code", "name", "short_name")
    autocomplete_fields = ("superior", "region")
    fieldsets = (
        (None, {"fields": ("code", "name", "short_name", "kind", "superior", "region", "active")}),
        ("联系方式", {"fields": ("contact", "phone", "address")}),
        ("职责", {"fields": ("duties_text",)}),
    )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # switched off instead: tickets and the journal name it for good


@admin.register(Category)
class CategoryAdmin(Kept):
    list_display = ("code", "path", "level", "default_kind", "active")
    list_filter = ("level", "active")
    search_fields = ("code", "name", "path", "keywords")
    autocomplete_fields = ("parent",)
    readonly_fields = ("path", "level")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Path and level follow from the parent; those below are rewritten with it."""
        obj.level = obj.parent.level + 1 if obj.parent else 1
        obj.path = f"{obj.parent.path}/{obj.name}" if obj.parent else obj.name
        super().save_model(request, obj, form, change)
        self._rewrite_below(obj)

    def _rewrite_below(self, category: Category) -> None:
        for child in Category.objects.filter(parent=category):
            child.path, child.level = f"{category.path}/{child.name}", category.level + 1
            child.save(update_fields=["path", "level"])
            self._rewrite_below(child)


@admin.register(Duty)
class DutyAdmin(Kept):
    list_display = ("category", "region", "lead", "valid_from", "valid_to", "source_ruling")
    list_filter = ("valid_from", ("source_ruling", admin.EmptyFieldListFilter))
    list_select_related = ("category", "region", "lead")
    search_fields = ("category__path", "lead__name", "legal_basis", "source_ruling")
    autocomplete_fields = ("category", "region", "lead", "assists")
    readonly_fields = ("source_ruling",)


class RoleInline(_Inline):
    model = RoleBinding
    extra = 0
    autocomplete_fields = ("department", "region")


@admin.register(Staff)
class StaffAdmin(_UserAdmin):
    """People and their roles. Flags and groups of Django are not used: roles say what somebody may do."""

    list_display = ("username", "name", "job_number", "is_active", "last_login")
    list_filter = ("is_active", "bindings__role")
    search_fields = ("username", "name", "job_number")
    ordering = ("username",)
    filter_horizontal = ()
    add_form_template = None  # Django's own says in English what is plain to see
    inlines = (RoleInline,)
    fieldsets = (
        (None, {"fields": ("username", "password", "name", "job_number", "email", "is_active")}),
        ("登录", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (None, {"classes": ("wide",), "fields": ("username", "name", "job_number", "password1", "password2")}),
    )
    readonly_fields = ("last_login", "date_joined")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # the journal names people for good; who leaves is switched off


@admin.register(RoleBinding)
class RoleBindingAdmin(Kept):
    list_display = ("staff", "role", "department", "region", "valid_from", "valid_to")
    list_filter = ("role",)
    list_select_related = ("staff", "department", "region")
    search_fields = ("staff__username", "staff__name", "department__name")
    autocomplete_fields = ("staff", "department", "region")


@admin.register(Deputy)
class DeputyAdmin(Kept):
    list_display = ("absent", "deputy", "starts_at", "ends_at", "phone")
    list_select_related = ("absent", "deputy")
    autocomplete_fields = ("absent", "deputy")


@admin.register(DutyShift)
class DutyShiftAdmin(Kept):
    list_display = ("department", "staff", "starts_at", "ends_at", "phone")
    list_select_related = ("department", "staff")
    autocomplete_fields = ("department", "staff")
    date_hierarchy = "starts_at"


@admin.register(Seat)
class SeatAdmin(Kept):
    list_display = ("number", "name", "region", "node", "phone", "active")
    list_filter = ("active", "node")
    list_select_related = ("region",)
    search_fields = ("number", "name")
    autocomplete_fields = ("region",)
