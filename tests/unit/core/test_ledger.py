"""The books of an order, posting by posting."""

from dataclasses import replace

import pytest

from app.core.facts import OrderFacts, RefundFact, TransactionFact, put_transaction
from app.core.hearing import hear
from app.core.ledger import LEGS, PostingKind, books_after, books_of, post, sum_up
from app.core.money import Rupiah
from app.core.observations import Seen
from app.core.states import RefundRoute, RefundState
from tests.unit.core.orders import (
    SECOND,
    TOTAL,
    attempt,
    observed,
    order,
    refund,
    transaction,
    waiting,
)

PAYMENT = "payment:LN-7Q2M4XK9TB-1:t-1"
_K = PostingKind
_R = RefundState
Told = tuple[PostingKind, str, int]


def steps(*lives: OrderFacts) -> list[Told]:
    """Return what is posted while an order goes from nothing through these facts, told short."""
    return [(p.kind, p.subject, p.amount_idr) for part in posted(*lives) for p in part]


def posted(*lives: OrderFacts):
    books = books_of(order())
    for facts in lives:
        after = books_of(facts)
        yield post(books, after)
        books = after


def paid(*refunds: RefundFact, stage: Seen = Seen.PAID) -> OrderFacts:
    return order(transaction(stage), refunds=refunds)


def by_hand(state: RefundState, amount_idr: int = 50_000) -> RefundFact:
    return replace(refund(amount_idr, state), route=RefundRoute.MANUAL)


def test_an_order_that_waits_has_no_postings():
    assert steps(order(waiting())) == []


def test_a_payment_is_captured_once():
    assert steps(order(waiting()), paid(), paid()) == [(_K.CAPTURE, PAYMENT, TOTAL)]


def test_a_card_that_settles_after_its_capture_is_captured_once():
    assert steps(paid(stage=Seen.CAPTURED), paid()) == [(_K.CAPTURE, PAYMENT, TOTAL)]


def test_a_payment_of_another_amount_is_not_taken_into_the_books():
    facts = order(replace(transaction(), amount_idr=Rupiah(TOTAL - 1)))

    assert steps(facts) == []


def test_a_refund_is_reserved_and_then_settled():
    lives = [paid(refund(50_000, state)) for state in (_R.APPROVED, _R.SENDING, _R.SUCCEEDED)]

    assert steps(paid(), *lives)[1:] == [
        (_K.REFUND_RESERVED, "refund:rf-1", 50_000),
        (_K.REFUND_SETTLED, "refund:rf-1", 50_000),
    ]


def test_a_refund_that_came_to_nothing_is_released():
    for end in (_R.FAILED, _R.REJECTED, _R.WITHDRAWN):
        assert steps(paid(refund(50_000, _R.AWAITING_APPROVAL)), paid(refund(50_000, end)))[1:] == [
            (_K.REFUND_RESERVED, "refund:rf-1", 50_000),
            (_K.REFUND_RELEASED, "refund:rf-1", 50_000),
        ]


def test_a_refund_of_unknown_outcome_stays_reserved():
    lives = [paid(refund(50_000, state)) for state in (_R.SENDING, _R.UNKNOWN, _R.ACCEPTED)]

    assert steps(*lives)[1:] == [(_K.REFUND_RESERVED, "refund:rf-1", 50_000)]


def test_a_cancelled_card_charge_is_a_void():
    void = replace(refund(TOTAL, _R.SENDING), route=RefundRoute.VOID)
    done = replace(void, state=_R.SUCCEEDED)

    assert steps(
        paid(void, stage=Seen.CAPTURED),
        paid(void, stage=Seen.CANCELLED),
        paid(done, stage=Seen.CANCELLED),
    ) == [
        (_K.CAPTURE, PAYMENT, TOTAL),
        (_K.REFUND_RESERVED, "void:rf-1", TOTAL),
        (_K.VOID, "void:rf-1", TOTAL),
    ]


def test_a_refund_made_at_the_gateway_was_never_reserved():
    outside = replace(refund(30_000), route=RefundRoute.OUTSIDE)

    assert steps(paid(), paid(outside))[1:] == [(_K.REFUND_OUTSIDE, "refund:rf-1", 30_000)]


def test_money_that_went_back_without_any_refund_is_in_the_books_all_the_same():
    assert steps(paid(), paid(refund(50_000), stage=Seen.REFUNDED))[1:] == [
        (_K.REFUND_OUTSIDE, "refund:rf-1", 50_000),
        (_K.REFUND_OUTSIDE, "unlisted:LN-7Q2M4XK9TB-1:t-1", 100_000),
    ]


def test_a_refund_outside_takes_its_room_from_what_was_reserved():
    asked = refund(TOTAL, _R.AWAITING_APPROVAL, key="rf-2")

    assert steps(paid(asked), paid(asked, refund(100_000)))[2:] == [
        (_K.REFUND_RELEASED, "refund:rf-2", 100_000),
        (_K.REFUND_OUTSIDE, "refund:rf-1", 100_000),
    ]


def test_a_transfer_by_hand_leaves_our_own_bank_account():
    lives = [paid(), paid(by_hand(_R.TO_TRANSFER)), paid(by_hand(_R.TRANSFERRED))]

    assert steps(*lives)[1:] == [
        (_K.REFUND_RESERVED, "refund:rf-1", 50_000),
        (_K.REFUND_TRANSFERRED, "refund:rf-1", 50_000),
    ]
    assert LEGS[_K.REFUND_TRANSFERRED] == ("refunds_payable", "bank")


