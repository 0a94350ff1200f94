"""Where a person lands after the log-in: the page of the role that decides most about the day."""

from __future__ import annotations

from django.urls import NoReverseMatch, reverse

from directory.access import Standing
from directory.models import HOTLINE_ROLES, UNIT_ROLES, Role

DESK = "/desk/"
#: role → url name tried first; the desk where the name does not exist in this installation
_PAGES: tuple[tuple[frozenset[str], str], ...] = (
    (frozenset({*HOTLINE_ROLES, *UNIT_ROLES, Role.WINDOW_CLERK, Role.AUDITOR}), "desk:start"),
    (frozenset({Role.KNOWLEDGE_EDITOR}), "knowledge:home"),
    (frozenset({Role.ADMINISTRATOR}), "admin:index"),
)


def page_for(standing: Standing) -> str:
    """The address of the start page."""
    for roles, name in _PAGES:
        if standing.has(*roles):
            try:
                return reverse(name)
            except NoReverseMatch:
                return "/knowledge/" if name.startswith("knowledge") else DESK
    return DESK
