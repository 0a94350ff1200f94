"""Which roles meet which pages of the desk."""

from __future__ import annotations

from directory.models import Role

#: who takes matters in at the desk
TAKERS = frozenset({Role.AGENT, Role.DISPATCHER, Role.WINDOW_CLERK})
#: who sees the supervision list
WATCHERS = frozenset({Role.SUPERVISOR, Role.DISPATCHER, Role.CHECKER})
#: who sees the outbox of notices
READERS = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})
#: who sees the hot topics
ANALYSTS = WATCHERS | {Role.AUDITOR}
#: who sees how the language functions do, and keeps their words and rules
MODEL_KEEPERS = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})
#: who may read the words and rules, and who changed them
WORDING_READERS = MODEL_KEEPERS | {Role.AUDITOR}
