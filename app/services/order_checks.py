"""What must hold of the records of one order, check by check; nothing here reads or writes."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from app.core.edges import EDGES
from app.core.facts import OrderFacts
from app.core.findings import Difference, FindingCode
from app.core.ledger import books_of, post
from app.core.money import format_rupiah
from app.core.reconciliation import next_look
from app.core.refunds import UNDER_WAY
from app.core.states import RefundRoute, RefundState, StockState
from app.core.stock import StockStep
from app.core.transitions import RETURNED, Summary, settle_status
from app.db.models import (
    Attempt,
    GatewayTransaction,
    LedgerEntry,
    Order,
    OrderEvent,
    OrderItem,
    Refund,
    StockMovement,
)
from app.services.facts import facts_of
from app.services.ledger import books_in
from app.services.order_records import OrderRecords
from app.services.refund_facts import FINAL
from app.services.timeline import event_hash

_RESERVING: Final = {StockStep.RESERVE: 1, StockStep.TAKE: -1, StockStep.RELEASE: -1}
_TAKING: Final = {
    StockStep.TAKE: 1,
    StockStep.TAKE_LATE: 1,
    StockStep.GIVE_BACK: -1,
    StockStep.RESTOCK: -1,
}
_BY_HAND: Final = frozenset({RefundState.TO_TRANSFER, RefundState.TRANSFERRED})
_CALLED: Final = frozenset({RefundState.SENDING, RefundState.UNKNOWN})


def check_order(records: OrderRecords, now: datetime) -> tuple[Difference, ...]:
    """Compare what is recorded of an order with what follows from its facts; empty: all agrees."""
    order = records.order
    facts = facts_of(order, records.attempts, records.transactions, records.refunds)
    summary = settle_status(facts)
    return (
        *_sums(order, summary),
        *_ledger(order, records.entries, facts),
        *_winner(order, summary),
        *_status(order, records.events, summary),
        *_returned(order, records.transactions, records.refunds),
        *_timeline(order, records.events),
        *(one for refund in records.refunds for one in _refund(order, refund)),
        *_stock(order, records.items, records.movements),
        *(one for attempt in records.attempts for one in _attempt(facts, attempt, now)),
        *_claims(order, records.lost_claims),
    )


def _sums(order: Order, summary: Summary) -> Iterator[Difference]:
    wanted = (summary.captured_idr, summary.refunded_idr, summary.reserved_idr)
    found = (order.captured_idr, order.refunded_idr, order.reserved_idr)
    if wanted != found:
        code = FindingCode.SUMS_DIFFER
        yield Difference(code, order.number, _told(*wanted), _told(*found))


def _told(captured_idr: int, refunded_idr: int, reserved_idr: int) -> str:
    return (
        f"captured {format_rupiah(captured_idr)}, refunded {format_rupiah(refunded_idr)}, "
        f"reserved {format_rupiah(reserved_idr)}"
    )


def _ledger(
    order: Order, entries: Sequence[LedgerEntry], facts: OrderFacts
) -> Iterator[Difference]:
    missing = post(books_in(entries), books_of(facts))
    code = FindingCode.LEDGER_DIFFERS
    if missing:
        wanted = ", ".join(f"{p.kind} {format_rupiah(p.amount_idr)} ({p.subject})" for p in missing)
        yield Difference(code, order.number, wanted, "not posted")
    numbers = [entry.seq for entry in entries]
    if numbers != list(range(1, len(numbers) + 1)):
        subject = f"{order.number} numbering"
        yield Difference(code, subject, f"1-{len(numbers)}", ", ".join(map(str, numbers)))


def _winner(order: Order, summary: Summary) -> Iterator[Difference]:
    found = order.payment_gateway_transaction_id
    if found != summary.winner:
        code = FindingCode.WINNER_DIFFERS
        yield Difference(code, order.number, summary.winner or "none", found or "none")


def _status(order: Order, events: Sequence[OrderEvent], summary: Summary) -> Iterator[Difference]:
    """Compare the state with the timeline, and with the facts where a step to them is named.

    A step that no table names keeps the state on purpose, and a person was called then.
    """
    found = order.payment_status
    told = next((event.after for event in reversed(events) if event.after is not None), found)
    wanted = summary.status if (found, summary.status) in EDGES else told
    if wanted is not found:
        yield Difference(FindingCode.STATUS_DIFFERS, order.number, wanted.value, found.value)


def _returned(
    order: Order, transactions: Sequence[GatewayTransaction], refunds: Sequence[Refund]
) -> Iterator[Difference]:
    for transaction in transactions:
        name = transaction.gateway_transaction_id
        returned = sum(
            refund.amount_idr
            for refund in refunds
            if refund.gateway_transaction_id == name and refund.state in RETURNED
        )
        if returned > transaction.amount_idr:
            yield Difference(
                FindingCode.RETURNED_TOO_MUCH,
                f"{order.number} {name}",
                f"at most {format_rupiah(transaction.amount_idr)}",
                format_rupiah(returned),
            )


def _timeline(order: Order, events: Sequence[OrderEvent]) -> Iterator[Difference]:
    previous = ""
    for place, event in enumerate(events, 1):
        is_next = event.seq == place and event.previous_hash == previous
        if not is_next or event.hash != event_hash(event):
            code = FindingCode.TIMELINE_BROKEN
            yield Difference(code, order.number, "an unbroken chain", f"broken at line {place}")
            return
        previous = event.hash


def _refund(order: Order, refund: Refund) -> Iterator[Difference]:
    subject = f"{order.number} R{refund.number}"
    state = refund.state
    rules = (
        ((refund.finished_at is not None) is (state in FINAL), "a finish time, if finished"),
        (state not in _CALLED or refund.sent_at is not None, "a time of sending"),
        (state is not RefundState.AWAITING_APPROVAL or not refund.approved_at, "no approval yet"),
        (state not in _BY_HAND or refund.route is RefundRoute.MANUAL, "the route by hand"),
    )
    broken = [rule for holds, rule in rules if not holds]
    if broken:
        code = FindingCode.REFUND_INCONSISTENT
        yield Difference(code, subject, ", ".join(broken), state.value)
    if state in UNDER_WAY and refund.next_check_at is None:
        code = FindingCode.REFUND_FORGOTTEN
        yield Difference(code, subject, "a next look", state.value)


def _stock(
    order: Order, items: Sequence[OrderItem], movements: Sequence[StockMovement]
) -> Iterator[Difference]:
    state = order.stock_state
    bought = Counter({item.product_id: item.quantity for item in items})
    wanted = (
        bought if state is StockState.RESERVED else Counter[int](),
        bought if state is StockState.TAKEN else Counter[int](),
    )
    moved = (_fold(movements, _RESERVING), _fold(movements, _TAKING))
    if moved != wanted:
        code = FindingCode.STOCK_DIFFERS
        yield Difference(code, order.number, _pieces(*moved), f"{state.value}: {_pieces(*wanted)}")


def _fold(movements: Sequence[StockMovement], signs: dict[StockStep, int]) -> Counter[int]:
    held: Counter[int] = Counter()
    for movement in movements:
        held[movement.product_id] += signs.get(movement.step, 0) * movement.quantity
    return Counter({product: pieces for product, pieces in held.items() if pieces})


def _pieces(reserved: Counter[int], taken: Counter[int]) -> str:
    return f"reserved {dict(sorted(reserved.items()))}, taken {dict(sorted(taken.items()))}"


def _attempt(facts: OrderFacts, attempt: Attempt, now: datetime) -> Iterator[Difference]:
    look = next_look(facts, attempt.reference, attempt.created_at, now).at
    if attempt.next_check_at is None and look is not None:
        code = FindingCode.ATTEMPT_FORGOTTEN
        yield Difference(code, attempt.reference, "a next look", "none planned")


def _claims(order: Order, lost: Sequence[int]) -> Iterator[Difference]:
    for notification_id in lost:
        code, subject = (
            FindingCode.CLAIM_FORGOTTEN,
            f"{order.number} notification {notification_id}",
        )
        yield Difference(code, subject, "a time when it is due", "none")
