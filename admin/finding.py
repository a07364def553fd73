"""Finding an order by whatever somebody on the phone reads out or pastes."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from sqlalchemy import ColumnElement, or_, select, union
from sqlalchemy.orm import Session

from app.db.models import Attempt, GatewayTransaction, Order, Refund

MOST_FOUND: Final = 200
_LONGEST: Final = 120
_ORDER_NUMBER: Final = re.compile(r"(?:LN-?)?([0-9A-HJKMNP-TV-Z]{10})\Z")
_PHONE: Final = re.compile(r"\+?[\d().-]{8,20}\Z")


def clean_search(text: str | None) -> str:
    """Return what was typed without blanks, NULs and invisible characters, at most 120 long."""
    visible = (
        character
        for character in unicodedata.normalize("NFKC", text or "")
        if not character.isspace() and unicodedata.category(character)[0] != "C"
    )
    return "".join(visible)[:_LONGEST]


def order_number(text: str) -> str | None:
    """Return the order number in the text, with or without ``LN-`` and in any case."""
    found = _ORDER_NUMBER.match(text.upper())
    return f"LN-{found[1]}" if found else None


def phone_number(text: str) -> str | None:
    """Return a phone number as it is stored: ``0812…``, ``62812…`` and ``812…`` are ``+62812…``."""
    if not _PHONE.match(text):
        return None
    digits = re.sub(r"\D", "", text)
    if digits.startswith("62"):
        return f"+{digits}"
    return f"+62{digits.removeprefix('0')}"


def find_orders(session: Session, text: str) -> list[int]:
    """Return the ids of the orders that the cleaned text names, the newest first, at most 200.

    Only exact matches on indexed columns, so that it stays fast with a million orders.
    """
    if not text:
        return []
    by_order = select(Order.id).where(or_(*_order_conditions(text)))
    by_attempt = select(Attempt.order_id).where(or_(*_attempt_conditions(text)))
    by_transaction = select(GatewayTransaction.order_id).where(
        GatewayTransaction.gateway_transaction_id == text
    )
    by_refund = select(Refund.order_id).where(
        or_(Refund.key == text, Refund.provider_refund_id == text)
    )
    found = union(by_order, by_attempt, by_transaction, by_refund).subquery()
    query = select(Order.id).where(Order.id.in_(select(found.c[0])))
    return list(session.scalars(query.order_by(Order.id.desc()).limit(MOST_FOUND)))


def _order_conditions(text: str) -> Sequence[ColumnElement[bool]]:
    number, phone = order_number(text), phone_number(text)
    conditions = [
        Order.payment_gateway_transaction_id == text,
        Order.public_id == text,
        Order.customer_email == text.lower(),
    ]
    if number is not None:
        conditions.append(Order.number == number)
    if phone is not None:
        conditions.append(Order.customer_phone == phone)
    return conditions


def _attempt_conditions(text: str) -> Sequence[ColumnElement[bool]]:
    return (
        Attempt.reference == text.upper(),
        Attempt.provider_reference == text,
        # People paste account numbers in groups: 8808-1234-5678.
        Attempt.pay_code_number == text.replace("-", ""),
    )
