"""Files: recognised by content, cleaned, stored all or none, handed out by right."""

from __future__ import annotations

import os
import struct
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from tests.ticketing import files
from tests.ticketing.portal import world as worlds
from ticketing import attachments
from ticketing.attachments import kinds, receiving, storage
from ticketing.errors import BadInput, MoveNotAllowed, TicketNotFound
from ticketing.lifecycle.actors import citizen_actor, staff_actor
from ticketing.models import Attachment, Note, ReadLedger, Ticket, TicketEvent


@pytest.fixture
def world(db: None, settings: Any, tmp_path: Path) -> Iterator[worlds.World]:
    settings.ATTACHMENTS = tmp_path / "attachments"
    yield worlds.build()


@pytest.fixture
def ticket(world: worlds.World) -> Ticket:
    return world.accept().ticket


def photo(kind: str = "JPEG", size: tuple[int, int] = (80, 40), **options: object) -> bytes:
    target = BytesIO()
    Image.new("RGB", size, "teal").save(target, kind, **options)
    return target.getvalue()


def office(*names: str) -> bytes:
    target = BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name in ("[Content_Types].xml", *names):
            archive.writestr(name, "<x/>")
    return target.getvalue()


def upload(content: bytes, name: str = "现场.jpg", claimed: str = "image/jpeg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, claimed)


def on_disk(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
MP4 = struct.pack(">I", 24) + b"ftypisom" + b"\0" * 12
WAV = b"RIFF" + struct.pack("<I", 36) + b"WAVEfmt " + b"\0" * 24


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (photo(), kinds.JPEG),
        (photo("PNG"), kinds.PNG),
        (photo("WEBP"), kinds.WEBP),
        (PDF, kinds.PDF),
        (office("word/document.xml"), kinds.DOCX),
        (office("xl/workbook.xml"), kinds.XLSX),
        (b"ID3\x04\x00\x00\x00\x00\x00\x10" + b"\0" * 20, kinds.MP3),
        (b"\xff\xfb\x90\x64" + b"\0" * 40, kinds.MP3),
        (WAV, kinds.WAV),
        (struct.pack(">I", 24) + b"ftypM4A " + b"\0" * 12, kinds.M4A),
        (MP4, kinds.MP4),
    ],
)
def test_the_bytes_say_what_a_file_is(content: bytes, kind: kinds.FileKind) -> None:
    assert kinds.recognise(BytesIO(content)) is kind


@pytest.mark.parametrize(
    "content",
    [
        b"<html><script>alert(1)</script></html>",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"GIF89a" + b"\0" * 30,
        b"MZ\x90\x00" + b"\0" * 60,
        b"\x7fELF" + b"\0" * 60,
        b"#!/bin/sh\necho",
        b"%PDF-1.7 cut off",
        b" %PDF-1.7\n%%EOF",
        b"PK\x03\x04 not really an archive",
        office("payload.txt"),
        office("word/document.xml", "word/vbaProject.bin"),
        office("word/document.xml", "run.exe"),
        b"\xff\xff\xf0\xff" + b"\0" * 40,
        b"ID3",
        b"\0\0\0\x18ftypqt  ",
        b"",
    ],
)
def test_everything_else_is_refused_and_says_what_is_accepted(content: bytes) -> None:
    with pytest.raises(BadInput) as caught:
        kinds.recognise(BytesIO(content))
    assert caught.value.field == "files"
    assert "PDF" in str(caught.value)


def test_an_archive_that_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinds, "MOST_UNPACKED_BYTES", 10)
    with pytest.raises(BadInput):
        kinds.recognise(BytesIO(office("word/document.xml", "word/media/a.bin")))


def test_position_camera_and_owner_leave_the_picture(ticket: Ticket) -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x013B], exif[0x0112] = "MakerOfPhone", "张三的手机", 6
    exif.get_ifd(0x8825)[2] = (34.0, 45.0, 30.0)
    kept = files.store(ticket, upload(photo(exif=exif, comment=b"secret")), "citizen")
    content = storage.read(kept.key)
    with Image.open(BytesIO(content)) as picture:
        assert picture.size == (40, 80)  # turned upright, as the orientation said
        assert not dict(picture.getexif())
        assert "comment" not in picture.info
    assert b"MakerOfPhone" not in content
    assert b"Exif" not in content


