"""Migrations carry the rows of an older version over, and end where the models are."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask_migrate import downgrade, upgrade
from sqlalchemy import Connection, Enum, create_engine, inspect, text
from sqlalchemy.exc import IntegrityError

from app.core.states import Attention
from app.db.base import Base
from app.factory import create_app
from tests.databases import Databases, Kind
from tests.world import settings_for

_OLD_ROWS = """
INSERT INTO orders (id, public_id, number, payment_status, gateway, last_why, total_idr,
  captured_idr, refunded_idr, reserved_idr, customer_name, customer_email, customer_phone, locale,
  stock_state, created_at, updated_at, expires_at)
VALUES (1, 'p', 'LN-1', 'partially_refunded', 'midtrans', 'x', 200, 200, 50, 0, 'n', 'e', '1', 'id',
  'taken', {at}, {at}, {at});
INSERT INTO attempts (id, order_id, try_number, gateway, reference, state, dead, created_at,
  expires_at, checks_done)
VALUES (1, 1, 1, 'midtrans', 'LN-1-1', 'open', false, {at}, {at}, 0);
INSERT INTO roles (id, name, rights) VALUES (1, 'finance', '[]');
INSERT INTO staff (id, email, name, password_hash, role_id, locale, active, is_demo,
  failed_sign_ins, created_at)
VALUES (1, 'a', 'a', 'x', 1, 'id', true, false, 0, {at}),
       (2, 'b', 'b', 'x', 1, 'id', true, false, 0, {at});
INSERT INTO refunds (id, order_id, number, key, gateway, attempt_id, amount_idr, route, state,
  reason, transfer_proof, requested_by_id, approved_by_id, requested_at, looks_done)
VALUES (1, 1, 1, 'k1', 'midtrans', 1, 50, 'manual', 'transferred', 'r', 'BCA 1', 1, 2, {at}, 0),
       (2, 1, 2, 'k2', 'midtrans', 1, 10, 'refund', 'withdrawn', 'r', NULL, 1, NULL, {at}, 0)
"""


@contextmanager
def _opened(url: str) -> Iterator[Any]:
    app = create_app(settings_for(url, "http://127.0.0.1:1"))
    with app.app_context():
        engine = app.extensions["sqlalchemy"].engine
        try:
            yield engine
        finally:
            engine.dispose()


def _run(connection: Connection, script: str) -> None:
    for statement in script.format(at="'2026-03-02 03:00:00+00:00'").split(";\n"):
        connection.execute(text(statement))


def test_rows_of_the_first_version_survive_the_way_up_and_down(
    kind: Kind, databases: Databases
) -> None:
    with databases.fresh(kind) as url, _opened(url) as engine:
        downgrade(revision="0001")
        with engine.begin() as connection:
            _run(connection, _OLD_ROWS)

        upgrade()

        with engine.connect() as connection:
            refunds = connection.execute(
                text(
                    "SELECT needs_approval, transfer_account, transferred_by_id FROM refunds"
                    " ORDER BY id"
                )
            ).all()
        assert [tuple(row) for row in refunds] == [(True, "-", 2), (False, None, None)]
        downgrade(revision="0001")
        with engine.connect() as connection:
            assert connection.execute(text("SELECT count(*) FROM refunds")).scalar() == 2


def test_every_word_of_every_enumeration_is_admitted(kind: Kind, databases: Databases) -> None:
    """Alembic does not see a changed check: a new word would be refused in production only."""
    with databases.fresh(kind) as url:
        engine = create_engine(url)
        checks = {
            table: " ".join(
                str(check["sqltext"]) for check in inspect(engine).get_check_constraints(table)
            )
            for table in Base.metadata.tables
        }
        engine.dispose()
    missing = [
        (table.name, column.name, word)
        for table in Base.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, Enum)
        for word in column.type.enums
        if f"'{word}'" not in checks[table.name]
    ]

    assert missing == []


def test_a_word_that_is_none_is_refused(kind: Kind, databases: Databases) -> None:
    with databases.fresh(kind) as url, _opened(url) as engine:
        with engine.begin() as connection:
            # The order's line only: a refund needs staff, and those come later in the script.
            _run(connection, _OLD_ROWS.split(";\n", maxsplit=1)[0])
        with pytest.raises(IntegrityError), engine.begin() as connection:
            connection.execute(text("UPDATE orders SET attention = 'nothing'"))
        with engine.begin() as connection:
            connection.execute(text(f"UPDATE orders SET attention = '{Attention.REFUND_FAILED}'"))


_ONE_MORE = """
INSERT INTO refunds (id, order_id, number, key, gateway, attempt_id, amount_idr, route, state,
  reason, requested_at, looks_done, needs_approval)
