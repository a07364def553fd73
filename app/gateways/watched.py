"""A gateway under watch: calls are timed, counted and logged, and spared where nobody answers."""

import logging
import math
import time
from collections.abc import Callable, Mapping
from typing import Final, TypeVar

from app.core.errors import (
    GatewayError,
    GatewayOutcomeUnknownError,
    GatewayRejectedError,
    GatewayUnavailableError,
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
from app.gateways.breaker import Breaker, BreakerRule
from app.gateways.http import UNUSABLE_ID
from app.telemetry.meters import GATEWAY_ERRORS, GATEWAY_SECONDS

_log = logging.getLogger("lunas.gateways")
_Answer = TypeVar("_Answer")
# These change something at the gateway; the others only ask, some of them many times a second.
_ORDERS: Final = frozenset({"create_charge", "close", "refund"})
# What fails together: each kind of call has an API, and often machines, of its own.
_KINDS: Final[Mapping[str, str]] = {
    "create_charge": "checkout",
    "find_charge": "checkout",
    "fetch_status": "status",
    "close": "status",
    "refund": "refund",
    "find_refund": "refund",
}
NOT_TRIED: Final = "circuit_open"


class WatchedGateway:
    """Passes every call on to a gateway; what it answers or raises stays as it is.

    Where it has not answered several times, calls are refused for a while without being sent:
    GatewayUnavailableError with the code ``circuit_open``.
    """

    def __init__(
        self,
        gateway: Gateway,
        rule: BreakerRule,
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        """Watch this gateway, with a breaker for each kind of call; ``clock_s`` counts seconds."""
        self._gateway: Final = gateway
        kinds = sorted(set(_KINDS.values()))
        self._breakers: Final = {kind: Breaker(rule, clock_s) for kind in kinds}

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
        kind = _KINDS.get(operation)
        if kind is None:
            # A person tries the keys: that must reach the gateway whatever came before.
            return self._timed_call(operation, call)
        breaker = self._breakers[kind]
        self._admit(operation, breaker)
        try:
            answer = self._timed_call(operation, call)
        except GatewayError as error:
            _note_failure(breaker, error)
            raise
        except BaseException:
            breaker.forget()
            raise
        breaker.succeed()
        return answer

    def _admit(self, operation: str, breaker: Breaker) -> None:
        left_s = breaker.admit()
        if not left_s:
            return
        GATEWAY_ERRORS.labels(self.name.value, operation, "not_tried").inc()
        words = f"{self.name.value.title()} has not answered; the call was not sent"
        refusal = GatewayUnavailableError(words, code=NOT_TRIED)
        refusal.retry_after_s = math.ceil(left_s)
        raise refusal

    def _timed_call(self, operation: str, call: Callable[[], _Answer]) -> _Answer:
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


def _note_failure(breaker: Breaker, error: GatewayError) -> None:
    if not isinstance(error, GatewayRejectedError):
        breaker.fail(error.retry_after_s)
    elif error.code == UNUSABLE_ID:
        breaker.forget()
    else:
        breaker.succeed()


def kind_of(error: GatewayError) -> str:
    """Name the kind of failure as meters and logs do."""
    if isinstance(error, GatewayRejectedError):
        return "rejected"
    return "unknown" if isinstance(error, GatewayOutcomeUnknownError) else "unavailable"
