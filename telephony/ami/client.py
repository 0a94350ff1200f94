"""The package's client with the parts replaced that break under load or trouble.

What is kept: its action objects and their serialisation, its login. What is replaced, each with a test that shows
the break in tests/telephony/ami/test_package.py: the reader (dies of 3 s of silence, of one handler's exception, of one
odd message; splits lines at U+2028), the sender (partial writes, no lock), the futures (leak, return None).
"""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
from collections.abc import Callable

from asterisk.ami import Action, AMIClient

from telephony.ami.messages import Framer, LinkDown, Message, checked, checked_variable

log = logging.getLogger(__name__)


def action(name: str, fields: dict[str, object], variables: dict[str, object] | None = None) -> Action:
    """The package's action, every part checked before it is serialised."""
    checked("Action", name)
    keys = dict(checked(key, value) for key, value in fields.items() if value is not None)
    return Action(name, keys, dict(checked_variable(key, value) for key, value in (variables or {}).items()))


class GuardedClient(AMIClient):  # type: ignore[misc]
    """One connection, used once. `on_message` gets every message in order; `on_end` is called exactly once."""

    def __init__(
        self,
        host: str,
        port: int,
        *,
        on_message: Callable[[Message], None],
        on_end: Callable[[str], None],
        connect_seconds: float = 5,
    ) -> None:
        super().__init__(address=host, port=port, timeout=connect_seconds, buffer_size=65536)
        self._on_message = on_message
        self._on_end = on_end
        self._write = threading.Lock()
        self.reader: int | None = None

    def connect(self) -> None:
        self._socket = socket.create_connection((self._address, self._port), timeout=self._timeout)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        self._socket.settimeout(None)
        self.finished = threading.Event()
        self._thread = threading.Thread(target=self.listen, name="ami-reader", daemon=True)
        self._thread.start()

    def listen(self) -> None:
        self.reader = threading.get_ident()
        framer, reason = Framer(), "closed by Asterisk"
        try:
            while data := self._socket.recv(self._buffer_size):
                for message in framer.feed(data):
                    self._deliver(message)
        except OSError as error:
            reason = str(error)
        finally:
            self.finished.set()
            self._on_end(reason)

    def _deliver(self, message: Message) -> None:
        try:
            self._on_message(message)
        except Exception:
            log.exception("handler of manager message %s failed", message.name)

    def send(self, pack: Action) -> None:
        data = (str(pack) + "\r\n").encode(self.encoding)
        try:
            with self._write:
                self._socket.sendall(data)
        except OSError as error:
            raise LinkDown(f"the manager link broke while sending: {error}") from error

    def disconnect(self) -> None:
        if self._socket is None:
            return
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
