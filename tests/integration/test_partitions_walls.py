"""No wall grows weaker when a table is cut: not in any part, not by hand."""

import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError

from tests.integration.partition_scenes import (
    TABLES,
    ask,
    cut,
    do,
    live,
    parts_of,
    rows_of,
    told,
)
from tests.world import World

pytestmark = pytest.mark.postgres


FORBIDDEN = [
    "UPDATE order_events SET why = 'x'",
    "DELETE FROM order_events",
    "TRUNCATE order_events CASCADE",
    "UPDATE order_events_below_200001 SET why = 'x'",
    "DELETE FROM order_events_below_200001",
    "TRUNCATE order_events_below_200001 CASCADE",
    "TRUNCATE order_events_from_200001 CASCADE",
    "TRUNCATE order_events_rest CASCADE",
    "DELETE FROM notifications",
    "TRUNCATE notifications",
    "UPDATE notifications SET id = id + 1000",
    "UPDATE notifications SET received_at = received_at + interval '6 months'",
    "TRUNCATE notifications_rest",
]


def test_what_only_grows_cannot_be_changed_in_any_part(postgres_world: World) -> None:
    world = postgres_world
    live(world)
    cut(world)
    before = [rows_of(world, table) for table in TABLES]

    for statement in FORBIDDEN:
        with pytest.raises(IntegrityError):
            do(world, statement)
        assert [rows_of(world, table) for table in TABLES] == before, statement


def test_a_part_that_somebody_attaches_by_hand_only_grows_too(postgres_world: World) -> None:
    world = postgres_world
    live(world)
    cut(world)
    do(
        world,
        "CREATE TABLE by_hand (LIKE order_events INCLUDING DEFAULTS INCLUDING CONSTRAINTS)",
        "ALTER TABLE order_events ATTACH PARTITION by_hand FOR VALUES FROM (900001) TO (900002)",
        "INSERT INTO orders SELECT (jsonb_populate_record(o, jsonb_build_object('id', 900001,"
        " 'public_id', 'p9', 'number', 'LN-9'))).* FROM orders o WHERE id = 1",
        "INSERT INTO order_events (order_id, seq, at, actor, why, details, previous_hash, hash)"
        " VALUES (900001, 1, now(), 'job', 'x', '{}', '', '')",
    )
    world.damaged = True
    assert ask(world, "SELECT count(*) FROM by_hand") == 1

    for statement in ("UPDATE by_hand SET why = 'y'", "DELETE FROM order_events WHERE seq = 1"):
        with pytest.raises(IntegrityError, match="append-only"):
            do(world, statement)


def test_no_two_events_of_an_order_have_one_number(postgres_world: World) -> None:
    world = postgres_world
    live(world)
    cut(world)
    again = (
        "INSERT INTO order_events (order_id, seq, at, actor, why, details, previous_hash, hash)"
        " SELECT order_id, seq, at + interval '70 days', actor, why, details, previous_hash, hash"
        " FROM order_events WHERE id = 1"
    )

    with pytest.raises(IntegrityError, match="order_id_seq"):
        do(world, again)


def test_an_observation_names_only_notifications_that_there_are(postgres_world: World) -> None:
    world = postgres_world
    live(world)
    cut(world)
    columns = ", ".join(
        row[0]
        for row in told(
            world,
            "SELECT column_name FROM information_schema.columns WHERE table_name = 'observations'"
            " AND column_name NOT IN ('id', 'notification_id', 'recorded_at')",
        )
    )
    copy = (
        f"INSERT INTO observations ({columns}, recorded_at, notification_id) SELECT {columns},"
        " recorded_at + interval '{days} days', {named} FROM observations ORDER BY id LIMIT 1"
    )
    world.damaged = True

    with pytest.raises(IntegrityError, match="there is no notification 4711"):
        do(world, copy.format(days=0, named=4711))
    # About one of long ago: it is looked for in all parts.
    do(world, copy.format(days=200, named=1))


def test_a_posting_names_only_events_of_its_own_order(postgres_world: World) -> None:
    world = postgres_world
    pages = live(world)
    cut(world)
    assert ask(world, "SELECT count(event_id) FROM ledger_entries") > 0
    foreign = ask(
        world,
        "SELECT max(id) FROM order_events WHERE order_id <> :one",
        one=world.order(pages[0]).id,
    )
    posting = (
        "INSERT INTO ledger_entries (order_id, seq, kind, subject, nth, debit, credit, amount_idr,"
        " event_id, at) SELECT order_id, 99, kind, subject, 99, debit, credit, amount_idr,"
        f" {{}}, at FROM ledger_entries WHERE order_id = {world.order(pages[0]).id} LIMIT 1"
    )
    for event_id in (foreign, 4711):
        with pytest.raises(IntegrityError, match="fk_ledger_entries_event_id_order_events"):
            do(world, posting.format(event_id))


def test_who_may_what_and_to_whom_it_belongs_is_carried_over(postgres_world: World) -> None:
    world = postgres_world
    do(
        world,
        "DO $$ BEGIN CREATE ROLE lunas_reader; EXCEPTION WHEN duplicate_object THEN NULL; END $$",
        "GRANT SELECT ON notifications TO lunas_reader",
    )
    try:
        cut(world, "notifications")
        assert ask(world, "SELECT has_table_privilege('lunas_reader', 'notifications', 'SELECT')")
        assert not ask(
            world, "SELECT has_table_privilege('lunas_reader', 'notifications', 'INSERT')"
        )
        part = parts_of(world, "notifications")[0]
        with pytest.raises(DBAPIError, match="permission denied"):
            do(world, "SET LOCAL ROLE lunas_reader", f"SELECT count(*) FROM {part}")
    finally:
        do(world, "DROP OWNED BY lunas_reader")
