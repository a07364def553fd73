import random
from dataclasses import replace
from datetime import timedelta
from functools import reduce
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.facts import (
    MONEY_SEEN,
    RANK,
    WAITING,
    AttemptFact,
    OrderFacts,
    TransactionFact,
    is_closed,
    merge_transaction,
    of_attempt,
    page_is_over,
    put_attempt,
    put_transaction,
)
from app.core.observations import Evidence, Observation, Seen
from tests.unit.core import anything
from tests.unit.core.lives import invoice_life, midtrans_life
from tests.unit.core.orders import (
    FIRST,
    LIFETIME,
    MIDTRANS,
    PLACED,
    SECOND,
    TOTAL,
    XENDIT,
    attempt,
    observed,
    order,
    signed,
    transaction,
)

_UNPAID_ENDS = (Seen.NOTHING, Seen.DENIED, Seen.FAILED, Seen.EXPIRED, Seen.CANCELLED)
_LIFE = st.one_of(midtrans_life(FIRST, "t-1"), invoice_life(FIRST))
_laws = settings(deadline=None, max_examples=80)


def _told(observations: tuple[Observation, ...]) -> TransactionFact | None:
    nothing: TransactionFact | None = None
    return reduce(lambda t, o: merge_transaction(t, o, Evidence.CONFIRMED), observations, nothing)


def _merged(known: TransactionFact, observation: Observation) -> TransactionFact:
    merged = merge_transaction(known, observation, Evidence.CONFIRMED)
    assert merged is not None
    return merged


@_laws
@given(_LIFE, st.randoms(use_true_random=False))
def test_a_transaction_is_the_same_in_whatever_order_it_was_told(
    life: list[Observation], source: random.Random
):
    jumbled = tuple(source.sample(life, len(life)))

    straight = _told(tuple(life))

    assert straight is not None
    told = _told(jumbled)
    assert told is not None
    # Which bank was picked on an invoice matters to nobody once it is paid another way, and
    # never while it is unpaid: only the method of a payment is a fact.
    if straight.ever_paid:
        assert told == straight
    else:
        assert replace(told, method=None) == replace(straight, method=None)


@_laws
@given(_LIFE)
def test_hearing_a_whole_life_twice_changes_nothing(life: list[Observation]):
    once = _told(tuple(life))

    twice = _told((*life, *life))

    assert twice == once


def test_the_settlement_time_of_a_card_does_not_depend_on_what_was_heard_first():
    captured = replace(observed(Seen.CAPTURED), paid_at=PLACED + timedelta(hours=1))
    settled = replace(observed(Seen.PAID), paid_at=PLACED + timedelta(hours=20))
    refunded = replace(observed(Seen.REFUNDED), paid_at=None)

    told = {_told(telling) for telling in permutations((captured, settled, refunded))}

    assert [t.paid_at for t in told if t] == [PLACED + timedelta(hours=20)]
    assert [t.stage for t in told if t] == [Seen.REFUNDED]


def test_a_slow_answer_about_a_picked_bank_does_not_rename_the_method_that_paid():
    paid = replace(observed(Seen.PAID, gateway=XENDIT), method="ovo")
    picked = replace(
        observed(Seen.PENDING, gateway=XENDIT, after=timedelta(hours=3)), method="bca_va"
    )

    told = {_told(telling) for telling in permutations((picked, paid))}

    assert [t.method for t in told if t] == ["ovo"]


def test_a_newer_pick_of_a_bank_replaces_an_older_one():
    first = replace(observed(Seen.PENDING, after=timedelta(hours=1)), method="bca_va")
    second = replace(observed(Seen.PENDING, after=timedelta(hours=2)), method="alfamart")

    told = {_told(telling) for telling in permutations((first, second))}

    assert [t.method for t in told if t] == ["alfamart"]


def test_an_observation_of_no_transaction_leaves_what_is_known():
    known = transaction(Seen.PENDING, ever_paid=False)

    assert merge_transaction(known, observed(Seen.NOTHING), Evidence.CONFIRMED) is known
    assert merge_transaction(None, observed(Seen.NOTHING), Evidence.CONFIRMED) is None
    unknown_status = observed(Seen.UNRECOGNISED)
    assert merge_transaction(known, unknown_status, Evidence.CONFIRMED) is known


