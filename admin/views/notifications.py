"""Notifications as received: what each said, what we made of it, and the message itself."""

from collections.abc import Sequence
from typing import Any, ClassVar, Final

from flask_admin import expose
from flask_babel import lazy_gettext
from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import joinedload, raiseload

from admin.figures.of_now import LastHeard, read_heard
from admin.formats import masked_body, masked_headers, pretty_body
from admin.lists.exports import NOTIFICATION_EXPORTS
from admin.lists.filters import (
    ChoiceFilter,
    DayFilter,
    Filter,
    TextFilter,
    TimeFilter,
    count,
    equals,
)
from admin.lists.finding import find_orders
from admin.lists.names import read_names
from admin.lists.paging import LARGEST_ID, Sort
from admin.pages import PageMissingError
from admin.reading import current_desk, reads
from admin.views.reapply import ReapplyPages
from admin.wording import options
from app.core.reasons import Why
from app.core.states import GatewayName, NotificationState
from app.db.models import Notification

# The verdicts that a person looks for; the others are found by the state.
_VERDICTS: Final = (
    (Why.SHOPPER_PAID, lazy_gettext("Payment")),
    (Why.CLAIM_AWAITS_CONFIRMATION, lazy_gettext("Being confirmed")),
    (Why.CLAIM_CONFIRMED, lazy_gettext("Confirmed")),
    (Why.CLAIM_NOT_CONFIRMED, lazy_gettext("Not confirmed")),
    (Why.DUPLICATE, lazy_gettext("Duplicate")),
    (Why.STALE, lazy_gettext("Stale")),
    (Why.UNKNOWN_ORDER, lazy_gettext("Unknown order")),
    (Why.TEST_MESSAGE, lazy_gettext("Test message")),
    (Why.AMOUNT_DIFFERS, lazy_gettext("Amount differs")),
    (Why.BAD_SIGNATURE, lazy_gettext("Bad signature")),
    (Why.MALFORMED, lazy_gettext("Malformed")),
    (Why.TOO_LARGE, lazy_gettext("Too large")),
)


class NotificationsView(ReapplyPages):
    """The log of notifications and the page of each."""

    list_template = "lunas/notifications.html"
    columns: ClassVar = {
        "received_at": lazy_gettext("Received (WIB)"),
        "gateway": lazy_gettext("Gateway"),
        "said": lazy_gettext("It said"),
        "order": lazy_gettext("Order"),
        "state": lazy_gettext("State"),
        "verdict": lazy_gettext("Verdict"),
        "transaction": lazy_gettext("Transaction"),
        "processed_at": lazy_gettext("Handled (WIB)"),
        "remote_address": lazy_gettext("Sent from"),
    }
    column_classes: ClassVar = {
        "order": "id",
        "said": "id",
        "verdict": "words",
        "transaction": "id",
        "remote_address": "id",
    }
    optional_columns: ClassVar = frozenset({"transaction", "processed_at", "remote_address"})
    column_sorts: ClassVar = {"received_at": "received", "state": "state"}
    sorts: ClassVar = (
        Sort("received", lazy_gettext("Received"), Notification.received_at, "received_at"),
        Sort("state", lazy_gettext("State"), Notification.state, "state"),
    )
    exports: ClassVar = NOTIFICATION_EXPORTS
    can_search = True
    search_hint = lazy_gettext("Order, reference or transaction id")
    empty_text = lazy_gettext(
        "No notification has arrived yet. Check that the notification URL is set at the gateway."
    )
    list_filters: ClassVar[Sequence[Filter]] = (
        ChoiceFilter(
            "state",
            lazy_gettext("State"),
            options(NotificationState),
            equals(Notification.state, NotificationState),
        ),
        ChoiceFilter(
            "verdict",
            lazy_gettext("Verdict"),
            [(why.value, words) for why, words in _VERDICTS],
            equals(Notification.verdict),
        ),
        ChoiceFilter(
            "gateway",
            lazy_gettext("Gateway"),
            options(GatewayName),
            equals(Notification.gateway, GatewayName),
            empty=Notification.gateway,
        ),
        DayFilter("from", lazy_gettext("From"), Notification.received_at),
        DayFilter("to", lazy_gettext("To"), Notification.received_at, is_last=True),
        TimeFilter("received", lazy_gettext("Received"), Notification.received_at),
        TimeFilter(
            "handled", lazy_gettext("Handled"), Notification.processed_at, may_be_empty=True
        ),
        TextFilter(
            "said", lazy_gettext("Gateway's status"), Notification.raw_status, may_be_empty=True
        ),
        count("number", lazy_gettext("Number"), Notification.id),
        TextFilter("sender", lazy_gettext("Sent from"), Notification.remote_address),
    )

    def loads(self) -> Sequence[Any]:
        """Return what the cells show besides the notification itself."""
        return (joinedload(Notification.order),)

    def search_condition(self, text: str) -> ColumnElement[bool]:
        """Return the notifications that the text names, or those of the orders that it names."""
        exact = read_names(text).exact
        return or_(
            Notification.reference.in_(exact),
            Notification.gateway_transaction_id.in_(exact),
            Notification.order_id.in_(find_orders(reads(), text)),
        )

    def last_heard(self) -> Sequence[LastHeard]:
        """Return when each gateway last sent a message that passed its check."""
        return read_heard(reads(), tuple(current_desk().gateways))

    @expose("/<int:notification_id>")
    def details(self, notification_id: int) -> str:
        """Show one notification: verdict step by step, headers, and the message."""
        notification = _notification(notification_id)
        return self.render(
            "lunas/notification.html",
            notification=notification,
            headers=masked_headers(notification.headers),
            raw=masked_body(notification.body),
            pretty=pretty_body(notification.body),
        )


def _notification(notification_id: int) -> Notification:
    query = select(Notification).where(Notification.id == notification_id)
    query = query.options(joinedload(Notification.order), raiseload("*"))
    is_possible = notification_id <= LARGEST_ID
    notification = reads().scalars(query).one_or_none() if is_possible else None
    if notification is None:
        raise PageMissingError
    return notification
