"""A shop after a busy month: data that fills every page of the back office.

Made by the same services as in production, between the stack's own database and its sandbox, with
the jobs stopped, so that everything stays where it was put.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final

import requests
from sqlalchemy import select

from admin.people.staff_accounts import NewPerson, add_person
from app.core.bulk import BulkKind
from app.core.observations import Source
from app.core.reasons import Why
from app.core.states import Attention, GatewayName, RefundRoute
from app.db.locks import lock_order
from app.db.models import AttentionCall, Notification, Passkey, StatusCheck
from app.db.session import make_engine
from app.services.attention import claim_call
from app.services.bulk import pause_run, reject_run, stop_run, submit_run
from app.services.calls import Call, call_for_attention
from app.services.notes import NoteForm, add_note
from app.services.payment_pages import PaymentPage
from app.services.refunds import mark_transferred, reject_refund, withdraw_refund
from app.services.status import check_status
from app.services.verification import verify_all
from app.settings import load_settings
from app.wiring import build_desk
from tests.contract.gateway_bench import Inbox, Program
from tests.e2e.harness import Stack
from tests.http.test_reapply import begin_and_look
from tests.integration.bulk_scenes import drafted, fill_shelves, started, submission, turn
from tests.integration.damage import damage
from tests.integration.test_refunds import paid
from tests.integration.test_transfers import approved, refused
from tests.world import Clock, World

_M, _X = GatewayName.MIDTRANS, GatewayName.XENDIT
_TEA: Final = "TEH-MELATI-100"  # Rp 35.000
_BAG: Final = "TAS-PANDAN"  # Rp 245.000
_BATIK: Final = "BATIK-LASEM"  # Rp 1.250.000: its refund needs a second person.
_BATIK_IDR: Final = 1_250_000
# A name that is neither short nor plain, and does not fit on one line of a telephone.
_NOTE: Final = (
    "@dewi @budi <b>mohon dicek</b>: mutasi BCA 8808-0812-3456-7890-1234 tidak ada\n\nTerima kasih"
)

# What the addresses of pages are filled in with: a name, and the part of the address.
Things = dict[str, str]


@contextmanager
def world_of(stack: Stack) -> Iterator[World]:
    """Yield a desk at work beside the programs of this stack, on their database and sandbox."""
    settings = load_settings(stack.settings.environment)
    engine = make_engine(settings.database_url)
    # The sandbox delivers to the stack's web program; nobody knows of this inbox.
    program = Program(stack.places.sandbox_url, Inbox())
    clock = Clock(program)
    try:
        yield World(build_desk(settings, engine, clock=clock), program, clock, settings)
    finally:
        program.inbox.close()
        engine.dispose()


def furnish(stack: Stack) -> Things:
    """Fill the stack's database; return what its pages are about."""
    with world_of(stack) as world:
        fill_shelves(world)
        things = _orders(world) | _bulk_runs(world) | _people(world)
        _strange_notifications(stack)
        things |= _records(world) | _damages(world)
        # These move the clock of the gateways.
        return things | _refunds(world) | _reapply_run(world)


def _orders(world: World) -> Things:
    """Place orders in every state; the busy one has calls, notes, refunds and findings."""
    busy = paid(world, _M, sku=_BAG, quantity=3)
    world.refund(busy, 45_000)
    for action, gateway in (("expire", _X), ("pay", _X)):
        world.act(world.checkout(gateway, sku=_TEA), action)
    for action in ("deny", "challenge"):
        world.act(world.checkout(_M, sku=_TEA), action, "credit_card")
    settled = paid(world, _M, "credit_card", sku=_BAG)
    world.act(settled, "settle")
    world.act(settled, "chargeback")
    whole = paid(world, _M, sku=_TEA, quantity=1)
    world.refund(whole, 35_000)
    world.program.control("POST", "flush")
    world.confirm()
    waiting, by_hand = world.checkout(_M, sku=_TEA), paid(world, _M, "bca_va", sku=_TEA)
    for source in (Source.STATUS_CHECK, Source.JOB):
        check_status(world.desk, world.order(busy).id, source=source)
    _call(world, busy)
    for staff, text in (("support", _NOTE), ("finance", "Sudah saya cek, aman.")):
        form = NoteForm(world.order(busy).id, world.staff_id(staff), text, secrets.token_hex(8))
        add_note(world.desk, form)
    return {
        "busy": world.order(busy).number,
        "waiting": world.order(waiting).number,
        "by_hand": world.order(by_hand).number,
        "refunded": world.order(whole).number,
        "charged_back": world.order(settled).number,
    }


