"""An old database becomes a present one: its books agree with its orders from the first moment."""

from collections.abc import Callable

import pytest
from sqlalchemy import select, text

from app.core.states import GatewayName, RefundRoute
from app.db.models import LedgerEntry, Order, Role
from app.services.facts import load_facts
from app.services.ledger import Origin, keep_books
from app.services.payment_pages import PaymentPage
from app.services.verification import verify_all
from tests.integration.test_ledger import refused
from tests.integration.test_refunds import paid
from tests.integration.test_verification import a_busy_day
from tests.world import World

Row = tuple[object, ...]


@pytest.fixture
def move_to(world: World) -> Callable[[str], None]:
    """Provide the way to bring the world's database to another version, up or down."""

    def move(revision: str) -> None:
        from flask_migrate import downgrade, upgrade

        from app.factory import create_app

        app = create_app(world.settings)
        with app.app_context():
            (downgrade if revision == "0001" else upgrade)(revision=revision)
            app.extensions["sqlalchemy"].engine.dispose()

    return move


def many_lives(world: World) -> None:
    """Let orders end in every way that leaves a trace in the books."""
    a_busy_day(world)
    charged_back = paid(world, GatewayName.MIDTRANS, "credit_card", quantity=1)
    world.act(charged_back, "chargeback")
    world.deliver_all(charged_back)
    by_hand = paid(world, GatewayName.MIDTRANS, "permata_va", quantity=1)
    world.refund(by_hand, 40_000, route=RefundRoute.MANUAL)
    world.act(by_hand, "reverse")
    world.deliver_all(by_hand)
    world.confirm()


def balances(world: World) -> dict[tuple[str, str], int]:
    """Return what each account holds for each subject."""
    found: dict[tuple[str, str], int] = {}
    with world.session() as session:
        for entry in session.scalars(select(LedgerEntry)):
            for account, amount in ((entry.debit, 1), (entry.credit, -1)):
                key = (entry.subject, account.value)
                found[key] = found.get(key, 0) + amount * entry.amount_idr
    return {key: amount for key, amount in found.items() if amount}


def test_the_books_of_an_old_database_are_those_that_it_would_have_kept(
    world: World, move_to: Callable[[str], None]
) -> None:
    many_lives(world)
    kept = balances(world)
    assert len(kept) > 20

    move_to("0001")
    move_to("head")

    assert balances(world) == kept
    assert list(verify_all(world.desk)) == []
    with world.session() as session:
        opening = session.scalars(select(LedgerEntry)).all()
    assert {(e.nth, e.observation_id, e.event_id) for e in opening} == {(1, None, None)}


def test_what_comes_after_goes_on_from_there(world: World, move_to: Callable[[str], None]) -> None:
    page = paid(world, GatewayName.MIDTRANS)
    world.refund(page, 50_000)
    move_to("0001")
    move_to("head")

    assert posted_now(world, page) == 0
    world.refund(page, 150_000)

    assert world.status(page) == "refunded"
    assert list(verify_all(world.desk)) == []


def posted_now(world: World, page: PaymentPage) -> int:
    """Return how many postings are missing still."""
    with world.desk.sessions.begin() as session:
        order = session.get_one(Order, world.order(page).id)
        before = len(session.scalars(select(LedgerEntry)).all())
        keep_books(session, order, load_facts(session, order), Origin(), world.clock())
        return len(session.scalars(select(LedgerEntry)).all()) - before


def test_an_old_database_has_the_walls_of_a_new_one(
    world: World, move_to: Callable[[str], None]
) -> None:
    paid(world, GatewayName.MIDTRANS)
    move_to("0001")
    assert not refused(world, "UPDATE stock_movements SET quantity = quantity")
    move_to("head")

    for table in ("ledger_entries", "order_events", "observations", "stock_movements"):
        assert refused(world, f"UPDATE {table} SET id = id")
        assert refused(world, f"DELETE FROM {table}")
    assert refused(world, "UPDATE gateway_transactions SET fee_idr = -1")


def test_roles_that_decide_about_refunds_get_and_lose_the_right_to_release(
    world: World, move_to: Callable[[str], None]
) -> None:
    def with_right() -> set[str]:
        with world.session() as session:
            return {r.name for r in session.scalars(select(Role)) if "release_order" in r.rights}

    assert with_right() == {"approver", "finance"}
    move_to("0001")
    assert with_right() == set()
    move_to("head")
    assert with_right() == {"approver", "finance"}


def test_the_models_and_the_migrations_say_the_same(world: World) -> None:
    from flask_migrate import check

    from app.factory import create_app

    app = create_app(world.settings)
    with app.app_context():
        check()
        app.extensions["sqlalchemy"].engine.dispose()


# A later change of a table on SQLite makes it anew, and forgets its triggers without a word.
def test_every_wall_stands(world: World) -> None:
    with world.session() as session:
        if session.connection().dialect.name == "sqlite":
            query = "SELECT tbl_name, count(*) FROM sqlite_master WHERE type = 'trigger' GROUP BY 1"
        else:
            query = (
                "SELECT tgrelid::regclass::text, count(*) FROM pg_trigger "
                "WHERE NOT tgisinternal GROUP BY 1"
            )
        walls = {row[0]: row[1] for row in session.execute(text(query))}

    assert walls == {
        "ledger_entries": 3,
        "order_events": 2,
        "observations": 2,
        "stock_movements": 2,
        "audit_log": 2,
        "order_notes": 2,
        "refunds": 2,
    }
