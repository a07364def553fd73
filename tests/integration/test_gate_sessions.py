"""Sessions on the server: one from each sign-in, ended by time, by hand, and with the account."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from admin.gate.desk_sessions import (
    HALF_LASTS,
    IDLE,
    LASTS,
    complete_session,
    end_session,
    end_sessions,
    find_session,
    open_session,
    see_session,
)
from admin.gate.throttle import take_try
from admin.person import FRESH
from app.db.models import SessionStage, Staff, StaffSession, Throttle
from app.services.gate_upkeep import clear_gate
from tests.integration.test_gate_races import HERE, LIMIT, ani, half
from tests.integration.test_races import all_at_once
from tests.world import World

__all__ = ["ani"]

_THREADS = 6


def found(world: World, token: str, stage: SessionStage, now: datetime) -> bool:
    with world.session() as session:
        return find_session(session, token, stage, now) is not None


def test_a_half_session_becomes_one_full_one_under_another_token(world: World, ani: int) -> None:
    token, session_id = half(world, ani)
    with world.session() as session:
        row = session.get_one(StaffSession, session_id)
    now = world.clock()

    tokens = all_at_once(
        *[lambda: complete_session(world.desk.sessions, row, HERE, now)] * _THREADS
    )

    [full] = [t for t in tokens if t is not None]
    assert full != token
    assert not found(world, token, SessionStage.HALF, now)
    assert not found(world, token, SessionStage.FULL, now)
    assert found(world, full, SessionStage.FULL, now)
    assert not found(world, full, SessionStage.HALF, now)


def test_a_session_ends_when_idle_when_old_and_with_the_account(world: World, ani: int) -> None:
    with world.desk.sessions.begin() as session:
        token = open_session(session, ani, SessionStage.FULL, HERE, world.clock())
        row = session.scalars(select(StaffSession)).one()
    start = row.created_at
    almost = timedelta(microseconds=1)

    assert found(world, token, SessionStage.FULL, start + IDLE - almost)
    assert not found(world, token, SessionStage.FULL, start + IDLE)
    with world.desk.sessions.begin() as session:
        session.get_one(StaffSession, row.id).last_seen_at = start + LASTS - almost
    assert found(world, token, SessionStage.FULL, start + LASTS - almost)
    assert not found(world, token, SessionStage.FULL, start + LASTS)
    with world.desk.sessions.begin() as session:
        session.get_one(Staff, ani).active = False
    assert not found(world, token, SessionStage.FULL, start + LASTS - almost)
    assert (timedelta(minutes=15), timedelta(minutes=5)) == (HALF_LASTS, FRESH)


def test_being_seen_is_written_once_a_minute(world: World, ani: int) -> None:
    with world.desk.sessions.begin() as session:
        open_session(session, ani, SessionStage.FULL, HERE, world.clock())
        row = session.scalars(select(StaffSession)).one()
    start = row.last_seen_at

    for seconds, seen in ((59, start), (60, start + timedelta(seconds=60))):
        see_session(world.desk.sessions, row, start + timedelta(seconds=seconds))
        with world.session() as session:
            assert session.get_one(StaffSession, row.id).last_seen_at == seen


def test_ending_sessions_touches_no_colleague(world: World, ani: int) -> None:
    other = world.staff_id("viewer")
    with world.desk.sessions.begin() as session:
        for staff_id in (ani, ani, other):
            open_session(session, staff_id, SessionStage.FULL, HERE, world.clock())
        mine, _second, theirs = session.scalars(select(StaffSession.id).order_by(StaffSession.id))

    with world.desk.sessions.begin() as session:
        assert not end_session(session, ani, theirs)
        end_sessions(session, ani, except_id=mine)

    with world.session() as session:
        assert set(session.scalars(select(StaffSession.id))) == {mine, theirs}


def test_what_ran_out_is_cleared_away_and_nothing_else(world: World, ani: int) -> None:
    now = world.clock()
    with world.desk.sessions.begin() as session:
        open_session(session, ani, SessionStage.HALF, HERE, now - HALF_LASTS)
        open_session(session, ani, SessionStage.FULL, HERE, now)
    take_try(world.desk.sessions, LIMIT, "old", now - timedelta(minutes=16))
    take_try(world.desk.sessions, LIMIT, "new", now)

    report = clear_gate(world.desk)

    assert (report.claimed, report.changed, report.failed) == (2, 2, 0)
    with world.session() as session:
        assert session.scalars(select(Throttle.bucket)).all() == ["test/new"]
        assert session.scalars(select(StaffSession.stage)).all() == [SessionStage.FULL]


@pytest.fixture
def few_throttles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.services.gate_upkeep.MOST_THROTTLES", 2)


def test_in_an_attack_the_oldest_counts_go_first(world: World, few_throttles: None) -> None:
    for minute in range(4):
        at = world.clock() + timedelta(minutes=minute)
        take_try(world.desk.sessions, LIMIT, str(minute), at)

    clear_gate(world.desk)

    with world.session() as session:
        kept = session.scalars(select(Throttle.bucket).order_by(Throttle.bucket)).all()
        assert kept == ["test/2", "test/3"]
