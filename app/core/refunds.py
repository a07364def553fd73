"""May this refund be made, by which route, and who must agree? And how a refund moves on."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import Final

from app.core.eligibility import VOID_RULE, Endpoint, RefundRule, refund_rule
from app.core.facts import WHOLLY_RETURNED, OrderFacts, TransactionFact, is_paid
from app.core.money import NO_MONEY, Rupiah
from app.core.observations import Seen
from app.core.reasons import Why
from app.core.states import (
    HOLDS_MONEY,
    GatewayName,
    PaymentStatus,
    RefundRoute,
    RefundState,
)
from app.core.transitions import RELEASED, counted, settle_status
from app.core.wib import WIB

APPROVAL_LIFETIME: Final = timedelta(hours=72)
# A refund is under way in these states: another one must wait for its result.
UNDER_WAY: Final = frozenset(
    {RefundState.APPROVED, RefundState.SENDING, RefundState.UNKNOWN, RefundState.ACCEPTED}
)


# Refusals that end by themselves: what was approved waits for them instead of being given up.
PASSING: Final = frozenset({Why.CLOSED_HOURS, Why.REFUND_OPEN, Why.WHOLE_NOT_YET})
# Where the gateway cannot, a bank transfer can.
_BY_HAND: Final = frozenset(
    {
        Why.MANUAL_ONLY,
        Why.REFUND_WINDOW_OVER,
        Why.PARTIAL_NOT_SUPPORTED,
        Why.SEVERAL_NOT_SUPPORTED,
        Why.METHOD_UNKNOWN,
        Why.GATEWAY_REFUSED,
    }
)


@dataclass(frozen=True, slots=True)
class RefundQuestion:
    """A refund somebody wants: of which payment, how much, when, by which limit.

    ``gateway_refused``: the gateway has already said no to this very refund.
    """

    facts: OrderFacts
    transaction: TransactionFact | None
    gateway: GatewayName
    amount_idr: int
    now: datetime
    approval_threshold_idr: int
    frozen: bool = False  # a finding about the order's money waits for a person
    gateway_refused: bool = False


@dataclass(frozen=True, slots=True)
class RefundVerdict:
    """The answer to a refund question; ``why`` is shown to the person who asked.

    ``allowed``: the gateway may be asked for it. ``cautions``: why it may still refuse, where the
    rule depends on what we do not know. ``closed_until``: when the provider opens again (UTC).
    """

    allowed: bool
    why: Why
    refundable_idr: Rupiah
    route: RefundRoute | None = None
    needs_approval: bool = False
    rule: RefundRule | None = None
    days_left: int | None = None
    cautions: tuple[Why, ...] = ()
    closed_until: datetime | None = None

    @property
    def endpoint(self) -> Endpoint | None:
        """The gateway's call that would carry it out; None by hand."""
        by_gateway = self.route in {RefundRoute.REFUND, RefundRoute.VOID}
        return self.rule.endpoint if self.rule is not None and by_gateway else None

    def allows(self, route: RefundRoute) -> bool:
        """Tell whether the refund may be made by this route."""
        if route is RefundRoute.MANUAL:
            return self.route is RefundRoute.MANUAL
        return self.allowed and self.route is route


def refundable_idr(facts: OrderFacts) -> Rupiah:
    """Return what is left to refund of the order: captured less refunded less reserved."""
    summary = settle_status(facts)
    return Rupiah(summary.captured_idr - summary.refunded_idr - summary.reserved_idr)


def what_is_left(facts: OrderFacts, transaction: TransactionFact | None) -> Rupiah:
    """Return what a refund of this payment may give back at most."""
    if transaction is None:
        return NO_MONEY
    return min(refundable_idr(facts), left_of(facts, transaction))