VALUES ({number}, 1, {number}, 'more-{number}', 'midtrans', 1, 500, 'refund', 'approved', 'r',
  {{at}}, 0, false)
"""


def test_the_wall_against_over_reservation_comes_and_goes_and_keeps_what_it_finds(
    kind: Kind, databases: Databases
) -> None:
    def ask(number: int) -> None:
        with engine.begin() as connection:
            _run(connection, _ONE_MORE.format(number=number))

    with databases.fresh(kind) as url, _opened(url) as engine:
        downgrade(revision="0001")
        with engine.begin() as connection:
            _run(connection, _OLD_ROWS)
        upgrade(revision="0010")
        ask(3)

        upgrade(revision="0011")
        with pytest.raises(IntegrityError, match="more refunds asked for than was captured"):
            ask(4)
        downgrade(revision="0010")
        ask(5)

        with engine.connect() as connection:
            numbers = connection.execute(text("SELECT number FROM refunds ORDER BY 1")).scalars()
            assert list(numbers) == [1, 2, 3, 5]


_CALLED = """
INSERT INTO orders (id, public_id, number, payment_status, gateway, last_why, total_idr,
  captured_idr, refunded_idr, reserved_idr, customer_name, customer_email, customer_phone, locale,
  stock_state, attention, attention_text, attention_at, created_at, updated_at, expires_at)
VALUES
  (1, 'p1', 'LN-1', 'paid', 'midtrans', 'x', 200, 200, 0, 0, 'n', 'e', '1', 'id', 'taken',
   'drift', 'The gateway says otherwise.', {at}, {at}, {later}, {at}),
  (2, 'p2', 'LN-2', 'charged_back', 'midtrans', 'x', 200, 200, 0, 0, 'n', 'e', '1', 'id', 'taken',
   'charged_back', NULL, NULL, {at}, {later}, {at}),
  (3, 'p3', 'LN-3', 'paid', 'midtrans', 'x', 200, 200, 0, 0, 'n', 'e', '1', 'id', 'taken',
   NULL, NULL, NULL, {at}, {at}, {at})
"""
_OPEN_CALLS = """
SELECT order_id, code, said, raised_at = (SELECT attention_at FROM orders WHERE id = order_id),
  raised_at = (SELECT updated_at FROM orders WHERE id = order_id)
FROM attention_calls
WHERE closed_at IS NULL AND claimed_by_id IS NULL AND why IS NULL ORDER BY order_id, code
"""
_EACH_ONCE = [
    (1, "drift", "The gateway says otherwise.", True, False),
    (2, "charged_back", None, None, True),
]


def test_whoever_waited_for_a_person_before_calls_were_rows_has_one_open_call_each(
    kind: Kind, databases: Databases
) -> None:
    def asked(query: str) -> list[tuple[Any, ...]]:
        with engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(query))]

    with databases.fresh(kind) as url, _opened(url) as engine:
        downgrade(revision="0007")
        with engine.begin() as connection:
            _run(connection, _CALLED.replace("{later}", "'2026-03-05 03:00:00+00:00'"))

        upgrade()

        assert asked(_OPEN_CALLS) == _EACH_ONCE
        assert asked("SELECT count(*) FROM attention_calls") == [(2,)]
        with engine.begin() as connection:
            # A second reason, and one that was settled: on the way down only the order's own stays.
            _run(
                connection,
                "INSERT INTO attention_calls (order_id, code, raised_at, closed_at)"
                " VALUES (1, 'polling_ended', {at}, NULL), (3, 'drift', {at}, {at})",
            )
        downgrade(revision="0007")
        waiting = "SELECT id, attention FROM orders ORDER BY id"
        assert asked(waiting) == [(1, "drift"), (2, "charged_back"), (3, None)]
        upgrade()

        assert asked(_OPEN_CALLS) == _EACH_ONCE
        assert asked("SELECT count(*) FROM attention_calls") == [(2,)]
