"""What the person who started the product is told."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.db.models import Min

from directory.models import Role, RoleBinding, Staff


def logins() -> list[tuple[str, str]]:
    """(role in Chinese, user name) of one person per role whose password is still the demo's."""
    firsts = RoleBinding.objects.filter(staff__is_active=True).values("role").annotate(first=Min("staff_id"))
    staff = Staff.objects.in_bulk([row["first"] for row in firsts])
    found = {row["role"]: staff[row["first"]] for row in firsts}
    known = [(role, found[role]) for role in Role if role in found]
    # a hash is slow on purpose, and the demo's staff share one
    hashes = {person.password for _, person in known}
    demo = {hashed for hashed in hashes if check_password(settings.DEMO_PASSWORD, hashed)}
    return [(role.label, person.username) for role, person in known if person.password in demo]


def text(url: str, notes: list[str]) -> str:
    lines = ["", f"12345 is ready: {url}", f"data: {settings.DATA}"]
    people = logins() if settings.DEMO else []
    if people:
        lines += ["", f"demo log-ins (password {settings.DEMO_PASSWORD}):"]
        lines += [f"  {user:<14} {role}" for role, user in people]
    lines += ["", *notes, "Ctrl-C stops everything."]
    return "\n".join(lines)
