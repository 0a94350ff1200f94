"""How each kind of personal data is made unreadable: same length, and enough left to recognise one's own."""

from __future__ import annotations

import re
from collections.abc import Callable


def _keep(head: int, tail: int) -> Callable[[str], str]:
    def masked(text: str) -> str:
        """Stars for letters and digits between the first `head` and last `tail` of them; separators stay."""
        places = [at for at, char in enumerate(text) if char.isalnum()]
        hidden = set(places[head : len(places) - tail])
        return "".join("*" if at in hidden else char for at, char in enumerate(text))

    return masked


def _mask_email(text: str) -> str:
    user, _, host = text.partition("@")
    return user[0] + "*" * (len(user) - 1) + "@" + "*" * len(host.split(".")[0]) + host[len(host.split(".")[0]) :]


def _mask_door(text: str) -> str:
    return re.sub(r"[A-Za-z0-9零〇一二三四五六七八九十百\uff10-\uff19\uff21-\uff3a]", "*", text)


MASKS: dict[str, Callable[[str], str]] = {
    "email": _mask_email,
    "id_card": _keep(3, 1),
    "phone": _keep(3, 4),
    "bank_card": _keep(0, 4),
    "plate": _keep(2, 1),
    "landline": _keep(0, 2),
    "account": _keep(1, 0),
    "door": _mask_door,
    "name": _keep(1, 0),
}
