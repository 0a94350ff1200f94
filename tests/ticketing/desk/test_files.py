"""Attachments at the desk: by right, and with a journal event."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.city import City
from ticketing.models import Attachment

from .conftest import LogIn

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


@pytest.fixture(autouse=True)
def _folder(settings: Any, tmp_path: Path) -> None:
    settings.ATTACHMENTS = tmp_path / "attachments"


def test_a_unit_adds_a_file_and_strangers_do_not_get_it(city: City, log_in: LogIn) -> None:
    ticket = city.signed()
    sent = {"files": [SimpleUploadedFile("现场.pdf", PDF)], "text": "现场情况"}
    assert log_in("handler").post(f"/desk/t/{ticket.number}/files/", sent).status_code == 302
    row = Attachment.objects.get()
    assert not row.public
    at = f"/desk/files/{row.key}/"
    assert row.name in log_in("dispatcher").get(f"/desk/t/{ticket.number}/").content.decode()
    assert log_in("dispatcher").get(at).content == PDF
    for name in ("stranger", "far_dispatcher", "administrator"):
        assert log_in(name).get(at).status_code == 404
    assert ticket.events.order_by("-seq")[0].action == "note"


def test_wrong_files_are_refused_with_a_word(city: City, log_in: LogIn) -> None:
    ticket = city.signed()
    browser = log_in("handler")
    none = browser.post(f"/desk/t/{ticket.number}/files/", {})
    assert none.status_code == 422
    assert "请选择要上传的文件" in none.content.decode()
    script = browser.post(
        f"/desk/t/{ticket.number}/files/", {"files": [SimpleUploadedFile("a.html", b"<script>1</script>")]}
    )
    assert script.status_code == 422
    assert "a.html" in script.content.decode()
    assert not Attachment.objects.exists()
