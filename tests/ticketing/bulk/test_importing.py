"""A file of complaints: nothing lost, nothing twice, wrong rows named, the same shares as computed apart."""

from __future__ import annotations

import csv
import json
import os
from datetime import date, datetime, timedelta
from io import StringIO
from pathlib import Path

import chinese_calendar
import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from directory.models import Region
from tests.city import DISTRICT, DISTRICT_2, STREET, City
from ticketing.clocks.recompute import differences
from ticketing.intake import later
from ticketing.journal.verify import faults
from ticketing.lifecycle.actions.citizens import Reopen
from ticketing.lifecycle.actors import citizen_actor
from ticketing.lifecycle.engine import act
from ticketing.measures_basic import shares
from ticketing.models import Clock, Identity, Notice, Supervision, Ticket

HEAD = ["id", "user", "title", "created_at", "body", "reply", "replied_at"]


def write(path: Path, rows: list[list[str]], head: list[str] | None = None) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([head or HEAD, *rows])
    return path


def run(path: Path, *options: str) -> dict[str, int]:
    out = StringIO()
    call_command("import_complaints", str(path), *options, "--json", stdout=out)
    return dict(json.loads(out.getvalue().strip().splitlines()[-1]))


def spread(count: int) -> list[list[str]]:
    """Answers after 0 to 40 days, over make-up days, holidays and the turn of a year."""
    begin = datetime.fromisoformat("2023-09-20T10:17:31+08:00")
    rows = []
    for number in range(count):
        created = begin + timedelta(days=number % 150, hours=number % 24)
        replied = created + timedelta(days=(number * 7) % 40, hours=(number * 5) % 23)
        answered = number % 6 != 0
        answer = ["已经处理。", replied.isoformat()] if answered else ["", ""]
        rows.append([f"R{number}", f"u{number % 9}", "路灯不亮", created.isoformat(), "路灯不亮，请维修。", *answer])
    return rows


def within(created: datetime, replied: datetime, days: int) -> bool:
    """By the calendar alone: 24:00 of the N-th working day after."""
    day: date = created.date()
    for _ in range(days):
        day += timedelta(1)
        while not chinese_calendar.is_workday(day):
            day += timedelta(1)
    return replied <= datetime.combine(day + timedelta(1), datetime.min.time(), created.tzinfo)


def test_history_walks_its_life_once(city: City, tmp_path: Path) -> None:
    rows = spread(240)
    path = write(tmp_path / "rows.csv", rows)
    assert run(path, "--history") == {"accepted": 240, "duplicates": 0, "rejected": 0}
    assert run(path, "--history") == {"accepted": 0, "duplicates": 240, "rejected": 0}
    answered = [row for row in rows if row[5]]
    assert Ticket.objects.filter(status="closed").count() == len(answered)
    assert list(faults()) == []
    assert list(differences()) == []
    assert Notice.objects.count() == Supervision.objects.count() == 0
    pairs = [(datetime.fromisoformat(row[3]), datetime.fromisoformat(row[6])) for row in answered]
    for days, (good, total) in shares(Ticket.objects.all()).items():
        assert (good, total) == (sum(within(*pair, days) for pair in pairs), len(pairs))


