"""A year of a big city in a few statements: tickets, shares, clocks, call-backs and journal, made inside PostgreSQL.

40 % are answered directly, 93 % of the others in time, two in ten of those called back are dissatisfied; matters
gather in some categories, units and regions, and come in the order of their numbers. The journal's rows carry no
chain, so `verify_journal` does not apply to such a database.
"""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction

#: rows made by one statement
PORTION = 200_000

_TICKETS = """
INSERT INTO ticketing_ticket (number, channel, kind, urgency, title, body, place, enterprise, confidential, anonymous,
  wants_callback, publishable, published, suspected_110, proposal, call_key, query_hash, history, status, due_at,
  due_clock, late, dispatch_count, return_count, redo_count, reopen_count, urge_count, ladder, designated, to_review,
  refusal_code, public_answer, promised_at, created_at, first_dispatched_at, dispatched_at, signed_at, replied_at,
  closed_at, version, head_mac, category_id, city_id, lead_id, region_id, answered_in_days)
SELECT lpad(i::text, 18, '0'), (ARRAY['phone','phone','phone','web','wechat','app'])[1 + floor(r1 * 6)],
  (ARRAY['consult','consult','consult','consult','help','help','help','suggestion','complaint','complaint'])
    [1 + floor(r2 * 10)], CASE WHEN r3 < 0.01 THEN 'urgent' ELSE 'normal' END, '测试', '测试', '', '', false, r4 < 0.05,
  true, false, false, false, '{{}}', '', '', false,
  CASE WHEN done THEN 'closed' WHEN direct THEN 'to_dispatch' WHEN signed < now() THEN 'handling' ELSE 'to_sign' END,
  CASE WHEN NOT done THEN created + interval '10 days' END, CASE WHEN NOT done THEN 'handle' ELSE '' END,
  NOT done AND created + interval '10 days' < now(), CASE WHEN direct THEN 0 ELSE 1 END, 0, 0, 0, 0, '', false, false,
  '', '', created + interval '10 days', created, sent, sent, CASE WHEN signed < now() THEN signed END,
  CASE WHEN done THEN replied END, CASE WHEN done THEN replied + interval '1 hour' END, %(each)s, '',
  (%(categories)s::bigint[])[1 + floor(r5 ^ 3 * %(categories_n)s)], %(city)s,
  CASE WHEN NOT direct THEN (%(units)s::bigint[])[1 + floor(r6 ^ 2 * %(units_n)s)] END,
  (%(regions)s::text[])[1 + floor(r7 ^ 2 * %(regions_n)s)],
  CASE WHEN done THEN CASE WHEN direct THEN 0 ELSE floor(hours / 33)::int END END
FROM (SELECT *, r8 < 0.4 AS direct, CASE WHEN r8 >= 0.4 THEN created + r9 * interval '6 hours' END AS sent,
    created + (6 + r9 * 20) * interval '1 hour' AS signed,
    CASE WHEN r8 < 0.4 THEN created + interval '5 minutes' ELSE created + hours * interval '1 hour' END AS replied,
    CASE WHEN r8 < 0.4 THEN created < now() - interval '2 hours'
      ELSE created + (hours + 2) * interval '1 hour' < now() END AS done
  FROM (SELECT i, now() - (%(total)s - i + random()) / %(total)s * %(days)s * interval '1 day' AS created,
      random() r1, random() r2, random() r3,
      random() r4, random() r5, random() r6, random() r7, random() r8, random() r9,
      CASE WHEN random() < 0.07 THEN 260 ELSE 30 + random() * 170 END AS hours
    FROM generate_series(%(first)s::int, %(last)s::int) AS i OFFSET 0) AS dice) AS made
"""

_SHARES = """
INSERT INTO ticketing_assignment (level, round, part, status, opinion, designated, dispatched_at, signed_at, replied_at,
  extended, department_id, ticket_id)
SELECT 1, 1, 'lead', CASE WHEN replied_at IS NOT NULL THEN 'replied' WHEN signed_at IS NOT NULL THEN 'handling'
  ELSE 'to_sign' END, '', false, dispatched_at, signed_at, replied_at, 0, lead_id, id
FROM ticketing_ticket WHERE id > %(from)s AND dispatch_count = 1
"""

_CLOCK = """
INSERT INTO ticketing_clock (name, state, policy, started_at, due_at, stopped_at, breached_at, extensions, provisional,
  calendar_version, explanation, assignment_id, ticket_id)
SELECT '{name}', CASE WHEN stopped IS NULL THEN 'running' WHEN stopped <= due THEN 'met' ELSE 'late' END, '{{}}',
  started, due, stopped, CASE WHEN coalesce(stopped, now()) > due THEN due END, '[]', false, '', '[]', share, ticket
FROM (SELECT {start} AS started, {start} + interval '{limit}' AS due, {stop} AS stopped, {share} AS share,
    t.id AS ticket FROM ticketing_ticket t {join} WHERE t.id > %(from)s) AS made
"""
_TO_SHARE = "JOIN ticketing_assignment a ON a.ticket_id = t.id"
_CLOCKS = (
    ("dispatch", "24 hours", "t.created_at", "coalesce(t.dispatched_at, t.replied_at)", "NULL::bigint", ""),
    ("sign", "24 hours", "a.dispatched_at", "a.signed_at", "a.id", _TO_SHARE),
    ("handle", "240 hours", "a.dispatched_at", "a.replied_at", "a.id", _TO_SHARE),
)

