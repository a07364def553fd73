"""A mail server on this machine: takes mails, or answers what a test tells it to."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage


@dataclass
class MailServer:
    """What came in; ``refusals`` are the answers to the next recipients, such as ``550 no``."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list[EmailMessage])
    refusals: list[str] = field(default_factory=list[str])


class _Talk(socketserver.StreamRequestHandler):
    house: MailServer

    def handle(self) -> None:
        self._say("220 here")
        while line := self.rfile.readline():
            command = line.decode().strip().upper()
            if command.startswith("QUIT"):
                self._say("221 bye")
                return
            if command.startswith("RCPT") and self.house.refusals:
                self._say(self.house.refusals.pop(0))
            elif command.startswith("DATA"):
                self._say("354 go on")
                self._take()
                self._say("250 taken")
            else:
                self._say("250 well")

    def _take(self) -> None:
        lines: list[bytes] = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        read = message_from_bytes(b"".join(lines), policy=policy.default)
        assert isinstance(read, EmailMessage)
        self.house.mails.append(read)

    def _say(self, answer: str) -> None:
        self.wfile.write(answer.encode() + b"\r\n")


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """Run a mail server on a free port."""
    house = MailServer()
    talk = type("_HouseTalk", (_Talk,), {"house": house})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), talk) as server:
        server.daemon_threads = True
        house.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield house
        finally:
            server.shutdown()
            thread.join()
