"""From a cart to a payment page: intent committed, gateway called, outcome committed."""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.core.errors import ConflictError, NotFoundError, RefusedError
from app.core.facts import is_closed
from app.core.ports import Customer
from app.core.reasons import Why
from app.core.references import attempt_reference, new_order_number
from app.core.states import (
    OPEN,
    UNPAID_CLOSED,
    AttemptState,
    GatewayName,
    PaymentStatus,
    StockState,
)
from app.db.locks import lock_order
from app.db.models import Actor, Attempt, IdempotencyKey, Order, OrderItem, Product
from app.services.asking import unsettled_subjects
from app.services.desk import Desk
from app.services.facts import load_facts
from app.services.observations import Heard, apply_observation, refresh_order
from app.services.payment_pages import PaymentPage, open_page
from app.services.stock import reserve_goods
from app.services.timeline import Happening, record_event

# While one request opens a page, a twin of it waits this long before it may take over.
HOLD: Final = timedelta(seconds=30)
_WEB: Final = "web"
# A page that is about to close is not worth sending a shopper to.
_USABLE_FOR: Final = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class CartLine:
    """What the shopper wants; the price is ours to say."""

    sku: str
    quantity: int


@dataclass(frozen=True, slots=True)
class CheckoutRequest:
    """One intent to buy; ``key`` and ``fingerprint`` make its repetition harmless."""

    key: str
    fingerprint: str
    gateway: GatewayName
    lines: tuple[CartLine, ...]
    customer: Customer
    locale: str


class UnknownProductError(RefusedError):
    """The cart names something that is not on sale; ``detail`` lists the SKUs."""


def start_checkout(desk: Desk, request: CheckoutRequest) -> PaymentPage:
    """Place an order and open its payment page, once per key however often it is asked.

    ConflictError for a twin in progress or a key used for another body; OutOfStockError;
    UnknownProductError; GatewayError with the order kept, to be repeated under the same key.
    """
    desk.gateway(request.gateway)
    attempt = _resume(desk, request) or _place(desk, request)
    return open_page(desk, attempt.id, holder=_WEB)


def _resume(desk: Desk, request: CheckoutRequest) -> Attempt | None:
    """Find the order that this key already made, and take up its page where it was left."""
    with desk.sessions.begin() as session:
        known = session.scalars(
            select(IdempotencyKey).where(
                IdempotencyKey.scope == "checkout", IdempotencyKey.key == request.key
            )
        ).one_or_none()
        if known is None:
            return None
        if known.fingerprint != request.fingerprint:
            raise ConflictError("idempotency_key_reused")
        order = lock_order(session, known.order_id)
        if order.payment_status in UNPAID_CLOSED:
            # The page was refused or ran out: the same intent goes on with a new one.
            return _renew(desk, session, order, request.gateway, desk.clock())
        attempt = _last_attempt(session, order)
        if attempt.state is not AttemptState.OPEN:
            hold_attempt(attempt, desk.clock())
        return attempt


def _place(desk: Desk, request: CheckoutRequest) -> Attempt:
    try:
        return _write_order(desk, request)
    except IntegrityError:
        # A twin with the same key was faster: its order is the order.
        attempt = _resume(desk, request)
        if attempt is None:
            raise
        return attempt


def _write_order(desk: Desk, request: CheckoutRequest) -> Attempt:
    now = desk.clock()
    with desk.sessions.begin() as session:
        order = _new_order(desk, session, request, now)
        session.add(
            IdempotencyKey(
                scope="checkout",
                key=request.key,
                fingerprint=request.fingerprint,
                order_id=order.id,
                created_at=now,
            )
        )
        # Before anything is reserved: a twin must fail here, not after taking stock.
        session.flush()
        reserve_goods(session, order, now)
        attempt = add_attempt(desk, session, order, request.gateway, now)
        record_event(
            session,
            order,
            Happening(
                Why.ORDER_PLACED,
                Actor.SHOPPER,
                now,
                after=PaymentStatus.PENDING,
                details={"gateway": request.gateway.value, "total_idr": order.total_idr},
            ),
        )
        return attempt


def _new_order(desk: Desk, session: Session, request: CheckoutRequest, now: datetime) -> Order:
    items = _price(session, request.lines)
    order = Order(
        public_id=secrets.token_urlsafe(18),
        number=new_order_number(secrets.choice),
        payment_status=PaymentStatus.PENDING,
        gateway=request.gateway,
        last_why=Why.ORDER_PLACED.value,
        total_idr=sum(item.line_total_idr for item in items),
        captured_idr=0,
        refunded_idr=0,
        reserved_idr=0,
        customer_name=request.customer.name,
        customer_email=request.customer.email,
        customer_phone=request.customer.phone,
        locale=request.locale,
        stock_state=StockState.RELEASED,
        created_at=now,
        updated_at=now,
        expires_at=now + desk.policy.payment_lifetime,
        items=items,
    )
    session.add(order)
    session.flush()
    return order


def _price(session: Session, lines: tuple[CartLine, ...]) -> list[OrderItem]:
    wanted: dict[str, int] = {}
    for line in lines:
        wanted[line.sku] = wanted.get(line.sku, 0) + line.quantity
    rows = session.scalars(select(Product).where(Product.sku.in_(wanted), Product.active.is_(True)))
    products = {product.sku: product for product in rows}
    unknown = sorted(set(wanted) - set(products))
    if unknown:
        raise UnknownProductError(Why.OUT_OF_STOCK, ", ".join(unknown))
    return [_item(products[sku], quantity) for sku, quantity in wanted.items()]