def test_a_settlement_that_is_taken_back_is_a_reversal():
    assert steps(paid(), paid(stage=Seen.DENIED)) == [
        (_K.CAPTURE, PAYMENT, TOTAL),
        (_K.REVERSAL, PAYMENT, TOTAL),
    ]


def test_a_reversal_undoes_what_the_gateway_gave_back():
    assert steps(paid(refund(50_000)), paid(refund(50_000), stage=Seen.DENIED))[2:] == [
        (_K.REFUND_UNDONE, "refund:rf-1", 50_000),
        (_K.REVERSAL, PAYMENT, TOTAL),
    ]


def test_a_transfer_for_a_payment_that_was_taken_back_is_written_off():
    done = by_hand(_R.TRANSFERRED)
    lives = [paid(done), paid(done, stage=Seen.DENIED)]

    assert steps(*lives)[2:] == [
        (_K.WRITTEN_OFF, "refund:rf-1", 50_000),
        (_K.REVERSAL, PAYMENT, TOTAL),
    ]
    assert sum_up(books_of(lives[-1])).losses_idr == 50_000
    assert sum_up(books_of(lives[-1])).net_idr == -50_000


def test_a_transfer_made_after_the_payment_was_taken_back_is_a_loss():
    lives = [paid(by_hand(state), stage=Seen.DENIED) for state in (_R.TO_TRANSFER, _R.TRANSFERRED)]

    assert steps(*lives) == [(_K.LOSS, "refund:rf-1", 50_000)]


def test_a_chargeback_takes_what_was_not_given_back_before():
    charged = paid(refund(50_000), stage=Seen.CHARGED_BACK)

    assert steps(paid(refund(50_000)), charged)[2:] == [
        (_K.CHARGEBACK, "chargeback:LN-7Q2M4XK9TB-1:t-1", 100_000)
    ]
    assert sum_up(books_of(charged)).net_idr == 0


def test_of_a_chargeback_in_part_no_amount_is_known():
    assert steps(paid(), paid(stage=Seen.PARTIALLY_CHARGED_BACK)) == steps(paid())


def test_a_fee_is_posted_when_it_is_told_and_again_when_it_grows():
    known = replace(transaction(), fee_idr=Rupiah(4_000))
    grown = replace(known, fee_idr=Rupiah(4_440))
    fee = "fee:LN-7Q2M4XK9TB-1:t-1"

    assert steps(paid(), order(known), order(grown))[1:] == [
        (_K.FEE, fee, 4_000),
        (_K.FEE, fee, 440),
    ]
    assert sum_up(books_of(order(grown))).net_idr == TOTAL - 4_440


@pytest.mark.parametrize(
    "told",
    [
        ((Seen.PAID, 4_000), (Seen.PAID, None)),
        ((Seen.PAID, None), (Seen.PAID, 4_000)),
        ((Seen.PAID, 4_000), (Seen.PARTIALLY_REFUNDED, None)),
        ((Seen.PARTIALLY_REFUNDED, None), (Seen.PAID, 4_000)),
    ],
)
def test_a_fee_that_was_told_once_is_known_whatever_comes_before_and_after(
    told: tuple[tuple[Seen, int | None], ...],
):
    facts = order(waiting())
    for seen, fee_idr in told:
        fee = None if fee_idr is None else Rupiah(fee_idr)
        facts, _ = hear(facts, replace(observed(seen), fee_idr=fee))

    assert sum_up(books_of(facts)).fees_idr == 4_000


def test_two_payments_are_two_captures_and_each_has_its_own_refund():
    second = transaction(gateway_transaction_id="t-2", reference=SECOND)
    both = order(transaction(), second, attempts=(attempt(), attempt(SECOND)))
    refunded = replace(both, refunds=(refund(TOTAL, gateway_transaction_id="t-2"),))

    assert steps(paid(), both, refunded)[1:] == [
        (_K.CAPTURE, "payment:LN-7Q2M4XK9TB-2:t-2", TOTAL),
        (_K.REFUND_OUTSIDE, "refund:rf-1", TOTAL),
    ]
    assert sum_up(books_of(refunded)).net_idr == TOTAL


def test_a_payment_told_under_another_id_moves_to_the_id_that_the_gateway_confirms():
    signed: TransactionFact = transaction(gateway_transaction_id="t-0", confirmed=False)
    confirmed = put_transaction(order(signed), transaction())

    assert steps(order(signed), confirmed)[1:] == [
        (_K.CAPTURE, PAYMENT, TOTAL),
        (_K.REVERSAL, "payment:LN-7Q2M4XK9TB-1:t-0", TOTAL),
    ]


def test_every_kind_moves_money_between_two_different_accounts():
    assert set(LEGS) == set(PostingKind)
    assert all(debit is not credit for debit, credit in LEGS.values())


def test_the_fold_of_postings_is_the_books():
    lives = (paid(), paid(refund(50_000, _R.SENDING)), paid(refund(50_000)))
    told = [p for part in posted(*lives) for p in part]

    assert post(books_after(told), books_of(lives[-1])) == ()
