"""The end of a story: faults stop, time passes, and every order must equal the gateways' books."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from app.core.observations import Source
from app.services.status import check_status
from tests.simulation.boundaries import Fair
from tests.simulation.invariants import Judge
from tests.simulation.records import Records, Row, due_times, read_records
from tests.simulation.stage import Stage
from tests.simulation.steps import run_due_jobs
from tests.simulation.truth import payments_of
from tests.simulation.violation import require

# A day to pay, three days of watching, and three days for an approval that never comes.
_LONGEST_S: Final = 9 * 86_400.0
_SHORTEST_NAP_S: Final = 2.0
_LONGEST_NAP_S: Final = 12 * 3_600.0
# The gateway's last word on the order was lost, and paid orders are not asked about again.
UNHEARD: Final = "unheard, until asked"
# Midtrans finds a DANA payment by its own id only (docs, "DANA"), and of several transactions of
# one order it shows one: where every message about the other was lost, nobody knows what to ask.
NEVER_TOLD: Final = "unheard, and never told under which id to ask"
_UNPAID: Final = frozenset({"failed", "expired", "cancelled"})
_UNFINISHED: Final = frozenset({"approved", "sending", "unknown", "accepted"})
# With these a person is told that the order may not be what it seems.
# An order waits under its oldest reason; the timeline then tells the newer ones.
_TOLD: Final = frozenset(
    {
        *("amount_differs", "currency_differs", "unknown_transition", "unrecognised_status"),
        *("contradicts_earlier", "claim_not_confirmed", "polling_ended"),
    }
)
_MAY_DIFFER: Final = frozenset({"amount_differs", "unknown_transition", "drift", "polling_ended"})


@dataclass(frozen=True, slots=True)
class Expected:
    """What an order should say by the gateways' books (rupiah)."""

    statuses: frozenset[str]
    captured_idr: int
    refunded_idr: int

    def fits(self, order: Row) -> bool:
        sums = (order.captured_idr, order.refunded_idr) == (self.captured_idr, self.refunded_idr)
        return sums and order.payment_status in self.statuses


def settle_down(stage: Stage) -> None:
    """Let everything that is on its way arrive and everything that is due be done."""
    with stage.under(Fair()):
        stage.note("-- from here on nothing goes wrong --")
        passed, nap = 0.0, _SHORTEST_NAP_S
        while True:
            stage.mailbag.deliver_all()
            stage.attempt(lambda: run_due_jobs(stage))
            wait = _until_next(stage)
            if wait is None or passed > _LONGEST_S:
                return
            nap = min(nap * 6, _LONGEST_NAP_S)
            passed += max(wait, nap)
            stage.pass_time(max(wait, nap))


def _until_next(stage: Stage) -> float | None:
    """Return the seconds until something happens by itself, or None if nothing will."""
    if stage.mailbag.waiting:
        return 0.0
    ours = min(due_times(stage.bank.engine).values(), default=None)
    theirs = stage.sandbox.engine.timers.next_due()
    waits = [
        *([(ours - stage.clock()).total_seconds()] if ours else []),
        *([(theirs - stage.sandbox.engine.clock.now()).total_seconds()] if theirs else []),
    ]
    return max(0.0, min(waits)) if waits else None


def judge_the_end(stage: Stage, judge: Judge) -> list[str]:
    """Compare every order with the truth; return how each one ended, for the tally."""
    records = read_records(stage.bank.engine)
    judge.check(records)
    _nothing_is_left_undone(stage, records)
    endings = [_ending(stage, judge, records, order) for order in records.orders]
    if UNHEARD in endings or stage.seed % 4 == 0:
        _ask_about_everything(stage)
        records = read_records(stage.bank.engine)
        judge.check(records)
        asked = [_ending(stage, judge, records, order) for order in records.orders]
        require(UNHEARD not in asked, "after asking, every order equals its gateway", asked)
    return endings


def _nothing_is_left_undone(stage: Stage, records: Records) -> None:
    for row in records.refunds:
        followed = {order.id for order in records.orders if order.attention == "refund_unknown"}
        over = row.state not in _UNFINISHED or row.order_id in followed
        require(over, "every refund comes to an end or to a person", row)
    for order in records.orders:
        _oddities_are_told(stage, records, order)