def _item(product: Product, quantity: int) -> OrderItem:
    return OrderItem(
        product_id=product.id,
        sku=product.sku,
        name_id=product.name_id,
        name_en=product.name_en,
        image=product.image,
        unit_price_idr=product.price_idr,
        quantity=quantity,
    )


def add_attempt(
    desk: Desk, session: Session, order: Order, gateway: GatewayName, now: datetime
) -> Attempt:
    """Write the intent to open a payment page; held for the request that will open it."""
    last = session.scalars(
        select(Attempt.try_number)
        .where(Attempt.order_id == order.id)
        .order_by(Attempt.try_number.desc())
        .limit(1)
    ).one_or_none()
    try_number = (last or 0) + 1
    attempt = Attempt(
        order_id=order.id,
        try_number=try_number,
        gateway=gateway,
        reference=attempt_reference(order.number, try_number),
        state=AttemptState.CREATING,
        dead=False,
        created_at=now,
        expires_at=now + desk.policy.payment_lifetime,
        next_check_at=now + HOLD,
        lease_until=now + HOLD,
        lease_owner=_WEB,
    )
    order.gateway = gateway
    order.expires_at = attempt.expires_at
    session.add(attempt)
    session.flush()
    return attempt


def hold_attempt(attempt: Attempt, now: datetime) -> None:
    """Take the attempt for this request; ConflictError while another holds it."""
    if attempt.lease_until is not None and attempt.lease_until > now:
        raise ConflictError("idempotency_in_progress")
    attempt.lease_until = now + HOLD
    attempt.lease_owner = _WEB


def _last_attempt(session: Session, order: Order) -> Attempt:
    return session.scalars(
        select(Attempt)
        .where(Attempt.order_id == order.id)
        .order_by(Attempt.try_number.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    ).one()


def retry_payment(desk: Desk, public_id: str, gateway: GatewayName | None) -> PaymentPage:
    """Let the shopper pay again: on the page that is still open, else on a new one.

    A page at another gateway is closed there first, so that two pages cannot both take money.
    RefusedError(ORDER_NOT_PAYABLE) once the order is paid, under review or being refunded.
    """
    order_id = find_order_id(desk, public_id)
    last = _payable_attempt(desk, order_id)
    wanted = gateway or last.gateway
    desk.gateway(wanted)
    if wanted is not last.gateway:
        _close_at_gateway(desk, last)
    attempt = _continue_or_renew(desk, order_id, wanted)
    return open_page(desk, attempt.id, holder=_WEB)


def find_order_id(desk: Desk, public_id: str) -> int:
    """Return the order's key by its unguessable public id; NotFoundError if there is none."""
    with desk.reads() as session:
        order_id = session.scalar(select(Order.id).where(Order.public_id == public_id))
    if order_id is None:
        raise NotFoundError("order")
    return order_id


def _payable_attempt(desk: Desk, order_id: int) -> Attempt:
    with desk.sessions.begin() as session:
        order = lock_order(session, order_id)
        _refuse_unless_payable(order)
        return _last_attempt(session, order)


def _refuse_unless_payable(order: Order) -> None:
    if order.payment_status not in (OPEN - {PaymentStatus.IN_REVIEW}) | UNPAID_CLOSED:
        raise RefusedError(Why.ORDER_NOT_PAYABLE)


def _close_at_gateway(desk: Desk, attempt: Attempt) -> None:
    gateway = desk.gateway(attempt.gateway)
    answers = [a for one in unsettled_subjects(desk, attempt) for a in gateway.close(one)]
    now = desk.clock()
    with desk.sessions.begin() as session:
        row = session.get_one(Attempt, attempt.id)
        for answer in answers:
            apply_observation(session, row, Heard(answer), now)


def _continue_or_renew(desk: Desk, order_id: int, gateway: GatewayName) -> Attempt:
    now = desk.clock()
    with desk.sessions.begin() as session:
        order = lock_order(session, order_id)
        # Asked again under the lock: the shopper may have paid on the old page meanwhile.
        _refuse_unless_payable(order)
        last = _last_attempt(session, order)
        if last.gateway is gateway and _is_usable(session, order, last, now):
            if last.state is not AttemptState.OPEN:
                hold_attempt(last, now)
            return last
        return _renew(desk, session, order, gateway, now)


def _is_usable(session: Session, order: Order, attempt: Attempt, now: datetime) -> bool:
    facts = load_facts(session, order)
    fact = facts.attempt(attempt.reference)
    return (
        fact is not None
        and not is_closed(facts, replace(fact, dead=attempt.dead))
        and attempt.expires_at > now + _USABLE_FOR
    )


def _renew(
    desk: Desk, session: Session, order: Order, gateway: GatewayName, now: datetime
) -> Attempt:
    if order.stock_state is StockState.RELEASED:
        reserve_goods(session, order, now)
    attempt = add_attempt(desk, session, order, gateway, now)
    details = {"reference": attempt.reference, "gateway": gateway.value}
    refresh_order(session, order, Happening(Why.NEW_ATTEMPT, Actor.SHOPPER, now, details=details))
    return attempt