def test_the_export_says_the_same(city: City, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = spread(120)
    run(write(tmp_path / "rows.csv", rows), "--history")
    call_command("export_tickets", "--csv")
    exported = {row["id"]: row for row in csv.DictReader(StringIO(capsys.readouterr().out))}
    assert set(exported) == {row[0] for row in rows}
    for row in rows:
        cells = exported[row[0]]
        assert datetime.fromisoformat(cells["created_at"]) == datetime.fromisoformat(row[3])
        assert (cells["dispatched_at"], cells["sign_on_time"]) == ("", "")
        if row[5]:
            pair = datetime.fromisoformat(row[3]), datetime.fromisoformat(row[6])
            for days in (3, 5, 10):
                assert cells[f"answered_within_{days}"] == str(int(within(*pair, days)))
            assert cells["handle_on_time"] == str(int(within(*pair, 10)))
        else:
            assert cells["replied_at"] == cells["handle_on_time"] == ""


def test_what_the_file_does_not_know_stays_unknown(city: City, tmp_path: Path) -> None:
    run(write(tmp_path / "rows.csv", spread(12)), "--history")
    closed = Ticket.objects.filter(status="closed")
    assert not closed.exclude(dispatched_at=None, signed_at=None, lead=None).exists()
    assert set(Clock.objects.filter(ticket__in=closed, name="dispatch").values_list("state", flat=True)) == {"unknown"}


def test_proposals_for_open_history_come_later(city: City, tmp_path: Path) -> None:
    run(write(tmp_path / "rows.csv", spread(12)), "--history")
    waiting = Ticket.objects.filter(status="new")
    assert set(waiting.values_list("proposal__category", flat=True)) == {None}
    assert later.propose() == waiting.count()
    assert later.propose() == 0
    assert set(waiting.values_list("proposal__category", flat=True)) == {city.category["lamp"].pk}
    assert list(faults()) == []


def test_wrong_rows_are_named_and_the_rest_goes_in(city: City, tmp_path: Path) -> None:
    good = ["1", "u", "标题", "2024-03-01T09:00:00+08:00", "内容内容", "", ""]
    bad = [
        ["", "u", "标题", "2024-03-01T09:00:00+08:00", "内容内容", "", ""],
        ["3", "u", "标题", "not a time", "内容内容", "", ""],
        ["4", "u", "标题", "2024-03-02T09:00:00+08:00", "内容内容", "答复", "2024-03-01T09:00:00+08:00"],
        ["5", "u", "标题", "2024-03-02T09:00:00+08:00", "内容内容", "答复", ""],
        ["6", "u", "", "2024-03-02T09:00:00+08:00", "", "", ""],
        ["7", "u", "标题", "2124-03-02T09:00:00+08:00", "内容内容", "", ""],
    ]
    rejects = tmp_path / "rejects.csv"
    tally = run(write(tmp_path / "rows.csv", [good, *bad]), "--history", "--rejects", str(rejects))
    assert tally == {"accepted": 1, "duplicates": 0, "rejected": 6}
    found = list(csv.DictReader(rejects.open(encoding="utf-8")))
    assert [row["row"] for row in found] == ["3", "4", "5", "6", "7", "8"]
    for row, name in zip(found, ("id", "created_at", "replied_at", "replied_at", "body", "created_at"), strict=True):
        assert name in row["reason"]


def test_a_file_of_another_world(city: City, tmp_path: Path) -> None:
    """A mark at the front, CRLF, spaces in the header, a blank row, other encodings, bytes that are no text."""
    rows = [
        "\ufeffid, title ,body,created_at,likes",
        "1,标题,内容内容,2024-03-01 09:00:00,3",
        "",
        "2,标题,内容内容,2024-03-01T01:00:00Z,²",
        "3,标题,内\x00容,2024-03-01,",
        "4,标题,内容内容,2024-03-01,,,",
    ]
    gbk = ["5,标题,内容内容,2024-03-01,".encode("gbk"), b'6,t,"' + b"x" * 10_000_001 + b'",2024-03-01,']
    path, rejects = tmp_path / "rows.csv", tmp_path / "rejects.csv"
    path.write_bytes(b"\r\n".join([row.encode() for row in rows] + gbk + ["7,只有标题,,2024-03-01,".encode()]))
    assert run(path, "--history", "--rejects", str(rejects)) == {"accepted": 2, "duplicates": 0, "rejected": 5}
    with rejects.open(encoding="utf-8", errors="surrogateescape", newline="") as file:
        found = {row["row"]: row["reason"] for row in csv.DictReader(file)}
    assert [*found] == ["4", "5", "6", "7", "8"]
    said = ("likes", "控制字符", "列数", "UTF-8", "CSV")
    assert all(word in reason for word, reason in zip(said, found.values(), strict=True))


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_what_a_spreadsheet_saves(city: City, tmp_path: Path, encoding: str, separator: str) -> None:
    """Encodings and separators of Excel on a Chinese machine, and its own spelling of times."""
    rows = [
        ["id", "title", "body", "created_at"],
        ["1", "路灯不亮", "纬三路路灯，不亮；请维修", "2024/3/1 9:05"],
        ["2", "路灯不亮", "纬五路\n路灯不亮", "2024/3/2"],
        ["3", "路灯不亮", "日子不对", "2024/2/30 9:05"],
    ]
    path = tmp_path / "rows.csv"
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=separator).writerows(rows)
    assert run(path, "--history") == {"accepted": 2, "duplicates": 0, "rejected": 1}
    first = Ticket.objects.get(external_id="1")
    assert first.body == "纬三路路灯，不亮；请维修"
    assert first.created_at == datetime.fromisoformat("2024-03-01T09:05:00+08:00")