def left_of(facts: OrderFacts, transaction: TransactionFact) -> Rupiah:
    """Return what is left to refund of one payment; an order may have been paid twice."""
    given = sum(
        r.amount_idr
        for r in facts.refunds
        if r.state not in RELEASED
        and r.gateway_transaction_id == transaction.gateway_transaction_id
    )
    left = max(transaction.amount_idr - given, 0) if is_paid(transaction) else 0
    return Rupiah(0 if transaction.stage in WHOLLY_RETURNED else left)


def transaction_to_refund(facts: OrderFacts) -> TransactionFact | None:
    """Return the payment that a refund would give back: the first with something left."""
    paid = [t for t in counted(facts) if is_paid(t)]
    return next((t for t in paid if left_of(facts, t)), paid[0] if paid else None)


def decide_refund(question: RefundQuestion) -> RefundVerdict:
    """Decide whether a refund may be made, by which route, and whether a second person must agree.

    The dry run and the execution call this same function. The rules run from the order's state to
    the method's small print; the first that refuses is named.
    """
    transaction = question.transaction
    left = what_is_left(question.facts, transaction)
    refusal = _refuse_order(question, left)
    if refusal is not None or transaction is None:
        return RefundVerdict(allowed=False, why=refusal or Why.NOT_PAID, refundable_idr=left)
    if question.gateway_refused:
        return _by_hand(question, left, Why.GATEWAY_REFUSED)
    if transaction.stage is Seen.CAPTURED:
        return _void_verdict(question, left)
    rule = refund_rule(question.gateway, transaction.method or "", transaction.instrument)
    if rule is None:
        return _by_hand(question, left, Why.METHOD_UNKNOWN)
    return _method_verdict(question, transaction, rule)


def _by_hand(question: RefundQuestion, left: Rupiah, why: Why) -> RefundVerdict:
    return RefundVerdict(
        allowed=False,
        why=why,
        refundable_idr=left,
        route=RefundRoute.MANUAL,
        needs_approval=_needs_approval(question),
    )


def _method_verdict(
    question: RefundQuestion, transaction: TransactionFact, rule: RefundRule
) -> RefundVerdict:
    refusal = _refuse_method(question, transaction, rule)
    is_closed = refusal is Why.CLOSED_HOURS
    return RefundVerdict(
        allowed=refusal is None,
        why=refusal or Why.REFUNDABLE,
        refundable_idr=what_is_left(question.facts, transaction),
        route=RefundRoute.MANUAL if refusal in _BY_HAND else RefundRoute.REFUND,
        needs_approval=_needs_approval(question),
        rule=rule,
        days_left=_surest_days_left(transaction, rule, question.now),
        cautions=_cautions(question, transaction, rule) if refusal is None else (),
        closed_until=_opens_at(rule, question.now) if is_closed else None,
    )


def _cautions(
    question: RefundQuestion, transaction: TransactionFact, rule: RefundRule
) -> tuple[Why, ...]:
    certain = _days_left(transaction, rule.doubtful_after_days, question.now)
    doubts = (Why.MAY_BE_TOO_LATE,) if certain is not None and certain < 0 else ()
    return (*doubts, *rule.cautions)


def _refuse_order(question: RefundQuestion, left: Rupiah) -> Why | None:
    facts = question.facts
    checks = (
        (question.frozen, Why.ORDER_FROZEN),
        (facts.status is PaymentStatus.CHARGED_BACK, Why.IN_DISPUTE),
        (_is_disputed(question.transaction), Why.IN_DISPUTE),
        (facts.status not in HOLDS_MONEY | {PaymentStatus.REFUNDED}, Why.NOT_PAID),
        (question.transaction is None, Why.NOT_PAID),
        (any(r.state in UNDER_WAY for r in facts.refunds), Why.REFUND_OPEN),
        (left == NO_MONEY, Why.NOTHING_LEFT),
        (question.amount_idr <= NO_MONEY, Why.AMOUNT_NOT_POSITIVE),
        (question.amount_idr > left, Why.MORE_THAN_LEFT),
        (not _is_confirmed(question.transaction), Why.TRANSACTION_UNCONFIRMED),
    )
    return next((why for refused, why in checks if refused), None)


