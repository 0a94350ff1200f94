"""Callers and callees for tests: SIPp scenarios put together from steps, with a tone as their voice.

Each party has its own loopback address, so that all can use one port and trunks are known by address.
"""

from __future__ import annotations

import math
import os
import socket
import struct
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

PCAPS = Path("/usr/share/sip-tester")
#: several runs on one machine take different slots: loopback addresses and ports of their own
SLOT = int(os.environ.get("HOTLINE_TEST_PHONE_SLOT", "0"))
NET = f"127.{SLOT}"
CALLER, POLICE, PEER, CITIZEN = (f"{NET}.0.{n}" for n in (2, 3, 4, 5))
SDP = """Content-Type: application/sdp
Content-Length: [len]

v=0
o=u 53655765 2353687637 IN IP[local_ip_type] [local_ip]
s=-
c=IN IP[media_ip_type] [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 8 101
a=rtpmap:8 PCMA/8000
a=rtpmap:101 telephone-event/8000
a=fmtp:101 0-15
a=ptime:20
a=sendrecv
"""


def alaw(sample: int) -> int:
    """One 16-bit sample as G.711 A-law."""
    sign = 0x80 if sample >= 0 else 0
    value = min(abs(sample), 32635) >> 4
    if value < 16:
        code = value
    else:
        exponent = value.bit_length() - 5
        code = ((exponent + 1) << 4) | ((value >> exponent) & 0x0F) if exponent else 0x10 | (value & 0x0F)
    return (sign | code) ^ 0x55


