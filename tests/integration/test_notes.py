"""Notes are kept once and for ever, and reach the people they mean; checks keep what came back."""

import json
import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from admin.gate.throttle import take_try
from admin.views.orders import CHECK_BY_ORDER
from app.core.errors import NotFoundError, RefusedError
from app.core.observations import Source
from app.core.reasons import Why
from app.core.silences import Silence
from app.core.states import GatewayName
from app.db.models import NoteMention, OrderNote, Staff, StatusCheck, StoredObservation
from app.services.notes import (
    NoteForm,
    add_note,
    colleagues,
    mark_seen,
    notes_of,
    unread_notes,
)
from app.services.payment_pages import PaymentPage
from app.services.status import check_status
from tests.world import World

_THREADS = 6


@pytest.fixture
def placed(world: World) -> PaymentPage:
    """Provide an order that waits for its payment."""
    return world.checkout(GatewayName.MIDTRANS)


def form(world: World, page: PaymentPage, words: str, key: str = "") -> NoteForm:
    key = key or secrets.token_hex(8)
    return NoteForm(world.order(page).id, world.staff_id("support"), words, key)


def kept(world: World) -> list[str]:
    with world.session() as session:
        return list(session.scalars(select(OrderNote.text).order_by(OrderNote.id)))


def unread(world: World, role: str) -> int:
    with world.session() as session:
        return len(session.scalars(unread_notes(world.staff_id(role))).all())


def test_a_note_is_kept_with_its_author_and_told_to_whom_it_means(
    world: World, placed: PaymentPage
) -> None:
    words = "@finance tolong cek, @Finance! @support catat. @hantu"

    report = add_note(world.desk, form(world, placed, words))

    assert (report.told, report.unknown) == (("Finance",), ("hantu",))
    with world.session() as session:
        [note] = notes_of(session, world.order(placed).id, 10)
        assert (note.text, note.staff.name) == (words, "Support")
        assert [(m.staff.name, m.read_at) for m in note.mentions] == [("Finance", None)]
    # Who writes a note has seen it.
    assert [unread(world, role) for role in ("finance", "support", "viewer")] == [1, 0, 0]


def test_a_closed_account_cannot_be_named(world: World, placed: PaymentPage) -> None:
    with world.desk.sessions.begin() as session:
        session.get_one(Staff, world.staff_id("finance")).active = False

    report = add_note(world.desk, form(world, placed, "@finance @auditor"))

    assert (report.told, report.unknown) == (("Auditor",), ("finance",))
    with world.session() as session:
        assert "finance" not in {one.handle for one in colleagues(session)}


@pytest.mark.parametrize(
    ("words", "why"),
    [(" \n\x00", Why.NOTE_EMPTY), ("x" * 2001, Why.NOTE_TOO_LONG)],
)
def test_what_is_no_note_is_refused_and_nothing_is_kept(
    world: World, placed: PaymentPage, words: str, why: Why
) -> None:
    with pytest.raises(RefusedError) as refused:
        add_note(world.desk, form(world, placed, words))

    assert refused.value.why is why
    assert kept(world) == []


def test_the_longest_note_is_kept_whole(world: World, placed: PaymentPage) -> None:
    add_note(world.desk, form(world, placed, "👍" * 2000))

    assert kept(world) == ["👍" * 2000]


def test_a_note_about_no_order_is_not_kept(world: World) -> None:
    with pytest.raises(NotFoundError):
        add_note(world.desk, NoteForm(987_654, world.staff_id("support"), "x", "k"))

    assert kept(world) == []


def test_a_form_sent_many_times_at_once_is_one_note(world: World, placed: PaymentPage) -> None:
    sent = form(world, placed, "@finance sekali saja", key="form-1")
    with ThreadPoolExecutor(_THREADS) as threads:
        reports = list(threads.map(lambda _: add_note(world.desk, sent), range(_THREADS)))

    assert kept(world) == ["@finance sekali saja"]
    assert {report.told for report in reports} == {("Finance",)}
    assert unread(world, "finance") == 1


def test_two_clicks_that_both_find_no_note_yet_keep_one(postgres_world: World) -> None:
    world = postgres_world
    sent = form(world, world.checkout(GatewayName.XENDIT), "@finance sekali", key="form-2")
    # The time is read between looking for the form and writing: both stand there at once.
    meeting, now = Barrier(2, timeout=20), world.clock()
    desk = replace(world.desk, clock=lambda: (meeting.wait(), now)[1])

    with ThreadPoolExecutor(2) as threads:
        reports = list(threads.map(lambda _: add_note(desk, sent), range(2)))

    assert kept(world) == ["@finance sekali"]
    assert len({report.note_id for report in reports}) == 1


@pytest.mark.parametrize(
    "statement", ["UPDATE order_notes SET text = 'lain'", "DELETE FROM order_notes"]
)
def test_the_database_itself_refuses_to_change_a_note(
    world: World, placed: PaymentPage, statement: str
) -> None:
    add_note(world.desk, form(world, placed, "tetap"))

    with pytest.raises(DBAPIError, match="append-only"), world.desk.sessions.begin() as session:
        session.execute(text(statement))

    assert kept(world) == ["tetap"]


def test_people_mark_only_their_own_notes_as_seen(world: World, placed: PaymentPage) -> None:
    for words in ("@finance satu @auditor", "@finance dua"):
        add_note(world.desk, form(world, placed, words))
    with world.session() as session:
        mine = session.scalars(
            select(NoteMention.id).where(NoteMention.staff_id == world.staff_id("finance"))
        ).first()

    assert mark_seen(world.desk, world.staff_id("auditor"), mention_id=mine) == 0
    assert [unread(world, role) for role in ("finance", "auditor")] == [2, 1]
    assert mark_seen(world.desk, world.staff_id("finance"), mention_id=mine) == 1
    assert mark_seen(world.desk, world.staff_id("finance")) == 1
    assert mark_seen(world.desk, world.staff_id("finance")) == 0
    assert [unread(world, role) for role in ("finance", "auditor")] == [0, 1]


# What a status check keeps.


def test_many_who_press_at_once_ask_once(world: World, placed: PaymentPage) -> None:
    now, order_id = world.clock(), world.order(placed).id

    def press(_: int) -> bool:
        return take_try(world.desk.sessions, CHECK_BY_ORDER, order_id, now)

    with ThreadPoolExecutor(_THREADS) as threads:
        answers = list(threads.map(press, range(_THREADS)))

    assert sorted(answers) == [False] * (_THREADS - 1) + [True]


def test_a_check_keeps_the_answer_as_it_came(world: World, placed: PaymentPage) -> None:
    world.pay(placed, "gopay")

    report = check_status(world.desk, world.order(placed).id, source=Source.STATUS_CHECK)

    with world.session() as session:
        query = select(StoredObservation.document).where(
            StoredObservation.status_check_id.in_(report.check_ids)
        )
        [document] = session.scalars(query).all()
    assert json.loads(document or "")["order_id"] == world.attempt(placed).reference


def test_a_silent_gateway_is_kept_with_its_kind_and_changes_nothing(
    world: World, placed: PaymentPage
) -> None:
    world.program.control("PUT", "faults", {"rules": [{"effect": "html_502"}]})

    report = check_status(world.desk, world.order(placed).id, source=Source.STATUS_CHECK)

    assert report.error is not None
    assert world.status(placed) == "pending"
    with world.session() as session:
        [check] = session.scalars(select(StatusCheck).where(StatusCheck.id.in_(report.check_ids)))
        assert (check.silence, check.after) == (Silence.UNREADABLE, check.before)
