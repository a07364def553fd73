"""Each way in which a gateway can fail to answer is named for what staff can do about it."""

import pytest

from app.core.errors import (
    GatewayError,
    GatewayOutcomeUnknownError,
    GatewayRejectedError,
    GatewayUnavailableError,
)
from app.core.silences import Silence, silence_of


@pytest.mark.parametrize(
    ("error", "silence"),
    [
        (GatewayUnavailableError("x", code="unreachable"), Silence.UNREACHABLE),
        (GatewayUnavailableError("x", code="broken_off"), Silence.BROKEN_OFF),
        (GatewayOutcomeUnknownError("x", code="broken_off"), Silence.BROKEN_OFF),
        (GatewayUnavailableError("x", code="unreadable"), Silence.UNREADABLE),
        (GatewayUnavailableError("x", code="429"), Silence.LIMITED),
        (GatewayUnavailableError("x", code="RATE_LIMIT_EXCEEDED"), Silence.LIMITED),
        (GatewayRejectedError("x", code="401"), Silence.KEYS_REFUSED),
        (GatewayRejectedError("x", code="403"), Silence.REFUSED),
        (GatewayUnavailableError("x", code="503"), Silence.TROUBLE),
        (GatewayError("x"), Silence.TROUBLE),
    ],
)
def test_a_failed_question_has_a_kind(error: GatewayError, silence: Silence) -> None:
    assert silence_of(error) is silence
