"""What a SIPp party hears: the RTP that goes to its address on loopback, taken off the wire. Needs root."""

from __future__ import annotations

import math
import socket
import struct
import time

ETHERNET_IP = 0x0800
PCMA = 8


def strength(samples: tuple[int, ...], hertz: int, rate: int = 8000) -> float:
    """Goertzel: the share of the samples' energy at one frequency, 0 to 1."""
    count = len(samples)
    coefficient = 2 * math.cos(2 * math.pi * hertz / rate)
    one = two = 0.0
    for sample in samples:
        one, two = sample + coefficient * one - two, one
    power = one * one + two * two - coefficient * one * two
    total = sum(sample * sample for sample in samples) * count / 2
    return power / total if total else 0.0


def linear(code: int) -> int:
    """One G.711 A-law byte as a 16-bit sample."""
    code ^= 0x55
    exponent, mantissa = (code >> 4) & 7, code & 0x0F
    value = (mantissa << 4) + 8 if exponent == 0 else ((mantissa << 4) + 0x108) << (exponent - 1)
    return value if code & 0x80 else -value


def listen(address: str, seconds: float = 0.8) -> tuple[int, ...]:
    """The samples that arrived at `address` within `seconds`."""
    wanted, samples = socket.inet_aton(address), []
    end = time.monotonic() + seconds
    with socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETHERNET_IP)) as wire:
        wire.bind(("lo", ETHERNET_IP))
        wire.settimeout(0.2)
        seen = set()
        while time.monotonic() < end:
            try:
                packet = wire.recv(2048)
            except TimeoutError:
                continue
            if packet[9] != socket.IPPROTO_UDP or packet[16:20] != wanted:
                continue
            rtp = packet[(packet[0] & 15) * 4 + 8 :]
            if len(rtp) < 12 or rtp[0] >> 6 != 2 or rtp[1] & 127 != PCMA:
                continue
            sequence = struct.unpack("!H", rtp[2:4])[0]
            if sequence not in seen:  # loopback shows a packet going out and coming in
                seen.add(sequence)
                samples += [linear(code) for code in rtp[12:]]
    return tuple(samples)


def hears(address: str, hertz: int) -> bool:
    """A tone of this frequency is in what that party hears now."""
    return strength(listen(address), hertz) > 0.05
