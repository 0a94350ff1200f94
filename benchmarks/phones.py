"""Phones that ring and answer, all in one process that costs next to nothing; silent. Standard library.

usage: python -m benchmarks.phones ADDRESS…, ended by SIGTERM; prints `ready` on stderr once all listen

Each phone is one loopback address, port 5060. It rings at once, answers after `ANSWERS_AFTER`, and hangs up when told.
A SIPp for each of forty phones takes a third of a core and wakes thousands of times a second: what is measured beside
them would be their load. For calls with voice SIPp it is (`benchmarks.call_run`).
"""

from __future__ import annotations

import asyncio
import signal
import sys
from typing import Any

PORT = 5060
ANSWERS_AFTER = 0.3  # seconds, as the scenario of the SIPp phones


class Phone(asyncio.DatagramProtocol):
    """A callee as RFC 3261 wants it, as far as Asterisk on loopback needs one: nothing gets lost, nothing is resent."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.calls: dict[str, tuple[dict[str, str], Any, asyncio.TimerHandle | None]] = {}

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, sender: Any) -> None:
        head = data.decode("utf-8", "replace").split("\r\n\r\n")[0].split("\r\n")
        method, fields = head[0].split(" ", 1)[0], headers(head[1:])
        call = fields.get("call-id", "")
        if method == "INVITE":
            if call in self.calls:
                return
            later = asyncio.get_running_loop().call_later(ANSWERS_AFTER, self.answer, call)
            self.calls[call] = (fields, sender, later)
            self.reply("180 Ringing", fields, sender)
        elif method == "CANCEL":
            self.reply("200 OK", fields, sender)
            if call in self.calls:
                invite, _, later = self.calls.pop(call)
                if later is not None:
                    later.cancel()
                self.reply("487 Request Terminated", invite, sender)
        elif method == "BYE":
            self.calls.pop(call, None)
            self.reply("200 OK", fields, sender)
        elif method not in ("ACK", "SIP/2.0"):
            self.reply("200 OK", fields, sender)

    def answer(self, call: str) -> None:
        if call in self.calls:
            invite, sender, _ = self.calls[call]
            self.calls[call] = (invite, sender, None)
            self.reply("200 OK", invite, sender, self.sound())

    def sound(self) -> str:
        lines = ("v=0", f"o=phone 1 1 IN IP4 {self.address}", "s=-", f"c=IN IP4 {self.address}", "t=0 0",
                 "m=audio 6000 RTP/AVP 8", "a=rtpmap:8 PCMA/8000", "a=ptime:20", "a=sendrecv", "")  # fmt: skip
        return "\r\n".join(lines)

    def reply(self, status: str, fields: dict[str, str], sender: Any, body: str = "") -> None:
        to = fields["to"] if ";tag=" in fields["to"] else f"{fields['to']};tag=phone"
        lines = [f"SIP/2.0 {status}", *(f"Via: {via}" for via in fields["via"].split("\n")), f"From: {fields['from']}",
                 f"To: {to}", f"Call-ID: {fields['call-id']}", f"CSeq: {fields['cseq']}",
                 f"Contact: <sip:{self.address}:{PORT}>"]  # fmt: skip
        if body:
            lines.append("Content-Type: application/sdp")
        lines += [f"Content-Length: {len(body)}", "", body]
        self.transport.sendto("\r\n".join(lines).encode(), sender)


SHORT = {"v": "via", "f": "from", "t": "to", "i": "call-id"}


def headers(lines: list[str]) -> dict[str, str]:
    """Lower-case names; more than one Via are kept in order, each on a line."""
    found: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(":")
        name = SHORT.get(name.strip().lower(), name.strip().lower())
        found[name] = f"{found[name]}\n{value.strip()}" if name == "via" and name in found else value.strip()
    return found


async def main(addresses: list[str]) -> None:
    loop, over = asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, over.set)
    for address in addresses:
        await loop.create_datagram_endpoint(lambda where=address: Phone(where), local_addr=(address, PORT))  # type: ignore[misc]
    print("ready", file=sys.stderr, flush=True)
    await over.wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
