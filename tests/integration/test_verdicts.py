"""Whatever is delivered, and whatever becomes of it: the whole way is stored with it."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.core.observations import Evidence, Seen, Source
from app.core.ports import RawNotification
from app.core.reasons import Why
from app.core.states import Attention, GatewayName, PaymentStatus
from app.core.verdict_records import load_chain
from app.core.verdicts import (
    MOST_LINKS,
    Asked,
    Authenticity,
    Checked,
    Concluded,
    Judged,
    LeftOut,
    Matched,
    Proof,
    Read,
    Received,
    Repeats,
)
from app.db.models import StatusCheck
from app.gateways.midtrans_signature import signature
from app.services.notifications import confirm_notification
from app.services.payment_pages import PaymentPage
from app.services.status import check_status
from tests.contract.gateway_bench import MIDTRANS_KEY, XENDIT_TOKEN
from tests.world import World

_S = PaymentStatus
CLAIMED = Judged(
    "claim_awaits_confirmation",
    Why.CLAIM_AWAITS_CONFIRMATION,
    _S.PENDING,
    _S.PENDING,
    Evidence.CLAIMS,
    Evidence.CONFIRMED,
    asks=True,
)


def chain_of(world: World, number: int = -1) -> tuple[Any, ...]:
    return load_chain(world.notifications()[number].chain)


def check_chains(world: World) -> list[tuple[Any, ...]]:
    with world.session() as session:
        rows = session.scalars(select(StatusCheck).order_by(StatusCheck.id))
        return [load_chain(row.chain) for row in rows]


def settlement(world: World) -> tuple[PaymentPage, RawNotification]:
    page = world.checkout(GatewayName.MIDTRANS)
    world.pay(page, "gopay")
    return page, world.sent(page)[-1]


def callback(world: World) -> tuple[PaymentPage, RawNotification]:
    page = world.checkout(GatewayName.XENDIT)
    world.pay(page, "DANA")
    return page, world.sent(page)[-1]


def with_body(delivery: RawNotification, **changes: object) -> RawNotification:
    return replace(delivery, body=json.dumps(json.loads(delivery.body) | changes).encode())


# Notifications that are believed.


def test_a_proved_payment_is_told_up_to_its_confirmation(world: World) -> None:
    page, delivery = settlement(world)
    reference = world.attempt(page).reference

    world.receive(delivery)

    size = len(delivery.body)
    transaction_id = json.loads(delivery.body)["transaction_id"]
    said = Read(Seen.PAID, "settlement", transaction_id)
    applied = Judged(
        "pending>paid",
        Why.SHOPPER_PAID,
        _S.PENDING,
        _S.PAID,
        Evidence.PROVES,
        Evidence.PROVES,
        asks=True,
    )
    told = (
        Received(size, size),
        Checked(Authenticity.YES, Proof.SIGNATURE),
        said,
        Matched(reference, 1),
        applied,
    )
    assert chain_of(world) == told

    world.confirm()

    asked, answer, judged, end = chain_of(world)[5:]
    assert chain_of(world)[:5] == told
    assert isinstance(asked, Asked)
    assert (asked.answers, answer) == (1, said)
    assert judged == Judged(
        "already_known", Why.ALREADY_KNOWN, _S.PAID, _S.PAID, Evidence.CONFIRMED
    )
    assert end == Concluded(asked.at, Why.SHOPPER_PAID)


def test_a_claim_is_told_with_every_question_and_every_answer(world: World) -> None:
    page, delivery = callback(world)
    world.receive(delivery)
    for _ in range(2):
        with world.program.fault("xendit.invoice.list", "*", "html_502", times=1):
            world.confirm()
        world.clock.advance(30)

    world.confirm()

    chain = chain_of(world)
    assert chain[1] == Checked(Authenticity.YES, Proof.TOKEN)
    assert chain[4] == CLAIMED
    first, second, answered = (link for link in chain if isinstance(link, Asked))
    assert first.error is not None
    assert (first.error, first.answers, answered.error) == (second.error, 0, None)
    assert timedelta(seconds=30) <= second.at - first.at < timedelta(seconds=60)
    assert chain[-2] == Judged(
        "pending>paid",
        Why.SHOPPER_PAID,
        _S.PENDING,
        _S.PAID,
        Evidence.CONFIRMED,
        Evidence.PROVES,
    )
    assert chain[-1] == Concluded(answered.at, Why.SHOPPER_PAID)
    assert world.status(page) == "paid"


# Notifications that change nothing.


def test_a_duplicate_names_the_first_of_its_kind(world: World) -> None:
    page, delivery = settlement(world)
    world.receive(delivery)
    first = world.notifications()[0]
    for _ in range(2):
        world.receive(delivery)

    assert [chain_of(world, number)[-1] for number in (1, 2)] == [Repeats(first.id)] * 2
    assert world.notifications()[2].verdict == "duplicate"
    assert world.status(page) == "paid"


def test_a_message_about_an_unknown_order_names_what_it_asked_for(world: World) -> None:
    _, delivery = settlement(world)
    body = json.loads(delivery.body)
    parts = ("LN-0000000000-9", body["status_code"], body["gross_amount"])
    signed = with_body(delivery, order_id=parts[0], signature_key=signature(*parts, MIDTRANS_KEY))

    world.receive(signed)

    assert chain_of(world)[-1] == Matched("LN-0000000000-9", why=Why.UNKNOWN_ORDER)


@pytest.mark.parametrize("gateway", list(GatewayName))
def test_a_test_message_is_told_as_such(world: World, gateway: GatewayName) -> None:
    before = len(world.program.inbox.about("_test_", "579c8d61"))
    world.program.control("POST", "deliveries/test", {"gateway": gateway.value})
    world.program.control("POST", "flush")
    delivery = world.program.inbox.about("_test_", "579c8d61")[before]

    world.receive(replace(delivery, received_at=world.clock()))

    last = chain_of(world)[-1]
    assert isinstance(last, Matched)
    assert (last.try_number, last.why) == (None, Why.TEST_MESSAGE)


@pytest.mark.parametrize("change", [{"gross_amount": "1.00"}, {"signature_key": "0" * 128}])
def test_a_forged_message_ends_at_its_proof(world: World, change: dict[str, str]) -> None:
    page, delivery = settlement(world)
    forged = with_body(delivery, **change)

    world.receive(forged)

    size = len(forged.body)
    assert chain_of(world) == (
        Received(size, size),
        Checked(Authenticity.NO, Proof.SIGNATURE, Why.BAD_SIGNATURE),
    )
    assert world.status(page) == "pending"


def test_a_body_that_is_no_json_hides_a_signature_but_not_a_token(world: World) -> None:
    now = world.clock()
    midtrans = RawNotification({}, b"{", now)
    xendit = RawNotification({"x-callback-token": XENDIT_TOKEN}, b"{", now)

    world.receive(midtrans)
    world.receive(xendit)

    unreadable = Read(why=Why.MALFORMED)
    assert [chain_of(world, number)[1:] for number in (0, 1)] == [
        (Checked(Authenticity.CANNOT_TELL, Proof.SIGNATURE), unreadable),
        (Checked(Authenticity.YES, Proof.TOKEN), unreadable),
    ]


def test_a_huge_body_is_not_read_and_kept_in_part(world: World) -> None:
    world.receive(RawNotification({}, b"{" * 70_000, world.clock()))

    assert chain_of(world) == (Received(70_000, 4096, Why.TOO_LARGE),)


def test_a_gateway_that_is_not_set_up_cannot_vouch_for_a_message(world: World) -> None:
    only_midtrans = {GatewayName.MIDTRANS: world.desk.gateways[GatewayName.MIDTRANS]}
    world.desk = replace(world.desk, gateways=only_midtrans)

    world.receive(RawNotification({"x-callback-token": XENDIT_TOKEN}, b"{}", world.clock()))

    assert chain_of(world) == (
        Received(2, 2),
        Checked(Authenticity.CANNOT_TELL, why=Why.GATEWAY_NOT_CONFIGURED),
    )


def test_a_late_message_is_told_as_stale_by_the_answer_to_our_question(world: World) -> None:
    page = world.checkout(GatewayName.MIDTRANS)
    world.pay(page, "gopay")
    pending, paid = world.sent(page)
    world.receive(paid)
    world.confirm()
    world.receive(pending)

    world.confirm()

    chain = chain_of(world)
    assert (chain[2].seen, chain[4].why) == (Seen.PENDING, Why.CLAIM_AWAITS_CONFIRMATION)
    assert chain[-1].why is Why.CLAIM_CONFIRMED
    assert [link.after for link in chain if isinstance(link, Judged)] == [_S.PAID, _S.PAID]


# Claims that nobody confirms.


def test_a_signed_payment_that_the_gateway_denies_is_shown_to_a_person(world: World) -> None:
    page, delivery = settlement(world)
    other = world.checkout(GatewayName.MIDTRANS)
    body = json.loads(delivery.body)
    reference = world.attempt(other).reference
    parts = (reference, body["status_code"], body["gross_amount"])
    forged = with_body(delivery, order_id=reference, signature_key=signature(*parts, MIDTRANS_KEY))

    world.receive(forged)
    for _ in range(6):
        world.clock.advance(700)
        world.confirm()

    chain = chain_of(world)
    assert chain[-1] == Concluded(chain[-1].at, Why.CLAIM_NOT_CONFIRMED, Attention.DRIFT)
    assert sum(isinstance(link, Asked) for link in chain) == 5
    assert world.order(other).attention == "drift"
    assert world.status(page) == "pending"


def test_a_claim_that_a_gateway_leaves_unanswered_for_weeks_keeps_a_short_chain(
    world: World,
) -> None:
    _, delivery = callback(world)
    world.receive(delivery)
    with world.program.fault("xendit.invoice.list", "*", "html_502", times=100):
        for _ in range(45):
            world.clock.advance(700)
            world.confirm()

    chain = chain_of(world)
    (left_out,) = (link for link in chain if isinstance(link, LeftOut))
    asked = [link for link in chain if isinstance(link, Asked)]
    assert len(chain) == MOST_LINKS
    assert left_out.links + len(asked) == 45
    assert world.notifications()[-1].tries == 45

    world.clock.advance(700)
    world.confirm()

    assert chain_of(world)[-1].why is Why.SHOPPER_PAID
    assert len(chain_of(world)) == MOST_LINKS


def test_a_claim_that_another_process_has_closed_is_not_written_to(world: World) -> None:
    page, delivery = callback(world)
    receipt = world.receive(delivery)
    world.confirm()
    closed = world.notifications()[-1]

    assert confirm_notification(world.desk, receipt.notification_id) is False
    with world.program.fault("xendit.invoice.list", "*", "html_502", times=1):
        assert confirm_notification(world.desk, receipt.notification_id) is False

    after = world.notifications()[-1]
    assert (after.state, after.due_at, after.tries) == (closed.state, None, closed.tries)
    assert after.chain == closed.chain
    assert world.status(page) == "paid"


# Status checks.


@pytest.mark.parametrize("gateway", list(GatewayName))
def test_a_status_check_tells_what_it_asked_about_and_what_came_of_it(
    world: World, gateway: GatewayName
) -> None:
    page = world.checkout(gateway)
    world.pay(page, {"midtrans": "gopay", "xendit": "DANA"}[gateway])

    check_status(world.desk, world.order(page).id, source=Source.STATUS_CHECK)

    ((matched, asked, read, judged),) = check_chains(world)
    assert matched == Matched(world.attempt(page).reference, 1)
    assert (asked.answers, asked.error, read.seen) == (1, None, Seen.PAID)
    assert judged.rule == "pending>paid"
    assert (judged.needed, judged.given) == (Evidence.PROVES, Evidence.CONFIRMED)


def test_a_status_check_without_an_answer_says_so(world: World) -> None:
    page = world.checkout(GatewayName.MIDTRANS)
    with world.program.fault("midtrans.status", "*", "html_502", times=1):
        check_status(world.desk, world.order(page).id, source=Source.STATUS_CHECK)

    ((matched, asked),) = check_chains(world)
    assert isinstance(matched, Matched)
    assert (asked.answers, bool(asked.error)) == (0, True)


def test_a_status_check_about_several_transactions_tells_of_each(world: World) -> None:
    page = world.checkout(GatewayName.MIDTRANS)
    world.act(page, "challenge", "credit_card")
    world.deliver_all(page)
    world.confirm()
    world.pay(page, "gopay")

    check_status(world.desk, world.order(page).id, source=Source.STATUS_CHECK)

    *_, chain = check_chains(world)
    asked = chain[1]
    assert asked.answers == 2
    assert {link.seen for link in chain if isinstance(link, Read)} == {Seen.PAID, Seen.IN_REVIEW}
