"""Opening a payment page for an attempt: the only place that creates charges."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.core.errors import (
    GatewayError,
    GatewayOutcomeUnknownError,
    GatewayRejectedError,
    GatewayUnavailableError,
)
from app.core.money import Rupiah
from app.core.ports import Charge, ChargeItem, ChargeRequest, Customer
from app.core.reasons import Why
from app.core.states import AttemptState, GatewayName
from app.db.locks import lock_order
from app.db.models import Actor, Attempt, Order
from app.services.desk import Desk
from app.services.facts import load_facts, reschedule
from app.services.observations import refresh_order
from app.services.timeline import Happening, record_event
from app.telemetry.context import bind


@dataclass(frozen=True, slots=True)
class PaymentPage:
    """Where the shopper pays."""

    order_id: str
    order_number: str
    gateway: GatewayName
    token: str | None
    page_url: str
    expires_at: datetime


class PageNotOpenedError(Exception):
    """The order is kept, but its page could not be opened now; the cause is a GatewayError."""

    def __init__(self, order_id: str, cause: GatewayError) -> None:
        """Keep the public id of the order, which the shopper needs to try again."""
        super().__init__(str(cause))
        self.order_id = order_id
        self.cause = cause


def open_page(desk: Desk, attempt_id: int, *, holder: str) -> PaymentPage:
    """Open the attempt's page, or return it if it is open; PageNotOpenedError otherwise.

    The caller holds the attempt's lease under ``holder``.
    """
    attempt = _load(desk, attempt_id)
    bind(order=attempt.order.number, attempt=attempt.reference)
    if attempt.state is AttemptState.OPEN and attempt.page_url:
        return page_of(attempt)
    try:
        charge = _find_or_create(desk, attempt)
    except GatewayError as error:
        _store_failure(desk, attempt_id, error)
        raise PageNotOpenedError(attempt.order.public_id, error) from error
    _store_charge(desk, attempt_id, charge, holder)
    return page_of(_load(desk, attempt_id))


def page_of(attempt: Attempt) -> PaymentPage:
    """Return where this attempt is paid."""
    return PaymentPage(
        order_id=attempt.order.public_id,
        order_number=attempt.order.number,
        gateway=attempt.gateway,
        token=attempt.token,
        page_url=attempt.page_url or "",
        expires_at=attempt.expires_at,
    )


def _load(desk: Desk, attempt_id: int) -> Attempt:
    with desk.reads() as session:
        query = (
            select(Attempt)
            .where(Attempt.id == attempt_id)
            .options(joinedload(Attempt.order).selectinload(Order.items))
        )
        return session.scalars(query).unique().one()


def _find_or_create(desk: Desk, attempt: Attempt) -> Charge:
    gateway = desk.gateway(attempt.gateway)
    was_tried = attempt.state is not AttemptState.CREATING or _is_old(attempt, desk.clock())
    # Xendit has no idempotency key for invoices: after any doubt, look before creating again.
    found = gateway.find_charge(attempt.reference) if was_tried else None
    return found or gateway.create_charge(_request_for(desk, attempt))


def _is_old(attempt: Attempt, now: datetime) -> bool:
    """Tell whether an earlier request may have called the gateway and died before noting it."""
    return now - attempt.created_at > timedelta(seconds=5)


def _request_for(desk: Desk, attempt: Attempt) -> ChargeRequest:
    order = attempt.order
    return ChargeRequest(
        reference=attempt.reference,
        amount_idr=Rupiah(order.total_idr),
        items=tuple(
            ChargeItem(
                sku=item.sku,
                name=item.name_en if order.locale == "en" else item.name_id,
                price_idr=Rupiah(item.unit_price_idr),
                quantity=item.quantity,
            )
            for item in order.items
        ),
        customer=Customer(order.customer_name, order.customer_email, order.customer_phone),
        created_at=attempt.created_at,
        expires_at=attempt.expires_at,
        return_url=f"{desk.policy.public_url}/orders/{order.public_id}",
        locale=order.locale,
    )


def _store_charge(desk: Desk, attempt_id: int, charge: Charge, holder: str) -> None:
    now = desk.clock()
    with desk.sessions.begin() as session:
        order, attempt = _lock(session, attempt_id)
        if attempt.state is AttemptState.OPEN and attempt.page_url:
            return  # Somebody took over after our lease; their page stands.
        attempt.state = AttemptState.OPEN
        attempt.token = charge.token
        attempt.page_url = charge.page_url
        attempt.provider_reference = charge.provider_reference or attempt.provider_reference
        attempt.error_code = attempt.error_text = None
        if attempt.lease_owner == holder:
            attempt.lease_until = attempt.lease_owner = None
        _watch(session, order, attempt, now)
        _note(session, order, attempt, Why.CHARGE_CREATED, now)


def _store_failure(desk: Desk, attempt_id: int, error: GatewayError) -> None:
    now = desk.clock()
    state, why = _failure(error)
    with desk.sessions.begin() as session:
        order, attempt = _lock(session, attempt_id)
        if attempt.state is AttemptState.OPEN:
            return
        attempt.state = state
        attempt.error_code = error.code[:60]
        attempt.error_text = error.message
        attempt.lease_until = attempt.lease_owner = None
        if state is AttemptState.REJECTED:
            refresh_order(session, order, _happening(attempt, why, now))
        else:
            _note(session, order, attempt, why, now)
        _watch(session, order, attempt, now)


def _failure(error: GatewayError) -> tuple[AttemptState, Why]:
    if isinstance(error, GatewayRejectedError):
        return AttemptState.REJECTED, Why.CHARGE_REJECTED
    if isinstance(error, GatewayUnavailableError):
        return AttemptState.UNREACHED, Why.CHARGE_UNREACHED
    if isinstance(error, GatewayOutcomeUnknownError):
        return AttemptState.UNKNOWN, Why.CHARGE_UNKNOWN
    raise TypeError(f"an adapter raised {type(error).__name__}, which is not a leaf of the tree")


def _lock(session: Session, attempt_id: int) -> tuple[Order, Attempt]:
    order_id = session.scalars(select(Attempt.order_id).where(Attempt.id == attempt_id)).one()
    order = lock_order(session, order_id)
    return order, session.get_one(Attempt, attempt_id, populate_existing=True)


def _watch(session: Session, order: Order, attempt: Attempt, now: datetime) -> None:
    """Plan the next look at the attempt: at once where it is older than attempts are watched.

    That look asks the gateway, ends the watching and tells a person.
    """
    if not reschedule(load_facts(session, order), attempt, now):
        attempt.next_check_at = now


def _note(session: Session, order: Order, attempt: Attempt, why: Why, now: datetime) -> None:
    record_event(session, order, _happening(attempt, why, now))


def _happening(attempt: Attempt, why: Why, now: datetime) -> Happening:
    details: dict[str, object] = {
        "reference": attempt.reference,
        "gateway": attempt.gateway.value,
    }
    if attempt.error_code:
        details["code"] = attempt.error_code
    return Happening(why, Actor.GATEWAY, now, details=details)
