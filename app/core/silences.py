"""Why a question to a gateway brought no answer, in kinds that staff can act on."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from app.core.errors import GatewayError, GatewayRejectedError


class Silence(StrEnum):
    """What kept a gateway from telling us where a payment stands (``status_checks.silence``)."""

    UNREACHABLE = "unreachable"  # nobody picked up: nothing was sent
    BROKEN_OFF = "broken_off"  # sent, and no answer came
    UNREADABLE = "unreadable"  # an answer of another shape, or of a machine on the way
    LIMITED = "limited"  # asked too often
    KEYS_REFUSED = "keys_refused"  # our keys are wrong
    REFUSED = "refused"  # a clear no to the question itself
    TROUBLE = "trouble"  # the gateway says that it has a problem


_KEYS_REFUSED: Final = "401"
_BY_CODE: Final[Mapping[str, Silence]] = {
    "unreachable": Silence.UNREACHABLE,
    "broken_off": Silence.BROKEN_OFF,
    "unreadable": Silence.UNREADABLE,
    "429": Silence.LIMITED,
    # Xendit names its codes (Xendit docs, "Rate limits").
    "RATE_LIMIT_EXCEEDED": Silence.LIMITED,
}


def silence_of(error: GatewayError) -> Silence:
    """Tell what kind of silence a failed question was; never raises."""
    if isinstance(error, GatewayRejectedError):
        return Silence.KEYS_REFUSED if error.code == _KEYS_REFUSED else Silence.REFUSED
    return _BY_CODE.get(error.code, Silence.TROUBLE)
