"""Midtrans answers that its documentation allows and a sandbox seldom gives."""

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
from app.gateways.midtrans import MidtransGateway, MidtransSettings
from tests.unit.gateways.bodies import midtrans_body
from tests.unit.gateways.scripted import Script, scripted_gateway

_ID = "5b1b0f5e-3f0e-4a0e-9d6a-0a5a0a5a0001"
_SUBJECT = ChargeSubject("LN-7Q2M4XK9TB-1", gateway_transaction_id=_ID)
_REQUEST = RefundRequest(_SUBJECT, "rf-1", Rupiah(150_000), "Batal", RefundRoute.REFUND)
_STATUS = f"GET /v2/{_ID}/status"
_BY_REFERENCE = "GET /v2/LN-7Q2M4XK9TB-1/status"
_REFUND = f"POST /v2/{_ID}/refund"
_REFUNDED = midtrans_body(
    transaction_status="refund",
    refunds=[{"refund_key": "rf-1", "refund_amount": "150000.00", "refund_chargeback_id": 7}],
)
_UNKNOWN_ID = (200, {"status_code": "404", "status_message": "Transaction doesn't exist."})


def _refusal(code: str) -> tuple[int, dict[str, str]]:
    return (200, {"status_code": code, "status_message": "no"})


def _gateway(url: str) -> MidtransGateway:
    return MidtransGateway(
        MidtransSettings(
            server_key="SB-Mid-server-unit",
            client_key="client",
            core_url=url,
            snap_url=f"{url}/snap/v1",
            is_production=False,
            timeout_s=10,
        )
    )


def _failure_of_refund(script: Script, request: RefundRequest = _REQUEST) -> GatewayError:
    with scripted_gateway(script) as asked, pytest.raises(GatewayError) as failed:
        _gateway(asked.url).refund(request)
    return failed.value


@pytest.mark.parametrize("code", ["406", "412", "414"])
def test_a_refusal_of_what_an_earlier_try_has_done_is_a_success(code: str):
    script = {_REFUND: _refusal(code), _STATUS: (200, _REFUNDED)}

    with scripted_gateway(script) as asked:
        answer = _gateway(asked.url).refund(_REQUEST)

    assert (answer.refund.state, answer.refund.provider_refund_id) == (RefundState.SUCCEEDED, "7")
    assert (answer.code, answer.refund.key) == (code, "rf-1")


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("406", GatewayOutcomeUnknownError),
        ("412", GatewayRejectedError),
        ("414", GatewayRejectedError),
    ],
)
def test_a_refusal_without_an_earlier_try_is_a_no_unless_the_key_was_used(
    code: str, error: type[GatewayError]
):
    failure = _failure_of_refund({_REFUND: _refusal(code), _STATUS: (200, midtrans_body())})

    assert (type(failure), failure.code) == (error, code)


def test_an_earlier_try_with_another_amount_is_a_doubt():
    request = replace(_REQUEST, amount_idr=Rupiah(1_000))

    failure = _failure_of_refund({_REFUND: _refusal("412"), _STATUS: (200, _REFUNDED)}, request)

    assert type(failure) is GatewayOutcomeUnknownError


@pytest.mark.parametrize("status", [(502, {}), _UNKNOWN_ID, (200, {"status_code": "200"})])
def test_where_the_earlier_try_cannot_be_looked_up_a_refusal_is_a_doubt(status: Any):
    failure = _failure_of_refund({_REFUND: _refusal("412"), _STATUS: status, _BY_REFERENCE: status})

    assert type(failure) is GatewayOutcomeUnknownError


@pytest.mark.parametrize(
    "answer",
    [
        {"status_code": "201", "status_message": "refund pending"},
        {"status_code": "200", "refund_key": "another"},
        {"status_code": "900"},
        {"status_message": "ok"},
        {"status_code": []},
    ],
)
def test_an_answer_to_a_refund_that_confirms_nothing_is_a_doubt(answer: object):
    assert type(_failure_of_refund({_REFUND: (200, answer)})) is GatewayOutcomeUnknownError


def test_a_success_stands_even_if_the_status_cannot_be_asked_after_it():
    script = {_REFUND: (200, {"status_code": "200", "refund_key": "rf-1"}), _STATUS: (503, {})}

    with scripted_gateway(script) as asked:
        answer = _gateway(asked.url).refund(_REQUEST)

    assert (answer.refund.state, answer.observation) == (RefundState.SUCCEEDED, None)


