"""What is fuzzed: bytes in, nothing out but what an adapter may say of them.

Each target ends in an AssertionError or an error of its own if the adapter under it does anything
but read the message into something that can be stored, or refuse it by an error of ours.
"""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias

from app.core.errors import NotificationError
from app.core.observations import Observation
from app.core.ports import Gateway, RawNotification
from app.gateways.midtrans import MidtransGateway, MidtransSettings
from app.gateways.midtrans_signature import signature
from app.gateways.xendit import XenditGateway, XenditSettings
from tests.unit.gateways.bodies import midtrans_body, xendit_invoice, xendit_refund

Target: TypeAlias = Callable[[bytes], Observation | None]

KEY: Final = "SB-Mid-server-fuzz"
TOKEN: Final = "fuzz-token"
NOON: Final = datetime(2026, 3, 2, 12, tzinfo=UTC)
_NOWHERE: Final = "http://127.0.0.1:1"
MIDTRANS: Final = MidtransGateway(
    MidtransSettings(
        server_key=KEY,
        client_key="client",
        core_url=_NOWHERE,
        snap_url=_NOWHERE,
        is_production=False,
        timeout_s=1,
        previous_server_key="SB-Mid-server-before",
    )
)
XENDIT: Final = XenditGateway(XenditSettings(KEY, TOKEN, _NOWHERE, 1, "token-before"))
_LONGEST: Final = 255


def read(gateway: Gateway, body: bytes, token: str = TOKEN) -> Observation | None:
    """Let an adapter read a message; None if it was refused. Reading again gives the same."""
    delivery = RawNotification({"x-callback-token": token, "webhook-id": "wh-1"}, body, NOON)
    try:
        seen = gateway.read_notification(delivery)
    except NotificationError:
        return None
    assert gateway.read_notification(delivery) == seen
    assert_can_be_stored(seen)
    return seen


def assert_can_be_stored(seen: Observation) -> None:
    """Neither database may stumble over what an adapter let through."""
    # A refund's callback names the invoice at best; which order that is, the desk finds out.
    assert seen.reference or seen.refunds
    assert seen.dedupe_key
    texts = (
        *(seen.reference, seen.raw_status, seen.currency, seen.method, seen.dedupe_key),
        *(seen.gateway_transaction_id, seen.provider_reference),
        *(text for refund in seen.refunds for text in (refund.key, refund.provider_refund_id)),
    )
    for text in filter(None, texts):
        assert text.isprintable(), text
        assert len(text) <= _LONGEST, text
    amounts = (seen.amount_idr, *(refund.amount_idr for refund in seen.refunds))
    assert all(amount is None or amount >= 0 for amount in amounts)
    for moment in (seen.paid_at, *(refund.bank_confirmed_at for refund in seen.refunds)):
        assert moment is None or moment.utcoffset() is not None


def midtrans_unsigned(body: bytes) -> None:
    """Read bytes as they are: without our key nobody makes a signature that fits."""
    assert read(MIDTRANS, body) is None


def midtrans_signed(body: bytes) -> Observation | None:
    """Read a message after its signature was made to fit, so that all behind it is reached."""
    try:
        raw = json.loads(body)
    except (ValueError, RecursionError):
        midtrans_unsigned(body)
        return None
    if not isinstance(raw, dict):
        midtrans_unsigned(body)
        return None
    return read(MIDTRANS, sign(raw))


def sign(raw: Mapping[str, Any]) -> bytes:
    """Sign what stands in the three signed fields, whatever it is."""
    signed = [str(raw.get(name, "")) for name in ("order_id", "status_code", "gross_amount")]
    order_id, status_code, gross_amount = signed
    key = signature(order_id, status_code, gross_amount, KEY)
    return json.dumps({**raw, "signature_key": key}).encode()


def xendit(body: bytes) -> Observation | None:
    """Read bytes that came with the right token; nothing in them is ever proved."""
    seen = read(XENDIT, body)
    assert seen is None or not seen.signature_proves_payment
    return seen


def xendit_token(sent: bytes) -> Observation | None:
    """Read a good message that came with these bytes as its token."""
    good = json.dumps(xendit_invoice()).encode()
    seen = read(XENDIT, good, token=sent.decode("latin-1"))
    assert (seen is not None) == (sent in {TOKEN.encode(), b"token-before"})
    return seen


TARGETS: Final[Mapping[str, Target]] = {
    "midtrans": midtrans_signed,
    "xendit": xendit,
    "token": xendit_token,
}
_EVENT: Final = {"event": "refund.succeeded", "data": xendit_refund()}
_REFUND: Final = {"refund_key": "rf-1", "refund_amount": "75000.00", "refund_chargeback_id": 7}
# Deeper than a parser can go; chance does not get there.
_DEEP: Final = '{"order_id":' + "[" * 4000
_VA: Final = {"bank": "bca", "va_number": "812785002530231"}
SEEDS: Final[Mapping[str, tuple[dict[str, Any] | str, ...]]] = {
    "midtrans": (
        midtrans_body(),
        midtrans_body(transaction_status="refund", refunds=[_REFUND]),
        midtrans_body(payment_type="bank_transfer", va_numbers=[_VA]),
        midtrans_body(payment_type="echannel", bill_key="990000", biller_code="70012"),
        midtrans_body(payment_type="cstore", store="indomaret", payment_code="1234567890"),
        midtrans_body(payment_type="credit_card", transaction_status="capture", bank="bni"),
        _DEEP,
    ),
    "xendit": (
        xendit_invoice(),
        _EVENT,
        xendit_invoice(payment_details={"source": "OVO"}, adjusted_received_amount=148_000),
        xendit_invoice(available_banks=[{"bank_code": "BCA", "bank_account_number": "1234"}]),
        _DEEP,
    ),
    "token": (TOKEN, "token-before"),
}
