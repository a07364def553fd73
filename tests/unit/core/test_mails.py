from datetime import UTC, datetime, timedelta

import pytest

from app.core.letters import LetterOrder, LetterRefund, compose_receipt, compose_refund
from app.core.mails import DueMail, MailKind, Told, due_mail, wait_before_try
from app.core.refund_progress import Arrival
from app.core.states import PaymentStatus as S
from app.core.states import RefundState

RECEIPT = DueMail(MailKind.RECEIPT, "paid")


@pytest.mark.parametrize(
    ("before", "after", "due"),
    [
        (S.PENDING, S.PAID, RECEIPT),
        (S.IN_REVIEW, S.PAID, RECEIPT),
        (S.EXPIRED, S.PAID, RECEIPT),
        (S.PENDING, S.PARTIALLY_REFUNDED, RECEIPT),
        (S.PAID, S.PARTIALLY_REFUNDED, None),
        (S.CHARGED_BACK, S.PAID, None),
        (S.REFUNDED, S.PAID, None),
        (S.PENDING, S.IN_REVIEW, None),
        (S.PENDING, S.EXPIRED, None),
        (S.PAID, S.CHARGED_BACK, None),
        (None, None, None),
    ],
)
def test_a_receipt_is_due_where_money_comes_in_for_the_first_time(
    before: S | None, after: S | None, due: DueMail | None
):
    assert due_mail(Told(before, after, {})) == due


@pytest.mark.parametrize("state", RefundState)
def test_a_refund_is_told_once_it_is_out_of_our_hands(state: RefundState):
    told = Told(S.PAID, S.PARTIALLY_REFUNDED, {"refund_number": 2, "state": state.value})
    done = state in {RefundState.SUCCEEDED, RefundState.TRANSFERRED}

    assert due_mail(told) == (DueMail(MailKind.REFUND_DONE, "refund-2") if done else None)


def test_tries_grow_rarer_and_then_keep_their_pace():
    assert [wait_before_try(tries) for tries in (1, 2, 3, 4, 5, 50)] == [
        timedelta(minutes=1),
        timedelta(minutes=5),
        timedelta(minutes=30),
        timedelta(hours=2),
        timedelta(hours=2),
        timedelta(hours=2),
    ]


def order(language: str) -> LetterOrder:
    return LetterOrder(
        language=language,
        shop_name="Toko Lunas",
        number="LN-7K3QW9ZD4M",
        customer_name="Sari",
        lines=(("Kopi Gayo", 2, 196_000),),
        total_idr=196_000,
        paid_at=datetime(2026, 11, 23, 17, 30, tzinfo=UTC),
        method="bca_va",
        link="https://toko.example/orders/abc",
    )


@pytest.mark.parametrize(
    ("language", "subject", "paid"),
    [("id", "Bukti pembayaran", "Dibayar"), ("en", "Receipt", "Paid"), ("fr", "Bukti", "Dibayar")],
)
def test_a_receipt_says_what_was_paid_in_the_shoppers_language(
    language: str, subject: str, paid: str
):
    letter = compose_receipt(order(language))

    assert letter.subject.startswith(subject)
    assert "LN-7K3QW9ZD4M" in letter.subject
    assert letter.link == "https://toko.example/orders/abc"
    rows = dict(letter.rows)
    assert rows["2 x Kopi Gayo"] == "Rp 196.000"
    # Half past five in the afternoon in London is past midnight in Jakarta.
    assert rows[paid] == "24-11-2026 00:30 WIB"
    assert "BCA Virtual Account" in rows.values()


def test_an_unpaid_moment_and_an_unknown_method_are_left_out():
    bare = LetterOrder("id", "T", "LN-1", "S", (), 1, None, None, "l")

    assert [name for name, _ in compose_receipt(bare).rows] == ["Nomor pesanan", "Total"]


@pytest.mark.parametrize(
    ("method", "arrival", "goes_to", "when"),
    [
        ("gopay", Arrival(0, 1), "GoPay", "at the latest in 1 working days"),
        (None, Arrival(1, 3), "Bank transfer", "within 1 to 3 working days"),
    ],
)
def test_a_refund_says_where_it_goes_and_when_to_expect_it(
    method: str | None, arrival: Arrival, goes_to: str, when: str
):
    letter = compose_refund(order("en"), LetterRefund(50_000, method, arrival))

    assert letter.subject == "Refund of Rp 50.000 for order LN-7K3QW9ZD4M"
    assert dict(letter.rows)["Refunded to"] == goes_to
    assert when in letter.paragraphs[-1]
