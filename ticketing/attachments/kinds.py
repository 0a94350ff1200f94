"""What a file is, read from its bytes; its name and the type the browser claims count for nothing."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from typing import IO

from ticketing.errors import BadInput

ACCEPTED = "图片（JPG、PNG、WebP）、PDF、Word（docx）、Excel（xlsx）、录音（MP3、WAV、M4A）、视频（MP4）"
#: for the `accept` attribute of file fields: a hint to the browser, never a check
ACCEPT_ATTRIBUTE = "image/jpeg,image/png,image/webp,.pdf,.docx,.xlsx,.mp3,.wav,.m4a,.mp4"

HEAD_BYTES = 4096
MOST_ZIP_ENTRIES = 3000
MOST_UNPACKED_BYTES = 200 * 1024 * 1024


@dataclass(frozen=True)
class FileKind:
    """`content_type` is what the file is served as; `ending` replaces the name's own; `image`: is re-encoded."""

    content_type: str
    ending: str
    image: str = ""


JPEG = FileKind("image/jpeg", "jpg", "JPEG")
PNG = FileKind("image/png", "png", "PNG")
WEBP = FileKind("image/webp", "webp", "WEBP")
PDF = FileKind("application/pdf", "pdf")
DOCX = FileKind("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx")
XLSX = FileKind("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx")
MP3 = FileKind("audio/mpeg", "mp3")
WAV = FileKind("audio/wav", "wav")
M4A = FileKind("audio/mp4", "m4a")
MP4 = FileKind("video/mp4", "mp4")

_MP4_BRANDS = {
    b"isom",
    b"iso2",
    b"iso4",
    b"iso5",
    b"iso6",
    b"mp41",
    b"mp42",
    b"avc1",
    b"dash",
    b"M4V ",
    b"3gp4",
    b"3gp5",
}
#: of an MPEG audio frame: sync and layer III, without reserved bit rate or sampling rate
_LAYER_3 = {0xFA, 0xFB, 0xF2, 0xF3, 0xE2, 0xE3}


def recognise(file: IO[bytes]) -> FileKind:
    """The kind of an accepted file. Raises `BadInput("files", …)` for everything else; the file is rewound."""
    file.seek(0)
    head = file.read(HEAD_BYTES)
    file.seek(0)
    kind = _by_magic(head) or (_office(file) if head.startswith(b"PK\x03\x04") else None)
    file.seek(0)
    if kind is PDF and not _whole_pdf(file):
        kind = None
    if kind is None:
        raise BadInput("files", f"不能识别或不接受这种文件。可以上传：{ACCEPTED}", accepted=ACCEPTED)
    return kind


def _by_magic(head: bytes) -> FileKind | None:
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if head.startswith(b"%PDF-"):
        return PDF
    if head.startswith(b"RIFF") and len(head) > 12:
        return {b"WEBP": WEBP, b"WAVE": WAV}.get(head[8:12])
    return _sound_or_film(head)


def _sound_or_film(head: bytes) -> FileKind | None:
    if head[4:8] == b"ftyp":
        brand = head[8:12]
        return M4A if brand == b"M4A " else MP4 if brand in _MP4_BRANDS else None
    if head.startswith(b"ID3") and len(head) > 10 and max(head[6:10]) < 0x80:
        return MP3
    frame = len(head) > 4 and head[0] == 0xFF and head[1] in _LAYER_3
    return MP3 if frame and head[2] >> 4 not in (0, 15) and (head[2] >> 2) & 3 != 3 else None


def _whole_pdf(file: IO[bytes]) -> bool:
    file.seek(0, 2)
    file.seek(max(0, file.tell() - 2048))
    complete = b"%%EOF" in file.read()
    file.seek(0)
    return complete


def _office(file: IO[bytes]) -> FileKind | None:
    """A Word or Excel file without macros that unpacks to a sane size; other archives are not accepted."""
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return None
    names = {entry.filename for entry in entries}
    bomb = len(entries) > MOST_ZIP_ENTRIES or sum(entry.file_size for entry in entries) > MOST_UNPACKED_BYTES
    macros = any(name.lower().endswith(("vbaproject.bin", ".exe", ".dll", ".js")) for name in names)
    if bomb or macros or "[Content_Types].xml" not in names:
        return None
    if "word/document.xml" in names:
        return DOCX
    return XLSX if "xl/workbook.xml" in names else None
