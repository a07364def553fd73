"""The story of an order: what changed it, what did not, in order."""

from datetime import timedelta

from admin.order.timeline import Line, in_passages, quiet_line, tell_story
from app.core.observations import Source
from app.core.states import PaymentStatus, RefundRoute
from app.db.models import Actor, OrderEvent
from tests.unit.admin.moments import NOW

PENDING, PAID = PaymentStatus.PENDING, PaymentStatus.PAID


def event(minute: int, why: str, **more: object) -> OrderEvent:
    values = {"actor": Actor.GATEWAY, "before": None, "after": None, "details": {}, "staff": None}
    values["seq"] = minute
    return OrderEvent(at=NOW + timedelta(minutes=minute), why=why, **{**values, **more})


def heard(minute: int, why: str, who: Source = Source.JOB) -> Line:
    return quiet_line(f"heard-{minute}", who, why, NOW + timedelta(minutes=minute), {})


def test_the_newest_comes_first_and_non_changes_stand_among_the_changes() -> None:
    events = [
        event(0, "order_placed", actor=Actor.SHOPPER),
        event(5, "shopper_paid", before=PENDING, after=PAID),
    ]

    story = tell_story(events, [heard(3, "still_waiting")])

    assert [(line.why, line.changed) for line in story] == [
        ("shopper_paid", True),
        ("still_waiting", False),
        ("order_placed", True),
    ]
    assert (story[0].before, story[0].after) == (PENDING, PAID)


def test_what_the_schedule_heard_again_and_again_is_one_line() -> None:
    polls = [heard(minute, "still_waiting") for minute in range(1, 8)]

    [line] = tell_story([], polls)

    assert (line.times, line.at, line.until) == (7, polls[0].at, polls[-1].at)


def test_a_change_in_between_parts_what_was_heard() -> None:
    polls = [heard(1, "still_waiting"), heard(2, "still_waiting"), heard(9, "still_waiting")]

    story = tell_story([event(5, "new_attempt")], polls)

    assert [(line.why, line.times) for line in story] == [
        ("still_waiting", 1),
        ("new_attempt", 1),
        ("still_waiting", 2),
    ]


def test_a_persons_checks_are_never_folded_into_one_line() -> None:
    asked = [heard(minute, "still_waiting", Source.STATUS_CHECK) for minute in (1, 2)]

    story = tell_story([], asked)

    assert [line.times for line in story] == [1, 1]


def test_what_changed_nothing_is_drawn_together_in_passages() -> None:
    polls = [heard(minute, "still_waiting") for minute in (1, 2, 3)]
    events = [event(0, "order_placed"), event(5, "shopper_paid"), event(6, "refund_requested")]

    passages = in_passages(tell_story(events, [*polls, heard(4, "stale")]))

    assert [(part.changed, len(part.lines), part.times) for part in passages] == [
        (True, 2, 2),
        (False, 2, 4),
        (True, 1, 1),
    ]


def test_a_passage_keeps_its_name_when_something_newer_joins_it() -> None:
    [before] = in_passages(tell_story([], [heard(1, "still_waiting")]))
    [after] = in_passages(tell_story([], [heard(1, "still_waiting"), heard(2, "stale")]))

    assert before.key == after.key


def test_stored_details_get_their_own_words_and_empty_ones_are_dropped() -> None:
    details = {"route": "manual", "state": "new-state", "note": "", "reason": None, "amount_idr": 5}

    [line] = tell_story([event(0, "refund_requested", details=details)], [])

    assert line.details == (
        ("route", RefundRoute.MANUAL),
        ("state", "new-state"),
        ("amount_idr", 5),
    )
