"""From a cart to a payment page: intent committed, gateway called, outcome committed."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.core.errors import (
    ConflictError,
    GatewayError,
    NotFoundError,
    PriceChangedError,
    RefusedError,
)
from app.core.facts import is_closed
from app.core.observations import Observation
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
from app.services.closing import (
    HOLD,
    apply_closing,
    close_at_gateway,
    hold_attempt,
    let_go,
    may_still_be_paid,
    open_attempts,
)
from app.services.desk import Desk
from app.services.facts import load_facts
from app.services.observations import refresh_order
from app.services.payment_pages import PaymentPage, open_page
from app.services.stock import reserve_goods
from app.services.timeline import Happening, record_event

_WEB: Final = "web"
# A page that is about to close is not worth sending a shopper to.
_USABLE_FOR: Final = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class CartLine:
    """What the shopper wants; the price is ours to say, and theirs to have seen before."""

    sku: str
    quantity: int
    expected_price_idr: int | None = None


@dataclass(frozen=True, slots=True)
class CheckoutRequest:
    """One intent to buy; ``key`` and ``fingerprint`` make its repetition harmless.

    It is found again under any of its keys.
    """

    key: str
    fingerprint: str
    gateway: GatewayName
    lines: tuple[CartLine, ...]
    customer: Customer
    locale: str
    other_keys: tuple[str, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """All names of this intent."""
        return (self.key, *self.other_keys)


class UnknownProductError(RefusedError):
    """The cart names something that is not on sale; ``detail`` lists the SKUs."""


def start_checkout(desk: Desk, request: CheckoutRequest) -> PaymentPage:
    """Place an order and open its payment page, once per key however often it is asked.

    ConflictError for a twin in progress or a key used for another body; OutOfStockError;
    PriceChangedError; UnknownProductError; RefusedError(ORDER_NOT_PAYABLE) once the order is being
    cancelled; PageNotOpenedError, the gateway's error in it, with the order kept, to be repeated
    under the same key.
    """
    desk.gateway(request.gateway)
    attempt = _resume(desk, request) or _place(desk, request)
    return open_page(desk, attempt.id, holder=_WEB)


def _resume(desk: Desk, request: CheckoutRequest) -> Attempt | None:
    """Find the order that this key already made, and take up its page where it was left."""
    with desk.sessions.begin() as session:
        known = session.scalars(
            select(IdempotencyKey)
            .where(IdempotencyKey.scope == "checkout", IdempotencyKey.key.in_(request.keys))
            .order_by(IdempotencyKey.id)
            .limit(1)
        ).one_or_none()
        if known is None:
            return None
        if known.fingerprint != request.fingerprint:
            raise ConflictError("idempotency_key_reused")
        order = lock_order(session, known.order_id)
        if order.payment_status in OPEN | UNPAID_CLOSED and order.cancel_asked_at is not None:
            raise RefusedError(Why.ORDER_NOT_PAYABLE)
        if order.payment_status in UNPAID_CLOSED:
            # The page was refused or ran out: the same intent goes on with a new one.
            return _renew(desk, session, order, request.gateway, desk.clock())
        attempt = _last_attempt(session, order)
        if attempt.state is not AttemptState.OPEN:
            hold_attempt(attempt, _WEB, desk.clock())
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
        session.add_all(
            IdempotencyKey(
                scope="checkout",
                key=key,
                fingerprint=request.fingerprint,
                order_id=order.id,
                created_at=now,
            )
            for key in request.keys
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
    _check_prices(lines, products)
    return [_item(products[sku], quantity) for sku, quantity in wanted.items()]


def _check_prices(lines: tuple[CartLine, ...], products: Mapping[str, Product]) -> None:
    """Refuse to take another sum than the shopper agreed to, be it more or less."""
    changed = {
        line.sku: products[line.sku].price_idr
        for line in lines
        if line.expected_price_idr not in {None, products[line.sku].price_idr}
    }
    if changed:
        raise PriceChangedError(changed)


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

    Every earlier page is closed at its gateway first, so that two pages cannot both take money.
    RefusedError: ORDER_NOT_PAYABLE once the order is paid, under review, refunded or cancelled by
    staff; PAGE_STILL_OPEN if an earlier payment cannot be stopped. GatewayError: a page could not
    be closed, and no new one was opened. ConflictError while another request is at it.
    """
    order_id = find_order_id(desk, public_id)
    attempt = _try_again(desk, order_id, gateway)
    return open_page(desk, attempt.id, holder=_WEB)


def _try_again(desk: Desk, order_id: int, gateway: GatewayName | None) -> Attempt:
    plan = _plan_retry(desk, order_id, gateway)
    if isinstance(plan, Attempt):
        return plan
    try:
        answers = {attempt.id: close_at_gateway(desk, attempt) for attempt in plan.to_close}
    except GatewayError:
        let_go(desk, plan.to_close)
        raise
    outcome = _renew_after_closing(desk, order_id, plan, answers)
    if isinstance(outcome, Why):
        raise RefusedError(outcome)
    return outcome


@dataclass(frozen=True, slots=True)
class _Replacement:
    """A new page to open at ``gateway``, once the attempts ``to_close`` have ended there."""

    gateway: GatewayName
    to_close: list[Attempt]


def find_order_id(desk: Desk, public_id: str) -> int:
    """Return the order's key by its unguessable public id; NotFoundError if there is none."""
    with desk.reads() as session:
        order_id = session.scalar(select(Order.id).where(Order.public_id == public_id))
    if order_id is None:
        raise NotFoundError("order")
    return order_id


def _plan_retry(desk: Desk, order_id: int, gateway: GatewayName | None) -> Attempt | _Replacement:
    """Return the open page to go on with, held for this request, or what must be closed first."""
    now = desk.clock()
    with desk.sessions.begin() as session:
        order = lock_order(session, order_id)
        if not _is_payable(order):
            raise RefusedError(Why.ORDER_NOT_PAYABLE)
        last = _last_attempt(session, order)
        wanted = gateway or last.gateway
        desk.gateway(wanted)
        if last.gateway is wanted and _is_usable(session, order, last, now):
            if last.state is not AttemptState.OPEN:
                hold_attempt(last, _WEB, now)
            return last
        to_close = open_attempts(session, order, load_facts(session, order))
        for attempt in to_close:
            hold_attempt(attempt, _WEB, now)
        return _Replacement(wanted, to_close)


def _is_payable(order: Order) -> bool:
    payable = (OPEN - {PaymentStatus.IN_REVIEW}) | UNPAID_CLOSED
    return order.payment_status in payable and order.cancel_asked_at is None


def _renew_after_closing(
    desk: Desk,
    order_id: int,
    plan: _Replacement,
    answers: Mapping[int, Sequence[Observation]],
) -> Attempt | Why:
    """Take in what the gateways said on closing, and open a new attempt unless that forbids it.

    In one transaction, so that the order's goods are never up for sale in between. A refusal is
    returned, not raised: what was learnt is kept.
    """
    now = desk.clock()
    with desk.sessions.begin() as session:
        order = lock_order(session, order_id)
        for attempt_id, said in answers.items():
            apply_closing(session, attempt_id, said, now)
        if not _is_payable(order):
            return Why.ORDER_NOT_PAYABLE
        facts = load_facts(session, order)
        if may_still_be_paid(facts, [attempt.reference for attempt in plan.to_close]):
            return Why.PAGE_STILL_OPEN
        return _renew(desk, session, order, plan.gateway, now)


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
