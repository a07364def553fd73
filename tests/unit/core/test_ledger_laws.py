"""What holds of the books whatever becomes known, in whatever order."""

from collections.abc import Iterable
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from app.core.facts import OrderFacts, RefundFact
from app.core.hearing import hear
from app.core.ledger import Account, Posting, books_after, books_of, post, sum_up
from app.core.states import RefundRoute
from app.core.transitions import RETURNED, settle_status
from tests.unit.core import anything
from tests.unit.core.lives import Life, lives

# A refund's way back is chosen once and for all.
_ROUTE_OF = {
    "rf-1": RefundRoute.REFUND,
    "rf-2": RefundRoute.MANUAL,
    "rf-3": RefundRoute.VOID,
}


def _routed(refunds: Iterable[RefundFact]) -> tuple[RefundFact, ...]:
    by_key = {refund.key: refund for refund in refunds}
    return tuple(replace(r, route=_ROUTE_OF[r.key]) for r in by_key.values())


def histories() -> st.SearchStrategy[list[OrderFacts]]:
    """Draw what was known of one order at several moments, sensible or not."""
    one = anything.orders().map(lambda facts: replace(facts, refunds=_routed(facts.refunds)))
    return st.lists(one, min_size=1, max_size=6)


def written(history: Iterable[OrderFacts]) -> list[Posting]:
    """Return everything posted along a history."""
    postings: list[Posting] = []
    for facts in history:
        postings += post(books_after(postings), books_of(facts))
    return postings


@given(histories())
def test_the_sums_of_the_postings_are_the_sums_of_the_facts(history: list[OrderFacts]) -> None:
    sums = sum_up(books_after(written(history)))
    summary = settle_status(history[-1])

    assert (sums.captured_idr, sums.refunded_idr, sums.reserved_idr) == (
        summary.captured_idr,
        summary.refunded_idr,
        summary.reserved_idr,
    )


@given(histories())
def test_the_books_do_not_depend_on_the_way_that_led_there(history: list[OrderFacts]) -> None:
    direct = books_after(written(history[-1:]))

    assert post(books_after(written(history)), direct) == ()


@given(histories())
def test_what_is_known_already_is_not_posted_again(history: list[OrderFacts]) -> None:
    assert written([*history, history[-1]]) == written(history)


@given(histories())
def test_after_every_single_posting_no_more_is_given_back_than_was_taken(
    history: list[OrderFacts],
) -> None:
    postings = written(history)

    for length in range(len(postings) + 1):
        sums = sum_up(books_after(postings[:length]))
        assert sums.refunded_idr + sums.reserved_idr <= sums.captured_idr


@given(histories())
def test_every_posting_is_of_a_real_amount_and_all_together_sum_to_zero(
    history: list[OrderFacts],
) -> None:
    postings = written(history)

    assert all(posting.amount_idr > 0 for posting in postings)
    assert all(sum(one.values()) == 0 for one in books_after(postings).values())


@given(histories())
def test_what_left_our_bank_is_what_was_transferred_by_hand(history: list[OrderFacts]) -> None:
    books = books_of(history[-1])
    by_hand = {
        f"refund:{r.key}": r.amount_idr
        for r in history[-1].refunds
        if r.route is RefundRoute.MANUAL and r.state in RETURNED
    }
    bank = {subject: -one.get(Account.BANK, 0) for subject, one in books.items()}

    # Never less; more only where one refund is said to belong to two payments.
    assert all(bank[subject] >= amount for subject, amount in by_hand.items())
    assert {s for s, amount in bank.items() if amount} <= set(by_hand) | {
        f"refund:{r.key}" for r in history[-1].refunds if r.route is RefundRoute.MANUAL
    }


@given(lives())
def test_along_a_real_life_the_books_follow_the_order(life: Life) -> None:
    facts, history = life.placed, [life.placed]
    for observation in life.observations:
        facts, _ = hear(facts, observation)
        history.append(facts)

    sums, summary = sum_up(books_after(written(history))), settle_status(facts)

    assert (sums.captured_idr, sums.refunded_idr) == (summary.captured_idr, summary.refunded_idr)
