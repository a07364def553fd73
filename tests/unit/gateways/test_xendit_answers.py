"""Xendit answers that its documentation allows and a sandbox seldom gives."""

from dataclasses import replace
from typing import Any

import pytest

from app.core.errors import (
    GatewayError,
    GatewayOutcomeUnknownError,
    GatewayRejectedError,
    GatewayUnavailableError,
)
from app.core.money import Rupiah
from app.core.observations import Seen, Source
from app.core.ports import ChargeSubject, RefundRequest
from app.core.states import RefundRoute, RefundState
from app.gateways.xendit import XenditGateway, XenditSettings
from tests.unit.gateways.bodies import xendit_invoice, xendit_refund
from tests.unit.gateways.scripted import Answer, Script, scripted_gateway

_ID = "65f0c0ffee65f0c0ffee0001"
_REFERENCE = "LN-7Q2M4XK9TB-1"
_SUBJECT = ChargeSubject(_REFERENCE, _ID)
_REQUEST = RefundRequest(_SUBJECT, "rf-1", Rupiah(75_000), "Batal", RefundRoute.REFUND)
_GET = f"GET /v2/invoices/{_ID}"
_LIST = "GET /v2/invoices"
_REFUND = "POST /refunds"
_REFUNDS = "GET /refunds"
_NONE: tuple[int, object] = (200, {"data": [], "has_more": False})
_BOOKED: tuple[int, object] = (200, {"data": [xendit_refund()], "has_more": False})


def _refusal(status: int, name: str) -> tuple[int, object]:
    return (status, {"error_code": name, "message": "no"})


def _gateway(url: str) -> XenditGateway:
    return XenditGateway(XenditSettings("xnd_development_unit", "token", url, 2))


def _failure_of_refund(script: Script) -> GatewayError:
    with scripted_gateway(script) as asked, pytest.raises(GatewayError) as failed:
        _gateway(asked.url).refund(_REQUEST)
    return failed.value


@pytest.mark.parametrize(
    "refusal",
    [
        _refusal(409, "DUPLICATE_ERROR"),
        _refusal(409, "IDEMPOTENCY_ERROR"),
        _refusal(400, "REFUND_IN_PROGRESS"),
        _refusal(400, "MAXIMUM_REFUND_AMOUNT_REACHED"),
    ],
)
def test_a_refusal_of_what_an_earlier_try_has_done_is_its_answer(refusal: tuple[int, object]):
    with scripted_gateway({_REFUND: refusal, _REFUNDS: _BOOKED}) as asked:
        answer = _gateway(asked.url).refund(_REQUEST)

    assert (answer.refund.state, answer.refund.key) == (RefundState.SUCCEEDED, "rf-1")


@pytest.mark.parametrize(
    ("status", "name", "error"),
    [
        (409, "DUPLICATE_ERROR", GatewayOutcomeUnknownError),
        (409, "IDEMPOTENCY_ERROR", GatewayOutcomeUnknownError),
        (400, "REFUND_IN_PROGRESS", GatewayUnavailableError),
        (400, "TEMPORARILY_UNAVAILABLE", GatewayUnavailableError),
        (503, "CHANNEL_UNAVAILABLE", GatewayUnavailableError),
        (503, "OTP_DELIVERY_ERROR", GatewayOutcomeUnknownError),
        (500, "SERVER_ERROR", GatewayOutcomeUnknownError),
        (429, "RATE_LIMIT_EXCEEDED", GatewayUnavailableError),
        (400, "INSUFFICIENT_BALANCE", GatewayRejectedError),
        (403, "REFUND_NOT_SUPPORTED", GatewayRejectedError),
    ],
)
def test_each_error_name_of_a_refund_has_its_meaning(
    status: int, name: str, error: type[GatewayError]
):
    failure = _failure_of_refund({_REFUND: _refusal(status, name), _REFUNDS: _NONE})

    assert (type(failure), failure.code) == (error, name)


def test_where_the_earlier_try_cannot_be_looked_up_a_refusal_is_a_doubt():
    script = {_REFUND: _refusal(400, "REFUND_IN_PROGRESS"), _REFUNDS: (502, {})}

    assert type(_failure_of_refund(script)) is GatewayOutcomeUnknownError


@pytest.mark.parametrize(
    ("status", "name"), [(401, "INVALID_API_KEY"), (401, "OTHER"), (403, "UNAUTHORIZED")]
)
def test_a_refused_key_has_one_code_whatever_its_name(status: int, name: str):
    failure = _failure_of_refund({_REFUND: _refusal(status, name)})

    assert (type(failure), failure.code) == (GatewayRejectedError, "401")


