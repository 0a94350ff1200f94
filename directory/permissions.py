"""Django's permissions answered from roles: the administrator keeps the house's data, nobody else enters the admin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.backends import BaseBackend

from directory.access import standing
from directory.models import Role, Staff

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.contrib.auth.models import AnonymousUser
    from django.db.models import Model

#: the packages whose rows an administrator may keep; what of them is read-only stands in their admin
PACKAGES = frozenset({"directory", "ticketing", "telephony", "dashboards"})


def is_administrator(user: object) -> bool:
    """An active member of staff who holds the administrator's role today; asked once per user object."""
    if not isinstance(user, Staff) or not user.is_active:
        return False
    known: bool | None = getattr(user, "_administrator", None)
    if known is None:
        known = user.is_superuser or standing(user).has(Role.ADMINISTRATOR)
        user._administrator = known  # type: ignore[attr-defined]
    return known


class RoleBackend(BaseBackend):
    """Beside Django's own backend: it checks no password, it only says what a role may do."""

    def has_perm(self, user_obj: AbstractBaseUser | AnonymousUser, perm: str, obj: Model | Any | None = None) -> bool:
        return perm.partition(".")[0] in PACKAGES and is_administrator(user_obj)

    def has_module_perms(self, user_obj: AbstractBaseUser | AnonymousUser, app_label: str) -> bool:
        return app_label in PACKAGES and is_administrator(user_obj)
