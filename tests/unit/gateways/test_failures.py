import base64

import pytest
import requests
from urllib3 import HTTPConnectionPool
from urllib3.connection import HTTPConnection
from urllib3.exceptions import (
    ConnectTimeoutError,
    MaxRetryError,
    NewConnectionError,
    ProtocolError,
    ReadTimeoutError,
)

from app.core.errors import (
    GatewayError,
    GatewayOutcomeUnknownError,
    GatewayRejectedError,
    GatewayUnavailableError,
)
from app.gateways.failures import (
    ORDER,
    QUESTION,
    failure_of_reading,
    failure_of_status,
    failure_of_transport,
    nothing_was_sent,
    without_secrets,
)

_POOL = HTTPConnectionPool("gateway.example")
_REFUSED = NewConnectionError(HTTPConnection("gateway.example"), "refused")
_READ_TIMEOUT = ReadTimeoutError(_POOL, "/", "slow")


@pytest.mark.parametrize(
    ("error", "unsent"),
    [
        (_REFUSED, True),
        (ConnectTimeoutError("nobody picks up"), True),
        (MaxRetryError(_POOL, "/", _REFUSED), True),
        (requests.ConnectionError(MaxRetryError(_POOL, "/", _REFUSED)), True),
        (requests.ConnectTimeout(MaxRetryError(_POOL, "/", ConnectTimeoutError("late"))), True),
        (requests.exceptions.InvalidURL("no host"), True),
        (_READ_TIMEOUT, False),
        (requests.ReadTimeout(_READ_TIMEOUT), False),
        (ProtocolError("reset"), False),
        (requests.ConnectionError(ProtocolError("reset")), False),
        (requests.ConnectionError(), False),
        (requests.exceptions.ChunkedEncodingError(), False),
    ],
)
def test_only_a_connection_that_never_stood_means_nothing_happened(
    *, error: Exception, unsent: bool
):
    assert nothing_was_sent(error) is unsent
    wanted = GatewayUnavailableError if unsent else GatewayOutcomeUnknownError
    assert type(failure_of_transport("Midtrans", error, ORDER)) is wanted
    assert type(failure_of_transport("Midtrans", error, QUESTION)) is GatewayUnavailableError


@pytest.mark.parametrize(
    ("status", "after_order", "after_question"),
    [
        (400, GatewayRejectedError, GatewayRejectedError),
        (401, GatewayRejectedError, GatewayRejectedError),
        (404, GatewayRejectedError, GatewayRejectedError),
        (414, GatewayRejectedError, GatewayRejectedError),
        (429, GatewayUnavailableError, GatewayUnavailableError),
        (302, GatewayOutcomeUnknownError, GatewayUnavailableError),
        (500, GatewayOutcomeUnknownError, GatewayUnavailableError),
        (503, GatewayOutcomeUnknownError, GatewayUnavailableError),
        (900, GatewayOutcomeUnknownError, GatewayUnavailableError),
        (0, GatewayOutcomeUnknownError, GatewayUnavailableError),
    ],
)
def test_only_a_4xx_is_a_no(
    status: int, after_order: type[GatewayError], after_question: type[GatewayError]
):
    for doubt, wanted in ((ORDER, after_order), (QUESTION, after_question)):
        failure = failure_of_status(status, "words", code="C", doubt=doubt)
        assert type(failure) is wanted
        assert (failure.message, failure.code) == ("words", "C")


def test_a_limit_told_in_html_is_still_a_limit():
    assert type(failure_of_reading("Midtrans", 429, ORDER)) is GatewayUnavailableError
    assert type(failure_of_reading("Midtrans", 502, ORDER)) is GatewayOutcomeUnknownError
    assert "HTTP 502" in failure_of_reading("Midtrans", 502, ORDER).message


def test_no_form_of_a_secret_gets_through():
    secret = "SB-Mid-server-abcdefgh"
    basic = base64.b64encode(f"{secret}:".encode()).decode()

    told = without_secrets(f"key {secret}, Basic {basic}, other", secret, "")

    assert told == "key ***, Basic ***, other"


def test_long_words_are_cut():
    assert len(without_secrets("x" * 5_000)) == 500
