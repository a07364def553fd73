"""The audit log is one chain: appended by many at once, changed by nobody, checked as a whole."""

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.core.audit_chain import GENESIS
from app.db.models import AuditEntry, AuditHead
from app.factory import create_app
from app.services.audit import AuditNote, ChainReport, record_audit, verify_audit
from tests.integration.test_races import all_at_once
from tests.world import World

_THREADS = 6


def write(world: World, number: int = 1, *, who: str = "budi@toko.example") -> None:
    note = AuditNote(None, who, f"act_{number}", "LN-1", done=True, why="")
    record_audit(world.desk.sessions, note, world.clock())


def verify(world: World, anchor: tuple[int, str] | None = None) -> ChainReport:
    return verify_audit(world.desk.reads, anchor)


def tamper(world: World, *statements: str) -> None:
    """Do what somebody who owns the database can do: take the guards away and change rows."""
    with world.desk.sessions.begin() as session:
        if session.get_bind().dialect.name == "sqlite":
            names = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table"
            guards = session.scalars(text(names), {"table": "audit_log"}).all()
            statements = (*[f"DROP TRIGGER {name}" for name in guards], *statements)
        else:
            statements = ("ALTER TABLE audit_log DISABLE TRIGGER USER", *statements)
        for statement in statements:
            session.execute(text(statement))


def row_id(world: World, seq: int) -> int:
    with world.session() as session:
        return session.query(AuditEntry).filter_by(seq=seq).one().id


def test_an_untouched_log_fits_and_an_empty_one_too(world: World) -> None:
    assert verify(world) == ChainReport(0, GENESIS)

    for number in range(3):
        write(world, number)

    report = verify(world)
    assert (report.entries, report.damage) == (3, "")
    with world.session() as session:
        head = session.query(AuditHead).one()
        assert (head.seq, head.hash) == (3, report.head)


def test_many_who_write_at_once_stand_in_one_row(world: World) -> None:
    results = all_at_once(*[lambda n=n: write(world, n) for n in range(_THREADS)])

    assert results == [None] * _THREADS
    assert (verify(world).entries, verify(world).damage) == (_THREADS, "")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_log SET why = 'x'",
        "DELETE FROM audit_log",
        "UPDATE audit_log SET hash = 'x' WHERE seq = 1",
    ],
)
def test_the_database_itself_refuses_to_change_the_log(world: World, statement: str) -> None:
    write(world)

    with pytest.raises(DBAPIError, match="append-only"), world.desk.sessions.begin() as session:
        session.execute(text(statement))

    assert (verify(world).entries, verify(world).damage) == (1, "")


def test_postgres_refuses_to_empty_the_log(postgres_world: World) -> None:
    write(postgres_world)

    with (
        pytest.raises(DBAPIError, match="append-only"),
        postgres_world.desk.sessions.begin() as session,
    ):
        session.execute(text("TRUNCATE audit_log"))

    assert verify(postgres_world).entries == 1


@pytest.mark.parametrize(
    ("damage", "seq", "words"),
    [
        ("UPDATE audit_log SET who = 'x' WHERE seq = 2", 2, "its text is not what was written"),
        ("UPDATE audit_log SET done = NOT done WHERE seq = 3", 3, "its text is not"),
        ("UPDATE audit_log SET staff_id = 1 WHERE seq = 1", 1, "its text is not"),
        ("UPDATE audit_log SET hash = previous_hash WHERE seq = 2", 2, "its text is not"),
        ("UPDATE audit_log SET previous_hash = hash WHERE seq = 2", 2, "it does not follow"),
        ("DELETE FROM audit_log WHERE seq = 2", 3, "entry 2 is missing before it"),
        ("DELETE FROM audit_log WHERE seq = 1", 2, "entry 1 is missing before it"),
        ("DELETE FROM audit_log WHERE seq = 4", None, "the log ends at entry 3, but 4"),
        ("DELETE FROM audit_log", None, "the log ends at entry 0, but 4"),
        ("UPDATE audit_log SET seq = NULL WHERE seq = 4", 4, "it was added past the chain"),
        ("UPDATE audit_log SET seq = 99 WHERE seq = 4", 4, "it was added past the chain"),
        ("UPDATE audit_head SET seq = 3", 4, "it was added past the chain"),
        ("UPDATE audit_head SET hash = 'x'", None, "the log ends at entry 4, but 4"),
    ],
)
def test_each_kind_of_damage_is_found_and_its_row_named(
    world: World, damage: str, seq: int | None, words: str
) -> None:
    for number in range(4):
        write(world, number)
    row = None if seq is None else row_id(world, seq)

    tamper(world, damage)

    report = verify(world)
    assert words in report.damage
    assert report.row_id == row


def test_a_log_rewritten_from_end_to_end_is_found_by_an_anchor_kept_elsewhere(
    world: World,
) -> None:
    write(world, 1)
    honest = verify(world)
    tamper(
        world,
        "DELETE FROM audit_log",
        f"UPDATE audit_head SET seq = 0, hash = '{GENESIS}'",
    )
    write(world, 2)

    assert verify(world).damage == ""
    forged = verify(world, (honest.entries, honest.head))
    assert forged.damage == "its hash is not the one that was noted down"
    assert verify(world, (2, honest.head)).damage == "entry 2, which was noted down, does not exist"


@pytest.fixture
def app_of(world: World) -> Flask:
    return create_app(world.settings)


def test_the_command_says_ok_with_an_anchor_or_names_the_row_and_fails(
    world: World, app_of: Flask
) -> None:
    write(world, 1)
    write(world, 2)
    run = app_of.test_cli_runner().invoke

    good = run(args=["lunas", "audit", "verify"])
    anchor = good.output.split("anchor ")[1].strip()
    again = run(args=["lunas", "audit", "verify", "--anchor", anchor])
    odd = run(args=["lunas", "audit", "verify", "--anchor", "what"])
    bad_row = row_id(world, 2)
    tamper(world, "UPDATE audit_log SET target = 'LN-2' WHERE seq = 2")
    bad = run(args=["lunas", "audit", "verify"])

    assert (good.exit_code, again.exit_code, odd.exit_code, bad.exit_code) == (0, 0, 2, 1)
    assert good.output.startswith("ok  2 entries; anchor 2:")
    assert bad.output == f"DAMAGED  row {bad_row}: its text is not what was written\n"
    with app_of.app_context():
        app_of.extensions["sqlalchemy"].engine.dispose()
