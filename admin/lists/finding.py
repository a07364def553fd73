"""Looking names up: one statement, an index for every part of it, and why each row was found."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, String, cast, func, literal, null, select, union_all
from sqlalchemy.orm import Session

from admin.lists.names import Names, clean_search, order_number, read_names
from app.db.models import Attempt, GatewayTransaction, Notification, Order, Refund

__all__ = [
    "Kind",
    "Match",
    "capped_count",
    "clean_search",
    "find_matches",
    "find_orders",
    "matches_query",
    "order_number",
]

MOST_FOUND: Final = 200


class Kind(StrEnum):
    """What a searched text turned out to be."""

    ORDER_NUMBER = "order_number"
    PUBLIC_ID = "public_id"
    REFERENCE = "reference"
    TRANSACTION = "transaction"
    PROVIDER_REFERENCE = "provider_reference"
    PAY_CODE = "pay_code"
    REFUND_KEY = "refund_key"
    PROVIDER_REFUND = "provider_refund"
    EMAIL = "email"
    PHONE = "phone"
    NOTIFICATION = "notification"


@dataclass(frozen=True, slots=True)
class Match:
    """One row that a name found: an order, or a notification that belongs to none."""

    kind: Kind
    matched: str
    order_id: int | None
    notification_id: int | None = None


def find_matches(session: Session, names: Names) -> list[Match]:
    """Return what the names found, the newest orders first, at most 200 matches.

    Only equality on indexed columns, so that it stays fast with millions of orders.
    """
    if not names:
        return []
    rows: list[Any] = list(session.execute(matches_query(names)))
    found = [Match(Kind(kind), matched, *ids) for kind, matched, *ids in rows]
    return sorted(found, key=_newest_order_first)


def find_orders(session: Session, text: str) -> list[int]:
    """Return the ids of the orders that a text names, the newest first, at most 200."""
    matches = find_matches(session, read_names(text))
    found = {match.order_id for match in matches if match.order_id is not None}
    return sorted(found, reverse=True)


def matches_query(names: Names) -> Any:
    """Return the statement that looks all names up at once."""
    parts = [_part(kind, columns, wanted) for kind, columns, wanted in _lookups(names) if wanted]
    return union_all(*parts)


_Lookup = tuple[Kind, tuple[Any, Any], Sequence[str]]


def _lookups(names: Names) -> Sequence[_Lookup]:
    """Return each kind with the column it is found in, the order's id, and what is looked for."""
    exact = names.exact
    references = [name.upper() for name in exact]
    pay_codes = list(dict.fromkeys((*names.digits, *exact)))
    transaction, attempt_order = GatewayTransaction.gateway_transaction_id, Attempt.order_id
    return (
        (Kind.ORDER_NUMBER, (Order.number, Order.id), names.numbers),
        (Kind.PUBLIC_ID, (Order.public_id, Order.id), exact),
        (Kind.TRANSACTION, (Order.payment_gateway_transaction_id, Order.id), exact),
        (Kind.TRANSACTION, (transaction, GatewayTransaction.order_id), exact),
        (Kind.REFERENCE, (Attempt.reference, attempt_order), references),
        (Kind.PROVIDER_REFERENCE, (Attempt.provider_reference, attempt_order), exact),
        (Kind.PROVIDER_REFERENCE, (Attempt.token, attempt_order), exact),
        (Kind.PAY_CODE, (Attempt.pay_code_number, attempt_order), pay_codes),
        (Kind.REFUND_KEY, (Refund.key, Refund.order_id), exact),
        (Kind.PROVIDER_REFUND, (Refund.provider_refund_id, Refund.order_id), exact),
        (Kind.EMAIL, (Order.customer_email, Order.id), names.emails),
        (Kind.PHONE, (Order.customer_phone, Order.id), names.phones),
        (Kind.NOTIFICATION, (Notification.reference, Notification.order_id), exact),
        (Kind.NOTIFICATION, (Notification.gateway_transaction_id, Notification.order_id), exact),
    )


def _part(kind: Kind, columns: tuple[Any, Any], wanted: Sequence[str]) -> Select[Any]:
    column, order_id = columns
    is_notification = kind is Kind.NOTIFICATION
    row_id = Notification.id if is_notification else cast(null(), Notification.id.type)
    query = select(literal(kind.value, String()), cast(column, String()), order_id, row_id).where(
        column.in_(wanted)
    )
    if is_notification:
        # Those that belong to an order are on its page; here are those that belong to none.
        query = query.where(_no_order())
    return select(query.limit(MOST_FOUND).subquery())


def _no_order() -> ColumnElement[bool]:
    return Notification.order_id.is_(None)


def _newest_order_first(match: Match) -> tuple[int, int]:
    return -(match.order_id or 0), -(match.notification_id or 0)


def capped_count(session: Session, query: Select[Any], most: int) -> int:
    """Count the rows of a query up to ``most`` + 1; more is not worth the reading."""
    ones = query.with_only_columns(literal(1), maintain_column_froms=True)
    limited = ones.order_by(None).limit(most + 1).subquery()
    return session.scalar(select(func.count()).select_from(limited)) or 0
