"""What must hold after every step, judged by the gateways' books and by plain SQL."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from tests.simulation.databank import GOODS
from tests.simulation.records import Records, Row
from tests.simulation.stage import Stage
from tests.simulation.truth import Payment, all_payments, payments_of
from tests.simulation.violation import require

_UNPAID: Final = frozenset({"failed", "expired", "cancelled"})
_MONEY: Final = frozenset({"paid", "partially_refunded", "refunded", "charged_back"})
_OPEN: Final = frozenset({"pending", "in_review"})
_BEFORE_MONEY: Final = _OPEN | _UNPAID
_RELEASED: Final = frozenset({"failed", "rejected", "withdrawn"})
# A refund that the gateway holds may be in these states here, and in no other.
_MAY_BE_BOOKED: Final = frozenset({"sending", "unknown", "accepted", "succeeded"})
_HOLDING: Final = frozenset(
    {"awaiting_approval", "approved", "sending", "unknown", "accepted", "to_transfer"}
)
_FOLLOWED: Final = frozenset({"approved", "sending", "unknown", "accepted"})
_NEEDS_SECOND_PERSON_IDR: Final = 1_000_000
_OUT: Final = frozenset({"take", "take_late"})
_BACK: Final = frozenset({"give_back", "restock"})
# Steps out of a state with money, and the reasons that alone may give them.
_NAMED: Final = {
    **{("paid", to): {"payment_reversed", "paid_twice"} for to in _BEFORE_MONEY},
    ("partially_refunded", "paid"): {"refund_reversed", "paid_after_close"},
    ("refunded", "paid"): {"refund_reversed", "paid_after_close"},
    ("refunded", "partially_refunded"): {"refund_reversed", "paid_twice"},
}
_ONWARD: Final = {
    "paid": frozenset({"partially_refunded", "refunded", "charged_back"}),
    "partially_refunded": frozenset({"refunded", "charged_back"}),
    "refunded": frozenset({"charged_back"}),
    "charged_back": frozenset[str](),
}


@dataclass
class Judge:
    """Remembers what it saw, so that it notices what was changed afterwards."""

    stage: Stage
    taken: set[str] = field(default_factory=set)
    events: dict[int, tuple[object, ...]] = field(default_factory=dict)
    booked: list[Payment] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.stage.after_each_act = self.note_truth

    def note_truth(self) -> list[Payment]:
        """Read the gateways' books and remember which payments have ever held money."""
        self.booked = all_payments(self.stage.sandbox)
        self.taken |= {payment.gateway_id for payment in self.booked if payment.holds}
        return self.booked

    def check(self, records: Records) -> None:
        """Hold every rule against what is written down now."""
        self.note_truth()
        for order in records.orders:
            self._sums(order, records)
            self._promises(order, records)
            self._money_is_real(order, records)
            self._is_watched(order, records)
        self._refunds_at_gateways(records)
        self._refunds_here(records)
        self._pages()
        self._voids(records)
        self._stock(records)
        self._timeline(records)
        require(not records.lost_claims, "a claim that waits is due some time")

    def _sums(self, order: Row, records: Records) -> None:
        set_aside = order.refunded_idr + order.reserved_idr
        require(set_aside <= order.captured_idr, "refunded + reserved <= captured", order)
        held = sum(r.amount_idr for r in records.refunds_of(order.id) if r.state in _HOLDING)
        # A refund made elsewhere may leave less than was set aside here.
        least = min(held, order.captured_idr - order.refunded_idr)
        require(order.reserved_idr == least, "what is not over stays reserved", order)
        payments = self._payments(order, records)
        most = sum(p.amount_idr for p in payments if p.gateway_id in self.taken)
        require(order.captured_idr <= most, "captured <= ever taken at the gateways", order)

    def _promises(self, order: Row, records: Records) -> None:
        """What we ask to give back of one payment was once paid; the order's sums are cut to it."""
        asked: Counter[str] = Counter()
        for row in records.refunds_of(order.id):
            if row.route != "outside" and row.state not in _RELEASED:
                asked[row.gateway_transaction_id] += row.amount_idr
        paid = {p.gateway_id: p.amount_idr for p in self._payments(order, records)}
        for paid_by, total in asked.items():
            require(total <= paid.get(paid_by, 0), "no more asked back than was paid", order)

    def _money_is_real(self, order: Row, records: Records) -> None:
        if order.payment_status not in _MONEY:
            require(
                order.stock_state != "taken" or order.payment_status in _OPEN,
                "goods of an order without money are not gone",
                order,
            )
            return
        had = any(p.gateway_id in self.taken for p in self._payments(order, records))
        require(had, "a paid order has been paid at its gateway", order)

    def _payments(self, order: Row, records: Records) -> list[Payment]:
        return [
            payment
            for reference in records.references(order.id)
            for payment in payments_of(self.stage.sandbox, reference)
        ]

    def _is_watched(self, order: Row, records: Records) -> None:
        if order.payment_status not in _OPEN or order.attention is not None:
            return
        mine = [a for a in records.attempts if a.order_id == order.id]
        watched = any(a.next_check_at is not None for a in mine)
        require(watched, "an open order is watched or waits for a person", order)

    def _refunds_at_gateways(self, records: Records) -> None:
        rows = {row.key: row for row in records.refunds}
        for payment in self.booked:
            alive = [r for r in payment.returned if r.alive]
            total = sum(r.amount_idr for r in alive)
            require(total <= payment.amount_idr, "never more refunded than paid", payment)
            twice = [key for key, number in Counter(r.key for r in alive).items() if number > 1]
            require(not twice, "each refund key pays once", twice)
            ours = [r for r in alive if r.key not in self.stage.dashboard_refunds]
            for refund in ours:
                row = rows.get(refund.key)
                require(row is not None, "no refund that nobody asked for", refund)
                self._authorised(row, refund.amount_idr)

    def _pages(self) -> None:
        """One attempt has one invoice that can be paid, even if the answer to its making was lost.

        A request that arrives after it was looked for and not found makes a second one: Xendit
        knows no key for it. That is then told as a second payment, if both are paid.
        """
        delayed = b"".join(request.body for request in self.stage.network.delayed)
        live = Counter(
            invoice.external_id
            for invoice in self.stage.sandbox.xendit.book.invoices.values()
            if invoice.status == "PENDING"
        )
        twice = [reference for reference, number in live.items() if number > 1]
        twice = [reference for reference in twice if reference.encode() not in delayed]
        require(not twice, "an attempt has one open invoice", twice)

    def _authorised(self, row: Row, amount_idr: int) -> None:
        require(row.amount_idr == amount_idr, "the gateway refunds what was asked for", row)
        require(row.state in _MAY_BE_BOOKED, "a refund at the gateway is not over here", row)
        self._asked_for(row)

    def _asked_for(self, row: Row) -> None:
        require(row.requested_by_id is not None, "no refund that nobody asked for", row)
        alone = row.amount_idr > _NEEDS_SECOND_PERSON_IDR and row.approved_by_id is None
        require(not alone, "a large refund has a second person", row)
        require(row.approved_by_id != row.requested_by_id, "four eyes", row)

    def _refunds_here(self, records: Records) -> None:
        at_gateways = {r.key: r for payment in self.booked for r in payment.returned}
        for row in records.refunds:
            booked = at_gateways.get(row.key)
            if row.state in _RELEASED:
                gone = booked is None or not booked.alive
                require(gone, "what is released here is not paid out there", row)
            if row.state == "succeeded" and row.route == "refund":
                paid_out = booked is not None and booked.alive
                require(paid_out, "a refund that succeeded here is booked there", row)
            if row.state in _FOLLOWED:
                require(row.next_check_at is not None, "an unfinished refund is followed", row)

    def _voids(self, records: Records) -> None:
        """A capture that was cancelled, but not in the dashboard, was asked for by somebody."""
        voids = {row.gateway_transaction_id: row for row in records.refunds if row.route == "void"}
        for payment in self.booked:
            is_void = payment.status == "cancel" and payment.gateway_id in self.taken
            if not is_void or payment.gateway_id in self.stage.dashboard_cancels:
                continue
            row = voids.get(payment.gateway_id)
            require(row is not None, "no payment is cancelled that nobody cancelled", payment)
            self._authorised(row, payment.amount_idr)

    def _stock(self, records: Records) -> None:
        first = {sku: number for sku, _, number in GOODS}
        held = {order.id: order.stock_state for order in records.orders}
        for product in records.products:
            wanted = [i for i in records.items if i.product_id == product.id]
            taken = sum(i.quantity for i in wanted if held[i.order_id] == "taken")
            aside = sum(i.quantity for i in wanted if held[i.order_id] == "reserved")
            require(product.on_hand + taken == first[product.sku], "no goods appear", product)
            require(product.reserved == aside, "what is set aside belongs to orders", product)
        self._movements(records, held)

    def _movements(self, records: Records, held: dict[int, str]) -> None:
        out: Counter[tuple[int, int]] = Counter()
        for move in records.moves:
            key = (move.order_id, move.product_id)
            out[key] += (move.step in _OUT) - (move.step in _BACK)
            require(out[key] in {0, 1}, "goods leave once per order", move)
        for (order_id, _), number in out.items():
            require(number == (held[order_id] == "taken"), "goods left as the order says", order_id)

    def _timeline(self, records: Records) -> None:
        last: dict[int, Row] = {}
        status: dict[int, str] = {}
        for event in records.events:
            if event.id not in self.events:
                self._is_true(event, records)
            seen = self.events.setdefault(event.id, tuple(event))
            require(seen == tuple(event), "the timeline is append-only", event)
            self._chained(last.get(event.order_id), event)
            if event.after is not None:
                begins = event.before == status.get(event.order_id)
                require(begins, "each step begins where the last one ended", event)
                self._step(event)
                status[event.order_id] = event.after
            last[event.order_id] = event
        require(len(self.events) == len(records.events), "the timeline loses nothing")
        for order in records.orders:
            told = status[order.id] == order.payment_status
            require(told, "the state is the last one on the timeline", order)

    def _is_true(self, event: Row, records: Records) -> None:
        """A gateway that is said to have taken money back has done so."""
        if event.why not in {"payment_reversed", "charged_back"}:
            return
        payments = [
            payment
            for reference in records.references(event.order_id)
            for payment in payments_of(self.stage.sandbox, reference)
        ]
        gone = any(p.gateway_id in self.taken and not p.holds for p in payments)
        charged = any(p.charged_back for p in payments)
        is_true = gone if event.why == "payment_reversed" else charged
        require(is_true, "money is taken back only by its gateway", event)

    def _chained(self, previous: Row, event: Row) -> None:
        number, link = (1, "") if previous is None else (previous.seq + 1, previous.hash)
        require(event.seq == number, "the timeline has no gaps", event)
        require(event.previous_hash == link, "the hash chain is whole", event)

    def _step(self, event: Row) -> None:
        before, after = event.before, event.after
        if before is None or before in _BEFORE_MONEY:
            return
        named = event.why in _NAMED.get((before, after), ())
        require(named or after in _ONWARD[before], "no state moves backwards", event)
