"""Another platform for tests: a small server on loopback that speaks the protocol of docs/api.md, and can be away."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN = "aaaaaaaaaa.secret-of-ours"
FIELDS = {"body", "title", "external_id", "kind", "category", "urgency", "region", "place", "enterprise",
          "confidential", "anonymous", "wants_callback", "publishable", "person"}  # fmt: skip


@dataclass
class Platform:
    """What it was told, by idempotency key; what it answers."""

    url: str = ""
    matters: dict[str, dict[str, Any]] = field(default_factory=dict)
    status: str = "new"
    answer: str = ""
    refusal: int = 0  # an HTTP status instead of an answer
    lost: int = 0  # so many answers get lost after the matter was taken
    asked: int = 0

    def create(self, key: str, content: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        unknown = set(content) - FIELDS
        if unknown or not content.get("body"):
            return 422, {"code": "bad_input", "message": "", "retry": False, "facts": {"field": sorted(unknown)}}
        new = key not in self.matters
        self.matters.setdefault(key, content)
        number = f"77{list(self.matters).index(key):016d}"
        return (201 if new else 200), {"number": number, "status": "new", "new": new, "query_code": ""}


@contextmanager
def platform() -> Iterator[Platform]:
    found = Platform()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self.reply(lambda: found.create(self.headers["Idempotency-Key"], content))

        def do_GET(self) -> None:
            self.reply(lambda: (200, {"number": "7", "status": found.status, "public_answer": found.answer}))

        def reply(self, run: Any) -> None:
            found.asked += 1
            if self.headers["Authorization"] != f"Bearer {TOKEN}":
                code, content = 401, {"code": "key"}
            elif found.refusal:
                code, content = found.refusal, {"code": "rule", "message": "", "retry": False, "facts": {}}
            else:
                code, content = run()
                if found.lost:
                    found.lost -= 1
                    self.connection.close()
                    return
            body = json.dumps(content).encode()
            self.send_response(code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return None

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    found.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