def _is_disputed(transaction: TransactionFact | None) -> bool:
    return transaction is not None and transaction.stage is Seen.PARTIALLY_CHARGED_BACK


def _is_confirmed(transaction: TransactionFact | None) -> bool:
    return transaction is not None and transaction.confirmed


def _void_verdict(question: RefundQuestion, left: Rupiah) -> RefundVerdict:
    """Judge a capture: it is cancelled, not refunded, and only whole (Midtrans docs, "Refund")."""
    whole = question.transaction is not None and (
        question.amount_idr == question.transaction.amount_idr
    )
    return RefundVerdict(
        allowed=whole,
        why=Why.VOIDABLE if whole else Why.VOID_IS_FULL_ONLY,
        refundable_idr=left,
        route=RefundRoute.VOID,
        needs_approval=_needs_approval(question),
        rule=VOID_RULE,
    )


def _refuse_method(
    question: RefundQuestion, transaction: TransactionFact, rule: RefundRule
) -> Why | None:
    is_partial = question.amount_idr < transaction.amount_idr
    earlier = any(
        r.state not in RELEASED and r.gateway_transaction_id == transaction.gateway_transaction_id
        for r in question.facts.refunds
    )
    days_left = _days_left(transaction, rule.window_days, question.now)
    checks = (
        (not rule.refundable, Why.MANUAL_ONLY),
        (days_left is not None and days_left < 0, Why.REFUND_WINDOW_OVER),
        (not rule.partial and is_partial, Why.PARTIAL_NOT_SUPPORTED),
        (not rule.several and earlier, Why.SEVERAL_NOT_SUPPORTED),
        (not is_partial and _is_too_early(transaction, rule, question.now), Why.WHOLE_NOT_YET),
        (_is_closed_now(rule, question.now), Why.CLOSED_HOURS),
    )
    return next((why for refused, why in checks if refused), None)


def _days_left(transaction: TransactionFact, days: int | None, now: datetime) -> int | None:
    """Count whole days in WIB until a window closes; 0 on its last day, negative after."""
    if days is None or transaction.paid_at is None:
        return None
    last = transaction.paid_at.astimezone(WIB).date() + timedelta(days=days)
    return (last - now.astimezone(WIB).date()).days


def _surest_days_left(transaction: TransactionFact, rule: RefundRule, now: datetime) -> int | None:
    """Count the days that are certain; past them, those that some of the pages promise."""
    certain = _days_left(transaction, rule.doubtful_after_days, now)
    is_certain = certain is not None and certain >= 0
    return certain if is_certain else _days_left(transaction, rule.window_days, now)


def _is_too_early(transaction: TransactionFact, rule: RefundRule, now: datetime) -> bool:
    if rule.whole_after is None or transaction.paid_at is None:
        return False
    return now < transaction.paid_at + rule.whole_after


def _is_closed_now(rule: RefundRule, now: datetime) -> bool:
    if rule.closed_from is None or rule.closed_until is None:
        return False
    return _within(now.astimezone(WIB).time(), rule.closed_from, rule.closed_until)


def _opens_at(rule: RefundRule, now: datetime) -> datetime | None:
    """Return when the provider takes refunds again, after ``now``."""
    if rule.closed_until is None:
        return None
    today = datetime.combine(now.astimezone(WIB).date(), rule.closed_until, WIB)
    return (today if today > now else today + timedelta(days=1)).astimezone(UTC)


def _within(at: time, start: time, end: time) -> bool:
    """Tell whether ``at`` lies in a span that runs over midnight."""
    return at >= start or at < end


def _needs_approval(question: RefundQuestion) -> bool:
    return question.amount_idr > question.approval_threshold_idr


@dataclass(frozen=True, slots=True)
class ApprovalSubject:
    """What an approver agrees to; any change of it voids the request."""

    order: str
    refund_key: str
    amount_idr: int
    route: RefundRoute
    reason: str
    destination: tuple[str, ...] = ()  # the account that a transfer by hand goes to
    grounds: tuple[str, ...] = ()  # the reason's code, and the lines it is about


