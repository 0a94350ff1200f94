"""A manager interface for tests: scripted on a real socket, with every way of misbehaving."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable
from types import TracebackType

Answer = Callable[["FakeManager", socket.socket, dict[str, str]], None]


def message(**keys: str) -> bytes:
    return "".join(f"{key}: {value}\r\n" for key, value in keys.items()).encode() + b"\r\n"


def polite(server: FakeManager, client: socket.socket, action: dict[str, str]) -> None:
    client.sendall(message(Response="Success", ActionID=action.get("ActionID", ""), Message="ok"))


class FakeManager:
    """Accepts connections one after another; `seen` holds every action received."""

    def __init__(self, answer: Answer = polite, banner: bytes = b"Asterisk Call Manager/11.0.0\r\n") -> None:
        self.answer, self.banner = answer, banner
        self.seen: list[dict[str, str]] = []
        self.clients: list[socket.socket] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                self.clients.append(client)
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        data = b""
        with contextlib.suppress(OSError):
            client.sendall(self.banner)
            while chunk := client.recv(65536):
                data += chunk
                while b"\r\n\r\n" in data:
                    block, data = data.split(b"\r\n\r\n", 1)
                    lines = [line.split(": ", 1) for line in block.decode().split("\r\n") if ": " in line]
                    action = dict(lines)
                    self.seen.append(action)
                    self.answer(self, client, action)

    def event(self, **keys: str) -> None:
        self.clients[-1].sendall(message(**keys))

    def raw(self, data: bytes) -> None:
        self.clients[-1].sendall(data)

    def cut(self) -> None:
        """An RST, as from a crashed machine: no goodbye."""
        client = self.clients[-1]
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        with contextlib.suppress(OSError):
            client.shutdown(socket.SHUT_RD)  # wakes the thread that reads, which else keeps the socket open
        time.sleep(0.02)
        client.close()

    def __enter__(self) -> FakeManager:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.listener.close()
        for client in self.clients:
            with contextlib.suppress(OSError):
                client.close()
