"""What happens in the pictured shop: shoppers order and pay, staff work, all by the services."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import select

from app.core.ports import Customer
from app.core.refund_reasons import RefundReason
from app.core.states import GatewayName, RefundRoute, RefundState
from app.core.transfers import BankAccount
from app.db.models import Attempt, AttentionCall, Order, Refund, Staff
from app.services.checkout import CartLine, CheckoutRequest, start_checkout
from app.services.desk import Desk
from app.services.refunds import (
    RefundForm,
    RefundResult,
    approve_refund,
    dry_run_refund,
    request_refund,
)
from tests.e2e.harness import SandboxControl


@dataclass(frozen=True, slots=True)
class Purchase:
    """What one shopper buys, and through which gateway."""

    name: str
    items: Mapping[str, int]
    gateway: GatewayName = GatewayName.MIDTRANS


@dataclass(frozen=True, slots=True)
class Placed:
    """An order that was placed: its row, its number, and its name at the gateway."""

    id: int
    number: str
    reference: str
    attempt_id: int
    gateway: GatewayName
    shopper: str


@dataclass(frozen=True, slots=True)
class Wish:
    """A refund that somebody asks for; no amount: all that is left."""

    staff: str
    reason: RefundReason
    note: str
    amount_idr: int | None = None
    bank: BankAccount | None = None


@dataclass
class Stage:
    """One shop with its desk and the gateways at its other end."""

    desk: Desk
    sandbox: SandboxControl
    people: dict[str, int] = field(default_factory=dict)

    def place(self, purchase: Purchase) -> Placed:
        """Let a shopper order."""
        first = purchase.name.split()[0].lower()
        request = CheckoutRequest(
            key=secrets.token_hex(8),
            fingerprint=secrets.token_hex(8),
            gateway=purchase.gateway,
            lines=tuple(CartLine(sku, count) for sku, count in purchase.items.items()),
            customer=Customer(purchase.name, f"{first}@pembeli.example", "+6281234567890"),
            locale="id",
        )
        page = start_checkout(self.desk, request)
        with self.desk.reads() as session:
            order = session.scalars(select(Order).where(Order.public_id == page.order_id)).one()
            query = select(Attempt).where(Attempt.order_id == order.id)
            attempt = session.scalars(query).one()
            return Placed(
                order.id,
                order.number,
                attempt.reference,
                attempt.id,
                purchase.gateway,
                purchase.name,
            )

    def act(self, order: Placed, action: str, method: str = "", **more: str) -> None:
        """Let something happen to the payment at the gateway."""
        name = "payment_type" if order.gateway is GatewayName.MIDTRANS else "channel"
        details = ({name: method} if method else {}) | more
        self.sandbox.act(order.gateway.value, order.reference, action, **details)

    def refund(self, order: Placed, wish: Wish) -> RefundResult:
        """Let somebody ask for a refund, as the form does."""
        left = dry_run_refund(self.desk, order.id, None).refundable_idr
        form = RefundForm(
            order_id=order.id,
            amount_idr=wish.amount_idr or left,
            reason=wish.note,
            staff_id=self.staff_id(wish.staff),
            form_key=secrets.token_hex(8),
            expected_refundable_idr=left,
            route=RefundRoute.MANUAL if wish.bank else None,
            account=wish.bank,
            reason_code=wish.reason,
        )
        return request_refund(self.desk, form)

    def approve(self, refund_id: int, staff: str) -> RefundResult:
        """Let a second person agree."""
        with self.desk.reads() as session:
            shown = session.get_one(Refund, refund_id).approval_hash or ""
        return approve_refund(
            self.desk, refund_id, staff_id=self.staff_id(staff), approval_hash=shown
        )

    def staff_id(self, name: str) -> int:
        """Return the id of one of the demo staff by first name."""
        if name not in self.people:
            with self.desk.reads() as session:
                query = select(Staff.id).where(Staff.email == f"{name}@toko.example")
                self.people[name] = session.scalars(query).one()
        return self.people[name]

    def order(self, placed: Placed) -> Order:
        """Return the order as it is now."""
        with self.desk.reads() as session:
            return session.get_one(Order, placed.id)

    def refund_state(self, refund_id: int) -> RefundState:
        """Return where a refund is now."""
        with self.desk.reads() as session:
            return session.get_one(Refund, refund_id).state

    def call_of(self, placed: Placed) -> int | None:
        """Return the open call for a person about this order; None while there is none."""
        query = select(AttentionCall.id).where(
            AttentionCall.order_id == placed.id, AttentionCall.closed_at.is_(None)
        )
        with self.desk.reads() as session:
            return session.scalars(query.limit(1)).first()