def test_what_hides_behind_the_pixels_is_gone(ticket: Ticket) -> None:
    polyglot = photo() + office("word/document.xml") + b"<script>alert(1)</script>"
    kept = files.store(ticket, upload(polyglot, "a.docx.html"), "citizen")
    content = storage.read(kept.key)
    assert b"script" not in content and b"PK\x03\x04" not in content
    assert kept.content_type == "image/jpeg"
    assert kept.name == "a.docx.jpg"


def png_bomb(side: int) -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("content", [png_bomb(6000), png_bomb(60_000), photo()[:200], photo("PNG")[:60]])
def test_bombs_and_damaged_pictures_are_refused(ticket: Ticket, content: bytes, settings: Any) -> None:
    with pytest.raises(BadInput, match="现场"):
        files.store(ticket, upload(content), "citizen")
    assert on_disk(settings.ATTACHMENTS) == []


def test_a_large_picture_is_kept_smaller(ticket: Ticket) -> None:
    kept = files.store(ticket, upload(photo(size=(6400, 1600))), "citizen")
    with Image.open(BytesIO(storage.read(kept.key))) as picture:
        assert picture.size == (3000, 750)


def test_transparency_survives(ticket: Ticket) -> None:
    target = BytesIO()
    Image.new("RGBA", (4, 4), (0, 0, 0, 0)).save(target, "PNG")
    kept = files.store(ticket, upload(target.getvalue(), "a.png"), "citizen")
    with Image.open(BytesIO(storage.read(kept.key))) as picture:
        assert picture.mode == "RGBA"


def test_too_large_empty_and_too_many(ticket: Ticket, settings: Any) -> None:
    settings.ATTACHMENT_MB = 1
    with pytest.raises(BadInput, match="超过 1 MB"):
        files.store(ticket, upload(PDF[:9] + b"\0" * 2**20 + b"%%EOF", "a.pdf"), "citizen")
    with pytest.raises(BadInput, match="空的"):
        files.store(ticket, upload(b"", "a.pdf"), "citizen")
    many = [upload(PDF, "a.pdf")] * (attachments.MOST_FILES + 1)
    with pytest.raises(BadInput, match="一次最多"), attachments.receive(many):
        pass
    assert on_disk(settings.ATTACHMENTS) == []


def test_a_ticket_has_a_most(ticket: Ticket, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    monkeypatch.setattr(receiving, "MOST_PER_TICKET", 1)
    attachments.add(ticket.pk, [upload(PDF, "a.pdf")], actor=citizen_actor(ticket.pk))
    with pytest.raises(BadInput, match="最多 1 个"):
        attachments.add(ticket.pk, [upload(PDF, "b.pdf")], actor=citizen_actor(ticket.pk))
    assert len(on_disk(settings.ATTACHMENTS)) == 1


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\照片\\门口.PDF", "门口.PDF"),
        ("a\u202efdp.exe", "afdp.pdf"),
        ("\x00\x1f", "附件.pdf"),
        ("x" * 300 + ".pdf", "x" * 96 + ".pdf"),
    ],
)
def test_names_are_made_harmless(ticket: Ticket, given: str, shown: str) -> None:
    tidy = receiving.with_ending(receiving.tidy(given), "pdf")
    assert tidy == shown


def test_one_bad_file_keeps_none(ticket: Ticket, settings: Any) -> None:
    with pytest.raises(BadInput, match="坏"):
        attachments.add(
            ticket.pk, [upload(PDF, "好.pdf"), upload(b"MZ", "坏.pdf")], actor=citizen_actor(ticket.pk), text="补充"
        )
    assert on_disk(settings.ATTACHMENTS) == []
    assert not Attachment.objects.exists() and not Note.objects.exists()


def test_a_full_disk_leaves_nothing(ticket: Ticket, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "no space left")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError):
        files.store(ticket, upload(PDF, "a.pdf"), "citizen")
    assert on_disk(settings.ATTACHMENTS) == []
    assert not Attachment.objects.exists()


def test_a_refused_action_leaves_neither_file_nor_row(ticket: Ticket, settings: Any, world: worlds.World) -> None:
    world.closed(ticket)
    with pytest.raises(MoveNotAllowed, match="补充材料"):
        attachments.add(ticket.pk, [upload(PDF, "a.pdf")], actor=citizen_actor(ticket.pk))
    assert on_disk(settings.ATTACHMENTS) == []