def _call(world: World, page: PaymentPage) -> None:
    """Call people to an order for four reasons; one of them is taken up."""
    reasons = (
        (Attention.DRIFT, Why.DRIFT_FOUND),
        (Attention.PAID_TWICE, Why.PAID_TWICE),
        (Attention.PAYMENT_REVERSED, Why.PAYMENT_NOT_CONFIRMED),
        (Attention.REFUND_FAILED, Why.REFUND_FAILED),
    )
    with world.desk.sessions.begin() as session:
        order = lock_order(session, world.order(page).id)
        for code, why in reasons:
            call_for_attention(order, Call(code, why), world.clock())
    with world.session() as session:
        [first, second, *_] = session.scalars(select(AttentionCall.id))
    claim_call(world.desk, first, staff_id=world.staff_id("finance"))
    claim_call(world.desk, second, staff_id=world.staff_id("support"))


def _refunds(world: World) -> Things:
    """Ask for refunds, each of which ends somewhere else."""
    ids: dict[str, int] = {}
    dear = paid(world, _M, sku=_BATIK, quantity=1)
    ids["asking"] = world.refund(dear, _BATIK_IDR).refund_id
    for name in ("unknown", "approved"):
        page = paid(world, _M, sku=_BAG)
        effect = "html_502" if name == "unknown" else "429"
        with world.program.fault("midtrans.refund", "*", effect, times=1):
            ids[name] = world.refund(page, 45_000).refund_id
    ids["failed"] = refused(world, paid(world, _X, sku=_BAG)).refund_id
    ids["accepted"] = world.refund(paid(world, _X, sku=_BAG), 40_000).refund_id
    ids["succeeded"] = world.refund(paid(world, _M, sku=_BAG), 45_000).refund_id
    ids |= _transfers(world)
    for name, end in (("rejected", reject_refund), ("withdrawn", withdraw_refund)):
        page = paid(world, _M, sku=_BATIK, quantity=1)
        ids[name] = world.refund(page, _BATIK_IDR).refund_id
        end(world.desk, ids[name], staff_id=world.staff_id("approver"), reason="Salah pesanan")
    return {f"refund_{name}": str(number) for name, number in ids.items()}


def _transfers(world: World) -> dict[str, int]:
    """Ask for bank transfers: one to approve, one to make, one made."""
    ids: dict[str, int] = {}
    dear = paid(world, _M, "bca_va", sku=_BATIK, quantity=1)
    asked = world.refund(dear, _BATIK_IDR, route=RefundRoute.MANUAL)
    approved(world, dear, asked)
    ids["to_transfer"] = asked.refund_id
    page = paid(world, _X, "BCA", sku=_TEA)
    ids["transferred"] = world.refund(page, 35_000, route=RefundRoute.MANUAL).refund_id
    finance = world.staff_id("finance")
    mark_transferred(world.desk, ids["transferred"], staff_id=finance, proof="BCA 20261123-0001")
    return ids


