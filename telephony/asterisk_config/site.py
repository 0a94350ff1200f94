"""What one Asterisk node must know, as plain data: no Django, no files, checked when built.

Everything that ends up in a configuration file passes `clean`: a line break, a comment sign or a bracket in a name
would otherwise become configuration.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network

NAME = re.compile(r"^[a-z0-9][a-z0-9_-]{0,39}$")
NUMBER = re.compile(r"^\+?[0-9]{2,20}$")
EXTENSION = re.compile(r"^[0-9]{3,8}$")
HOST = re.compile(r"^[A-Za-z0-9.:\[\]-]{1,255}$")
FORBIDDEN = re.compile(r"[\x00-\x1f\x7f;\[\]]")
CLASSES = ("internal", "local", "national")


class BadSite(ValueError):
    """The description cannot become a configuration; the text names the field and what is accepted."""


def check(pattern: re.Pattern[str], value: str, what: str) -> str:
    if not pattern.match(value):
        raise BadSite(f"{what} {value!r}: accepted is {pattern.pattern}")
    return value


def clean(value: str, what: str) -> str:
    if FORBIDDEN.search(value):
        raise BadSite(f"{what}: control characters, ';', '[' and ']' are not accepted")
    return value


def code(trunk: str) -> str:
    """Six digits that stand for a trunk's name where only digits can be dialled; the same in bridge and dial plan."""
    return str(100_000 + zlib.crc32(trunk.encode()) % 900_000)


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the node listens: `bind` for SIP, `sound` for the RTP of phones in the page, `inside` for manager and
    WebSocket, which only bridge and web processes may reach. All are loopback unless an operator decides otherwise.

    Asterisk binds the sound of an endpoint where its transport is bound, also for a WebSocket transport, whose own
    address is that of its HTTP server: with loopback there a browser on another machine hears nothing.
    """

    sip: int = 5060
    ami: int = 5038
    http: int = 8088
    rtp_start: int = 20000
    rtp_end: int = 20999
    bind: str = "127.0.0.1"
    sound: str = "127.0.0.1"
    inside: str = "127.0.0.1"

    def __post_init__(self) -> None:
        ip_address(self.bind)
        ip_address(self.sound)
        ip_address(self.inside)
        for name in ("sip", "ami", "http", "rtp_start", "rtp_end"):
            if not 1024 <= getattr(self, name) <= 65535:
                raise BadSite(f"port {name}={getattr(self, name)}: accepted is 1024 to 65535")
        if self.rtp_end - self.rtp_start < 20:
            raise BadSite("rtp_start..rtp_end must hold at least 20 ports")


@dataclass(frozen=True, slots=True)
class QueueSpec:
    """A waiting line. `ring_seconds`: how long one seat rings; `wrap_seconds`: the least pause after a call."""

    name: str
    label: str = ""
    ring_seconds: int = 15
    wrap_seconds: int = 2
    max_wait_seconds: int = 600
    max_length: int = 0
    announce_position: bool = True

    def __post_init__(self) -> None:
        check(NAME, self.name, "queue")
        if self.name == "general" or self.name.startswith("seat-"):
            raise BadSite(f"queue {self.name!r}: 'general' and names that start with 'seat-' are Asterisk's and ours")


@dataclass(frozen=True, slots=True)
class LineSpec:
    """An inbound number and the queue behind it. `menu` offers the short menu first (off by default, GB/T 33358)."""

    number: str
    queue: str
    menu: bool = False
    bare: bool = False  # no greeting, music or recording: for measuring the signalling alone
    hours: str = ""  # Asterisk GotoIfTime form, e.g. "08:00-20:00,mon-fri,*,*"; empty: 7×24

    def __post_init__(self) -> None:
        check(NUMBER, self.number, "line")
        check(NAME, self.queue, "queue of the line")
        if self.hours and not re.match(r"^[0-9a-z:,*&-]{7,60}$", self.hours):
            raise BadSite(f"hours {self.hours!r}: accepted is Asterisk's time form, e.g. 08:00-20:00,mon-fri,*,*")


@dataclass(frozen=True, slots=True)
class SeatSpec:
    """One agent's phone. A WebRTC seat gets its secret at login (AstDB); a SIP phone may have a fixed contact."""

    extension: str
    webrtc: bool = True
    service: str = "internal"
    contact: str = ""

    def __post_init__(self) -> None:
        check(EXTENSION, self.extension, "seat")
        if self.service not in CLASSES:
            raise BadSite(f"class of service {self.service!r}: accepted are {', '.join(CLASSES)}")
        if self.contact:
            check(re.compile(r"^sip:[A-Za-z0-9.@:_-]+$"), self.contact, "contact")