_CALLBACKS = """
INSERT INTO ticketing_callback (tried_at, means, result, contacted, solved, satisfaction, remark, ticket_id)
SELECT at, 'phone', CASE WHEN r1 < 0.9 THEN 'reached' ELSE 'no_answer' END, r2 < 0.95, r3 < 0.85,
  (ARRAY[5,5,5,4,4,4,3,2,1,NULL])[1 + floor(r4 * 10)]::smallint, '', id
FROM (SELECT id, replied_at + interval '1 hour' AS at, random() r1, random() r2, random() r3, random() r4
  FROM ticketing_ticket WHERE id > %(from)s AND dispatch_count = 1 AND NOT anonymous AND closed_at IS NOT NULL OFFSET 0
) AS made
"""

_JOURNAL = """
INSERT INTO ticketing_ticketevent (seq, action, from_status, to_status, at, actor_kind, origin, reason, data, mac,
  ticket_id)
SELECT %(seq)s + n, {action}, '', 'closed', created_at + (%(seq)s + n) * interval '1 hour', 'system', '', '', '{{}}',
  '', id
FROM ticketing_ticket, generate_series(1, %(each)s::int) AS n
WHERE id > %(from)s AND id <= %(upto)s
"""
_LIFE = "(ARRAY['accept','dispatch','sign','reply','close'])[1 + (n - 1) %% 5]"


def fill(tickets: int, journal: int, days: int) -> None:
    """Brings the tickets to `tickets`, each with its own part of `journal` rows; raises on another database."""
    if connection.vendor != "postgresql":
        raise SystemExit("the benchmark makes its rows inside PostgreSQL: name one in HOTLINE_DATABASE_URL")
    facts = _facts() | {"days": days, "total": tickets, "each": max(1, journal // max(1, tickets))}
    while (done := _one("SELECT count(*) FROM ticketing_ticket")) < tickets:
        size = min(PORTION, tickets - done)
        _portion(facts | {"first": done + 1, "last": done + size, "from": _last()})
    top_up(journal)
    settle()


def settle() -> None:
    """What autovacuum and the next checkpoint would do within the hour; their writing is not the page's."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")


def _portion(facts: dict[str, Any]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        _trust_keys(cursor)
        cursor.execute(_TICKETS.format(), facts)
        cursor.execute(_SHARES, facts)
        for name, limit, start, stop, share, join in _CLOCKS:
            cursor.execute(_CLOCK.format(name=name, limit=limit, start=start, stop=stop, share=share, join=join), facts)
        cursor.execute(_CALLBACKS, facts)
        cursor.execute(_JOURNAL.format(action=_LIFE), facts | {"seq": 0, "upto": _last()})


def _trust_keys(cursor: Any) -> None:
    """Rows made from rows of the same database need no look at their foreign keys; only a superuser may say so."""
    cursor.execute("SELECT current_setting('is_superuser') = 'on'")
    if cursor.fetchone()[0]:
        cursor.execute("SET LOCAL session_replication_role = replica")


def top_up(journal: int) -> None:
    """Further journal rows for the same tickets until there are at least `journal`."""
    tickets = _one("SELECT count(*) FROM ticketing_ticket")
    each = -(-(journal - _one("SELECT count(*) FROM ticketing_ticketevent")) // max(1, tickets))
    seq = _one("SELECT coalesce(max(seq), 0) FROM ticketing_ticketevent")
    first, last = 0, _last()
    while each > 0 and first < last:
        with transaction.atomic(), connection.cursor() as cursor:
            _trust_keys(cursor)
            upto = first + PORTION
            cursor.execute(_JOURNAL.format(action="'note'"), {"from": first, "upto": upto, "each": each, "seq": seq})
            first = upto


def _facts() -> dict[str, Any]:
    from django.conf import settings

    from directory.models import Category, Department, Region

    found: dict[str, Any] = {"city": settings.CITY_REGION}
    lists = {
        "units": list(Department.objects.order_by("pk").values_list("pk", flat=True)[:200]),
        "categories": list(Category.objects.order_by("pk").values_list("pk", flat=True)),
        "regions": list(Region.objects.order_by("pk").values_list("pk", flat=True)),
    }
    for name, keys in lists.items():
        found |= {name: keys, f"{name}_n": len(keys)}
    return found


def _last() -> int:
    return _one("SELECT coalesce(max(id), 0) FROM ticketing_ticket")


def _one(question: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(question)
        return int(cursor.fetchone()[0])