def tone_pcap(path: Path, hertz: int, seconds: float) -> Path:
    """A capture of one RTP stream (PCMA, 20 ms packets): one tone, best a multiple of 50 Hz."""
    second = [
        bytes(alaw(int(9000 * math.sin(2 * math.pi * hertz * (packet * 160 + n) / 8000))) for n in range(160))
        for packet in range(50)
    ]
    with path.open("wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for packet in range(int(seconds * 50)):
            rtp = struct.pack("!BBHII", 0x80, 8, packet & 0xFFFF, packet * 160, 0x1234) + second[packet % 50]
            udp = struct.pack("!HHHH", 6000, 6000, 8 + len(rtp), 0) + rtp
            ip = struct.pack(
                "!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), packet & 0xFFFF, 0, 64, 17, 0, b"\x7f\0\0\1", b"\x7f\0\0\1"
            )
            frame = b"\0" * 12 + b"\x08\0" + ip + udp
            micros = packet * 20000
            file.write(struct.pack("<IIII", micros // 10**6, micros % 10**6, len(frame), len(frame)) + frame)
    return path


def request(method: str, *, body: str = "") -> str:
    target = "sip:[service]@[remote_ip]:[remote_port]" if method == "INVITE" else "[next_url]"
    tail = body or "Content-Length: 0\n"
    peer = "" if method == "INVITE" else "[peer_tag_param]"
    routes = "" if method == "INVITE" else "[routes]\n"  # through a proxy that wants to stay in the call
    number = {"INVITE": 1, "ACK": 1, "BYE": 2, "CANCEL": 1}[method]
    return f"""{method} {target} SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: "caller" <sip:[from]@[local_ip]:[local_port]>;tag=[pid]c[call_number]
To: <sip:[service]@[remote_ip]:[remote_port]>{peer}
Call-ID: [call_id]
CSeq: {number} {method}
{routes}Contact: <sip:[from]@[local_ip]:[local_port]>
Max-Forwards: 70
Allow: INVITE, ACK, BYE, CANCEL, OPTIONS, UPDATE, REFER, NOTIFY
{tail}"""


def reply(status: str, *, body: str = "", tag: bool = True) -> str:
    to = "[last_To:];tag=[pid]u[call_number]" if tag else "[last_To:]"
    tail = body or "Content-Length: 0\n"
    return f"""SIP/2.0 {status}
[last_Via:]
[last_From:]
{to}
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:[local_ip]:[local_port]>
{tail}"""


def send(text: str, retrans: bool = False) -> str:
    attribute = ' retrans="500"' if retrans else ""
    return f"<send{attribute}><![CDATA[\n{text}\n]]></send>"


def pause(milliseconds: int) -> str:
    return f'<pause milliseconds="{milliseconds}"/>'


def play(path: Path) -> str:
    return f'<nop><action><exec play_pcap_audio="{path}"/></action></nop>'


def key(digit: str) -> str:
    return play(PCAPS / f"dtmf_2833_{digit}.pcap")


CALL = [
    send(request("INVITE", body=SDP), retrans=True),
    '<recv response="100" optional="true"/>',
    '<recv response="180" optional="true"/>',
    '<recv response="183" optional="true"/>',
    '<recv response="200" rrs="true"/>',
    send(request("ACK")),
]
#: waits until the test says so: `House.cue` makes Asterisk send a NOTIFY within the call
CUE = ['<recv request="NOTIFY"/>', send(reply("200 OK", tag=False))]
HANGUP = [send(request("BYE"), retrans=True), '<recv response="200"/>']
HUNG_UP = ['<recv request="BYE"/>', send(reply("200 OK", tag=False))]
RING = ['<recv request="INVITE" crlf="true" rrs="true"/>', send(reply("180 Ringing"))]
ANSWER = [*RING, pause(300), send(reply("200 OK", body=SDP), retrans=True), '<recv request="ACK"/>']
BUSY = ['<recv request="INVITE" crlf="true"/>', send(reply("486 Busy Here"), retrans=True), '<recv request="ACK"/>']
REFUSED = send(reply("487 Request Terminated"), retrans=True)
NO_ANSWER = [
    *RING,
    '<recv request="CANCEL"/>',
    send(reply("200 OK")),
    REFUSED,
    '<recv request="ACK"/>',
]


def scenario(steps: list[str]) -> str:
    body = "\n".join(steps)
    head = '<?xml version="1.0" encoding="ISO-8859-1" ?>\n<!DOCTYPE scenario SYSTEM "sipp.dtd">\n'
    return f'{head}<scenario name="s">\n{body}\n</scenario>\n'


def free_port(address: str) -> int:
    """SIPp wants its port for UDP and TCP; a caller may use any, a callee's is known to its trunk."""
    while True:
        with socket.socket() as stream, socket.socket(type=socket.SOCK_DGRAM) as datagram:
            stream.bind((address, 0))
            port = int(stream.getsockname()[1])
            try:
                datagram.bind((address, port))
            except OSError:
                continue
            return port


@dataclass
class Sipp:
    """One running SIPp; `end()` waits for it and says whether every call went as its scenario says."""

    steps: list[str]
    folder: Path
    address: str
    remote: str = "127.0.0.1:5060"
    service: str = "12345"
    caller: str = "13800001111"
    calls: int = 1
    rate: float = 1
    limit: int = 400
    seconds: int = 600
    callee: bool = False
    port: int = 5060
    more: tuple[str, ...] = ()
    nice: int = 0
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> Sipp:
        if not self.callee:
            self.port = free_port(self.address)
        self.folder.mkdir(parents=True, exist_ok=True)
        file = self.folder / f"{self.address}-{self.port}.xml"
        file.write_text(scenario(self.steps).replace("[from]", self.caller), encoding="utf-8")
        command = ["nice", "-n", str(self.nice)]
        command += ["sipp", "-sf", str(file), "-i", self.address, "-mi", self.address, "-p", str(self.port), "-nostdin",
                   "-timeout", str(self.seconds), "-l", str(self.limit),
                   "-trace_err", *self.more]  # fmt: skip
        if not self.callee:
            command += ["-m", str(self.calls), "-r", str(self.rate), "-s", self.service, "-timeout_error", self.remote]
        self.process = subprocess.Popen(
            command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=(self.folder / "sipp.out").open("wb"),
            stderr=subprocess.STDOUT,
        )  # fmt: skip
        return self

    def end(self, seconds: float = 60) -> int:
        assert self.process is not None
        return self.process.wait(seconds)

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait(5)

    def __enter__(self) -> Sipp:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
