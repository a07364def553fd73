"""Refunds that wait for a person: for agreement, for certainty, for a bank transfer."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final

from flask_babel import LazyString, lazy_gettext
from sqlalchemy import ColumnElement
from sqlalchemy.orm import joinedload

from admin.figures.queue_counts import queue_counts
from admin.lists.exports import REFUND_EXPORTS, TRANSFER_EXPORTS
from admin.lists.filters import Filter, TextFilter, TimeFilter, money
from admin.lists.listing import Chosen
from admin.lists.paging import Sort
from admin.reading import current_desk
from admin.views.refunds import RefundsView
from app.core.refund_changes import Change, what_changed
from app.core.refunds import APPROVAL_LIFETIME
from app.core.rights import Right
from app.core.states import RefundState
from app.db.models import Order, Refund
from app.services.facts import facts_of
from app.services.queues import in_refund_queue
from app.services.refund_sending import verdict_now

_FIRST_COLUMNS: Final[Mapping[str, LazyString]] = {
    "refund": lazy_gettext("Refund"),
    "order": lazy_gettext("Order"),
    "amount": lazy_gettext("Amount"),
}


class RefundQueueView(RefundsView):
    """The refunds of one state, what has waited longest on top."""

    list_template = "lunas/queue_refunds.html"
    group = "queues"
    state: ClassVar[RefundState]
    details = live = None  # pyright: ignore[reportAssignmentType, reportIncompatibleMethodOverride]
    approve = reject = withdraw = None  # pyright: ignore[reportAssignmentType, reportIncompatibleMethodOverride]
    transferred = reroute = restock = resolve = None  # pyright: ignore[reportAssignmentType, reportIncompatibleMethodOverride]
    list_filters: ClassVar[Sequence[Filter]] = (
        money("amount", lazy_gettext("Amount"), Refund.amount_idr),
        TimeFilter("requested", lazy_gettext("Requested"), Refund.requested_at),
        TextFilter("reason", lazy_gettext("Reason"), Refund.reason),
    )
    sorts: ClassVar = (
        Sort("requested", lazy_gettext("Requested"), Refund.requested_at, "requested_at"),
        Sort("amount", lazy_gettext("Amount"), Refund.amount_idr, "amount_idr"),
    )
    column_sorts: ClassVar = {"refund": "id", "requested_at": "requested", "amount": "amount"}
    opening_order: ClassVar = "requested"
    optional_columns: ClassVar = frozenset()

    def conditions(self, chosen: Chosen) -> list[ColumnElement[bool]]:
        """Return which refunds of this queue an address means."""
        return [in_refund_queue(self.state), *super().conditions(chosen)]


class ApprovalsView(RefundQueueView):
    """Requests that wait for a second person, with what changed since they were made."""

    state = RefundState.AWAITING_APPROVAL
    empty_text = lazy_gettext("No request waits for a second person.")
    columns: ClassVar = {
        **_FIRST_COLUMNS,
        "route": lazy_gettext("Way back"),
        "grounds": lazy_gettext("Reason"),
        "who": lazy_gettext("Requested by"),
        "requested_at": lazy_gettext("Requested (WIB)"),
        "ends_at": lazy_gettext("Decide before (WIB)"),
        "changes": lazy_gettext("Changed since the request"),
    }
    column_classes: ClassVar = {
        "amount": "money",
        "order": "id",
        "grounds": "words",
        "changes": "words",
    }
    exports: ClassVar = {
        name: REFUND_EXPORTS[name] for name in ("refund", "order", "amount", "route", "who")
    } | {"grounds": REFUND_EXPORTS["reason"], "requested_at": REFUND_EXPORTS["requested_at"]}

    def waiting(self) -> int | None:
        """Return how many requests wait."""
        return queue_counts().approvals

    def loads(self) -> Sequence[Any]:
        """Return what the cells and the rules look at."""
        order = joinedload(Refund.order)
        return (
            order.selectinload(Order.attempts),
            order.selectinload(Order.transactions),
            order.selectinload(Order.refunds),
            joinedload(Refund.requested_by),
        )

    def get_list(self, *args: Any, **kwargs: Any) -> tuple[None, list[Any]]:
        """Return one page, and what the rules say of its requests now."""
        count, rows = super().get_list(*args, **kwargs)
        self.give(
            changes_of={row.id: _changes(row) for row in rows}, approval_lifetime=APPROVAL_LIFETIME
        )
        return count, rows


def _changes(refund: Refund) -> tuple[Change, ...]:
    order, desk = refund.order, current_desk()
    facts = facts_of(order, order.attempts, order.transactions, order.refunds)
    now = verdict_now(desk, facts, refund, desk.clock())
    return what_changed(refund.asked_verdict, now)


class UnknownRefundsView(RefundQueueView):
    """Refunds of which the gateway has not said what happened."""

    state = RefundState.UNKNOWN
    empty_text = lazy_gettext("The outcome of every refund is known.")
    columns: ClassVar = {
        **_FIRST_COLUMNS,
        "route": lazy_gettext("Way back"),
        "key": lazy_gettext("Refund key"),
        "sent_at": lazy_gettext("Sent (WIB)"),
        "said": lazy_gettext("Gateway's own words"),
        "looks": lazy_gettext("Looks so far, next look"),
    }
    column_classes: ClassVar = {"amount": "money", "order": "id", "key": "id", "said": "words"}
    exports: ClassVar = {
        name: REFUND_EXPORTS[name] for name in ("refund", "order", "amount", "route", "key")
    }

    def waiting(self) -> int | None:
        """Return how many refunds are unknown."""
        return queue_counts().unknown


class TransfersView(RefundQueueView):
    """Refunds to be paid by bank transfer; its export is the list for the bank."""

    state = RefundState.TO_TRANSFER
    empty_text = lazy_gettext("No bank transfer is waiting.")
    columns: ClassVar = {
        **_FIRST_COLUMNS,
        "bank": lazy_gettext("Bank"),
        "account": lazy_gettext("Account number"),
        "holder": lazy_gettext("Account holder"),
        "key": lazy_gettext("Refund key"),
        "who": lazy_gettext("Requested by"),
        "requested_at": lazy_gettext("Requested (WIB)"),
        "record": lazy_gettext("When it is done"),
    }
    column_classes: ClassVar = {"amount": "money", "order": "id", "key": "id", "account": "id"}
    # Whoever does not make the transfers needs no account numbers of customers.
    column_rights: ClassVar[Mapping[str, Right]] = {"account": Right.TRANSFER}
    exports: ClassVar = TRANSFER_EXPORTS

    def waiting(self) -> int | None:
        """Return how many transfers are to be made."""
        return queue_counts().transfers

    def loads(self) -> Sequence[Any]:
        """Return what the cells show besides the refund itself."""
        return joinedload(Refund.order), joinedload(Refund.requested_by)
