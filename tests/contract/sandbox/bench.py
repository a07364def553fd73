"""A running sandbox, a shop that listens to it, and the official SDKs pointed at it."""

import json
import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import midtransclient
import pytest
import requests
import xendit
from xendit.apis import InvoiceApi, RefundApi

SERVER_KEY = "SB-Mid-server-sandbox-suite"
XENDIT_KEY = "xnd_development_sandbox_suite"
TOKEN = "sandbox-suite-callback-token"
ROOT = Path(__file__).parents[3]
_START_S = 60


@dataclass(frozen=True)
class Received:
    """One notification as the shop got it."""

    path: str
    headers: Mapping[str, str]
    body: dict[str, Any]
    raw: bytes


@dataclass
class Shop:
    """A notification endpoint that answers what it is told, else 200."""

    received: list[Received] = field(default_factory=list[Received])
    answers: list[int] = field(default_factory=list[int])
    redirect_to: str = ""
    # Whatever contains this text is refused with 503, however often it comes.
    refuses: bytes = b"\0"

    def bodies(self) -> list[dict[str, Any]]:
        return [one.body for one in self.received]

    def take(self, handler: BaseHTTPRequestHandler) -> None:
        raw = handler.rfile.read(int(handler.headers["content-length"]))
        headers = {name.lower(): value for name, value in handler.headers.items()}
        self.received.append(Received(handler.path, headers, json.loads(raw), raw))
        status = self.answers.pop(0) if self.answers else 503 if self.refuses in raw else 200
        handler.send_response(status)
        if self.redirect_to and 300 <= status < 400:
            handler.send_header("location", self.redirect_to)
        handler.send_header("content-length", "0")
        handler.end_headers()