def approval_hash(subject: ApprovalSubject) -> str:
    """Bind an approval to exactly this order, amount, route, account and grounds (hex)."""
    parts = (
        subject.order,
        subject.refund_key,
        str(subject.amount_idr),
        subject.route.value,
        subject.reason,
        *subject.destination,
        *subject.grounds,
    )
    # Length prefixes keep ("a", "bc") and ("ab", "c") apart.
    text = "".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.sha256(text.encode()).hexdigest()


def refuse_approval(
    *, requested_by: int, approver: int, requested_at: datetime, now: datetime
) -> Why | None:
    """Name why this person may not approve this request now, if so."""
    if requested_by == approver:
        return Why.SAME_PERSON
    if now - requested_at > APPROVAL_LIFETIME:
        return Why.APPROVAL_EXPIRED
    return None


class RefundEvent(StrEnum):
    """What can happen to a refund."""

    APPROVE = "approve"
    APPROVE_TRANSFER = "approve_transfer"
    REJECT = "reject"
    WITHDRAW = "withdraw"
    SEND = "send"
    LOST_ANSWER = "lost_answer"
    ACCEPTED = "accepted"
    SUCCEEDED = "succeeded"
    REFUSED = "refused"
    TRANSFERRED = "transferred"
    NOT_SENT = "not_sent"


_R = RefundState
_E = RefundEvent
MOVES: Final[Mapping[tuple[RefundState, RefundEvent], RefundState]] = {
    (_R.AWAITING_APPROVAL, _E.APPROVE): _R.APPROVED,
    (_R.AWAITING_APPROVAL, _E.APPROVE_TRANSFER): _R.TO_TRANSFER,
    (_R.AWAITING_APPROVAL, _E.REJECT): _R.REJECTED,
    (_R.AWAITING_APPROVAL, _E.WITHDRAW): _R.WITHDRAWN,
    (_R.APPROVED, _E.WITHDRAW): _R.WITHDRAWN,
    (_R.APPROVED, _E.SEND): _R.SENDING,
    # Asking again under the same key.
    (_R.UNKNOWN, _E.SEND): _R.SENDING,
    # The gateway was not reached: nothing happened there, so it may be sent again.
    (_R.SENDING, _E.NOT_SENT): _R.APPROVED,
    (_R.SENDING, _E.LOST_ANSWER): _R.UNKNOWN,
    **{(state, _E.ACCEPTED): _R.ACCEPTED for state in (_R.SENDING, _R.UNKNOWN)},
    **{
        (state, _E.SUCCEEDED): _R.SUCCEEDED
        for state in (_R.SENDING, _R.UNKNOWN, _R.ACCEPTED, _R.APPROVED)
    },
    **{(state, _E.REFUSED): _R.FAILED for state in (_R.SENDING, _R.UNKNOWN, _R.ACCEPTED)},
    # The gateway takes back what it said; a person is called (TAKEN_BACK_STEPS).
    (_R.FAILED, _E.SUCCEEDED): _R.SUCCEEDED,
    (_R.SUCCEEDED, _E.REFUSED): _R.FAILED,
    (_R.TO_TRANSFER, _E.TRANSFERRED): _R.TRANSFERRED,
    (_R.TO_TRANSFER, _E.WITHDRAW): _R.WITHDRAWN,
}


# Steps by which a gateway contradicts what it had told us as final.
TAKEN_BACK_STEPS: Final = frozenset(
    {(_R.FAILED, _R.SUCCEEDED), (_R.SUCCEEDED, _R.FAILED)},
)


def move_refund(state: RefundState, event: RefundEvent) -> RefundState | None:
    """Return the refund's next state, or None where the event may not move it.

    A slower writer finds None here: a late "sent" cannot undo a "succeeded".
    """
    return MOVES.get((state, event))
