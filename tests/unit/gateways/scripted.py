"""A gateway that answers by a script, for what a well-behaved sandbox never says."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

# What to answer to "GET /path": one status and body, or a list of them, used up in order.
Answer = tuple[int, object]
Script = Mapping[str, Answer | list[Answer]]


@dataclass
class Asked:
    """The address of the scripted gateway, and what it was asked in order."""

    url: str
    calls: list[str] = field(default_factory=list[str])


@contextmanager
def scripted_gateway(script: Script) -> Iterator[Asked]:
    """Run the script on a free port; a call outside of it is answered with 418."""
    left = {call: list(a) if isinstance(a, list) else a for call, a in script.items()}
    asked = Asked("")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def _answer(self) -> None:
            self.rfile.read(int(self.headers.get("content-length") or 0))
            asked.calls.append(f"{self.command} {self.path}")
            answer = left.get(f"{self.command} {self.path.partition('?')[0]}", (418, {}))
            status, body = answer.pop(0) if isinstance(answer, list) else answer
            sent = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        asked.url = f"http://127.0.0.1:{server.server_port}"
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield asked
        finally:
            server.shutdown()
