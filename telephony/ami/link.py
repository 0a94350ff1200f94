"""A manager link that comes back by itself: one connection per generation, pings, time-outs, a bounded queue.

Whoever consumes `Link.events` gets `Up(generation)`, messages in order, `Down(generation, reason)`. After `Up` the
consumer reconciles: the manager interface does not replay what was missed. Actions are sent once; one whose answer is
lost raises and is never sent again (an Originate is not idempotent: it would be a second phone call).
"""

from __future__ import annotations

import logging
import queue
import random
import threading
import time
import uuid
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from telephony.ami.client import GuardedClient, action
from telephony.ami.messages import ActionRefused, ActionTimeout, LinkDown, Message

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Address:
    """Where the manager interface is. Parsed from `ami://user:secret@host:port`."""

    host: str
    port: int
    user: str
    secret: str = field(repr=False)

    @classmethod
    def parse(cls, url: str) -> Address:
        parts = urlsplit(url)
        if parts.scheme != "ami" or not parts.hostname or not parts.username or parts.password is None:
            raise ValueError("the manager address must read ami://user:secret@host:port")
        return cls(parts.hostname, parts.port or 5038, unquote(parts.username), unquote(parts.password))


@dataclass(frozen=True, slots=True)
class Up:
    generation: int


@dataclass(frozen=True, slots=True)
class Down:
    generation: int
    reason: str


Item = Up | Down | Message


@dataclass(slots=True)
class Pending:
    """An action waiting for its answer; `until` names the event that ends a list."""

    until: str = ""
    done: threading.Event = field(default_factory=threading.Event)
    response: Message | None = None
    events: list[Message] = field(default_factory=list)
    failure: str = ""


