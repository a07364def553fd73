"""No body, however odd, gets more out of an adapter than one of our errors."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.errors import BadSignatureError, MalformedNotificationError, NotificationError
from app.core.observations import Observation
from app.core.ports import Gateway, RawNotification
from app.gateways.midtrans import MidtransGateway, MidtransSettings
from app.gateways.midtrans_signature import signature
from app.gateways.xendit import XenditGateway, XenditSettings
from tests.unit.gateways.bodies import midtrans_body, xendit_invoice, xendit_refund

_KEY = "SB-Mid-server-unit"
_TOKEN = "unit-token"
_NOWHERE = "http://127.0.0.1:1"
_MIDTRANS = MidtransGateway(
    MidtransSettings(
        server_key=_KEY,
        client_key="client",
        core_url=_NOWHERE,
        snap_url=_NOWHERE,
        is_production=False,
        timeout_s=1,
    )
)
_XENDIT = XenditGateway(XenditSettings(_KEY, _TOKEN, _NOWHERE, 1))
_HEADERS = {"x-callback-token": _TOKEN}

_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["capture", "PAID", "refund.succeeded", "1e999999999", "\x00", "\ud800"])
)
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
_EVENT = {"event": "refund.succeeded", "data": xendit_refund()}


def _mutated(*bodies: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Take a good body and put strange values into fields that are read."""
    names = st.sampled_from(
        sorted({name for body in bodies for name in body} | {"refunds", "va_numbers"})
    )
    changes = st.dictionaries(names, _VALUES, max_size=3)
    return st.builds(lambda body, more: {**body, **more}, st.sampled_from(bodies), changes)


def _read(gateway: Gateway, body: bytes) -> Observation | None:
    try:
        return gateway.read_notification(RawNotification(_HEADERS, body, datetime.now(UTC)))
    except NotificationError:
        return None


def _signed(body: dict[str, Any]) -> bytes:
    """Sign whatever stands in the three signed fields, as their JSON text."""
    order_id, status_code, gross_amount = (
        value if isinstance(value, str) else json.dumps(value)
        for value in (body.get(name, "") for name in ("order_id", "status_code", "gross_amount"))
    )
    signed = signature(order_id, status_code, gross_amount, _KEY)
    return json.dumps({**body, "signature_key": signed}).encode()


@settings(deadline=None)
@given(st.binary() | _VALUES.map(lambda value: json.dumps(value).encode()))
def test_arbitrary_bytes_are_refused_by_an_error_of_ours(body: bytes):
    assert _read(_MIDTRANS, body) is None
    assert _read(_XENDIT, body) is None


@settings(deadline=None)
@given(_mutated(midtrans_body()))
def test_an_authentic_but_strange_midtrans_body_is_read_or_refused(body: dict[str, Any]):
    seen = _read(_MIDTRANS, _signed(body))

    if seen is not None:
        assert seen.reference
        assert seen.dedupe_key
        assert seen.amount_idr is not None


@settings(deadline=None)
@given(_mutated(xendit_invoice(), _EVENT))
def test_an_authentic_but_strange_xendit_body_is_read_or_refused(body: dict[str, Any]):
    seen = _read(_XENDIT, json.dumps(body).encode())

    if seen is not None:
        assert seen.dedupe_key
        assert not seen.signature_proves_payment


def test_the_good_bodies_themselves_are_read():
    assert _read(_MIDTRANS, _signed(midtrans_body())) is not None
    assert _read(_XENDIT, json.dumps(xendit_invoice()).encode()) is not None
    assert _read(_XENDIT, json.dumps(_EVENT).encode()) is not None


@pytest.mark.parametrize("name", ["order_id", "status_code", "gross_amount", "signature_key"])
@pytest.mark.parametrize("value", [None, True, [], {}, ""])
def test_a_signed_field_that_is_no_text_makes_a_bad_signature(name: str, value: object):
    body = json.dumps({**json.loads(_signed(midtrans_body())), name: value}).encode()

    with pytest.raises(BadSignatureError):
        _MIDTRANS.authenticate(RawNotification({}, body, datetime.now(UTC)))


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"{", b"\xff", b"[" * 100_000, b"NaN"])
def test_what_is_no_object_is_malformed_before_its_signature_is_asked_for(body: bytes):
    delivery = RawNotification({}, body, datetime.now(UTC))

    with pytest.raises(MalformedNotificationError):
        _MIDTRANS.authenticate(delivery)


@pytest.mark.parametrize("sent", ["", "wrong", _TOKEN + "x", _TOKEN[:-1], "t\u00f6ken", "\ud800"])
def test_only_the_whole_token_opens_the_door(sent: str):
    delivery = RawNotification({"x-callback-token": sent}, b"{}", datetime.now(UTC))

    with pytest.raises(BadSignatureError):
        _XENDIT.authenticate(delivery)
