"""A desk at work: real services and database, the real sandbox program at the other end."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from admin.gate.passwords import hash_password
from admin.people.staff_accounts import ensure_roles
from app.core.money import MOST_IDR
from app.core.ports import Customer, RawNotification
from app.core.states import GatewayName, RefundRoute
from app.core.transfers import BankAccount
from app.db.models import Attempt, Notification, Order, OrderEvent, Product, Refund, Staff
from app.db.session import make_engine
from app.services.checkout import CartLine, CheckoutRequest, start_checkout
from app.services.desk import Desk
from app.services.notifications import Receipt, receive_notification
from app.services.payment_pages import PaymentPage
from app.services.reconciliation import (
    Crew,
    RunReport,
    confirm_claims,
    poll_attempts,
    resolve_refunds,
)
from app.services.refunds import RefundForm, RefundResult, dry_run_refund, request_refund
from app.services.replay import replay_orders
from app.settings import MidtransAccount, Settings, XenditAccount
from app.wiring import build_desk
from tests.chains import problems_of_chains
from tests.contract.gateway_bench import (
    MIDTRANS_CLIENT_KEY,
    MIDTRANS_KEY,
    XENDIT_KEY,
    XENDIT_TOKEN,
    Program,
)

SKU = "KOPI"
PRICE = 100_000
STOCK = 10
CUSTOMER = Customer("Rina Wijaya", "rina@contoh.example", "+6281234567890")
ACCOUNT = BankAccount("BCA", "1234567890", "Rina Wijaya")
PASSWORD = "a-password-for-tests"
PEOPLE = {
    role: f"{role}@toko.example"
    for role in ("viewer", "support", "refunder", "approver", "finance", "admin", "auditor")
}


def settings_for(
    database_url: str, sandbox_url: str, public_url: str = "http://127.0.0.1:1"
) -> Settings:
    """Return the settings of a desk whose gateways are the sandbox."""
    return Settings(
        database_url=database_url,
        secret_key="only-for-tests-0123456789",
        public_url=public_url,
        midtrans=MidtransAccount(
            server_key=MIDTRANS_KEY,
            client_key=MIDTRANS_CLIENT_KEY,
            core_url=f"{sandbox_url}/midtrans",
            snap_url=f"{sandbox_url}/midtrans/snap/v1",
            snap_js_url=f"{sandbox_url}/midtrans/snap/snap.js",
            is_production=False,
        ),
        xendit=XenditAccount(XENDIT_KEY, XENDIT_TOKEN, f"{sandbox_url}/xendit"),
        gateway_timeout_s=3,
        payment_lifetime=timedelta(hours=24),
        approval_threshold_idr=1_000_000,
        is_demo=True,
        shop_name="Toko Uji",
        web_workers=1,
    )


class Clock:
    """The time of desk and sandbox together; it moves only forward."""

    def __init__(self, program: Program) -> None:
        self._program = program
        # Another world of this program may have moved its clock already.
        self._offset_s: float = program.control("GET", "state")["clock_offset_s"]

    def __call__(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self._offset_s)

    def advance(self, seconds: float) -> None:
        self._program.advance(seconds)
        self._offset_s += seconds


@dataclass
class World:
    """What a test holds in its hand."""

    desk: Desk
    program: Program
    clock: Clock
    settings: Settings
    # Set by a test that writes to the database what the services never would.
    damaged: bool = False

    # The shopper.

    def checkout(
        self, gateway: GatewayName, *, quantity: int = 2, sku: str = SKU, key: str = ""
    ) -> PaymentPage:
        return start_checkout(self.desk, checkout_request(gateway, quantity, sku=sku, key=key))

    def pay(self, page: PaymentPage, method: str = "") -> None:
        self.act(page, "pay", method)

    def act(self, page: PaymentPage, action: str, method: str = "", **more: object) -> None:
        attempt = self.attempt(page)
        name = "payment_type" if attempt.gateway is GatewayName.MIDTRANS else "channel"
        body = ({name: method} if method else {}) | more
        self.program.control("POST", f"{attempt.gateway}/{attempt.reference}/{action}", body)

    # The gateways' notifications, as the sandbox sent them.

    def sent(self, page: PaymentPage) -> list[RawNotification]:
        """Return what the sandbox has delivered about this order so far."""
        self.program.control("POST", "flush")
        names = [
            name
            for attempt in self.attempts(page)
            for name in (attempt.reference, attempt.provider_reference)
            if name
        ]
        found = self.program.inbox.about(*names)
        return [replace(delivery, received_at=self.clock()) for delivery in found]

    def receive(self, delivery: RawNotification) -> Receipt:
        return receive_notification(self.desk, delivery)

    def deliver_all(self, page: PaymentPage) -> list[Receipt]:
        return [self.receive(delivery) for delivery in self.sent(page)]

    # The jobs.

    def confirm(self) -> RunReport:
        return confirm_claims(self.desk, CREW)

    def poll(self) -> RunReport:
        return poll_attempts(self.desk, CREW)

    def resolve(self) -> RunReport:
        return resolve_refunds(self.desk, CREW)

    # The staff.

    def staff_id(self, role: str = "refunder") -> int:
        with self.session() as session:
            people = session.scalars(select(Staff)).all()
            return next(person.id for person in people if person.role.name == role)

    def refund(self, page: PaymentPage, amount_idr: int, **changes: object) -> RefundResult:
        return request_refund(self.desk, self.refund_form(page, amount_idr, **changes))

    def refund_form(self, page: PaymentPage, amount_idr: int, **changes: object) -> RefundForm:
        order_id = self.order(page).id
        form = RefundForm(
            order_id=order_id,
            amount_idr=amount_idr,
            reason="Salah ukuran",
            staff_id=self.staff_id(),
            form_key=secrets.token_hex(8),
            expected_refundable_idr=dry_run_refund(self.desk, order_id, None).refundable_idr,
        )
        if changes.get("route") is RefundRoute.MANUAL:
            form = replace(form, account=ACCOUNT)
        return replace(form, **changes)

    # What is written down.

    @contextmanager
    def session(self) -> Iterator[Session]:
        with self.desk.reads() as session:
            yield session

    def order(self, page: PaymentPage) -> Order:
        with self.session() as session:
            return session.scalars(select(Order).where(Order.public_id == page.order_id)).one()

    def status(self, page: PaymentPage) -> str:
        return self.order(page).payment_status.value

    def attempts(self, page: PaymentPage) -> list[Attempt]:
        with self.session() as session:
            query = select(Attempt).where(Attempt.order_id == self.order(page).id)
            return list(session.scalars(query.order_by(Attempt.try_number)))

    def attempt(self, page: PaymentPage) -> Attempt:
        return self.attempts(page)[-1]

    def refunds(self, page: PaymentPage) -> list[Refund]:
        with self.session() as session:
            query = select(Refund).where(Refund.order_id == self.order(page).id)
            return list(session.scalars(query.order_by(Refund.id)))

    def reasons(self, page: PaymentPage) -> list[str]:
        """Return the reasons on the order's timeline, oldest first."""
        with self.session() as session:
            query = select(OrderEvent.why).where(OrderEvent.order_id == self.order(page).id)
            return list(session.scalars(query.order_by(OrderEvent.seq)))

    def notifications(self) -> list[Notification]:
        with self.session() as session:
            return list(session.scalars(select(Notification).order_by(Notification.id)))

    def stock(self, sku: str = SKU) -> tuple[int, int]:
        """Return (on hand, reserved)."""
        with self.session() as session:
            product = session.scalars(select(Product).where(Product.sku == sku)).one()
            return product.on_hand, product.reserved