@contextmanager
def listening(shop: Shop) -> Iterator[str]:
    """Serve the shop on a free port and yield its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            shop.take(self)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/notify"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class Sandbox:
    """A running program, spoken to over HTTP only."""

    url: str

    def request(self, method: str, path: str, **options: Any) -> requests.Response:
        with requests.Session() as session:
            session.trust_env = False
            return session.request(method, self.url + path, timeout=20, **options)

    def control(self, method: str, path: str, body: object = None) -> Any:
        answer = self.request(method, f"/_sandbox/{path}", json=body or {})
        assert answer.status_code == 200, f"{answer.status_code}: {answer.text}"
        return answer.json()

    def core(self, method: str, path: str, body: object = None, **headers: str) -> Any:
        auth = (SERVER_KEY, "")
        return self.request(
            method, f"/midtrans/v2/{path}", json=body, auth=auth, headers=headers
        ).json()

    def snap_call(self, body: object, **headers: str) -> requests.Response:
        path = "/midtrans/snap/v1/transactions"
        return self.request("POST", path, json=body, auth=(SERVER_KEY, ""), headers=headers)

    def token(self, order_id: str, amount: int = 150_000, **more: Any) -> str:
        details = {"order_id": order_id, "gross_amount": amount}
        answer = self.snap_call({"transaction_details": details, **more})
        assert answer.status_code == 201, answer.text
        return answer.json()["token"]

    def pay(self, order_id: str, method: str = "bca_va", **more: Any) -> Any:
        body = {"payment_type": method, **more}
        return self.control("POST", f"midtrans/{order_id}/pay", body)

    def paid_order(self, order_id: str, method: str, amount: int = 150_000) -> Any:
        self.token(order_id, amount)
        return self.pay(order_id, method)

    def xendit(self, method: str, path: str, body: object = None, **headers: str) -> Any:
        auth = (XENDIT_KEY, "")
        return self.request(method, f"/xendit{path}", json=body, auth=auth, headers=headers)

    def invoice(self, external_id: str, amount: float = 150_000, **more: Any) -> Any:
        body = {"external_id": external_id, "amount": amount, **more}
        return self.xendit("POST", "/v2/invoices", body).json()

    def paid_invoice(self, external_id: str, channel: str, amount: int = 150_000) -> Any:
        invoice = self.invoice(external_id, amount)
        return self.control("POST", f"xendit/{invoice['id']}/pay", {"channel": channel})

    def advance(self, seconds: float) -> None:
        self.control("POST", "clock", {"advance_s": seconds})
        self.flush()

    def flush(self) -> None:
        assert self.control("POST", "flush") == {"idle": True}

    def faults(self, *rules: dict[str, Any]) -> None:
        self.control("PUT", "faults", {"rules": list(rules)})

    def wait_for_fault(self) -> None:
        """Wait until a request has met the first fault rule; what it does then may take time."""
        deadline = time.monotonic() + _START_S
        while not self.control("GET", "faults")["rules"][0]["hits"]:
            assert time.monotonic() < deadline, "no request met the fault"
            time.sleep(0.01)

    def deliveries(self) -> list[dict[str, Any]]:
        """Return the deliveries, oldest first."""
        return list(reversed(self.control("GET", "deliveries?limit=500")["deliveries"]))

    def snap_sdk(self) -> midtransclient.Snap:
        return self._pointed(midtransclient.Snap(server_key=SERVER_KEY))

    def core_sdk(self) -> midtransclient.CoreApi:
        return self._pointed(midtransclient.CoreApi(server_key=SERVER_KEY))

    def _pointed(self, client: Any) -> Any:
        client.api_config.SNAP_SANDBOX_BASE_URL = f"{self.url}/midtrans/snap/v1"
        client.api_config.CORE_SANDBOX_BASE_URL = f"{self.url}/midtrans"
        return client


@contextmanager
def xendit_sdk(sandbox: Sandbox) -> Iterator[tuple[Any, Any]]:
    """Yield the official invoice and refund APIs; untyped, as they take plain dicts too."""
    configuration = xendit.Configuration(host=f"{sandbox.url}/xendit", api_key=XENDIT_KEY)
    # False switches urllib3's own retries off; the SDK declares the attribute as None only.
    configuration.retries = False  # pyright: ignore[reportAttributeAccessIssue]
    with xendit.ApiClient(configuration) as client:
        yield InvoiceApi(client), RefundApi(client)
        client.rest_client.pool_manager.clear()


@contextmanager
def running(*arguments: str) -> Iterator[tuple[Sandbox, "subprocess.Popen[str]"]]:
    """Run ``python -m sandbox`` on a free port until the block ends."""
    command = [sys.executable, "-m", "sandbox", "--port", "0", *_KEYS, *arguments]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Sandbox(_address(process)), process
        finally:
            process.terminate()
            process.wait(10)


@contextmanager
def documented_program() -> Iterator[str]:
    """Run the program as its documentation starts it, with the demo keys; yield its address."""
    command = [sys.executable, "-m", "sandbox", "--port", "0", "--seed", "1"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield _address(process)
        finally:
            process.terminate()
            process.wait(10)


_KEYS = (
    "--midtrans-server-key",
    SERVER_KEY,
    "--xendit-secret-key",
    XENDIT_KEY,
    "--xendit-callback-token",
    TOKEN,
)


def _address(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], _START_S)
    assert ready, "the sandbox did not start"
    line = process.stdout.readline().strip()
    assert line.startswith("sandbox listening on http://"), line
    return line.removeprefix("sandbox listening on ")


def samples_folder() -> Path:
    """Return where published payloads lie; they are not part of this repository."""
    beside = next(ROOT.parent.glob("*/contracts/samples"), ROOT / "no-samples")
    folder = Path(os.environ.get("LUNAS_SAMPLES", beside))
    if not folder.is_dir():
        pytest.skip("NO SAMPLES: set LUNAS_SAMPLES to compare with published payloads")
    return folder


def sample(gateway: str, name: str) -> dict[str, Any]:
    """Return one published payload."""
    return json.loads((samples_folder() / gateway / f"{name}.json").read_text())
