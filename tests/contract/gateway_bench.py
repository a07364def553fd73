"""What the contract tests need of a world: a gateway to talk to and a hand on its other end."""

import os
import secrets
import select
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import requests

from app.core.money import Rupiah
from app.core.observations import Source
from app.core.ports import (
    Charge,
    ChargeItem,
    ChargeRequest,
    ChargeSubject,
    Customer,
    Gateway,
    RawNotification,
    RefundRequest,
)
from app.core.states import GatewayName, RefundRoute
from app.gateways.midtrans import MidtransGateway, MidtransSettings
from app.gateways.xendit import XenditGateway, XenditSettings

SOURCE = Source.STATUS_CHECK
PRICE = Rupiah(150_000)
HALF = Rupiah(75_000)
MIDTRANS_KEY = "SB-Mid-server-contract-suite"
MIDTRANS_CLIENT_KEY = "SB-Mid-client-contract-suite"
XENDIT_KEY = "xnd_development_contract_suite"
XENDIT_TOKEN = "contract-suite-callback-token"
# A provider's own sandbox, if somebody gives keys for it; a production key is never taken.
REAL_KEYS = {
    GatewayName.MIDTRANS: ("CONTRACT_MIDTRANS_SERVER_KEY", "SB-Mid-server-"),
    GatewayName.XENDIT: ("CONTRACT_XENDIT_SECRET_KEY", "xnd_development_"),
}
_ROOT = Path(__file__).parents[2]
_START_S = 60


