"""What somebody reports, parsed once at the edge into a typed object."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from unicodedata import normalize

from ticketing.errors import BadInput
from ticketing.privacy.identity import Person
from ticketing.terms import Channel, Kind, Urgency

TITLE_MOST = 200
BODY_LEAST = 2
BODY_MOST = 20_000
_BETWEEN_DIGITS = re.compile(r"[\s()-]")
_TEXTS = ("body", "title", "place", "enterprise", "external_id", "call_key")
#: how a system is named whose numbers are its own
SOURCE = re.compile(r"[A-Za-z0-9_-]{1,40}")
#: an enumeration makes a new list each time that it is asked for its values
_CODES = {kind: frozenset(kind.values) for kind in (Channel, Kind, Urgency)}


@dataclass(frozen=True, kw_only=True)
class Report:
    """A matter as it came in. `external_id` is the other side's number, `source` names that side where a channel has
    several: (channel, source, external_id) is accepted once.

    Raises `BadInput` naming the first wrong field.
    """

    channel: str
    body: str
    title: str = ""
    kind: str = ""
    category: int | None = None
    urgency: str = ""
    region: str = ""
    city: str = ""
    place: str = ""
    enterprise: str = ""
    confidential: bool = False
    anonymous: bool = False
    wants_callback: bool = True
    publishable: bool = False
    person: Person = field(default_factory=Person, repr=False)
    external_id: str | None = None
    source: str = ""
    complained_unit: int | None = None
    call_key: str = ""
    parent: int | None = None
    created_at: datetime | None = None
    likes: int = 0
    dislikes: int = 0

    def __post_init__(self) -> None:
        if self.channel not in _CODES[Channel]:
            raise BadInput("channel", f"“channel”只接受：{'、'.join(Channel.values)}", accepted=Channel.values)
        _length("body", self.body, BODY_LEAST, BODY_MOST)
        _length("title", self.title, 0, TITLE_MOST)
        _length("place", self.place, 0, 300)
        _length("enterprise", self.enterprise, 0, 200)
        for name, kind in (("kind", Kind), ("urgency", Urgency)):
            value = getattr(self, name)
            if value and value not in _CODES[kind]:
                raise BadInput(name, f"“{name}”只接受：{'、'.join(kind.values)}", accepted=kind.values)
        if self.external_id is not None:
            _length("external_id", self.external_id, 1, 120)
        self._storable()
        _phone(self.person.phone)

    def _storable(self) -> None:
        """A zero byte is text for JSON and for SQLite, but not for PostgreSQL."""
        texts = {name: getattr(self, name) or "" for name in _TEXTS} | vars(self.person)
        if "\x00" in "".join(texts.values()):
            wrong = next(name for name, content in texts.items() if "\x00" in content)
            raise BadInput(wrong, f"“{wrong}”中有不可用的控制字符")

    @property
    def headline(self) -> str:
        """The title, or the first sentence of the body when none was given."""
        return self.title.strip() or self.body.strip().replace("\n", " ")[:40]

    @property
    def text(self) -> str:
        """Title and body as one text to read; a title that the body begins with is not said twice."""
        title = self.title.strip()
        return f"{title}\n{self.body}" if title and not self.body.lstrip().startswith(title) else self.body


def _length(field_name: str, text: str, least: int, most: int) -> None:
    length = len(text.strip())
    if not least <= length <= most:
        raise BadInput(field_name, f"“{field_name}”应为 {least} 至 {most} 个字，现为 {length} 个字")


def _phone(text: str) -> None:
    digits = _BETWEEN_DIGITS.sub("", normalize("NFKC", text)).removeprefix("+") if text else ""
    if text and not (digits.isdigit() and 5 <= len(digits) <= 15):
        raise BadInput("phone", "“phone”应为 5 至 15 位数字的电话号码")