@pytest.mark.parametrize(
    "changes",
    [
        {"reference_id": "another"},
        {"amount": 1},
        {"status": "REQUIRES_ACTION"},
        {"status": None},
        {"id": None},
        {"amount": "half"},
    ],
)
def test_an_answer_to_a_refund_that_does_not_fit_is_a_doubt(changes: dict[str, Any]):
    failure = _failure_of_refund({_REFUND: (200, xendit_refund(**changes))})

    assert type(failure) is GatewayOutcomeUnknownError


def test_a_refund_that_failed_at_once_is_a_failed_refund():
    refund = xendit_refund(status="FAILED", failure_code="INSUFFICIENT_BALANCE")

    with scripted_gateway({_REFUND: (200, refund)}) as asked:
        answer = _gateway(asked.url).refund(_REQUEST)

    assert (answer.refund.state, answer.code) == (RefundState.FAILED, "FAILED")
    assert "INSUFFICIENT_BALANCE" in answer.message
    assert answer.observation is None


def test_refunds_are_read_to_the_last_page():
    first = {"data": [xendit_refund(id="rfd-1", reference_id="rf-0")], "has_more": True}
    last = {"data": [xendit_refund(id="rfd-2")], "has_more": False}

    with scripted_gateway({_REFUNDS: [(200, first), (200, last)]}) as asked:
        found = _gateway(asked.url).find_refund(_REQUEST)

    assert found is not None
    assert found.provider_refund_id == "rfd-2"
    assert "after_id=rfd-1" in asked.calls[1]


def test_a_list_without_an_end_is_given_up():
    page = (200, {"data": [xendit_refund(reference_id="rf-0")], "has_more": True})

    with scripted_gateway({_REFUNDS: page}) as asked, pytest.raises(GatewayUnavailableError):
        _gateway(asked.url).find_refund(_REQUEST)

    assert len(asked.calls) == 50


def test_a_living_refund_goes_before_a_failed_one_of_the_same_key():
    refunds = [xendit_refund(status="FAILED", id="rfd-1"), xendit_refund(id="rfd-2")]

    with scripted_gateway({_REFUNDS: (200, {"data": refunds})}) as asked:
        found = _gateway(asked.url).find_refund(_REQUEST)

    assert found is not None
    assert found.state is RefundState.SUCCEEDED


def test_no_refunds_may_be_told_as_not_found():
    script = {_LIST: (200, [xendit_invoice()]), _REFUNDS: _refusal(404, "DATA_NOT_FOUND")}

    with scripted_gateway(script) as asked:
        (seen,) = _gateway(asked.url).fetch_status(_SUBJECT, source=Source.JOB)

    assert (seen.seen, seen.refunds) == (Seen.PAID, ())


def test_every_invoice_under_our_reference_is_told():
    """A create call whose answer was lost may have left a second payable invoice."""
    listed = [xendit_invoice(id="b" * 24, status="PENDING"), xendit_invoice(status="EXPIRED")]

    with scripted_gateway({_LIST: (200, listed)}) as asked:
        seen = _gateway(asked.url).fetch_status(_SUBJECT, source=Source.JOB)

    assert [one.seen for one in seen] == [Seen.PENDING, Seen.EXPIRED]


def test_an_invoice_that_the_list_leaves_out_is_asked_for_by_its_id():
    script = {_LIST: (200, []), _GET: (200, xendit_invoice(status="EXPIRED"))}

    with scripted_gateway(script) as asked:
        (seen,) = _gateway(asked.url).fetch_status(_SUBJECT, source=Source.JOB)

    assert seen.seen is Seen.EXPIRED


def test_a_paid_page_is_found_before_a_newer_open_one():
    listed = [
        xendit_invoice(id="c" * 24, status="PENDING"),
        xendit_invoice(id="b" * 24, status="EXPIRED"),
        xendit_invoice(id="a" * 24, status="SETTLED"),
    ]

    with scripted_gateway({_LIST: (200, listed)}) as asked:
        charge = _gateway(asked.url).find_charge(_REFERENCE)

    assert charge is not None
    assert charge.provider_reference == "a" * 24


