"""Where the account is: HOTLINE_SIP_URL, `sip://user:password@host:port`."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit


@dataclass(frozen=True, slots=True)
class Account:
    host: str
    port: int
    user: str
    password: str = field(repr=False)
    own_address: str = "127.0.0.1"
    own_port: int = 5070

    @classmethod
    def parse(cls, url: str, own_address: str = "127.0.0.1", own_port: int = 5070) -> Account:
        parts = urlsplit(url)
        if parts.scheme != "sip" or not parts.hostname or not parts.username or not parts.password:
            raise ValueError("the SIP account must read sip://user:password@host:port")
        return cls(parts.hostname, parts.port or 5060, unquote(parts.username), unquote(parts.password),
                   own_address, own_port)  # fmt: skip