@pytest.mark.parametrize("answer", [(200, {"status_code": "201"}), (200, {})])
def test_a_void_that_is_not_confirmed_is_a_doubt(answer: Any):
    request = replace(_REQUEST, route=RefundRoute.VOID)

    failure = _failure_of_refund({f"POST /v2/{_ID}/cancel": answer}, request)

    assert type(failure) is GatewayOutcomeUnknownError


@pytest.mark.parametrize("route", [RefundRoute.REFUND, RefundRoute.VOID])
def test_another_transaction_of_the_order_is_no_evidence_about_a_refund(route: RefundRoute):
    other = midtrans_body(transaction_id="another", transaction_status="cancel")
    script = {_STATUS: _UNKNOWN_ID, _BY_REFERENCE: (200, other)}

    with scripted_gateway(script) as asked, pytest.raises(GatewayUnavailableError):
        _gateway(asked.url).find_refund(replace(_REQUEST, route=route))


@pytest.mark.parametrize("code", ["411", "500", "505", "900"])
def test_a_payment_that_failed_is_not_a_question_that_failed(code: str):
    body = midtrans_body(transaction_status="failure", status_code=code)

    with scripted_gateway({_STATUS: (200, body)}) as asked:
        (seen,) = _gateway(asked.url).fetch_status(_SUBJECT, source=Source.JOB)

    assert seen.seen is Seen.FAILED


def test_a_refused_action_stays_refused_even_if_the_answer_describes_the_payment():
    refused = (200, midtrans_body(status_code="412", status_message="no"))

    failure = _failure_of_refund({_REFUND: refused, _STATUS: (200, midtrans_body())})

    assert (type(failure), failure.code) == (GatewayRejectedError, "412")


@pytest.mark.parametrize(
    ("answer", "error", "code"),
    [
        (_refusal("401"), GatewayRejectedError, "401"),
        ((401, {"status_code": "401"}), GatewayRejectedError, "401"),
        (_refusal("429"), GatewayUnavailableError, "429"),
        (_refusal("503"), GatewayUnavailableError, "503"),
        ((502, {"status_code": "404"}), GatewayUnavailableError, "502"),
        ((400, {"status_code": "9" * 5_000}), GatewayRejectedError, "400"),
        ((200, midtrans_body(gross_amount="some")), GatewayUnavailableError, "unreadable"),
    ],
)
def test_a_question_that_fails_keeps_its_code(answer: Any, error: type[GatewayError], code: str):
    with (
        scripted_gateway({_STATUS: answer}) as asked,
        pytest.raises(GatewayError) as failed,
    ):
        _gateway(asked.url).fetch_status(_SUBJECT, source=Source.JOB)

    assert (type(failed.value), failed.value.code) == (error, code)


def test_an_answer_about_another_order_keeps_that_orders_name():
    with scripted_gateway({_STATUS: (200, midtrans_body(order_id="LN-OTHER-1"))}) as asked:
        (seen,) = _gateway(asked.url).fetch_status(_SUBJECT, source=Source.JOB)

    assert seen.reference == "LN-OTHER-1"


def test_closing_in_doubt_is_said_to_be_in_doubt():
    script = {f"POST /v2/{_ID}/expire": (200, {"status_code": "407"}), _STATUS: (503, {})}

    with scripted_gateway(script) as asked, pytest.raises(GatewayOutcomeUnknownError):
        _gateway(asked.url).close(_SUBJECT)


def test_another_refusal_to_close_is_told():
    script = {f"POST /v2/{_ID}/expire": _refusal("402"), _STATUS: (200, midtrans_body())}

    with scripted_gateway(script) as asked, pytest.raises(GatewayRejectedError) as refused:
        _gateway(asked.url).close(_SUBJECT)

    assert refused.value.code == "402"


def test_an_authorized_card_is_released_by_closing():
    script: Script = {
        f"POST /v2/{_ID}/expire": _refusal("412"),
        f"POST /v2/{_ID}/cancel": (200, {"status_code": "200"}),
        _STATUS: [
            (200, midtrans_body(transaction_status="authorize")),
            (200, midtrans_body(transaction_status="cancel")),
        ],
    }

    with scripted_gateway(script) as asked:
        (seen,) = _gateway(asked.url).close(_SUBJECT)

    assert seen.seen is Seen.CANCELLED


def test_a_refusal_never_repeats_our_key():
    words = {"status_code": "401", "status_message": "no key SB-Mid-server-unit here"}

    with scripted_gateway({_STATUS: (200, words)}) as asked, pytest.raises(GatewayError) as failed:
        _gateway(asked.url).fetch_status(_SUBJECT, source=Source.JOB)

    assert failed.value.message == "no key *** here"
