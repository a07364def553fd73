"""Refunds as the shopper sees them: how far one has come, and when its money usually arrives."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from app.core import methods
from app.core.states import RefundRoute, RefundState


class RefundStep(StrEnum):
    """How far a refund has come, in the words of who waits for it."""

    REQUESTED = "requested"  # a second person still has to agree
    APPROVED = "approved"  # it will be sent
    SENT = "sent"  # on its way; also while we ask what became of it
    SUCCEEDED = "succeeded"  # handed to the bank or the wallet
    FAILED = "failed"  # it came back; a person looks after it


_STEPS: Final[Mapping[RefundState, RefundStep | None]] = {
    RefundState.AWAITING_APPROVAL: RefundStep.REQUESTED,
    RefundState.APPROVED: RefundStep.APPROVED,
    RefundState.TO_TRANSFER: RefundStep.APPROVED,
    RefundState.SENDING: RefundStep.SENT,
    RefundState.UNKNOWN: RefundStep.SENT,
    RefundState.ACCEPTED: RefundStep.SENT,
    RefundState.SUCCEEDED: RefundStep.SUCCEEDED,
    RefundState.TRANSFERRED: RefundStep.SUCCEEDED,
    RefundState.FAILED: RefundStep.FAILED,
    # Ours alone: nothing was promised to the shopper, and nothing moved.
    RefundState.REJECTED: None,
    RefundState.WITHDRAWN: None,
}


def refund_step(state: RefundState) -> RefundStep | None:
    """Return how far a refund has come for its shopper; None where it is none of their business."""
    return _STEPS[state]


@dataclass(frozen=True, slots=True)
class Arrival:
    """How long the money usually takes once it was sent, in working days."""

    least_days: int
    most_days: int


# What shops tell their customers. No provider promises a time: the payer's own bank books it, and a
# card's refund appears with one of the next statements.
_BY_TRANSFER: Final = Arrival(1, 3)
_VOID: Final = Arrival(1, 7)
_WALLET: Final = Arrival(0, 1)
_OTHERWISE: Final = Arrival(1, 14)
_BY_METHOD: Final[Mapping[str, Arrival]] = {
    methods.CARD: Arrival(7, 14),
    "qris": Arrival(1, 7),
    "dd_bri": Arrival(1, 7),
    "dd_mandiri": Arrival(1, 7),
    **dict.fromkeys(
        ("gopay", "shopeepay", "dana", "ovo", "linkaja", "astrapay", "jeniuspay"), _WALLET
    ),
}


def usual_arrival(route: RefundRoute, method: str | None) -> Arrival:
    """Return how long a refund by this route, of a payment by this method, usually takes."""
    if route is RefundRoute.MANUAL:
        return _BY_TRANSFER
    if route is RefundRoute.VOID:
        return _VOID
    return _BY_METHOD.get(method or "", _OTHERWISE)