def test_a_transaction_heard_of_for_the_first_time_is_what_was_said():
    paid_at = PLACED + timedelta(hours=1)
    said = replace(observed(Seen.PAID), paid_at=paid_at)

    assert merge_transaction(None, said, Evidence.CONFIRMED) == TransactionFact(
        gateway_transaction_id="t-1",
        reference=FIRST,
        stage=Seen.PAID,
        amount_idr=TOTAL,
        ever_paid=True,
        confirmed=True,
        as_of=PLACED + timedelta(hours=2),
        method="gopay",
        paid_at=paid_at,
    )


@pytest.mark.parametrize("seen", sorted(RANK))
def test_only_stages_that_hold_money_mark_a_transaction_as_once_paid(seen: Seen):
    heard = merge_transaction(None, observed(seen), Evidence.CONFIRMED)

    assert heard is not None
    assert heard.ever_paid is (seen in MONEY_SEEN)


def test_once_paid_and_once_confirmed_stay_so():
    known = transaction(Seen.PAID)
    denied = observed(Seen.DENIED)

    merged = merge_transaction(known, denied, Evidence.PROVES)

    assert merged is not None
    assert (merged.stage, merged.ever_paid, merged.confirmed) == (Seen.DENIED, True, True)


def test_a_payment_that_was_only_proved_is_confirmed_by_no_answer_from_before_it():
    waiting, proof = observed(Seen.PENDING), signed(Seen.PAID)

    known = merge_transaction(None, waiting, Evidence.CONFIRMED)
    for observation, evidence, stage, confirmed in [
        (proof, Evidence.PROVES, Seen.CAPTURED, False),
        (waiting, Evidence.CONFIRMED, Seen.CAPTURED, False),
        (observed(Seen.PAID), Evidence.CONFIRMED, Seen.PAID, True),
        (proof, Evidence.PROVES, Seen.PAID, True),
    ]:
        known = merge_transaction(known, observation, evidence)
        assert known is not None
        assert (known.stage, known.confirmed) == (stage, confirmed)


def test_the_time_of_payment_is_the_gateways_and_not_a_messages():
    in_a_message = replace(signed(Seen.PAID), paid_at=PLACED + timedelta(days=900))
    answered = replace(observed(Seen.PAID), paid_at=PLACED + timedelta(hours=1))

    told = merge_transaction(None, in_a_message, Evidence.PROVES)
    confirmed = merge_transaction(told, answered, Evidence.CONFIRMED)
    repeated = merge_transaction(confirmed, in_a_message, Evidence.PROVES)

    assert told is not None
    assert told.paid_at == in_a_message.paid_at
    assert confirmed is not None
    assert confirmed.paid_at == answered.paid_at
    assert repeated == confirmed


def test_the_gateways_answer_beats_what_a_message_said_of_the_method():
    claimed = replace(observed(Seen.PAID), method="bca_va")
    unconfirmed = merge_transaction(None, claimed, Evidence.PROVES)

    answered = replace(observed(Seen.PAID), method="qris")
    merged = merge_transaction(unconfirmed, answered, Evidence.CONFIRMED)

    assert merged is not None
    assert (merged.method, merged.confirmed) == ("qris", True)


def test_a_message_does_not_rename_a_confirmed_method():
    known = replace(transaction(Seen.PENDING, ever_paid=False), method="qris")
    proof = replace(observed(Seen.PAID), method="bca_va")

    merged = merge_transaction(known, proof, Evidence.PROVES)

    assert merged is not None
    assert (merged.method, merged.stage) == ("qris", Seen.CAPTURED)


@pytest.mark.parametrize(("lower", "higher"), [
    (Seen.PENDING, Seen.PAID),
    (Seen.EXPIRED, Seen.PAID),
    (Seen.CAPTURED, Seen.CANCELLED),
    (Seen.CANCELLED, Seen.PAID),
    (Seen.PAID, Seen.DENIED),
    (Seen.IN_REVIEW, Seen.CAPTURED),
    (Seen.IN_REVIEW, Seen.DENIED),
    (Seen.PAID, Seen.PARTIALLY_REFUNDED),
    (Seen.PARTIALLY_REFUNDED, Seen.REFUNDED),
    (Seen.REFUNDED, Seen.CHARGED_BACK),
    (Seen.PARTIALLY_CHARGED_BACK, Seen.CHARGED_BACK),
])  # fmt: skip
def test_the_later_stage_of_a_life_wins_whichever_is_heard_last(lower: Seen, higher: Seen):
    assert _merged(transaction(lower), observed(higher)).stage is higher
    assert _merged(transaction(higher), observed(lower)).stage is higher