def test_a_failing_database_takes_event_and_file_back(
    ticket: Ticket, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("connection lost")

    monkeypatch.setattr("ticketing.lifecycle.case.publish", broken)
    before = TicketEvent.objects.count()
    with pytest.raises(RuntimeError):
        attachments.add(ticket.pk, [upload(PDF, "a.pdf")], actor=citizen_actor(ticket.pk))
    assert TicketEvent.objects.count() == before
    assert on_disk(settings.ATTACHMENTS) == []


def test_adding_is_journalled(ticket: Ticket, world: worlds.World) -> None:
    attachments.add(ticket.pk, [upload(PDF, "a.pdf")], actor=citizen_actor(ticket.pk))
    world.dispatched(ticket)
    attachments.add(ticket.pk, [upload(PDF, "b.pdf")], actor=staff_actor(world.staff["handler"]), text="现场勘查")
    added = TicketEvent.objects.filter(action__in=["evidence", "note"]).order_by("pk")
    assert list(added.values_list("action", flat=True)) == ["evidence", "note"]
    assert list(Attachment.objects.order_by("pk").values_list("by", "public")) == [("citizen", True), ("staff", False)]
    with pytest.raises(TicketNotFound):
        attachments.add(ticket.pk, [], actor=staff_actor(world.staff["stranger"]), text="x")


def test_only_old_files_without_a_row_are_swept(ticket: Ticket, settings: Any) -> None:
    kept = files.store(ticket, upload(PDF, "a.pdf"), "citizen")
    orphan, _, _ = storage.write(BytesIO(PDF))
    half = storage.place(orphan).with_suffix(".part")
    half.write_bytes(b"x")
    assert storage.sweep() == 0
    for path in on_disk(settings.ATTACHMENTS):
        os.utime(path, (1, 1))
    assert storage.sweep() == 2
    assert on_disk(settings.ATTACHMENTS) == [storage.place(kept.key)]


def test_keys_never_lead_elsewhere() -> None:
    for key in ("../secret", "a" * 63, "A" * 64, "", "a" * 64 + "\n"):
        with pytest.raises(ValueError, match="not a key"):
            storage.place(key)


class TestServing:
    @pytest.mark.parametrize(
        ("who", "status"), [("dispatcher", 200), ("supervisor", 200), ("handler", 200), ("stranger", 404), ("", 404)]
    )
    def test_only_who_knows_the_ticket(
        self, client: Client, world: worlds.World, ticket: Ticket, who: str, status: int
    ) -> None:
        world.dispatched(ticket)
        kept = files.store(ticket, upload(PDF, "合同.pdf"), "citizen")
        if who:
            client.force_login(world.staff[who])
        assert client.get(f"/files/{kept.key}/").status_code == status

    def test_headers(self, client: Client, world: worlds.World, ticket: Ticket) -> None:
        client.force_login(world.staff["dispatcher"])
        kept = files.store(ticket, upload(PDF, '合"同\r\n.pdf'), "citizen")
        answer = client.get(f"/files/{kept.key}/")
        assert answer["Content-Type"] == "application/pdf"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Disposition"].startswith("attachment;")
        assert (
            answer["Content-Security-Policy"].startswith("default-src 'none'")
            and "sandbox" in answer["Content-Security-Policy"]
        )
        assert "no-store" in answer["Cache-Control"]
        picture = files.store(ticket, upload(photo()), "citizen")
        assert client.get(f"/files/{picture.key}/")["Content-Disposition"].startswith("inline;")

    def test_a_confidential_file_is_noted(self, client: Client, world: worlds.World) -> None:
        ticket = world.accept(confidential=True).ticket
        kept = files.store(ticket, upload(PDF, "a.pdf"), "citizen")
        client.force_login(world.staff["dispatcher"])
        client.get(f"/files/{kept.key}/")
        assert ReadLedger.objects.filter(ticket=ticket, staff=world.staff["dispatcher"]).count() == 1

    def test_a_missing_file_is_404(self, client: Client, world: worlds.World, ticket: Ticket) -> None:
        kept = files.store(ticket, upload(PDF, "a.pdf"), "citizen")
        storage.remove(kept.key)
        client.force_login(world.staff["dispatcher"])
        assert client.get(f"/files/{kept.key}/").status_code == 404
        assert client.get("/files/nothing/").status_code == 404
        assert client.get("/files/%00/").status_code == 404


def test_a_stranger_cannot_add(ticket: Ticket, settings: Any) -> None:
    with pytest.raises(TicketNotFound):
        attachments.add(ticket.pk, [upload(PDF, "a.pdf")], actor=citizen_actor())
    assert on_disk(settings.ATTACHMENTS) == []
