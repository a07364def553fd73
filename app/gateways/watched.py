"""A gateway under watch: every call is timed, counted and told of in a line of the log."""

import logging
import time
from collections.abc import Callable
from typing import Final, TypeVar

from app.core.errors import (
    GatewayError,
    GatewayOutcomeUnknownError,
    GatewayRejectedError,
)
from app.core.observations import Observation, ObservedRefund, Source
from app.core.ports import (
    Charge,
    ChargeRequest,
    ChargeSubject,
    Gateway,
    KeyCheck,
    RawNotification,
    RefundAnswer,
    RefundRequest,
)
from app.core.states import GatewayName
from app.telemetry.meters import GATEWAY_ERRORS, GATEWAY_SECONDS

_log = logging.getLogger("lunas.gateways")
_Answer = TypeVar("_Answer")
# These change something at the gateway; the others only ask, some of them many times a second.
_ORDERS: Final = frozenset({"create_charge", "close", "refund"})


class WatchedGateway:
    """Passes every call on to a gateway; what it answers or raises stays as it is."""

    def __init__(self, gateway: Gateway) -> None:
        """Watch this gateway."""
        self._gateway: Final = gateway

    @property
    def name(self) -> GatewayName:
        """Which gateway this is."""
        return self._gateway.name

    def create_charge(self, request: ChargeRequest) -> Charge:
        """Open a payment page."""
        return self._watch("create_charge", lambda: self._gateway.create_charge(request))

    def find_charge(self, reference: str) -> Charge | None:
        """Return the page that an earlier call opened."""
        return self._watch("find_charge", lambda: self._gateway.find_charge(reference))

    def fetch_status(self, subject: ChargeSubject, *, source: Source) -> tuple[Observation, ...]:
        """Ask what the gateway knows of a charge now."""
        return self._watch(
            "fetch_status", lambda: self._gateway.fetch_status(subject, source=source)
        )

    def close(self, subject: ChargeSubject) -> tuple[Observation, ...]:
        """End an unpaid charge."""
        return self._watch("close", lambda: self._gateway.close(subject))

    def refund(self, request: RefundRequest) -> RefundAnswer:
        """Give money back."""
        return self._watch("refund", lambda: self._gateway.refund(request))

    def find_refund(self, request: RefundRequest) -> ObservedRefund | None:
        """Look a refund up by its key."""
        return self._watch("find_refund", lambda: self._gateway.find_refund(request))

    def authenticate(self, delivery: RawNotification) -> None:
        """Raise BadSignatureError unless the delivery comes from the gateway; asks nobody."""
        self._gateway.authenticate(delivery)

    def read_notification(self, delivery: RawNotification) -> Observation:
        """Authenticate and read a delivery; asks nobody."""
        return self._gateway.read_notification(delivery)

    def check_keys(self) -> KeyCheck:
        """Ask the gateway whether it accepts our keys."""
        return self._watch("check_keys", self._gateway.check_keys)

    def _watch(self, operation: str, call: Callable[[], _Answer]) -> _Answer:
        began = time.monotonic()
        try:
            answer = call()
        except GatewayError as error:
            self._tell_failure(operation, error, began)
            raise
        self._tell_answer(operation, began)
        return answer

    def _tell_answer(self, operation: str, began: float) -> None:
        level = logging.INFO if operation in _ORDERS else logging.DEBUG
        _log.log(level, "gateway answered", extra=self._timed(operation, began))

    def _tell_failure(self, operation: str, error: GatewayError, began: float) -> None:
        kind = kind_of(error)
        GATEWAY_ERRORS.labels(self.name.value, operation, kind).inc()
        # Its words may repeat what we sent; the code is a word of the gateway's own.
        more = {"kind": kind, "code": error.code[:60]}
        _log.warning("gateway call failed", extra=self._timed(operation, began) | more)

    def _timed(self, operation: str, began: float) -> dict[str, object]:
        took_s = time.monotonic() - began
        GATEWAY_SECONDS.labels(self.name.value, operation).observe(took_s)
        return {
            "gateway": self.name.value,
            "operation": operation,
            "ms": round(took_s * 1000),
        }


def kind_of(error: GatewayError) -> str:
    """Name the kind of failure as meters and logs do."""
    if isinstance(error, GatewayRejectedError):
        return "rejected"
    return "unknown" if isinstance(error, GatewayOutcomeUnknownError) else "unavailable"