def test_a_transaction_is_put_beside_the_others_and_replaces_itself():
    facts = order(
        transaction(Seen.PENDING, ever_paid=False), transaction(gateway_transaction_id="t-2")
    )
    paid = transaction()

    put = put_transaction(facts, paid)

    assert sorted(t.gateway_transaction_id for t in put.transactions) == ["t-1", "t-2"]
    assert put.transaction("t-1") == paid
    assert put.transaction("t-2") == facts.transaction("t-2")
    assert put.transaction("t-9") is None


def test_an_attempt_keeps_its_place_when_it_is_replaced():
    facts = order(attempts=(attempt(FIRST), attempt(SECOND)))
    dead = replace(attempt(FIRST), dead=True)

    put = put_attempt(facts, dead)

    assert put.attempts == (dead, attempt(SECOND))
    assert put.attempt(FIRST) == dead
    assert put.attempt("LN-0000000000-1") is None


def test_transactions_belong_to_the_attempt_that_they_name():
    mine, other = transaction(), transaction(gateway_transaction_id="t-2", reference=SECOND)

    assert of_attempt(order(mine, other), FIRST) == (mine,)
    assert of_attempt(order(mine, other), SECOND) == (other,)


@pytest.mark.parametrize("seen", _UNPAID_ENDS)
def test_a_midtrans_page_is_over_a_minute_after_its_deadline_and_not_before(seen: Seen):
    grace = LIFETIME + timedelta(seconds=60)

    assert page_is_over(attempt(), observed(seen, after=grace)) is True
    assert page_is_over(attempt(), observed(seen, after=grace - timedelta(seconds=1))) is False


@pytest.mark.parametrize("seen", sorted(set(Seen) - set(_UNPAID_ENDS)))
def test_a_page_that_still_has_a_payment_is_not_over_at_any_age(seen: Seen):
    late = observed(seen, after=LIFETIME + timedelta(days=2))

    assert page_is_over(attempt(), late) is False


def test_a_xendit_invoice_is_over_as_soon_as_it_is_called_expired():
    early = timedelta(minutes=5)
    invoice = attempt(gateway=XENDIT)

    assert page_is_over(invoice, observed(Seen.EXPIRED, after=early, gateway=XENDIT)) is True
    assert page_is_over(invoice, observed(Seen.NOTHING, after=early, gateway=XENDIT)) is False
    assert page_is_over(attempt(), observed(Seen.EXPIRED, after=early, gateway=MIDTRANS)) is False


@pytest.mark.parametrize("stage", sorted(WAITING))
def test_a_waiting_transaction_keeps_even_a_dead_page_open(stage: Seen):
    dead = replace(attempt(), dead=True)
    facts = order(transaction(stage, ever_paid=False), attempts=(dead,))

    assert is_closed(facts, dead) is False


@pytest.mark.parametrize(
    ("changes", "closed"),
    [({}, False), ({"dead": True}, True), ({"rejected": True}, True)],
)
def test_a_page_without_transactions_is_closed_when_dead_or_never_opened(
    changes: dict[str, bool], *, closed: bool
):
    subject: AttemptFact = replace(attempt(), **changes)

    assert is_closed(order(attempts=(subject,)), subject) is closed


@pytest.mark.parametrize(
    ("stage", "method", "ever_paid", "closed"),
    [
        (Seen.EXPIRED, "bca_va", False, True),
        (Seen.EXPIRED, "credit_card", False, False),
        (Seen.CANCELLED, "credit_card", False, True),
        (Seen.DENIED, "credit_card", False, False),
        (Seen.FAILED, "gopay", False, False),
        (Seen.DENIED, "permata_va", True, True),
    ],
)
def test_the_end_of_a_transaction_ends_its_page_only_where_no_other_try_is_possible(
    stage: Seen, method: str, *, ever_paid: bool, closed: bool
):
    ended = replace(transaction(stage, ever_paid=ever_paid), method=method)

    assert is_closed(order(ended), attempt()) is closed


@_laws
@given(anything.orders(), anything.transactions())
def test_putting_a_transaction_twice_is_putting_it_once(facts: OrderFacts, fact: TransactionFact):
    once = put_transaction(facts, fact)

    assert put_transaction(once, fact) == once