class Inbox:
    """A shop's notification endpoint: answers 200 and keeps what was delivered."""

    def __init__(self) -> None:
        self._deliveries: list[RawNotification] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.01,), daemon=True
        )
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def about(self, *names: str) -> list[RawNotification]:
        """Return the deliveries that mention one of the names, oldest first."""
        wanted = [name.encode() for name in names]
        return [d for d in self._deliveries if any(name in d.body for name in wanted)]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        kept = self._deliveries

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                kept.append(RawNotification(headers, body, datetime.now(UTC)))
                self.send_response(200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                """Say nothing."""

        return Handler


@dataclass
class Program:
    """The running sandbox program, and the inbox that it delivers to."""

    url: str
    inbox: Inbox
    users: int = 0

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Begin with nothing at the time of this machine, if nobody else is using it."""
        if not self.users:
            self.control("POST", "reset", {"clock": True})
        self.users += 1
        try:
            yield
        finally:
            self.users -= 1

    def control(self, method: str, path: str, body: Mapping[str, object] | None = None) -> Any:
        url = f"{self.url}/_sandbox/{path}"
        with requests.Session() as session:
            session.trust_env = False
            answer = session.request(method, url, json=dict(body or {}), timeout=30)
        assert answer.ok, answer.text
        return answer.json()

    def advance(self, seconds: float) -> None:
        self.control("POST", "clock", {"advance_s": seconds})

    @contextmanager
    def fault(self, operation: str, order: str, effect: str, **more: object) -> Iterator[None]:
        """Spoil the answers of one operation on one order."""
        rule = {"match": {"operation": operation, "order": order}, "effect": effect, **more}
        self.control("PUT", "faults", {"rules": [rule]})
        try:
            yield
        finally:
            hits = self.control("GET", "faults")["rules"][0]["hits"]
            self.control("PUT", "faults", {"rules": []})
        assert hits, "the fault was never met: the test proved nothing"


@contextmanager
def program_with_inbox() -> Iterator[Program]:
    """Run the sandbox as its own process, delivering to an inbox of ours."""
    inbox = Inbox()
    try:
        with running_program(inbox) as program:
            yield program
    finally:
        inbox.close()


@contextmanager
def running_program(inbox: Inbox) -> Iterator[Program]:
    """Run the sandbox as its own process on a free port."""
    arguments = {
        "--port": "0",
        "--midtrans-server-key": MIDTRANS_KEY,
        "--midtrans-client-key": MIDTRANS_CLIENT_KEY,
        "--midtrans-notify-url": f"{inbox.url}/midtrans",
        "--xendit-secret-key": XENDIT_KEY,
        "--xendit-callback-token": XENDIT_TOKEN,
        "--xendit-notify-url": f"{inbox.url}/xendit",
    }
    command = [
        sys.executable,
        "-m",
        "sandbox",
        *(word for pair in arguments.items() for word in pair),
    ]
    with subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Program(_address(process), inbox)
        finally:
            process.terminate()
            process.wait(10)


def _address(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], _START_S)
    line = process.stdout.readline() if ready else ""
    assert "listening on " in line, f"the sandbox did not start: {line!r}"
    return line.rsplit(" ", 1)[1].strip()


@dataclass(frozen=True)
class Bench:
    """One gateway under test; ``program`` is None against a provider's own sandbox."""

    name: GatewayName
    program: Program | None
    operations: Mapping[str, str]
    wallet: str
    bank: str
    key: str = field(repr=False)

    @property
    def gateway(self) -> Gateway:
        return self.gateway_with()

    def gateway_with(self, *, timeout_s: float = 10, key: str = "", url: str = "") -> Gateway:
        """Build the adapter, with another key or address where a test wants that."""
        base = url or (self.program.url if self.program else "")
        if self.name is GatewayName.MIDTRANS:
            return MidtransGateway(self._midtrans(base, key or self.key, timeout_s))
        api = f"{base}/xendit" if base else "https://api.xendit.co"
        return XenditGateway(XenditSettings(key or self.key, XENDIT_TOKEN, api, timeout_s))

    def _midtrans(self, base: str, key: str, timeout_s: float) -> MidtransSettings:
        return MidtransSettings(
            server_key=key,
            client_key=MIDTRANS_CLIENT_KEY,
            core_url=f"{base}/midtrans" if base else "https://api.sandbox.midtrans.com",
            snap_url=(
                f"{base}/midtrans/snap/v1" if base else "https://app.sandbox.midtrans.com/snap/v1"
            ),
            is_production=False,
            timeout_s=timeout_s,
        )

    def open(self) -> tuple[Charge, ChargeSubject]:
        """Open a page for a new order."""
        request = charge_request()
        charge = self.gateway.create_charge(request)
        return charge, ChargeSubject(request.reference, charge.provider_reference)

    def act(self, subject: ChargeSubject, action: str, method: str = "") -> None:
        """Play the payer or the bank at the other end."""
        assert self.program is not None
        field_name = "payment_type" if self.name is GatewayName.MIDTRANS else "channel"
        body = {field_name: method} if method else {}
        self.program.control("POST", f"{self.name}/{subject.reference}/{action}", body)

    def choose(self, subject: ChargeSubject, method: str) -> None:
        """Let the shopper choose a method and not pay yet."""
        assert self.program is not None
        midtrans = self.name is GatewayName.MIDTRANS
        action, field_name = ("pay", "payment_type") if midtrans else ("pick", "channel")
        body = {field_name: method, "outcome": "pending"}
        self.program.control("POST", f"{self.name}/{subject.reference}/{action}", body)

    def paid(self, method: str) -> ChargeSubject:
        """Open a page and pay it; the subject knows the gateway's names."""
        _, subject = self.open()
        self.act(subject, "pay", method)
        (seen,) = self.gateway.fetch_status(subject, source=SOURCE)
        return replace(subject, gateway_transaction_id=seen.gateway_transaction_id)

    def fault(self, operation: str, subject_reference: str, effect: str, **more: object):
        """Spoil the answers of ``create``, ``status``, ``refund`` or ``close`` for one order."""
        assert self.program is not None
        return self.program.fault(self.operations[operation], subject_reference, effect, **more)

    def deliveries(self, subject: ChargeSubject, *, at_least: int = 1) -> list[RawNotification]:
        """Return what was delivered about a charge, once that many have arrived."""
        assert self.program is not None
        names = [name for name in (subject.reference, subject.provider_reference) if name]
        deadline = time.monotonic() + 30
        while True:
            self.program.control("POST", "flush")
            found = self.program.inbox.about(*names)
            if len(found) >= at_least or time.monotonic() > deadline:
                return found
            time.sleep(0.05)


def benches(program: Program | None) -> dict[GatewayName, Bench]:
    """Return both benches over one program."""
    return {
        GatewayName.MIDTRANS: Bench(
            GatewayName.MIDTRANS,
            program,
            {
                "create": "midtrans.snap.create",
                "status": "midtrans.status",
                "refund": "midtrans.refund",
                "close": "midtrans.expire",
            },
            wallet="gopay",
            bank="bca_va",
            key=MIDTRANS_KEY,
        ),
        GatewayName.XENDIT: Bench(
            GatewayName.XENDIT,
            program,
            {
                "create": "xendit.invoice.create",
                "status": "xendit.invoice.list",
                "refund": "xendit.refund.create",
                "close": "xendit.invoice.expire",
            },
            wallet="DANA",
            bank="BCA",
            key=XENDIT_KEY,
        ),
    }


def real_key(name: GatewayName) -> str:
    """Return the key of a provider's sandbox from the environment, or an empty text."""
    variable, prefix = REAL_KEYS[name]
    key = os.environ.get(variable, "")
    assert not key or key.startswith(prefix), f"{variable} is not a key of the test mode"
    return key


def charge_request(**changes: Any) -> ChargeRequest:
    """Make a charge of Rp 150.000 in two lines under a new reference."""
    now = datetime.now(UTC)
    reference = "LN-" + "".join(secrets.choice("0123456789ABCDEFGHJK") for _ in range(10)) + "-1"
    standard = ChargeRequest(
        reference=reference,
        amount_idr=PRICE,
        items=(
            ChargeItem("KOPI-250", "Kopi Gayo | 250 g", Rupiah(50_000), 2),
            ChargeItem("TEH-100", "Teh melati 100 g", Rupiah(50_000), 1),
        ),
        customer=Customer("Siti Nurhaliza Putri", "siti@example.com", "+6281234567890"),
        created_at=now,
        expires_at=now + timedelta(hours=24),
        return_url="https://shop.example/result",
        locale="id",
    )
    return replace(standard, **changes)


def refund_request(subject: ChargeSubject, **changes: Any) -> RefundRequest:
    """Make a request for half of the price under a new key."""
    standard = RefundRequest(
        subject, f"rf-{secrets.token_hex(8)}", HALF, "Salah ukuran", RefundRoute.REFUND
    )
    return replace(standard, **changes)