CREW = Crew(owner="test", threads=2, batch=50, limits={})


def checkout_request(
    gateway: GatewayName, quantity: int = 2, *, sku: str = SKU, key: str = ""
) -> CheckoutRequest:
    return CheckoutRequest(
        key=key or secrets.token_hex(8),
        fingerprint=f"{gateway}-{quantity}-{sku}",
        gateway=gateway,
        lines=(CartLine(sku, quantity),),
        customer=CUSTOMER,
        locale="id",
    )


def product(sku: str = SKU, *, price_idr: int = PRICE, on_hand: int = STOCK) -> Product:
    return Product(
        sku=sku,
        name_id=f"{sku} id",
        name_en=f"{sku} en",
        description_id="-",
        description_en="-",
        price_idr=price_idr,
        on_hand=on_hand,
        reserved=0,
        image="/products/kopi-gayo.svg",
    )


@cache
def _hash(password: str) -> str:
    """Hash once: a password hash is slow on purpose, and every test needs these people."""
    return hash_password(password)


def _add_people(session: Session, now: datetime) -> None:
    roles = ensure_roles(session)
    session.add_all(
        Staff(
            email=email,
            name=email.split("@")[0].title(),
            password_hash=_hash(PASSWORD),
            role=roles[role],
            locale="id",
            active=True,
            is_demo=True,
            failed_sign_ins=0,
            # Not in the way of other tests; those about the limit set one.
            daily_refund_limit_idr=MOST_IDR,
            created_at=now,
        )
        for role, email in PEOPLE.items()
    )


def _check_what_is_left(world: World) -> None:
    """Whatever a test did: nothing is stored half told, and all of it would be decided again."""
    with world.session() as session:
        assert problems_of_chains(session) == []
    replayed = list(replay_orders(world.desk))
    assert [one for one in replayed if one.differences or not one.is_complete] == []


@contextmanager
def open_world(database_url: str, program: Program) -> Iterator[World]:
    """Yield a world on a migrated, empty database: two goods, two people."""
    with program.in_use():
        yield from _world(database_url, program)


def _world(database_url: str, program: Program) -> Iterator[World]:
    settings = settings_for(database_url, program.url)
    engine: Engine = make_engine(database_url, pool_size=12)
    clock = Clock(program)
    desk = build_desk(settings, engine, clock=clock)
    with desk.sessions.begin() as session:
        session.add_all([product(), product("BATIK", price_idr=1_500_000, on_hand=3)])
        _add_people(session, clock())
    try:
        world = World(desk, program, clock, settings)
        yield world
        if not world.damaged:
            _check_what_is_left(world)
    finally:
        program.control("PUT", "faults", {"rules": []})
        engine.dispose()
