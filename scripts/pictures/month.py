"""The month before the pictures: orders of each day, written by the services at their own time.

A sandbox of its own plays the gateways, with a clock that stands still until it is moved; the shop
has the same clock. So every time in the books is the one at which it would have happened.
"""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Engine, select, update

from app.core.observations import Source
from app.core.refund_reasons import RefundReason
from app.core.states import GatewayName
from app.db.models import Product
from app.db.session import make_engine
from app.services.reconciliation import Crew, resolve_refunds
from app.services.refunds import dry_run_refund
from app.services.status import check_attempt
from app.settings import load_settings
from app.wiring import build_desk, utc_now
from scripts.child import Child
from scripts.demo_settings import Settings
from scripts.pictures.staging import Placed, Purchase, Stage, Wish
from scripts.ports import answers
from scripts.programs import sandbox
from tests.e2e.harness import SandboxControl

_DAYS: Final = 60
_START_S: Final = 30.0
_STOP_S: Final = 10.0
_SHELF: Final = 5_000
_CREW: Final = Crew(owner="pictures", threads=1, batch=50, limits={})
_NAMES: Final = (
    *("Ratna Kusuma", "Made Wirawan", "Yohanes Tan", "Siti Rahma", "Andi Pratama"),
    *("Fitri Handayani", "Bagus Nugroho", "Lestari Putri", "Hendra Gunawan", "Nur Aisyah"),
    *("Wayan Sudarma", "Maria Simanjuntak", "Rizky Maulana", "Dian Permata", "Teguh Saputra"),
)
_GOODS: Final = (
    *("KOPI-GAYO-250", "TEH-MELATI-100", "SAMBAL-ROA-200", "GULA-AREN-500"),
    *("KERIPIK-TEMPE-150", "CANGKIR-KERAMIK", "TAS-PANDAN", "TALENAN-JATI"),
)
_METHODS: Final = {
    GatewayName.MIDTRANS: ("qris", "qris", "gopay", "bca_va", "bni_va", "credit_card"),
    GatewayName.XENDIT: ("QRIS", "BCA", "DANA", "OVO"),
}
_WISHES: Final = (
    Wish("budi", RefundReason.DAMAGED, "Pecah di jalan"),
    Wish("dewi", RefundReason.SOLD_OUT, "Stok habis"),
    Wish("budi", RefundReason.GOODS_RETURNED, "Salah ukuran"),
    Wish("dewi", RefundReason.CUSTOMER_CANCELLED, "Pelanggan berubah pikiran"),
)
_PAID, _EXPIRED = 0.82, 0.95
_REFUNDED: Final = 0.12
_UNTIL_REFUND: Final = timedelta(hours=5)


class _StillClock:
    """The time of shop and sandbox together."""

    def __init__(self, start: datetime, gateways: SandboxControl) -> None:
        self._now = start
        self._gateways = gateways

    def __call__(self) -> datetime:
        return self._now

    def move_to(self, moment: datetime) -> None:
        seconds = max(0.0, (moment - self._now).total_seconds())
        self._gateways.advance_clock(seconds)
        self._now += timedelta(seconds=seconds)


def write_month(settings: Settings) -> None:
    """Fill the database of these settings with the orders of two months up to yesterday."""
    today = utc_now().replace(hour=0, minute=0, second=0, microsecond=0)
    start = today - timedelta(days=_DAYS)
    engine = make_engine(settings.environment["DATABASE_URL"])
    with _still_sandbox(settings, start) as gateways:
        clock = _StillClock(start, gateways)
        desk = build_desk(load_settings(settings.environment), engine, clock=clock)
        stage = Stage(desk, gateways)
        chance = random.Random(7)  # noqa: S311 - the same shop in every picture, no secret.
        with _full_shelves(engine):
            for number in range(_DAYS - 1):
                _one_day(stage, clock, start + timedelta(days=number), chance)
    engine.dispose()


@contextmanager
def _still_sandbox(settings: Settings, start: datetime) -> Iterator[SandboxControl]:
    program = sandbox(settings)
    forgetful = _without_option(program.command, "--state")
    still = (*forgetful, "--clock-start", start.isoformat())
    lines: list[str] = []
    child = Child(replace(program, command=still), lambda _name, text: lines.append(text))
    child.start()
    gateways = SandboxControl(settings.places.sandbox_url)
    try:
        _wait_for(child, lines)
        # Nobody listens yet: the shop asks by itself.
        gateways.set_notifications(midtrans=False, xendit=False)
        yield gateways
    finally:
        gateways.close()
        child.stop(_STOP_S)


def _wait_for(child: Child, lines: list[str]) -> None:
    address = child.program.ready_url or ""
    while not answers(address):
        if child.wait(0.05):
            raise RuntimeError(f"the sandbox ended: {''.join(lines)}")


def _without_option(command: tuple[str, ...], name: str) -> tuple[str, ...]:
    at = command.index(name)
    return command[:at] + command[at + 2 :]


@contextmanager
def _full_shelves(engine: Engine) -> Iterator[None]:
    """Sell for two months without running out, and end with what the catalogue begins with."""
    with engine.begin() as connection:
        shelf = dict(connection.execute(select(Product.sku, Product.on_hand)).tuples().all())
        connection.execute(update(Product).values(on_hand=_SHELF))
    yield
    with engine.begin() as connection:
        for sku, count in shelf.items():
            restored = update(Product).where(Product.sku == sku).values(on_hand=count)
            connection.execute(restored)


def _one_day(stage: Stage, clock: _StillClock, day: datetime, chance: random.Random) -> None:
    minutes = sorted(chance.sample(range(24 * 60), chance.randint(1, 4)))
    for minute in minutes:
        clock.move_to(day + timedelta(minutes=minute))
        _one_order(stage, clock, chance)
    resolve_refunds(stage.desk, _CREW)


def _one_order(stage: Stage, clock: _StillClock, chance: random.Random) -> None:
    gateway = chance.choice((GatewayName.MIDTRANS, GatewayName.MIDTRANS, GatewayName.XENDIT))
    items = {sku: chance.randint(1, 3) for sku in chance.sample(_GOODS, chance.randint(1, 2))}
    order = stage.place(Purchase(chance.choice(_NAMES), items, gateway))
    fate, method = chance.random(), chance.choice(_METHODS[gateway])
    clock.move_to(clock() + timedelta(minutes=chance.choice((2, 3, 5, 8, 20, 90))))
    if fate >= _PAID:
        _never_paid(stage, order, method, failed=fate >= _EXPIRED)
        return
    stage.act(order, "pay", method)
    check_attempt(stage.desk, order.attempt_id, source=Source.JOB)
    if chance.random() < _REFUNDED:
        _refund_later(stage, clock, order, chance.choice(_WISHES))


def _never_paid(stage: Stage, order: Placed, method: str, *, failed: bool) -> None:
    if order.gateway is GatewayName.MIDTRANS:
        stage.act(order, "pay", method, outcome="pending")
    stage.act(order, "cancel" if failed and order.gateway is GatewayName.MIDTRANS else "expire")
    check_attempt(stage.desk, order.attempt_id, source=Source.JOB)


def _refund_later(stage: Stage, clock: _StillClock, order: Placed, wish: Wish) -> None:
    clock.move_to(clock() + _UNTIL_REFUND)
    if dry_run_refund(stage.desk, order.id, None).allowed:
        stage.refund(order, wish)
