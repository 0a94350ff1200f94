"""The same questions put to SQLite FTS5 and PostgreSQL tsvector, with the words segmented in the same way."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import psycopg

from ticketing.search.documents import Document
from ticketing.search.prepare import prepare
from ticketing.search.text import highlight, words

FACETS = ("kind", "status", "category")
COLUMNS = "id, kind, status, category, created, title, body"


def row(document: Document) -> tuple[Any, ...]:
    leaf = document.category[-1] if document.category else ""
    return (document.id, document.kind, document.status, leaf, document.created, document.title, document.body)


class Fts5:
    """One virtual table with ranks by bm25 beside an indexed table of the codes."""

    name = "sqlite-fts5"

    def __init__(self, folder: Path) -> None:
        self._path = folder / "fts5.sqlite3"
        self._path.unlink(missing_ok=True)
        self._local = threading.local()
        base = self._connection()
        base.execute(
            "CREATE TABLE ticket (id INTEGER PRIMARY KEY, kind, status, category, created INTEGER, title, body)"
        )
        base.execute("CREATE VIRTUAL TABLE found USING fts5(words, content='', tokenize='unicode61')")

    def _connection(self) -> sqlite3.Connection:
        if not hasattr(self._local, "base"):
            self._local.base = sqlite3.connect(self._path)
            self._local.base.execute("PRAGMA journal_mode=WAL")
            self._local.base.execute("PRAGMA cache_size=-65536")
            self._local.base.execute("PRAGMA synchronous=NORMAL")
        return self._local.base  # type: ignore[no-any-return]

    def add(self, documents: Sequence[Document]) -> None:
        base = self._connection()
        base.executemany("INSERT INTO ticket VALUES (?,?,?,?,?,?,?)", [row(found) for found in documents])
        base.executemany(
            "INSERT INTO found (rowid, words) VALUES (?,?)", [(found.id, prepare(found).words) for found in documents]
        )
        base.commit()

    def finish(self) -> None:
        self._connection().execute("CREATE INDEX by_kind ON ticket (kind, created)")
        self._connection().commit()

    def size(self) -> int:
        return sum(part.stat().st_size for part in self._path.parent.glob("fts5.sqlite3*"))

    def bare(self, text: str) -> None:
        self._connection().execute(
            "SELECT rowid, bm25(found) FROM found WHERE found MATCH ? ORDER BY rank LIMIT 20", (_match(text),)
        ).fetchall()

    def full(self, text: str, kinds: tuple[str, ...], since: int) -> None:
        base = self._connection()
        marks = ",".join("?" * len(kinds))
        where = (
            "FROM found CROSS JOIN ticket ON ticket.id = found.rowid "  # the index first, never every row of a kind
            f"WHERE found MATCH ? AND kind IN ({marks}) AND created >= ?"
        )
        given = (_match(text), *kinds, since)
        rows = base.execute(f"SELECT title, body {where} ORDER BY rank LIMIT 20", given).fetchall()
        base.execute(f"SELECT count(*) {where}", given).fetchone()
        for name in FACETS:
            base.execute(f"SELECT {name}, count(*) {where} GROUP BY 1", given).fetchall()
        _show(rows, text)

    def close(self) -> None:
        self._connection().close()


class Tsvector:
    """A PostgreSQL of its own in `folder`, one table with a GIN index."""

    name = "postgresql-tsvector"

    def __init__(self, folder: Path, port: int = 25432) -> None:
        self._data = folder / "postgresql"
        shutil.rmtree(self._data, ignore_errors=True)
        self._data.mkdir(parents=True)
        self._local = threading.local()
        self._port = port
        self._as_owner("initdb", "-D", str(self._data), "-U", "bench", "--auth=trust", "-E", "UTF8", "--locale=C")
        options = f"-p {port} -k {self._data} -c listen_addresses= -c shared_buffers=1GB -c work_mem=64MB -c jit=off"
        self._as_owner("pg_ctl", "-D", str(self._data), "-w", "-l", str(self._data / "log"), "-o", options, "start")
        self._run(
            "CREATE TABLE ticket (id bigint PRIMARY KEY, kind text, status text, category text, created bigint, "
            "title text, body text, found tsvector)"
        )

    def _as_owner(self, program: str, *given: str) -> None:
        command = [program, *given]
        if os.geteuid() == 0:
            shutil.chown(self._data, "postgres", "postgres")
            command = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *command]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

    def _connection(self) -> psycopg.Connection[Any]:
        if not hasattr(self._local, "base"):
            self._local.base = psycopg.connect(
                f"host={self._data} port={self._port} user=bench dbname=postgres", autocommit=True
            )
        return self._local.base  # type: ignore[no-any-return]

    def _run(self, query: str, given: Sequence[Any] = ()) -> list[Any]:
        cursor = self._connection().execute(query, given)  # type: ignore[arg-type]
        return cursor.fetchall() if cursor.description else []

    def add(self, documents: Sequence[Document]) -> None:
        with (
            self._connection().cursor() as cursor,
            cursor.copy(f"COPY ticket ({COLUMNS}, found) FROM STDIN") as copy,
        ):
            for found in documents:
                copy.write_row((*row(found), _vector(prepare(found).words.split())))

    def finish(self) -> None:
        self._run("CREATE INDEX ON ticket USING gin (found)")
        self._run("CREATE INDEX ON ticket (kind, created)")
        self._run("VACUUM ANALYZE ticket")

    def size(self) -> int:
        return int(self._run("SELECT pg_total_relation_size('ticket')")[0][0])

    def bare(self, text: str) -> None:
        asked = _query(text)
        self._run(
            "SELECT id, ts_rank(found, %s::tsquery) AS score FROM ticket WHERE found @@ %s::tsquery "
            "ORDER BY score DESC LIMIT 20",
            (asked, asked),
        )

    def full(self, text: str, kinds: tuple[str, ...], since: int) -> None:
        asked = _query(text)
        where = "FROM ticket WHERE found @@ %s::tsquery AND kind = ANY(%s) AND created >= %s"
        given = (asked, list(kinds), since)
        rows = self._run(
            f"SELECT title, body {where} ORDER BY ts_rank(found, %s::tsquery) DESC LIMIT 20", (*given, asked)
        )
        self._run(f"SELECT count(*) {where}", given)
        for name in FACETS:
            self._run(f"SELECT {name}, count(*) {where} GROUP BY 1", given)
        _show(rows, text)

    def close(self) -> None:
        self._as_owner("pg_ctl", "-D", str(self._data), "-m", "immediate", "stop")


def _match(text: str) -> str:
    return " AND ".join(f'"{word}"' for word in words(text))


def _query(text: str) -> str:
    return " & ".join(f"'{word}'" for word in words(text))


def _vector(found: list[str]) -> str:
    places: dict[str, list[int]] = {}
    for at, word in enumerate(found[:16_000], 1):
        places.setdefault(word.replace("'", "").replace("\\", ""), []).append(at)
    return " ".join(f"'{word}':{','.join(map(str, at[:200]))}" for word, at in places.items() if word)


def _show(rows: Iterable[Sequence[str]], text: str) -> None:
    sought = words(text)
    for title, body in rows:
        highlight(title, sought, width=120)
        highlight(body, sought)
