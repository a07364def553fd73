"""The books through real payments and refunds, on both databases, and what the database refuses."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError, IntegrityError
from sqlalchemy.orm import Session

from app.core.facts import OrderFacts
from app.core.ledger import Sums, sum_up
from app.core.money import Rupiah
from app.core.observations import Observation, Seen, Source
from app.core.ports import ChargeSubject, RefundRequest
from app.core.reasons import Why
from app.core.states import Attention, GatewayName, RefundRoute
from app.core.transitions import settle_status
from app.db.models import Attempt, AttentionCall, LedgerEntry, Order
from app.services.audit import AuditNote, record_audit
from app.services.facts import load_facts
from app.services.ledger import Origin, books_in, keep_books, load_entries
from app.services.observations import Heard, apply_observation
from app.services.payment_pages import PaymentPage
from app.services.refunds import dry_run_refund, mark_transferred, withdraw_refund
from tests.integration.damage import without_triggers
from tests.integration.test_refunds import paid
from tests.world import World

Told = tuple[str, int]


def entries(world: World, page: PaymentPage) -> list[LedgerEntry]:
    with world.session() as session:
        order = session.get_one(Order, world.order(page).id)
        return list(load_entries(session, order))


def told(world: World, page: PaymentPage) -> list[Told]:
    """Return kind and amount of every posting; a wrong sum anywhere fails here."""
    assert_books_agree(world, page)
    return [(entry.kind.value, entry.amount_idr) for entry in entries(world, page)]


def assert_books_agree(world: World, page: PaymentPage) -> None:
    with world.session() as session:
        order = session.get_one(Order, world.order(page).id)
        facts: OrderFacts = load_facts(session, order)
        sums: Sums = sum_up(books_in(load_entries(session, order)))
        summary = settle_status(facts)
    in_the_books = (sums.captured_idr, sums.refunded_idr, sums.reserved_idr)
    assert in_the_books == (summary.captured_idr, summary.refunded_idr, summary.reserved_idr)
    assert in_the_books == (order.captured_idr, order.refunded_idr, order.reserved_idr)


def settle(world: World, page: PaymentPage) -> None:
    world.clock.advance(60)
    world.deliver_all(page)
    world.confirm()
    world.resolve()


def test_an_order_that_nobody_paid_has_empty_books(world: World) -> None:
    page = world.checkout(GatewayName.MIDTRANS)
    world.poll()

    assert told(world, page) == []


@pytest.mark.parametrize("gateway", list(GatewayName))
def test_a_payment_is_captured_once_however_often_it_is_told(
    world: World, gateway: GatewayName
) -> None:
    page = paid(world, gateway)
    for delivery in world.sent(page):
        world.receive(delivery)
    world.confirm()
    settle(world, page)

    assert told(world, page) == [("capture", 200_000)]
    (entry,) = entries(world, page)
    assert (entry.seq, entry.nth, entry.debit, entry.credit) == (1, 1, "gateway", "sales")
    assert entry.observation_id is not None


@pytest.mark.parametrize("gateway", list(GatewayName))
def test_two_refunds_in_part_are_reserved_and_settled_one_by_one(
    world: World, gateway: GatewayName
) -> None:
    page = paid(world, gateway)
    for amount_idr in (50_000, 150_000):
        world.refund(page, amount_idr)
        settle(world, page)

    assert told(world, page) == [
        ("capture", 200_000),
        ("refund_reserved", 50_000),
        ("refund_settled", 50_000),
        ("refund_reserved", 150_000),
        ("refund_settled", 150_000),
    ]


def test_a_withdrawn_request_is_released_and_may_be_made_again(world: World) -> None:
    page = paid(world, GatewayName.MIDTRANS, sku="BATIK", quantity=1)
    for _ in range(2):
        asked = world.refund(page, 1_500_000)
        withdraw_refund(
            world.desk, asked.refund_id, staff_id=world.staff_id("finance"), reason="Salah"
        )

    assert told(world, page)[1:] == 2 * [
        ("refund_reserved", 1_500_000),
        ("refund_released", 1_500_000),
    ]


def test_a_card_charge_that_is_cancelled_is_a_void(world: World) -> None:
    page = paid(world, GatewayName.MIDTRANS, "credit_card")
    world.refund(page, 200_000)
    settle(world, page)

    assert told(world, page) == [
        ("capture", 200_000),
        ("refund_reserved", 200_000),
        ("void", 200_000),
    ]


def test_a_refund_made_in_the_dashboard_was_never_reserved(world: World) -> None:
    page = paid(world, GatewayName.MIDTRANS)
    refund_in_dashboard(world, page, 30_000)
    settle(world, page)

    assert told(world, page) == [("capture", 200_000), ("refund_outside", 30_000)]


def refund_in_dashboard(world: World, page: PaymentPage, amount_idr: int) -> None:
    subject = ChargeSubject(world.attempt(page).reference)
    request = RefundRequest(
        subject, f"dashboard-{amount_idr}", Rupiah(amount_idr), "di dasbor", RefundRoute.REFUND
    )
    world.desk.gateway(GatewayName.MIDTRANS).refund(request)


def test_a_settlement_that_the_bank_takes_back_is_a_reversal(world: World) -> None:
    page = paid(world, GatewayName.MIDTRANS, "permata_va")
    world.act(page, "reverse")
    settle(world, page)

    assert told(world, page) == [("capture", 200_000), ("reversal", 200_000)]


def test_a_chargeback_takes_what_had_not_been_given_back(world: World) -> None:
    page = paid(world, GatewayName.MIDTRANS, "credit_card")
    world.clock.advance(2 * 24 * 3600)
    world.poll()
    world.refund(page, 60_000)
    settle(world, page)
    world.act(page, "chargeback")
    settle(world, page)

    assert told(world, page)[-1] == ("chargeback", 140_000)
    assert sum_up(books_in(entries(world, page))).net_idr == 0


def test_a_transfer_by_hand_leaves_our_bank_account(world: World) -> None:
    page = paid(world, GatewayName.MIDTRANS, "bca_va")
    asked = world.refund(page, 50_000, route=RefundRoute.MANUAL)
    mark_transferred(world.desk, asked.refund_id, staff_id=world.staff_id("finance"), proof="BCA 1")

    assert told(world, page)[1:] == [("refund_reserved", 50_000), ("refund_transferred", 50_000)]
    assert entries(world, page)[-1].credit == "bank"
    assert entries(world, page)[-1].event_id is not None


def test_a_payment_that_came_twice_is_captured_twice_and_one_is_given_back(world: World) -> None:
    page = paid(world, GatewayName.MIDTRANS)
    second = answered(world, page, gateway_transaction_id="another-transaction")
    hear(world, page, second)

    assert told(world, page) == [("capture", 200_000), ("capture", 200_000)]
    assert world.order(page).attention == "paid_twice"
    hear(world, page, replace(second, seen=Seen.REFUNDED))
    assert told(world, page)[2:] == [("refund_outside", 200_000)]


def test_a_fee_that_the_gateway_tells_is_in_the_books(world: World) -> None:
    page = paid(world, GatewayName.XENDIT)
    answer = answered(world, page, fee_idr=Rupiah(4_440))
    for said in (answer, replace(answer, fee_idr=None), answer):
        hear(world, page, said)
    assert told(world, page) == [("capture", 200_000), ("fee", 4_440)]
    hear(world, page, replace(answer, fee_idr=Rupiah(5_000)))

    assert told(world, page)[2:] == [("fee", 560)]
    assert [entry.nth for entry in entries(world, page)] == [1, 1, 2]
    assert sum_up(books_in(entries(world, page))).net_idr == 195_000


def answered(world: World, page: PaymentPage, **changes: object) -> Observation:
    """Return what the gateway answers of a paid order, with something more."""
    attempt = world.attempt(page)
    answer = Observation(
        gateway=attempt.gateway,
        reference=attempt.reference,
        seen=Seen.PAID,
        source=Source.JOB,
        observed_at=world.clock() + timedelta(seconds=1),
        raw_status="SETTLED",
        amount_idr=Rupiah(200_000),
        gateway_transaction_id=world.order(page).payment_gateway_transaction_id,
    )
    return replace(answer, **changes)  # type: ignore[arg-type]


def hear(world: World, page: PaymentPage, answer: Observation) -> None:
    with world.desk.sessions.begin() as session:
        attempt = session.get_one(Attempt, world.attempt(page).id)
        apply_observation(session, attempt, Heard(answer), world.clock())


# What the database refuses, whoever asks.

INSERT = (
    "INSERT INTO ledger_entries "
    "(order_id, seq, kind, subject, nth, debit, credit, amount_idr, at) "
    "SELECT order_id, {seq}, '{kind}', '{subject}', {nth}, '{debit}', '{credit}', {amount}, at "
    "FROM ledger_entries LIMIT 1"
)
GOOD = {
    "seq": "2",
    "kind": "refund_outside",
    "subject": "refund:x",
    "nth": "1",
    "debit": "returns",
    "credit": "gateway",
    "amount": "200000",
}


def refused(world: World, statement: str) -> bool:
    try:
        with world.desk.sessions.begin() as session:
            session.execute(text(statement))
    except DatabaseError:
        return True
    return False


def test_a_posting_that_fits_is_taken(world: World) -> None:
    paid(world, GatewayName.MIDTRANS)

    assert not refused(world, INSERT.format(**GOOD))


@pytest.mark.parametrize(
    "changed",
    [
        {"amount": "0"},
        {"amount": "-5"},
        {"amount": "200001"},  # More given back than taken.
        {"debit": "gateway"},  # Both sides the same: nothing moves.
        {"debit": "sales"},  # Not the accounts of this kind.
        {"credit": "nowhere"},
        {"kind": "gift"},
        {"seq": "1"},
        {
            "kind": "capture",
            "debit": "gateway",
            "credit": "sales",
            "subject": "' || subject || '",
        },
    ],
    ids=str,
)
def test_a_posting_that_does_not_fit_is_refused(world: World, changed: dict[str, str]) -> None:
    page = paid(world, GatewayName.MIDTRANS)

    assert refused(world, INSERT.format(**(GOOD | changed)))
    assert told(world, page) == [("capture", 200_000)]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_entries SET amount_idr = 1",
        "DELETE FROM ledger_entries",
        "UPDATE order_events SET why = 'shopper_paid'",
        "DELETE FROM order_events",
        "UPDATE observations SET raw_status = 'settlement'",
        "DELETE FROM observations",
        "UPDATE stock_movements SET quantity = 1",
        "DELETE FROM stock_movements",
        "UPDATE audit_log SET done = NOT done",
        "DELETE FROM audit_log",
        "UPDATE orders SET refunded_idr = captured_idr + 1",
        "UPDATE orders SET reserved_idr = 1, refunded_idr = captured_idr",
    ],
)
def test_what_was_written_stays_as_it_was_written(world: World, statement: str) -> None:
    page = paid(world, GatewayName.MIDTRANS)
    _write_audit(world)
    before = everything(world)

    assert refused(world, statement)
    assert everything(world) == before
    assert_books_agree(world, page)


def _write_audit(world: World) -> None:
    note = AuditNote(None, "x@toko.example", "sign_in", "", done=True, why="")
    record_audit(world.desk.sessions, note, world.clock())


def everything(world: World) -> dict[str, list[object]]:
    tables = ("ledger_entries", "order_events", "observations", "stock_movements", "audit_log")
    with world.session() as session:
        found: dict[str, list[object]] = {}
        for table in (*tables, "orders"):
            rows = session.execute(text(f"SELECT * FROM {table} ORDER BY id"))
            found[table] = [tuple(row) for row in rows]
    assert all(found.values())
    return found


@pytest.mark.postgres
@pytest.mark.race
def test_two_writers_without_the_lock_post_the_same_fact_once(postgres_world: World) -> None:
    """The lock keeps them apart; should anybody forget it, the database still does."""
    world = postgres_world
    page = paid(world, GatewayName.MIDTRANS)
    with world.desk.sessions.begin() as session:
        session.execute(text("UPDATE gateway_transactions SET fee_idr = 4000"))
    with world.desk.sessions() as slow:
        slow.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        load_entries(slow, slow.get_one(Order, world.order(page).id))  # It has looked already.
        with world.desk.sessions.begin() as fast:
            post_now(world, fast, page)
        with pytest.raises(IntegrityError):
            post_now(world, slow, page)

    assert told(world, page) == [("capture", 200_000), ("fee", 4_000)]


def post_now(world: World, session: Session, page: PaymentPage) -> None:
    order = session.get_one(Order, world.order(page).id)
    keep_books(session, order, load_facts(session, order), Origin(), world.clock())


@pytest.mark.postgres
def test_postgresql_empties_no_table_that_only_grows(postgres_world: World) -> None:
    paid(postgres_world, GatewayName.MIDTRANS)
    before = postings(postgres_world)

    assert refused(postgres_world, "TRUNCATE ledger_entries")
    assert refused(postgres_world, "TRUNCATE stock_movements")
    assert postings(postgres_world) == before


def postings(world: World) -> int:
    with world.session() as session:
        return len(session.scalars(select(LedgerEntry)).all())


def test_without_the_walls_the_same_statements_would_do_damage(world: World) -> None:
    paid(world, GatewayName.MIDTRANS)
    with world.desk.sessions.begin() as session, without_triggers(session.connection()) as free:
        assert free.execute(text("UPDATE order_events SET why = 'shopper_paid'")).rowcount > 0
        assert free.execute(text("UPDATE ledger_entries SET amount_idr = 1")).rowcount == 1


def test_a_chargeback_in_part_calls_a_person_and_is_not_in_the_books(world: World) -> None:
    page = paid(world, GatewayName.MIDTRANS, "credit_card")
    world.act(page, "settle")
    settle(world, page)
    before = told(world, page)

    world.act(page, "chargeback", amount=50_000)
    settle(world, page)

    assert told(world, page) == before == [("capture", 200_000)]
    assert world.status(page) == "paid"
    with world.session() as session:
        call = session.scalars(select(AttentionCall)).one()
    assert (call.code, call.why, call.closed_at) == (
        Attention.CHARGED_BACK,
        "partly_charged_back",
        None,
    )
    verdict = dry_run_refund(world.desk, world.order(page).id, 1)
    assert (verdict.allowed, verdict.why, verdict.route) == (False, Why.IN_DISPUTE, None)