@pytest.mark.parametrize(
    "listed",
    [
        [],
        [xendit_invoice(status="EXPIRED")],
        # A filter that the gateway ignored.
        [xendit_invoice(external_id="LN-OTHER-1")],
    ],
)
def test_where_no_page_can_be_paid_another_may_be_opened(listed: list[dict[str, Any]]):
    with scripted_gateway({_LIST: (200, listed)}) as asked:
        assert _gateway(asked.url).find_charge(_REFERENCE) is None
        assert _gateway(asked.url).find_charge("") is None


def test_an_unreadable_list_of_pages_is_no_leave_to_open_another():
    for answer in ({}, None, [{"external_id": _REFERENCE}]):
        with (
            scripted_gateway({_LIST: (200, answer)}) as asked,
            pytest.raises(GatewayUnavailableError),
        ):
            _gateway(asked.url).find_charge(_REFERENCE)


def test_closing_by_reference_ends_every_open_invoice_and_no_other():
    listed = [
        xendit_invoice(id="a" * 24, status="PENDING"),
        xendit_invoice(id="b" * 24, status="EXPIRED"),
        xendit_invoice(id="c" * 24, status="PENDING"),
    ]
    script = {
        _LIST: (200, listed),
        f"POST /invoices/{'a' * 24}/expire%21": (200, listed[1]),
        f"POST /invoices/{'a' * 24}/expire!": (200, listed[1]),
        f"POST /invoices/{'c' * 24}/expire!": _refusal(404, "INVOICE_NOT_FOUND_ERROR"),
    }

    with scripted_gateway(script) as asked:
        _gateway(asked.url).close(ChargeSubject(_REFERENCE))

    expired = [call.split("/")[2] for call in asked.calls if call.startswith("POST")]
    assert expired == ["a" * 24, "c" * 24]


@pytest.mark.parametrize(
    "refusal",
    [
        _refusal(404, "INVOICE_NOT_FOUND_ERROR"),
        (400, {"error_code": "X", "message": f"Could not find and update PENDING invoice {_ID}"}),
    ],
)
def test_what_is_not_pending_is_closed_already(refusal: tuple[int, object]):
    lists = [(200, [xendit_invoice(status=status)]) for status in ("PENDING", "EXPIRED")]
    script: Script = {f"POST /invoices/{_ID}/expire!": refusal, _LIST: list[Answer](lists)}

    with scripted_gateway(script) as asked:
        (seen,) = _gateway(asked.url).close(_SUBJECT)

    assert seen.seen is Seen.EXPIRED
    assert asked.calls.count(f"POST /invoices/{_ID}/expire!") == 1


def test_another_refusal_to_close_is_told():
    script = {
        f"POST /invoices/{_ID}/expire!": _refusal(403, "FORBIDDEN"),
        _LIST: (200, [xendit_invoice(status="PENDING")]),
    }

    with scripted_gateway(script) as asked, pytest.raises(GatewayRejectedError) as refused:
        _gateway(asked.url).close(_SUBJECT)

    assert refused.value.code == "FORBIDDEN"


def test_closing_in_doubt_is_said_to_be_in_doubt():
    lists: list[Answer] = [(200, [xendit_invoice(status="PENDING")]), (503, {})]
    script: Script = {f"POST /invoices/{_ID}/expire!": (200, {}), _LIST: lists}

    with scripted_gateway(script) as asked, pytest.raises(GatewayOutcomeUnknownError):
        _gateway(asked.url).close(_SUBJECT)


def test_nothing_is_closed_where_the_gateway_cannot_even_be_asked():
    with (
        scripted_gateway({_LIST: (503, {})}) as asked,
        pytest.raises(GatewayUnavailableError),
    ):
        _gateway(asked.url).close(_SUBJECT)

    assert not any(call.startswith("POST") for call in asked.calls)


def test_details_of_a_validation_error_are_told_and_our_key_is_not():
    details = [{"field": ["amount"], "messages": ["must be a number, xnd_development_unit"]}]
    body = {"error_code": "API_VALIDATION_ERROR", "message": "bad", "errors": details}

    with scripted_gateway({_LIST: (400, body)}) as asked, pytest.raises(GatewayError) as failed:
        _gateway(asked.url).fetch_status(_SUBJECT, source=Source.JOB)

    assert "must be a number, ***" in failed.value.message


def test_a_refund_without_its_invoice_is_not_sent():
    request = replace(_REQUEST, subject=ChargeSubject(_REFERENCE))

    with scripted_gateway({}) as asked:
        for act in (_gateway(asked.url).refund, _gateway(asked.url).find_refund):
            with pytest.raises(GatewayRejectedError):
                act(request)

    assert asked.calls == []
