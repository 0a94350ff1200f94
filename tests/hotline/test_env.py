"""Settings come from the environment, strictly."""

from __future__ import annotations

import sqlite3
import stat
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import cast

import pytest

from hotline.env import SQLITE_PROCESS_BYTES, BadSetting, Environment, database
from hotline.secretsfile import keep


def env(**values: str) -> Environment:
    return Environment({f"HOTLINE_{name}": value for name, value in values.items()})


@pytest.mark.parametrize(("text", "value"), [("1", True), ("TRUE", True), ("on", True), ("no", False), ("0", False)])
def test_a_flag_has_few_spellings(text: str, value: bool) -> None:
    assert env(DEBUG=text).flag("DEBUG") is value


@pytest.mark.parametrize("text", ["", "ja", "2", "tru"])
def test_a_wrong_flag_names_what_is_accepted(text: str) -> None:
    with pytest.raises(BadSetting, match=r"HOTLINE_DEBUG=.*accepted"):
        env(DEBUG=text).flag("DEBUG")


def test_a_number_is_whole_and_within_its_bounds() -> None:
    assert env(PORT="8001").number("PORT", 8000, low=1, high=65535) == 8001
    assert env().number("PORT", 8000, low=1, high=65535) == 8000
    with pytest.raises(BadSetting, match="whole number"):
        env(PORT="80.5").number("PORT", 8000, low=1, high=65535)
    with pytest.raises(BadSetting, match="1 to 65535"):
        env(PORT="70000").number("PORT", 8000, low=1, high=65535)


@pytest.mark.parametrize("text", ["8_000", "８０００", "", "0x50", "+80"])
def test_what_python_would_take_for_a_number_is_refused(text: str) -> None:
    with pytest.raises(BadSetting, match="whole number"):
        env(PORT=text).number("PORT", 8000, low=1, high=65535)


@pytest.mark.parametrize(
    "text", ["mail.example", "http://mail.example", "smtp://", "smtp://u:secret@h:mail", "smtp://[h"]
)
def test_a_wrong_address_is_refused_without_showing_its_password(text: str) -> None:
    with pytest.raises(BadSetting, match=r"HOTLINE_EMAIL_URL is no address of the form smtp://host") as refused:
        env(EMAIL_URL=text).url("EMAIL_URL", schemes=("smtp", "smtps"))
    assert "secret" not in str(refused.value)


def test_an_address_or_none() -> None:
    assert env().url("EMAIL_URL", schemes=("smtp",)) == ""
    assert env(EMAIL_URL="smtp://u:p@h:25").url("EMAIL_URL", schemes=("smtp",)) == "smtp://u:p@h:25"


def test_a_choice_outside_the_list_is_refused() -> None:
    with pytest.raises(BadSetting, match="single, production"):
        env(PROFILE="prod").choice("PROFILE", "single", ("single", "production"))


def test_a_list_drops_empty_parts() -> None:
    assert env(ALLOWED_HOSTS=" a.example , ,b.example,").items("ALLOWED_HOSTS") == ["a.example", "b.example"]


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from-the-file\n", encoding="utf-8")
    assert env(SECRET_KEY_FILE=str(tmp_path / "key")).text("SECRET_KEY") == "from-the-file"


def test_a_secret_from_both_places_is_refused(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("one", encoding="utf-8")
    with pytest.raises(BadSetting, match="both set"):
        env(SECRET_KEY="two", SECRET_KEY_FILE=str(tmp_path / "key")).text("SECRET_KEY")


def test_an_unreadable_secret_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match=r"HOTLINE_SECRET_KEY_FILE names .*nowhere"):
        env(SECRET_KEY_FILE=str(tmp_path / "nowhere")).text("SECRET_KEY")


def test_a_secret_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadSetting, match=r"HOTLINE_SECRET_KEY_FILE names .*no text"):
        env(SECRET_KEY_FILE=str(tmp_path / "key")).text("SECRET_KEY")


def test_variables_nobody_asked_for_are_found() -> None:
    environment = env(PORT="1", PROT="2")
    environment.number("PORT", 8000, low=1, high=65535)
    assert environment.unknown() == ["HOTLINE_PROT"]


def test_database_addresses() -> None:
    assert database("sqlite:////data/h.sqlite3")["NAME"] == "/data/h.sqlite3"
    server = database("postgresql://me:p%40ss@db:5433/hotline")
    assert (server["USER"], server["PASSWORD"], server["HOST"], server["PORT"]) == ("me", "p@ss", "db", "5433")
    assert "max_parallel_workers_per_gather=0" in str(server["OPTIONS"])
    with pytest.raises(BadSetting, match="mysql"):
        database("mysql://db/hotline")
    with pytest.raises(BadSetting, match="names no database"):
        database("postgresql://db/")
    with pytest.raises(BadSetting, match="port"):
        database("postgresql://db:best/hotline")
    with pytest.raises(BadSetting, match="names no file"):
        database("sqlite:///")


def test_all_connections_of_a_process_share_a_bound_of_kept_pages(tmp_path: Path) -> None:
    options = cast(dict[str, str], database("sqlite:////data/h.sqlite3")["OPTIONS"])
    with closing(sqlite3.connect(tmp_path / "one")) as connection, closing(sqlite3.connect(tmp_path / "two")) as other:
        connection.execute("PRAGMA soft_heap_limit=0")  # others of this process had set it
        other.executescript(options["init_command"])
        assert connection.execute("PRAGMA soft_heap_limit").fetchone() == (SQLITE_PROCESS_BYTES,)


def test_a_kept_secret_stays_the_same_and_private(tmp_path: Path) -> None:
    first = keep(tmp_path / "secrets", "key")
    assert keep(tmp_path / "secrets", "key") == first
    assert len(first) == 64
    assert stat.S_IMODE((tmp_path / "secrets" / "key").stat().st_mode) == 0o600


def test_processes_that_start_together_agree_on_a_secret(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda _: keep(tmp_path, "key"), range(16)))) == 1
