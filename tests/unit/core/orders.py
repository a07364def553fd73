"""Orders, transactions and observations of our own making, one call each."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from app.core.facts import AttemptFact, OrderFacts, RefundFact, TransactionFact
from app.core.money import Rupiah
from app.core.observations import Observation, ObservedRefund, Seen, Source
from app.core.states import GatewayName, PaymentStatus, RefundState
from app.core.transitions import Decision, settle_status

TOTAL = Rupiah(150_000)
PLACED = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
LIFETIME = timedelta(hours=24)
EXPIRY = PLACED + LIFETIME
FIRST = "LN-7Q2M4XK9TB-1"
SECOND = "LN-7Q2M4XK9TB-2"
MIDTRANS = GatewayName.MIDTRANS
XENDIT = GatewayName.XENDIT


def attempt(reference: str = FIRST, gateway: GatewayName = MIDTRANS) -> AttemptFact:
    """Return an open try at a gateway."""
    return AttemptFact(reference, gateway, EXPIRY)


def transaction(
    stage: Seen = Seen.PAID,
    gateway_transaction_id: str = "t-1",
    reference: str = FIRST,
    *,
    ever_paid: bool = True,
    confirmed: bool = True,
) -> TransactionFact:
    """Return a transaction over the order's total, paid an hour after the order was placed."""
    return TransactionFact(
        gateway_transaction_id=gateway_transaction_id,
        reference=reference,
        stage=stage,
        amount_idr=TOTAL,
        ever_paid=ever_paid,
        confirmed=confirmed,
        as_of=PLACED + timedelta(hours=1),
        method="gopay",
        paid_at=PLACED + timedelta(hours=1) if ever_paid else None,
    )


def refund(
    amount_idr: int,
    state: RefundState = RefundState.SUCCEEDED,
    gateway_transaction_id: str | None = "t-1",
    key: str = "rf-1",
) -> RefundFact:
    """Return a refund of the first transaction."""
    return RefundFact(key, gateway_transaction_id, Rupiah(amount_idr), state)


def order(
    *transactions: TransactionFact,
    refunds: tuple[RefundFact, ...] = (),
    attempts: tuple[AttemptFact, ...] = (),
) -> OrderFacts:
    """Return an order whose state is the one that follows from its facts."""
    facts = OrderFacts(
        status=PaymentStatus.PENDING,
        total_idr=TOTAL,
        attempts=attempts or (attempt(),),
        transactions=transactions,
        refunds=refunds,
    )
    return replace(facts, status=settle_status(facts).status)


def observed(
    seen: Seen,
    gateway_transaction_id: str | None = "t-1",
    reference: str = FIRST,
    *,
    after: timedelta = timedelta(hours=2),
    amount_idr: int | None = TOTAL,
    gateway: GatewayName = MIDTRANS,
) -> Observation:
    """Return what the gateway answered to a question of ours, ``after`` the order was placed."""
    return Observation(
        gateway=gateway,
        reference=reference,
        seen=seen,
        source=Source.JOB,
        observed_at=PLACED + after,
        raw_status=seen.value,
        amount_idr=None if amount_idr is None else Rupiah(amount_idr),
        gateway_transaction_id=None if seen is Seen.NOTHING else gateway_transaction_id,
        method="gopay",
    )


def signed(seen: Seen, **changes: object) -> Observation:
    """Return a notification whose signature covers that the order's total was paid."""
    notification = replace(observed(seen), source=Source.NOTIFICATION)
    return replace(notification, **{"signature_proves_payment": True, **changes})  # pyright: ignore[reportArgumentType]


def listed_refund(key: str, amount_idr: int) -> ObservedRefund:
    """Return a refund as a gateway lists it once the money has left."""
    return ObservedRefund(Rupiah(amount_idr), RefundState.SUCCEEDED, key=key)


def assert_nothing_changed(facts: OrderFacts, decision: Decision) -> None:
    """Fail unless the decision leaves the order and everything known of it as they were."""
    assert (decision.before, decision.after) == (facts.status, facts.status)
    assert decision.changed is False
    assert (decision.transaction, decision.attempt) == (None, None)


def waiting(gateway_transaction_id: str = "t-1", reference: str = FIRST) -> TransactionFact:
    """Return a transaction that waits for the shopper, as the gateway itself told us."""
    return transaction(Seen.PENDING, gateway_transaction_id, reference, ever_paid=False)


def in_state(status: PaymentStatus) -> OrderFacts:
    """Return an order that is in this state because of what is known of it."""
    dead = (replace(attempt(), dead=True),)
    return {
        PaymentStatus.PENDING: order(waiting()),
        PaymentStatus.IN_REVIEW: order(transaction(Seen.IN_REVIEW, ever_paid=False)),
        PaymentStatus.PAID: order(transaction()),
        PaymentStatus.PARTIALLY_REFUNDED: order(transaction(), refunds=(refund(50_000),)),
        PaymentStatus.REFUNDED: order(transaction(Seen.REFUNDED)),
        PaymentStatus.FAILED: order(transaction(Seen.DENIED, ever_paid=False), attempts=dead),
        PaymentStatus.EXPIRED: order(transaction(Seen.EXPIRED, ever_paid=False)),
        PaymentStatus.CANCELLED: order(transaction(Seen.CANCELLED, ever_paid=False)),
        PaymentStatus.CHARGED_BACK: order(transaction(Seen.CHARGED_BACK)),
    }[status]