@dataclass(frozen=True, slots=True)
class TrunkSpec:
    """A link to another network. `kind`: carrier, police (110) or peer (another 12345).

    A trunk is known by its addresses (`matches`); with `username` it also registers and authenticates outwards.
    """

    name: str
    kind: str = "carrier"
    host: str = ""
    port: int = 5060
    matches: tuple[str, ...] = ()
    username: str = ""
    secret: str = field(default="", repr=False)
    register: bool = False
    number: str = "12345"

    def __post_init__(self) -> None:
        check(NAME, self.name, "trunk")
        check(NUMBER, self.number, "number of a trunk")
        if self.kind not in ("carrier", "police", "peer"):
            raise BadSite(f"trunk kind {self.kind!r}: accepted are carrier, police, peer")
        for host in (self.host, *self.matches):
            if host:
                check(HOST, host.replace("/", "."), "trunk address")


@dataclass(frozen=True, slots=True)
class Site:
    """One node: `home` is its folder as Asterisk itself sees it (inside a chroot where there is one)."""

    node: str
    home: str
    manager_secret: str = field(repr=False)
    ports: Ports = field(default_factory=Ports)
    modules: str = ""
    queues: tuple[QueueSpec, ...] = (QueueSpec("normal", "普通"),)
    lines: tuple[LineSpec, ...] = (LineSpec("12345", "normal"),)
    seats: tuple[SeatSpec, ...] = ()
    trunks: tuple[TrunkSpec, ...] = ()
    transfer_seconds: int = 25  # how long 110 is rung before the caller is back
    external_address: str = ""
    local_nets: tuple[str, ...] = ()
    stun: str = ""
    turn: str = ""
    turn_user: str = ""
    turn_password: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        check(NAME, self.node, "node")
        if len(self.manager_secret) < 32:
            raise BadSite("the manager secret must have at least 128 bits (32 hexadecimal digits)")
        for value, what in ((self.external_address, "external address"), (self.stun, "stun"), (self.turn, "turn")):
            if value:
                check(HOST, value, what)
        for net in self.local_nets:
            try:
                ip_network(net)
            except ValueError:
                raise BadSite(f"local net {net!r}: accepted is an address with its prefix, e.g. 10.0.0.0/8") from None
        if self.external_address and not self.local_nets:
            raise BadSite("an external address needs the local nets beside it: which peers are not outside")
        known = {queue.name for queue in self.queues}
        for line in self.lines:
            if line.queue not in known:
                raise BadSite(f"line {line.number} leads to queue {line.queue!r}; known are {', '.join(sorted(known))}")
        seen: set[str] = set()
        for name in [s.extension for s in self.seats] + [t.name for t in self.trunks]:
            if name in seen:
                raise BadSite(f"{name!r} is used twice among seats and trunks")
            seen.add(name)
        if len({code(trunk.name) for trunk in self.peers}) < len(self.peers):
            raise BadSite("two peer trunks have the same code; rename one of them")

    @property
    def peers(self) -> tuple[TrunkSpec, ...]:
        """Other 12345 platforms that calls can be passed on to."""
        return tuple(trunk for trunk in self.trunks if trunk.kind == "peer" and trunk.host)

    def trunk(self, kind: str) -> TrunkSpec | None:
        """The first outward trunk of a kind: the way to 110, to a peer, to the carrier."""
        return next((trunk for trunk in self.trunks if trunk.kind == kind and trunk.host), None)
