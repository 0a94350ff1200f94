"""How identity fields look to those who may not see them."""

from __future__ import annotations


def phone(text: str) -> str:
    """`138****1234`; short ones keep two digits."""
    if not text:
        return ""
    return f"{text[:3]}****{text[-4:]}" if len(text) >= 10 else f"{'*' * max(len(text) - 2, 1)}{text[-2:]}"


def name(text: str) -> str:
    """`张**`: the family name only."""
    return f"{text[0]}{'*' * (len(text) - 1)}" if text else ""


def id_number(text: str) -> str:
    return f"{text[:3]}{'*' * max(len(text) - 7, 4)}{text[-4:]}" if text else ""


def address(text: str) -> str:
    """The first six characters, of a short one the first half: the district, not the door."""
    return f"{text[: min(6, len(text) // 2)]}{'*' * 4}" if text else ""


def email(text: str) -> str:
    user, at, host = text.partition("@")
    return f"{user[:1]}***{at}{host}" if text else ""
