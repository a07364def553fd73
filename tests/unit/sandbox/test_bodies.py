import hashlib
from datetime import UTC, datetime

from sandbox.clock import VirtualClock, iso_millis, iso_nanos, wib_text
from sandbox.ids import Ids
from sandbox.midtrans.bodies import signature
from sandbox.records import dump_record, load_record
from sandbox.timers import Timers
from sandbox.xendit.records import Invoice

MOMENT = datetime(2020, 1, 9, 11, 27, 19, 420_645, tzinfo=UTC)


def test_times_are_written_as_each_provider_writes_them() -> None:
    assert wib_text(MOMENT) == "2020-01-09 18:27:19"
    assert iso_millis(MOMENT) == "2020-01-09T11:27:19.420Z"
    assert iso_nanos(MOMENT) == "2020-01-09T11:27:19.420645000Z"


def test_the_signature_is_plain_concatenation() -> None:
    expected = hashlib.sha512(b"ORDER-sandbox-0001200150000.00SB-Mid-server-test").hexdigest()

    assert signature("ORDER-sandbox-0001", "200", "150000.00", "SB-Mid-server-test") == expected
    # The published fixture of that order and key begins like this.
    assert expected.startswith("d65b4adf15335095")


def test_a_record_comes_back_as_it_was() -> None:
    invoice = Invoice(
        id="i",
        external_id="Pesanan №1",
        amount=1,
        status="PAID",
        created_at=MOMENT,
        updated_at=MOMENT,
        expires_at=MOMENT,
        request={"items": [{"name": "Kopi", "price": 1.5}], "note_at": "2020-01-01"},
        channel_codes=["BCA"],
        numbers={"BCA": "1"},
        paid_at=MOMENT,
    )

    assert load_record(Invoice, dump_record(invoice)) == invoice


def test_timers_run_in_order_of_time_and_then_of_arrival() -> None:
    timers, seen = Timers(), list[str]()
    later = MOMENT.replace(year=2021)
    timers.plan(later, lambda _: seen.append("later"))
    timers.plan(MOMENT, lambda _: seen.append("first"))
    timers.plan(MOMENT, lambda _: seen.append("second"))

    while planned := timers.pop_due(MOMENT):
        planned[1](planned[0])

    assert seen == ["first", "second"]
    assert timers.next_due() == later


def test_a_still_clock_moves_only_forward_and_only_when_told() -> None:
    clock = VirtualClock(still_at=MOMENT)

    clock.advance(60.5)
    clock.advance(-30)

    assert (clock.now() - MOMENT).total_seconds() == 60.5
    assert clock.offset_s == 60.5


def test_ids_have_their_shapes_and_repeat_with_their_seed() -> None:
    first, second = Ids("1"), Ids("1")

    assert [first.uuid(), first.digits(15), first.hex(24)] == [
        second.uuid(),
        second.digits(15),
        second.hex(24),
    ]
    assert first.uuid()[14] == "4"
    assert len(first.digits(6)) == 6
