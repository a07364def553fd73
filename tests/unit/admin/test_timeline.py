"""The story of an order: what changed it, what did not, in order."""

from datetime import timedelta

from admin.timeline import tell_story
from app.core.observations import Evidence, Seen, Source
from app.core.states import GatewayName, PaymentStatus, RefundRoute
from app.db.models import Actor, OrderEvent, Staff, StatusCheck, StoredObservation
from tests.unit.admin.moments import NOW

PENDING, PAID = PaymentStatus.PENDING, PaymentStatus.PAID


def event(minute: int, why: str, **more: object) -> OrderEvent:
    values = {"actor": Actor.GATEWAY, "before": None, "after": None, "details": {}, "staff": None}
    return OrderEvent(at=NOW + timedelta(minutes=minute), why=why, **{**values, **more})


def heard(minute: int, why: str, **more: object) -> StoredObservation:
    values = {
        "source": Source.JOB,
        "gateway": GatewayName.MIDTRANS,
        "reference": "LN-1-1",
        "seen": Seen.PENDING,
        "raw_status": "pending",
        "evidence": Evidence.CONFIRMED,
        "before": PENDING,
        "after": PENDING,
    }
    at = NOW + timedelta(minutes=minute)
    return StoredObservation(recorded_at=at, why=why, **{**values, **more})


def test_the_newest_comes_first_and_non_changes_stand_among_the_changes() -> None:
    events = [
        event(0, "order_placed", actor=Actor.SHOPPER),
        event(5, "shopper_paid", before=PENDING, after=PAID),
    ]

    story = tell_story(events, [heard(3, "still_waiting")], [])

    assert [(line.why, line.changed) for line in story] == [
        ("shopper_paid", True),
        ("still_waiting", False),
        ("order_placed", True),
    ]
    assert (story[0].before, story[0].after) == (PENDING, PAID)


def test_an_observation_that_became_an_event_is_told_once() -> None:
    events = [event(5, "shopper_paid", before=PENDING, after=PAID), event(7, "paid_twice")]
    observations = [
        heard(5, "shopper_paid", before=PENDING, after=PAID),
        heard(7, "paid_twice", before=PAID, after=PAID),
    ]

    story = tell_story(events, observations, [])

    assert [line.why for line in story] == ["paid_twice", "shopper_paid"]


def test_what_the_schedule_heard_again_and_again_is_one_line() -> None:
    polls = [heard(minute, "still_waiting") for minute in range(1, 8)]

    [line] = tell_story([], polls, [])

    assert (line.times, line.at, line.until) == (7, polls[0].recorded_at, polls[-1].recorded_at)


def test_a_change_in_between_parts_what_was_heard() -> None:
    polls = [heard(1, "still_waiting"), heard(2, "still_waiting"), heard(9, "still_waiting")]

    story = tell_story([event(5, "new_attempt")], polls, [])

    assert [(line.why, line.times) for line in story] == [
        ("still_waiting", 1),
        ("new_attempt", 1),
        ("still_waiting", 2),
    ]


def test_a_persons_check_carries_their_name_and_is_never_folded() -> None:
    check = StatusCheck(id=7, staff=Staff(name="Sari"))
    asked = [
        heard(minute, "still_waiting", source=Source.STATUS_CHECK, status_check_id=7)
        for minute in (1, 2)
    ]

    story = tell_story([], asked, [check])

    assert [(line.person, line.times) for line in story] == [("Sari", 1), ("Sari", 1)]


def test_stored_details_get_their_own_words_and_empty_ones_are_dropped() -> None:
    details = {"route": "manual", "state": "new-state", "note": "", "reason": None, "amount_idr": 5}

    [line] = tell_story([event(0, "refund_requested", details=details)], [], [])

    assert line.details == (
        ("route", RefundRoute.MANUAL),
        ("state", "new-state"),
        ("amount_idr", 5),
    )
