"""The order's state machine as data: every step, who may cause it and on what evidence.

Whoever moves an order asks ``find_edge``: a step that is not listed, or that is listed for others
or for better evidence, is not taken. ``docs/states.md`` is rendered from these tables.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from app.core.observations import Evidence
from app.core.reasons import Why
from app.core.states import UNPAID_CLOSED, Attention, PaymentStatus


class Cause(StrEnum):
    """Who can make an order move: every source of observations, and the people themselves."""

    NOTIFICATION = "notification"
    STATUS_CHECK = "status_check"
    JOB = "job"
    API_ANSWER = "api_answer"
    STAFF = "staff"  # a person wrote down what they did, such as a bank transfer
    SHOPPER = "shopper"  # started a new try


# The gateway answered a question of ours, whoever asked it.
ASKED: Final = frozenset({Cause.STATUS_CHECK, Cause.JOB, Cause.API_ANSWER})
_ANY_NEWS: Final = ASKED | {Cause.NOTIFICATION}
_ASKED_OR_TRANSFERRED: Final = ASKED | {Cause.STAFF}
_ASKED_OR_RETRIED: Final = ASKED | {Cause.SHOPPER}


@dataclass(frozen=True, slots=True)
class Edge:
    """One allowed step: its reason, whether a person must look, who may cause it, on what."""

    why: Why
    attention: Attention | None = None
    causes: frozenset[Cause] = ASKED
    needs: Evidence = Evidence.CONFIRMED

    def allows(self, cause: Cause, evidence: Evidence) -> bool:
        """Tell whether this cause may take the step on this evidence."""
        return cause in self.causes and WEIGHT[evidence] >= WEIGHT[self.needs]


WEIGHT: Final[Mapping[Evidence, int]] = {
    Evidence.CLAIMS: 0,
    Evidence.PROVES: 1,
    Evidence.CONFIRMED: 2,
}

_S = PaymentStatus
_PAID_LATE: Final = Edge(Why.PAID_AFTER_CLOSE, Attention.PAID_AFTER_CLOSE)
_TRIED_LATE: Final = Edge(Why.TRIED_AFTER_CLOSE)
_REVERSED: Final = Edge(Why.PAYMENT_REVERSED, Attention.PAYMENT_REVERSED)
_CHARGED_BACK: Final = Edge(Why.CHARGED_BACK, Attention.CHARGED_BACK)
_REFUND_UNDONE: Final = Edge(Why.REFUND_REVERSED, Attention.DRIFT)

_CLOSED_BY: Final[Mapping[PaymentStatus, Edge]] = {
    _S.EXPIRED: Edge(Why.NOT_PAID_IN_TIME),
    _S.FAILED: Edge(Why.PAYMENT_DECLINED),
    _S.CANCELLED: Edge(Why.CANCELLED_AT_GATEWAY),
}

EDGES: Final[Mapping[tuple[PaymentStatus, PaymentStatus], Edge]] = {
    # The one step that a signature covers (Midtrans docs, "HTTP(S) notification").
    (_S.PENDING, _S.PAID): Edge(Why.SHOPPER_PAID, causes=_ANY_NEWS, needs=Evidence.PROVES),
    (_S.PENDING, _S.IN_REVIEW): Edge(Why.FRAUD_REVIEW),
    **{(_S.PENDING, closed): edge for closed, edge in _CLOSED_BY.items()},
    # Paid and refunded in the dashboard before we heard of either.
    (_S.PENDING, _S.PARTIALLY_REFUNDED): Edge(Why.REFUNDED_IN_PART),
    (_S.PENDING, _S.REFUNDED): Edge(Why.REFUNDED_IN_FULL),
    (_S.PENDING, _S.CHARGED_BACK): _CHARGED_BACK,
    (_S.IN_REVIEW, _S.PAID): Edge(Why.REVIEW_ACCEPTED),
    (_S.IN_REVIEW, _S.PENDING): Edge(Why.REVIEW_DENIED),
    (_S.IN_REVIEW, _S.FAILED): Edge(Why.REVIEW_DENIED),
    (_S.IN_REVIEW, _S.CANCELLED): Edge(Why.CANCELLED_AT_GATEWAY),
    (_S.IN_REVIEW, _S.EXPIRED): Edge(Why.NOT_PAID_IN_TIME),
    (_S.IN_REVIEW, _S.PARTIALLY_REFUNDED): Edge(Why.REFUNDED_IN_PART),
    (_S.IN_REVIEW, _S.REFUNDED): Edge(Why.REFUNDED_IN_FULL),
    (_S.IN_REVIEW, _S.CHARGED_BACK): _CHARGED_BACK,
    **{(closed, _S.PAID): _PAID_LATE for closed in UNPAID_CLOSED},
    **{(closed, _S.PARTIALLY_REFUNDED): _PAID_LATE for closed in UNPAID_CLOSED},
    **{(closed, _S.REFUNDED): Edge(Why.REFUNDED_IN_FULL) for closed in UNPAID_CLOSED},
    **{(closed, _S.CHARGED_BACK): _CHARGED_BACK for closed in UNPAID_CLOSED},
    # Later news may name the end better: the name must not depend on what was heard first.
    **{
        (before, closed): edge
        for closed, edge in _CLOSED_BY.items()
        for before in UNPAID_CLOSED - {closed}
    },
    **{
        (closed, _S.PENDING): Edge(Why.TRIED_AFTER_CLOSE, causes=_ASKED_OR_RETRIED)
        for closed in UNPAID_CLOSED
    },
    **{(closed, _S.IN_REVIEW): _TRIED_LATE for closed in UNPAID_CLOSED},
    (_S.PAID, _S.FAILED): _REVERSED,
    (_S.PAID, _S.PENDING): _REVERSED,  # another attempt is still open
    (_S.PAID, _S.IN_REVIEW): _REVERSED,
    (_S.PAID, _S.EXPIRED): _REVERSED,
    (_S.PAID, _S.CANCELLED): _REVERSED,
    (_S.PAID, _S.PARTIALLY_REFUNDED): Edge(Why.REFUNDED_IN_PART, causes=_ASKED_OR_TRANSFERRED),
    (_S.PAID, _S.REFUNDED): Edge(Why.REFUNDED_IN_FULL, causes=_ASKED_OR_TRANSFERRED),
    (_S.PAID, _S.CHARGED_BACK): _CHARGED_BACK,
    (_S.PARTIALLY_REFUNDED, _S.REFUNDED): Edge(Why.REFUNDED_IN_FULL, causes=_ASKED_OR_TRANSFERRED),
    (_S.PARTIALLY_REFUNDED, _S.CHARGED_BACK): _CHARGED_BACK,
    (_S.PARTIALLY_REFUNDED, _S.PAID): _REFUND_UNDONE,
    (_S.REFUNDED, _S.PARTIALLY_REFUNDED): _REFUND_UNDONE,
    (_S.REFUNDED, _S.PAID): _REFUND_UNDONE,
    (_S.REFUNDED, _S.CHARGED_BACK): _CHARGED_BACK,
}


def find_edge(
    before: PaymentStatus, after: PaymentStatus, cause: Cause, evidence: Evidence
) -> Edge | Why:
    """Return the step from one state to another, or why it may not be taken.

    The caller keeps the state where a reason comes back, and calls a person.
    """
    edge = EDGES.get((before, after))
    if edge is None:
        return Why.UNKNOWN_TRANSITION
    return edge if edge.allows(cause, evidence) else Why.STEP_NOT_ALLOWED