def _bulk_runs(world: World) -> Things:
    """Make a run in every state; the finished one has rows that went well, and others."""

    def orders(count: int, sku: str = _TEA, quantity: int = 1) -> list[PaymentPage]:
        return [paid(world, _M, sku=sku, quantity=quantity) for _ in range(count)]

    runs: dict[str, int] = {}
    mixed = [*orders(2), paid(world, _M, "bca_va", sku=_TEA), world.checkout(_X, sku=_TEA)]
    runs["done"] = started(world, mixed)
    runs["checked"] = drafted(world, orders(1), BulkKind.CHECK)
    submit_run(world.desk, runs["checked"], submission(world, runs["checked"]))
    turn(world)
    runs["draft"] = drafted(world, mixed[:1] + orders(2), role="finance")
    for name in ("asking", "rejected"):
        runs[name] = drafted(world, orders(2, _BAG, 3))
        submit_run(world.desk, runs[name], submission(world, runs[name]))
    approver = world.staff_id("approver")
    reject_run(world.desk, runs["rejected"], staff_id=approver, reason="Jumlahnya salah")
    for name, change in (("running", None), ("paused", pause_run), ("stopped", stop_run)):
        runs[name] = started(world, orders(2))
        if change:
            change(world.desk, runs[name])
    return {f"run_{name}": str(number) for name, number in runs.items()}


def _people(world: World) -> Things:
    """Give a person the account that Lunas knows most about, and open one that nobody used yet."""
    now = world.clock()
    new, _ = add_person(
        world.desk.sessions, NewPerson("ani.lestari@toko.example", "Ani Lestari", "auditor"), now
    )
    with world.desk.sessions.begin() as session:
        session.add(
            Passkey(
                staff_id=world.staff_id("approver"),
                credential_id="dGVzdC1jcmVkZW50aWFs",
                public_key=b"-",
                sign_count=0,
                name="Laptop kantor",
                created_at=now - timedelta(days=30),
            )
        )
    return {
        "colleague": str(world.staff_id("approver")),
        "newcomer": str(new),
        "self": str(world.staff_id("admin")),
    }


def _strange_notifications(stack: Stack) -> None:
    """Send what no gateway sent: a message without proof, and one that is none at all."""
    endpoint = f"{stack.url}/api/payments/notification"
    forged = {"order_id": "LN-1", "transaction_status": "settlement", "signature_key": "0" * 128}
    with requests.Session() as http:
        http.trust_env = False
        http.post(f"{endpoint}/midtrans", json=forged, timeout=30)
        http.post(f"{endpoint}/xendit", data=b"\xff\xfe<not json>", timeout=30)


def _reapply_run(world: World) -> Things:
    """Look at what three payments would become if they were asked about again."""
    late = world.checkout(_M, sku=_TEA)
    world.act(late, "challenge", "credit_card")
    world.deliver_all(late)
    world.confirm()
    others = [world.checkout(_X, sku=_TEA), paid(world, _M, sku=_TEA)]
    world.act(late, "approve")
    return {"again": str(begin_and_look(world, [late, *others]))}


def _records(world: World) -> Things:
    with world.session() as session:
        notifications = session.scalars(select(Notification).order_by(Notification.id)).all()
        checks = session.scalars(select(StatusCheck.id).order_by(StatusCheck.id)).all()
    good = next(row for row in notifications if row.order_id)
    bad = [row for row in notifications if not row.order_id]
    return {
        "notification": str(good.id),
        "forged": str(bad[0].id),
        "nonsense": str(bad[-1].id),
        "check": str(checks[-1]),
    }


def _damages(world: World) -> Things:
    """Let two orders be stuck, and let the sums of one not agree."""
    page = paid(world, _M, sku=_BAG)
    world.refund(page, 45_000)
    damage(world, "UPDATE orders SET refunded_idr = 0 WHERE id = :id", id=world.order(page).id)
    assert list(verify_all(world.desk))
    for _ in range(2):
        late = world.checkout(_M, sku=_TEA)
        past = (world.clock() - timedelta(hours=3)).strftime("%Y-%m-%d %H:%M:%S.%f")
        late_id = world.order(late).id
        damage(world, "UPDATE orders SET expires_at = :at WHERE id = :id", at=past, id=late_id)
    return {"broken": world.order(page).number}
