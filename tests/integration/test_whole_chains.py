"""Whatever dies and whatever is sent: the chain that is stored is whole, and holds no secret."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event
from sqlalchemy.orm import Session, sessionmaker

from app.core.ports import RawNotification
from app.core.reasons import Why
from app.services.notifications import confirm_notification
from tests.chains import problems_of_chains
from tests.contract.gateway_bench import MIDTRANS_KEY, XENDIT_KEY, XENDIT_TOKEN
from tests.integration.test_verdicts import callback, chain_of, settlement, with_body
from tests.world import World

# Nothing is stored half told.


class ProcessDiedError(BaseException):
    """Ends the use case at once, as a power cut would: no handler of ours may run."""


@contextmanager
def dying_at_commit(world: World, number: int, *, after: bool) -> Iterator[World]:
    """Yield a world whose process dies just before or just after its nth commit."""
    commits = 0

    def die(_session: Session) -> None:
        nonlocal commits
        commits += 1
        if commits == number:
            raise ProcessDiedError

    with world.desk.sessions() as session:
        bind = session.get_bind()
    dying = sessionmaker(bind, expire_on_commit=False)
    event.listen(dying, "after_commit" if after else "before_commit", die)
    with pytest.raises(ProcessDiedError):
        yield replace(world, desk=replace(world.desk, sessions=dying))


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_delivery_whose_process_dies_is_stored_whole_or_not_at_all(
    world: World, after: bool
) -> None:
    page, delivery = settlement(world)

    with dying_at_commit(world, 1, after=after) as dying:
        dying.receive(delivery)

    assert len(world.notifications()) == int(after)
    assert world.status(page) == ("paid" if after else "pending")
    with world.session() as session:
        assert problems_of_chains(session) == []
    receipt = world.receive(delivery)
    assert receipt.why is (Why.DUPLICATE if after else Why.SHOPPER_PAID)
    assert world.status(page) == "paid"


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_confirmation_whose_process_dies_leaves_the_claim_whole(
    world: World, after: bool
) -> None:
    page, delivery = callback(world)
    receipt = world.receive(delivery)
    before = chain_of(world)

    with dying_at_commit(world, 1, after=after) as dying:
        confirm_notification(dying.desk, receipt.notification_id)

    assert (chain_of(world) == before) is not after
    with world.session() as session:
        assert problems_of_chains(session) == []
    world.clock.advance(60)
    world.confirm()
    assert world.status(page) == "paid"
    assert chain_of(world)[-1].why is Why.SHOPPER_PAID


# Anything at all may be delivered.

_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=300),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=20), inner),
    max_leaves=8,
)
_WORDS = st.one_of(
    st.sampled_from(
        ["settlement", "capture", "deny", "refund", "PAID", "SETTLED", "EXPIRED", "pending", "new"]
    ),
    st.text(max_size=300),
)
_fields = st.fixed_dictionaries(
    {},
    optional={
        "transaction_status": _WORDS,
        "fraud_status": _WORDS,
        "transaction_id": _WORDS,
        "payment_type": _WORDS,
        "store": _WORDS,
        "currency": _WORDS,
        "settlement_time": _WORDS,
        "refunds": _json,
        "refund_key": _WORDS,
        "refund_amount": _WORDS,
        "va_numbers": _json,
        "bill_key": _WORDS,
        "status": _WORDS,
        "id": _WORDS,
        "paid_amount": _json,
        "payment_method": _WORDS,
        "payment_channel": _WORDS,
        "event": st.sampled_from(["refund.succeeded", "refund.failed", "other"]),
        "data": _json,
    },
)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(changes=_fields, more=_json)
def test_any_signed_message_is_stored_with_a_whole_chain(
    signed_messages: tuple[World, RawNotification, RawNotification], changes: Any, more: Any
) -> None:
    world, midtrans, xendit = signed_messages
    stored = len(world.notifications())

    for delivery in (midtrans, xendit):
        world.receive(with_body(delivery, **changes, more=more))

    assert len(world.notifications()) == stored + 2


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(body=st.binary(max_size=300) | _json.map(lambda value: json.dumps(value).encode()))
def test_any_body_is_stored_with_a_whole_chain(
    signed_messages: tuple[World, RawNotification, RawNotification], body: bytes
) -> None:
    world, midtrans, xendit = signed_messages

    for delivery in (midtrans, xendit):
        receipt = world.receive(replace(delivery, body=body))
        assert not receipt.accepted


@pytest.fixture
def signed_messages(world: World) -> tuple[World, RawNotification, RawNotification]:
    """Provide a genuine message of each gateway, about one unpaid order of each."""
    _, midtrans = settlement(world)
    _, xendit = callback(world)
    return world, midtrans, xendit


@pytest.mark.parametrize("length", [80, 81, 255, 256])
def test_a_signed_message_with_endless_names_is_stored_with_a_whole_chain(
    signed_messages: tuple[World, RawNotification, RawNotification], length: int
) -> None:
    world, midtrans, xendit = signed_messages
    names = dict.fromkeys(("transaction_id", "payment_type", "payment_method"), "n" * length)
    channel = {"payment_channel": "n" * length, "bank_code": "n" * length}

    world.receive(with_body(midtrans, **names))
    world.receive(with_body(xendit, **names, **channel))
    world.receive(with_body(xendit, id="n" * length))
    picked = [{"bank_code": "n" * length, "bank_account_number": "1"}]
    world.receive(with_body(xendit, payment_method=None, available_banks=picked))
    world.receive(with_body(midtrans, transaction_status="n" * length))

    kept = {row.verdict for row in world.notifications()}
    assert len(world.notifications()) == 5
    assert kept <= {"malformed", "claim_awaits_confirmation", "shopper_paid"}


def test_no_chain_holds_a_secret(world: World) -> None:
    _, paid = settlement(world)
    _, xendit = callback(world)
    for delivery in (paid, xendit):
        world.receive(delivery)
        with world.program.fault("*", "*", "html_502", times=2):
            world.confirm()
        world.clock.advance(60)
        world.confirm()

    written = json.dumps([row.chain for row in world.notifications()])
    secrets = (MIDTRANS_KEY, XENDIT_KEY, XENDIT_TOKEN, json.loads(paid.body)["signature_key"])
    assert [secret for secret in secrets if secret in written] == []
