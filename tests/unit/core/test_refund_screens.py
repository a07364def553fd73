"""What staff read about refunds: codes of gateways, reasons, and what has changed."""

from dataclasses import replace

import pytest

from app.core.attention import URGENCY, most_urgent
from app.core.errors import RefusedError
from app.core.gateway_words import explain_refund_code
from app.core.money import Rupiah
from app.core.reasons import Why
from app.core.refund_changes import Change, verdict_record, what_changed
from app.core.refund_lines import Line, Sold, may_come_back, price_of_lines
from app.core.refund_reasons import REASON_WORDS, RefundReason
from app.core.refunds import RefundVerdict
from app.core.states import Attention, GatewayName, RefundRoute

ASKED = RefundVerdict(
    allowed=True,
    why=Why.REFUND_REQUESTED,
    refundable_idr=Rupiah(200_000),
    route=RefundRoute.VOID,
    days_left=9,
)


def test_every_code_has_its_place_in_the_queue() -> None:
    assert sorted(URGENCY) == sorted(Attention)
    assert most_urgent([Attention.DRIFT, Attention.CHARGED_BACK]) is Attention.CHARGED_BACK
    assert most_urgent([]) is None


def test_every_reason_has_words_in_both_languages() -> None:
    assert set(REASON_WORDS) == set(RefundReason)
    assert all(words.en and words.id for words in REASON_WORDS.values())


@pytest.mark.parametrize(
    ("code", "said", "meaning"),
    [
        ("414", "Refund request is rejected due to invalid amount", "The amount is more"),
        ("414", "Insufficient merchant balance", "Your balance at the gateway"),
        ("414", "Refund not allowed", "This payment method cannot"),
        ("412", "Transaction status cannot be updated.", "The payment is not in a state"),
        ("202", "Refund denied by the bank", "The customer's bank refused"),
    ],
)
def test_midtrans_codes_are_told_apart_by_their_words(code: str, said: str, meaning: str) -> None:
    found = explain_refund_code(GatewayName.MIDTRANS, code, said)

    assert found is not None
    assert found.meaning.en.startswith(meaning)
    assert found.next_step.id


def test_a_code_that_nobody_listed_is_not_guessed() -> None:
    assert explain_refund_code(GatewayName.XENDIT, "SOMETHING_NEW", "?") is None
    assert explain_refund_code(GatewayName.MIDTRANS, "", "") is None
    low = explain_refund_code(GatewayName.XENDIT, "INSUFFICIENT_BALANCE", "")
    assert low is not None
    assert low.meaning.en.startswith("Your balance")


def test_only_what_is_another_now_counts_as_changed() -> None:
    record = verdict_record(ASKED)

    assert what_changed(record, replace(ASKED, days_left=2)) == ()
    assert what_changed(None, ASKED) == ()
    settled = replace(ASKED, route=RefundRoute.REFUND, refundable_idr=Rupiah(150_000))
    assert what_changed(record, settled) == (
        Change("route", "void", "refund"),
        Change("left", "200000", "150000"),
    )


SOLD = (Sold(1, 100_000, 2, returned=1, restocked=1), Sold(2, 30_000, 1))


def test_pieces_cost_what_they_were_sold_for() -> None:
    assert price_of_lines([Line(1, 1), Line(2, 1)], SOLD) == 130_000


@pytest.mark.parametrize("line", [Line(1, 2), Line(1, 0), Line(2, -1), Line(3, 1)])
def test_pieces_that_are_refunded_already_or_were_never_sold_have_no_price(line: Line) -> None:
    with pytest.raises(RefusedError) as caught:
        price_of_lines([line], SOLD)

    assert caught.value.why is Why.LINES_CHANGED


def test_goods_come_back_up_to_the_refund_and_never_more_than_are_out() -> None:
    assert may_come_back(SOLD, {1: 2}) == {1: 1}
    assert may_come_back(SOLD, {}) == {1: 1, 2: 1}
