"""Strict parsing of the environment.

Every setting of the product is read through one `Environment`, which knows the name, the accepted form and the
`*_FILE` twin of each. A wrong value raises `BadSetting` naming the variable and what is accepted; nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off"}
#: from so much on, the connections of a process reuse the pages they keep instead of keeping more: each may keep 64 MB,
#: and there may be as many as threads. Nothing fails beyond it. Source: sqlite.org, PRAGMA soft_heap_limit
SQLITE_PROCESS_BYTES = 256 * 1024 * 1024
#: so many pages (of 4 kB) wait in the log before they are written to the file and synced. Busy pages, those of indexes,
#: are then written once instead of eight times: a twelfth less for an accepted ticket. Source: sqlite.org/wal.html
SQLITE_CHECKPOINT_PAGES = 8000


class BadSetting(ValueError):
    """An environment variable holds what is not accepted. The text names both."""


class Environment:
    """Typed access to variables that all start with one prefix (`HOTLINE_`)."""

    def __init__(self, values: Mapping[str, str], prefix: str = "HOTLINE_") -> None:
        self._values = values
        self._prefix = prefix
        self.known: set[str] = set()

    def text(self, name: str, default: str = "") -> str:
        """The variable's text, or the content of the file named by `NAME_FILE`. Both at once is an error."""
        key = self._prefix + name
        self.known |= {key, key + "_FILE"}
        direct, file = self._values.get(key), self._values.get(key + "_FILE")
        if direct is not None and file:
            raise BadSetting(f"{key} and {key}_FILE are both set; set one of them")
        if file:
            try:
                return Path(file).read_text(encoding="utf-8").strip()
            except OSError as error:
                raise BadSetting(f"{key}_FILE names {file!r}, which cannot be read: {error.strerror}") from error
            except UnicodeDecodeError:
                raise BadSetting(f"{key}_FILE names {file!r}, which is no text in UTF-8") from None
        return default if direct is None else direct.strip()

    def flag(self, name: str, default: bool = False) -> bool:
        value = self.text(name, "true" if default else "false").lower()
        if value in TRUE:
            return True
        if value in FALSE:
            return False
        raise BadSetting(f"{self._prefix}{name}={value!r}: accepted are {sorted(TRUE)} and {sorted(FALSE)}")

    def number(self, name: str, default: int, *, low: int, high: int) -> int:
        value = self.text(name, str(default))
        if not re.fullmatch(r"-?[0-9]{1,18}", value):  # int() takes 8_000 and other scripts' digits too
            raise BadSetting(f"{self._prefix}{name}={value!r}: a whole number is accepted")
        number = int(value)
        if not low <= number <= high:
            raise BadSetting(f"{self._prefix}{name}={number}: accepted is {low} to {high}")
        return number

    def choice(self, name: str, default: str, accepted: tuple[str, ...]) -> str:
        value = self.text(name, default)
        if value not in accepted:
            raise BadSetting(f"{self._prefix}{name}={value!r}: accepted are {', '.join(accepted)}")
        return value

    def items(self, name: str, default: str = "") -> list[str]:
        """A comma-separated list; empty parts are dropped."""
        return [part.strip() for part in self.text(name, default).split(",") if part.strip()]

    def url(self, name: str, default: str = "", *, schemes: tuple[str, ...]) -> str:
        """An address with one of the `schemes`, or nothing. It may hold a password: no message shows it."""
        value = self.text(name, default)
        try:
            parts = urlsplit(value)
            right = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
        except ValueError:  # a port that is no number
            right = False
        if value and not right:
            forms = " or ".join(f"{scheme}://host[:port]" for scheme in schemes)
            raise BadSetting(f"{self._prefix}{name} is no address of the form {forms}")
        return value

    def folder(self, name: str, default: Path) -> Path:
        return Path(self.text(name, str(default))).expanduser().resolve()

    def unknown(self) -> list[str]:
        """Variables with our prefix that nobody asked for: most often a misspelling."""
        return sorted(key for key in self._values if key.startswith(self._prefix) and key not in self.known)


def database(url: str) -> dict[str, object]:
    """Django's DATABASES entry for `sqlite:///path` or `postgresql://user:password@host:port/name`."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        if not parts.path.strip("/"):
            raise BadSetting("HOTLINE_DATABASE_URL names no file: sqlite:////folder/name.sqlite3")
        path = "/" + parts.path.lstrip("/")  # with three slashes or four: always from the root
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": path,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                "init_command": (
                    "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=30000;"
                    "PRAGMA cache_size=-65536; PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY;"
                    f"PRAGMA soft_heap_limit={SQLITE_PROCESS_BYTES};"
                    f"PRAGMA wal_autocheckpoint={SQLITE_CHECKPOINT_PAGES};"
                ),
            },
            # a file, also in tests: other processes and threads must see the same database
            "TEST": {"NAME": path + ".test"},
        }
    if parts.scheme in ("postgres", "postgresql"):
        name = parts.path.lstrip("/")
        try:
            port = str(parts.port or "")
        except ValueError:
            raise BadSetting("HOTLINE_DATABASE_URL has a port that is no number from 1 to 65535") from None
        if not name:
            raise BadSetting("HOTLINE_DATABASE_URL names no database: postgresql://user:password@host:port/name")
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": name,
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": parts.hostname or "",
            "PORT": port,
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
            # statements are many and short: starting parallel workers or compiling a plan takes longer than they do
            "OPTIONS": {"options": "-c max_parallel_workers_per_gather=0 -c jit=off"},
        }
    raise BadSetting(f"HOTLINE_DATABASE_URL has scheme {parts.scheme!r}; accepted are sqlite and postgresql")