def test_a_damaged_line_of_a_gbk_file_is_the_rows_own_fault(city: City, tmp_path: Path) -> None:
    lines = ["id,title,body,created_at", "1,标题,路灯不亮，请修,2024-03-01", "3,标题,路灯又不亮了,2024-03-01"]
    damaged = b"2,\xd6,\xff\xff\xff\xff,2024-03-01"
    path, rejects = tmp_path / "rows.csv", tmp_path / "rejects.csv"
    path.write_bytes(b"\r\n".join([*(line.encode("gbk") for line in lines), damaged]))
    assert run(path, "--rejects", str(rejects)) == {"accepted": 2, "duplicates": 0, "rejected": 1}
    assert "GB18030" in rejects.read_text(encoding="utf-8", errors="replace")


def test_the_rejects_file_is_never_the_file_itself(city: City, tmp_path: Path) -> None:
    path = write(tmp_path / "rows.csv", spread(2))
    before = path.read_bytes()
    with pytest.raises(CommandError, match="rejects file is the file itself"):
        run(path, "--rejects", str(path))
    assert path.read_bytes() == before


def test_a_mended_rejects_file_goes_in(city: City, tmp_path: Path) -> None:
    rejects = tmp_path / "rejects.csv"
    run(write(tmp_path / "rows.csv", [["3", "u", "标题", "昨天", "内容内容", "", ""]]), "--rejects", str(rejects))
    rejects.write_text(rejects.read_text(encoding="utf-8").replace("昨天", "2024-03-01"), encoding="utf-8")
    assert run(rejects)["accepted"] == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"id,title,body\n1,a,b\n", "missing column created_at"),
        (b"id,title,body,created_at,colour\n", "unknown column colour"),
        (b"id,title,body,created_at,id\n", "column twice id"),
        ("编号;标题\n".encode("gbk"), "missing column id, title, body, created_at; unknown column 编号;标题"),
        (b"", "the file is empty"),
        (b"\n \n", "the file is empty"),
        (b"PK\x03\x04" + b"\x00" * 9, "an Excel workbook"),
        ("id,title\n".encode("utf-16-le"), "UTF-16 without a byte order mark"),
        (b"id,title,body,created_at\n1,\xff\xfe\xff,a,2024-03-01\n", "neither UTF-8 nor GB18030"),
    ],
)
def test_a_file_that_cannot_be_read(city: City, tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(content)
    with pytest.raises(CommandError, match=said):
        run(path)
    with pytest.raises(CommandError, match="cannot be read"):
        run(tmp_path / "nothing.csv")


def test_a_fresh_import_is_work_to_do(city: City, tmp_path: Path) -> None:
    head = ["id", "title", "body", "created_at", "phone", "region", "kind", "category"]
    row = ["9", "路灯", "路灯不亮。", "2024-03-01 09:00:00", "13800000003", "中原区", "投诉", "010101"]
    assert run(write(tmp_path / "rows.csv", [row], head), "--channel", "media")["accepted"] == 1
    ticket = Ticket.objects.get(external_id="9", channel="media")
    assert (ticket.status, ticket.kind, ticket.region_id) == ("new", "complaint", "410102")
    assert ticket.category == city.category["lamp"]
    assert not ticket.history
    assert Identity.objects.get(ticket=ticket).phone_hash


def test_the_users_of_a_file_are_known_apart_without_being_kept(city: City, tmp_path: Path) -> None:
    run(write(tmp_path / "rows.csv", spread(30)), "--history")
    hashes = set(Identity.objects.values_list("user_hash", flat=True))
    assert len(hashes) == 9
    assert not any(value == "u1" for value in hashes)


def test_a_name_that_several_places_bear_asks_for_the_code(city: City, tmp_path: Path) -> None:
    Region.objects.create(code="410103001", name="林山寨街道", parent_id=DISTRICT_2, level="street")
    facts = [("n1", "林山寨街道"), ("n2", STREET), ("n3", "中原区")]
    rows = [[number, "路灯", "2023-03-01", "路灯不亮，请维修。", place] for number, place in facts]
    path = write(tmp_path / "places.csv", rows, ["id", "title", "created_at", "body", "region"])
    rejects = tmp_path / "rejects.csv"
    assert run(path, "--history", "--rejects", str(rejects)) == {"accepted": 2, "duplicates": 0, "rejected": 1}
    assert f"请改填代码：{STREET}、410103001" in rejects.read_text(encoding="utf-8")


def test_an_answered_matter_of_the_past_can_be_reopened(city: City, tmp_path: Path) -> None:
    yesterday = (timezone.now() - timedelta(days=1)).isoformat()
    path = write(tmp_path / "one.csv", [["o1", "u", "路灯", yesterday, "路灯不亮，请维修。", "已修。", yesterday]])
    run(path, "--history")
    ticket = Ticket.objects.get()
    act(ticket.pk, Reopen(reason="还是不亮"), actor=citizen_actor(ticket.pk))
    ticket.refresh_from_db()
    assert (ticket.status, ticket.public_answer, ticket.due_clock) == ("to_dispatch", "", "dispatch")
    assert list(faults()) == []


def test_two_systems_may_bring_the_same_ids(city: City, tmp_path: Path) -> None:
    path = write(tmp_path / "one.csv", spread(3))
    assert [run(path, "--history", "--source", name)["accepted"] for name in ("old", "new", "old")] == [3, 3, 0]
    with pytest.raises(CommandError, match="letters, digits"):
        run(path, "--source", "旧系统")


@pytest.mark.parametrize(
    "written",
    ["2023/3/1 9:05", "2023.03.01 09:05", "2023年3月1日 9:05", "2023年03月01日9时05分", "2023-03-01T01:05:00Z"],
)
def test_times_as_offices_write_them(city: City, tmp_path: Path, written: str) -> None:
    path = write(tmp_path / "t.csv", [["t1", "u", "路灯", written, "路灯不亮，请维修。", "", ""]])
    run(path, "--history")
    assert Ticket.objects.get().created_at == datetime.fromisoformat("2023-03-01T09:05:00+08:00")


def test_a_quote_that_never_ends_spoils_its_own_row(city: City, tmp_path: Path) -> None:
    path, rejects = tmp_path / "open.csv", tmp_path / "rejects.csv"
    good = "r{0},路灯,2023-03-01,路灯不亮，第{0}处。"
    lines = ["id,title,created_at,body", good.format(1), 'r2,路灯,2023-03-01,"没有结束', good.format(3)]
    lines += ['r4,路灯,2023-03-01,"两行的\n正文"', 'r5,路灯,2023-03-01,"断在半路']
    path.write_text("\n".join(lines), encoding="utf-8")
    assert run(path, "--history", "--rejects", str(rejects)) == {"accepted": 3, "duplicates": 0, "rejected": 2}
    with rejects.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["row"], row["id"], row["reason"][:6]) for row in rows] == [
        ("3", "r2", "引号没有结束"),
        ("6", "r5", "引号没有结束"),
    ]
    assert Ticket.objects.get(external_id="r4").body == "两行的\n正文"


def test_what_other_programs_write_around_the_same_table(city: City, tmp_path: Path) -> None:
    path = tmp_path / "sep.csv"
    head, row = "ID;Title;Created_At;Body;Likes;Region", "s1;路灯;2023-03-01;路灯不亮，请维修。;3.0;郑州市中原区"
    path.write_text(f"sep=;\n{head}\n{row}\n", encoding="utf-8")
    assert run(path, "--history")["accepted"] == 1
    assert Ticket.objects.get().region_id == DISTRICT


def test_a_pipe_is_refused_because_a_file_is_read_twice(city: City, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(CommandError, match="pipe"):
        run(tmp_path / "pipe.csv")


@pytest.mark.parametrize("day", ["2023-02-30", "0001-01-01", "9999-12-31", "gestern"])
def test_an_export_of_no_day_says_what_is_accepted(db: None, day: str) -> None:
    with pytest.raises(CommandError, match="accepted"):
        call_command("export_tickets", "--csv", "--from", day)