class Link:
    """Keeps one manager connection alive. Thread-safe; actions may come from any thread but the reader's."""

    def __init__(
        self,
        address: Address,
        *,
        capacity: int = 100_000,
        ping_seconds: float = 5,
        answer_seconds: float = 5,
        backoff: tuple[float, float] = (0.25, 15),
    ) -> None:
        self.address = address
        self.events: queue.Queue[Item] = queue.Queue(capacity)
        self.answer_seconds = answer_seconds
        self.generation = 0
        self.overflows = 0
        self._ping_seconds = ping_seconds
        self._backoff = backoff
        self._pending: dict[str, Pending] = {}
        self._lock = threading.Lock()
        self._client: GuardedClient | None = None
        self._up = False  # logged in
        self._ended = threading.Event()
        self._stop = threading.Event()
        self._last_pong = 0.0
        self._thread = threading.Thread(target=self._run, name="ami-link", daemon=True)

    # --- life --------------------------------------------------------------------------------------------------------
    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._ended.set()
        client = self._client
        if client is not None:
            client.disconnect()
        if self._thread.is_alive():
            self._thread.join(5)

    @property
    def healthy(self) -> bool:
        """True when a ping was answered lately: an object that exists is no proof of a link."""
        return self._up and time.monotonic() - self._last_pong < 2 * self._ping_seconds + 1

    def _run(self) -> None:
        pause = self._backoff[0]
        while not self._stop.is_set():
            reason = self._one_connection()
            if reason == "":
                pause = self._backoff[0]
                continue
            log.warning("manager link to %s:%d: %s", self.address.host, self.address.port, reason)
            self._stop.wait(pause * random.uniform(0.5, 1.5))
            pause = min(pause * 2, self._backoff[1])

    def _one_connection(self) -> str:
        """Runs one generation to its end. Empty when it was up, else why it never came up."""
        generation = self.generation + 1
        ended, why = threading.Event(), ["closed"]
        self._ended = ended

        def on_end(reason: str) -> None:
            why[0] = reason
            ended.set()
            if self._client is client:  # a connection of before has nothing to do with who waits now
                self._give_up(reason)

        client = GuardedClient(self.address.host, self.address.port, on_message=self._on_message, on_end=on_end)
        try:
            client.connect()
            self._client = client
            if ended.is_set():
                raise LinkDown(why[0])
            self._perform("Login", {"Username": self.address.user, "Secret": self.address.secret}, {}, "", 10)
        except (OSError, ActionRefused) as error:
            self._drop(client, str(error))
            return f"cannot log in: {error}"
        self.generation = generation
        self._last_pong = time.monotonic()
        self._up = True
        self.events.put(Up(generation))
        reason = self._watch(ended) or why[0]
        self._drop(client, reason)
        self.events.put(Down(generation, reason))
        return ""

    def _watch(self, ended: threading.Event) -> str:
        """Pings until the connection ends. Returns the reason when it was the ping that failed."""
        while not ended.wait(self._ping_seconds):
            try:
                self._perform("Ping", {}, {}, "", self.answer_seconds)
                self._last_pong = time.monotonic()
            except (OSError, ActionRefused) as error:
                return f"ping not answered: {error}"
        return ""

    def _drop(self, client: GuardedClient, reason: str) -> None:
        self._client, self._up = None, False
        client.disconnect()
        self._give_up(reason)

    def _give_up(self, reason: str) -> None:
        """Nobody waits for answers that cannot come any more, the log-in's included."""
        with self._lock:
            pending, self._pending = self._pending, {}
        for entry in pending.values():
            entry.failure = reason
            entry.done.set()

    # --- incoming ----------------------------------------------------------------------------------------------------
    def _on_message(self, message: Message) -> None:
        identity = message.get("ActionID")
        entry = self._pending.get(identity) if identity else None
        if entry is not None:
            self._answer(entry, message)
            return
        if message.kind != "Event":
            return
        try:
            self.events.put_nowait(message)
        except queue.Full:
            self.overflows += 1
            log.error("the event queue is full: the link is dropped and the state read anew")
            client = self._client
            if client is not None:
                client.disconnect()

    def _answer(self, entry: Pending, message: Message) -> None:
        if message.kind == "Response":
            entry.response = message
            if message.name == "Error" or not entry.until:
                entry.done.set()
        elif message.name == entry.until:
            entry.done.set()
        elif entry.until:
            entry.events.append(message)
        else:
            self.events.put_nowait(message)  # e.g. OriginateResponse: carries the id of an action already answered

    # --- outgoing ----------------------------------------------------------------------------------------------------
    def act(
        self, name: str, fields: dict[str, object] | None = None, variables: dict[str, object] | None = None
    ) -> Message:
        """Sends one action, once. Raises `LinkDown`, `ActionTimeout`, `ActionRefused` or `BadField`."""
        entry = self._perform(name, fields or {}, variables or {}, "", self.answer_seconds)
        if entry.response is None:
            raise LinkDown("the manager link broke before an answer")
        return entry.response

    def collect(self, name: str, until: str, fields: dict[str, object] | None = None) -> list[Message]:
        """Sends a list action and returns its events, up to the one named `until`."""
        return self._perform(name, fields or {}, {}, until, self.answer_seconds * 2).events

    def _perform(
        self, name: str, fields: dict[str, object], variables: dict[str, object], until: str, seconds: float
    ) -> Pending:
        client = self._client
        if client is None:
            raise LinkDown("there is no manager link to Asterisk at the moment")
        if threading.get_ident() == client.reader:
            raise RuntimeError("an action from the reader's thread would wait for itself")
        identity = str(fields.get("ActionID") or uuid.uuid4().hex)
        request = action(name, {**fields, "ActionID": identity}, variables)
        entry = Pending(until=until)
        with self._lock:
            self._pending[identity] = entry
        try:
            client.send(request)
            if not entry.done.wait(seconds):
                raise ActionTimeout(f"Asterisk did not answer {name} within {seconds} s")
        finally:
            with self._lock:
                self._pending.pop(identity, None)
        if entry.failure:
            raise LinkDown(f"the manager link broke before {name} was answered: {entry.failure}")
        if entry.response is not None and entry.response.name == "Error":
            raise ActionRefused(entry.response.get("Message", "refused without a reason"))
        return entry