def _oddities_are_told(stage: Stage, records: Records, order: Row) -> None:
    """What the sums alone do not show must stand on the timeline, for a person to read."""
    held = [
        payment
        for reference in records.references(order.id)
        for payment in payments_of(stage.sandbox, reference)
        if payment.holds
    ]
    reasons = records.reasons(order.id)
    if order.captured_idr > order.total_idr:
        require("paid_twice" in reasons, "a second payment is told to a person", order)
    other = [p for p in held if p.amount_idr != order.total_idr]
    if other and not _missed(stage, records.references(order.id)):
        told = order.attention is not None and "amount_differs" in reasons
        require(told, "money in another amount is told to a person", order)


def _ending(stage: Stage, judge: Judge, records: Records, order: Row) -> str:
    expected = expected_of(stage, judge, records, order)
    if expected.fits(order):
        return order.payment_status
    told = order.attention in _MAY_DIFFER or _TOLD & set(records.reasons(order.id))
    if order.attention is not None and told:
        return f"in the queue: {order.attention}"
    missed = _missed(stage, records.references(order.id))
    require(missed, "what was acknowledged is acted upon", f"{order} but {expected}")
    return NEVER_TOLD if _is_beyond_asking(stage, records, order) else UNHEARD


def _is_beyond_asking(stage: Stage, records: Records, order: Row) -> bool:
    """Tell whether the order's money lies under an id that its gateway alone knows."""
    return any(
        payment.holds and not payment.by_reference and payment.gateway_id not in records.heard_of
        for reference in records.references(order.id)
        for payment in payments_of(stage.sandbox, reference)
    )


def _missed(stage: Stage, references: list[str]) -> bool:
    """Tell whether some news of this order never came through the shop's door."""
    sent = stage.sandbox.deliveries.recent(10_000)
    mine = [delivery for delivery in sent if delivery["reference"] in references]
    return any(delivery["body"] not in stage.mailbag.acknowledged for delivery in mine)


def _ask_about_everything(stage: Stage) -> None:
    with stage.reading() as session:
        from sqlalchemy import select

        from app.db.models import Order

        orders = list(session.scalars(select(Order.id)))
    for order_id in orders:
        check_status(stage.desk, order_id, source=Source.STATUS_CHECK, staff_id=1)
    settle_down(stage)


def expected_of(stage: Stage, judge: Judge, records: Records, order: Row) -> Expected:
    """Work out from the gateways' books what an order must say."""
    captured = refunded = 0
    charged_back = in_review = waits = False
    for reference in records.references(order.id):
        for payment in payments_of(stage.sandbox, reference):
            in_review |= payment.in_review
            waits |= payment.waits
            # A capture that was cancelled before the shop heard of it moved no money: for the
            # shop it is a cancelled try. Once heard of, it is a payment given back.
            taken = payment.gateway_id in judge.taken & records.heard_paid
            voided = payment.status == "cancel" and taken
            if not (payment.holds or voided) or payment.amount_idr != order.total_idr:
                continue
            captured += payment.amount_idr
            by_hand = sum(
                r.amount_idr
                for r in records.refunds_of(order.id)
                if r.state == "transferred" and r.gateway_transaction_id == payment.gateway_id
            )
            returned = payment.amount_idr if voided else payment.returned_idr + by_hand
            refunded += min(returned, payment.amount_idr)
            charged_back |= payment.charged_back
    statuses = _statuses(captured, refunded, charged_back, in_review, waits)
    return Expected(statuses, captured, refunded)


def _statuses(
    captured: int, refunded: int, charged_back: bool, in_review: bool, waits: bool
) -> frozenset[str]:
    if charged_back:
        return frozenset({"charged_back"})
    if captured:
        kept = "paid" if not refunded else "partially_refunded"
        return frozenset({"refunded" if refunded == captured else kept})
    if in_review:
        return frozenset({"in_review"})
    return frozenset({"pending"}) if waits else _UNPAID
