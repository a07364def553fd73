"""One seed, one run: told twice in two processes and compared byte by byte."""

from dataclasses import dataclass, field
from typing import Any

from tests.contract.sandbox.bench import SERVER_KEY, XENDIT_KEY, Sandbox, Shop, listening, running

PUBLIC_URL = "http://sandbox.example"
DAY = 86_400


@dataclass
class Recorder:
    """Keeps every answer whole: status, all headers, all bytes."""

    sandbox: Sandbox
    answers: list[tuple[str, int, list[tuple[str, str]], bytes]] = field(
        default_factory=list[tuple[str, int, list[tuple[str, str]], bytes]]
    )

    def call(self, method: str, path: str, body: object = None, **headers: str) -> Any:
        auth = (XENDIT_KEY if path.startswith("/xendit") else SERVER_KEY, "")
        answer = self.sandbox.request(method, path, json=body, auth=auth, headers=headers)
        said = sorted((name, value) for name, value in answer.headers.items())
        self.answers.append((f"{method} {path}", answer.status_code, said, answer.content))
        return answer.json() if "json" in answer.headers.get("Content-Type", "") else None

    def control(self, path: str, body: object = None) -> Any:
        answer = self.call("POST", f"/_sandbox/{path}", body or {})
        self.call("POST", "/_sandbox/flush", {})
        return answer


def story(run: Recorder) -> None:
    """Pay, refuse, refund, expire, retry and fail, with dice that are thrown."""
    run.call("PUT", "/_sandbox/faults", {"rules": RULES})
    for number, method in enumerate(("bca_va", "gopay", "credit_card", "indomaret")):
        order = f"A-{number}"
        details = {"order_id": order, "gross_amount": 150_000}
        run.call("POST", "/midtrans/snap/v1/transactions", {"transaction_details": details})
        run.control(f"midtrans/{order}/pay", {"payment_type": method})
        run.call("GET", f"/midtrans/v2/{order}/status")
    for kind in ("gopay", "qris", "shopeepay", "echannel", "akulaku", "dana"):
        details = {"order_id": f"C-{kind}", "gross_amount": 150_000}
        body = {"transaction_details": details, "payment_type": kind}
        run.call("POST", "/midtrans/v2/charge", body)
    run.control("midtrans/A-2/settle")
    run.call("POST", "/midtrans/v2/A-2/refund", {"amount": 1_000})
    for number, channel in enumerate(("BCA", "DANA", "QRIS", "CREDIT_CARD", "ALFAMART")):
        body = {"external_id": f"X-{number}", "amount": 150_000}
        invoice = run.call("POST", "/xendit/v2/invoices", body)
        run.control(f"xendit/X-{number}/pay", {"channel": channel})
        request = {"invoice_id": invoice["id"], "amount": 20_000}
        run.call("POST", "/xendit/refunds", request, **{"idempotency-key": str(number)})
        run.call("GET", f"/xendit/web/{invoice['id']}")
        run.call("GET", f"/xendit/web/{invoice['id']}/qr.svg")
    run.call("POST", "/xendit/v2/invoices", {"external_id": "X-9", "amount": 1})
    for _ in range(3):
        run.control("clock", {"advance_s": DAY})
    run.control("deliveries/test", {"gateway": "xendit"})
    for path in ("/", "/_sandbox/deliveries?limit=500", "/_sandbox/state", "/_sandbox/faults"):
        run.call("GET", path)
    run.call("GET", "/xendit/v2/invoices?statuses=SETTLED")


RULES = [
    {"match": {"operation": "delivery.*"}, "effect": "duplicate", "chance": 0.3},
    {"match": {"operation": "delivery.*"}, "effect": "delay", "chance": 0.3, "seconds": 600},
    {"match": {"operation": "delivery.*"}, "effect": "forge", "chance": 0.3},
    {"match": {"operation": "*.status"}, "effect": "html_502", "chance": 0.5},
    {"match": {"operation": "xendit.refund.create"}, "effect": "extra_fields", "chance": 0.5},
]


def told(seed: int, shop: Shop, url: str) -> tuple[list[Any], list[Any]]:
    """Return every answer in order, and everything the shop got.

    Messages of different orders travel side by side; each order's come in turn.
    """
    shop.received.clear()
    options = ("--seed", str(seed), "--public-url", PUBLIC_URL)
    urls = ("--midtrans-notify-url", url, "--xendit-notify-url", url)
    with running(*options, *urls) as (sandbox, _):
        run = Recorder(sandbox)
        story(run)
    got = sorted((one.path, sorted(one.headers.items()), one.raw) for one in shop.received)
    return list(run.answers), got


def test_a_seed_repeats_every_byte_of_every_answer_and_delivery() -> None:
    shop = Shop(refuses=b'"X-1"')
    with listening(shop) as url:
        first, second, other = (told(seed, shop, url) for seed in (5, 5, 6))

    assert first[0] == second[0]
    assert first[1] == second[1]
    assert len(first[0]) > 40
    assert len(first[1]) > 20
    assert first[1] != other[1]
