import pytest

from app.core import methods
from app.core.refund_progress import Arrival, RefundStep, refund_step, usual_arrival
from app.core.states import RefundRoute, RefundState


@pytest.mark.parametrize(
    ("state", "step"),
    [
        (RefundState.AWAITING_APPROVAL, RefundStep.REQUESTED),
        (RefundState.APPROVED, RefundStep.APPROVED),
        (RefundState.TO_TRANSFER, RefundStep.APPROVED),
        (RefundState.SENDING, RefundStep.SENT),
        (RefundState.UNKNOWN, RefundStep.SENT),
        (RefundState.ACCEPTED, RefundStep.SENT),
        (RefundState.SUCCEEDED, RefundStep.SUCCEEDED),
        (RefundState.TRANSFERRED, RefundStep.SUCCEEDED),
        (RefundState.FAILED, RefundStep.FAILED),
        (RefundState.REJECTED, None),
        (RefundState.WITHDRAWN, None),
    ],
)
def test_each_state_of_a_refund_has_one_word_for_the_shopper(
    state: RefundState, step: RefundStep | None
):
    assert refund_step(state) is step


def test_no_state_of_a_refund_is_left_without_an_answer():
    for state in RefundState:
        refund_step(state)


@pytest.mark.parametrize(
    ("route", "method", "arrival"),
    [
        (RefundRoute.REFUND, "credit_card", Arrival(7, 14)),
        (RefundRoute.VOID, "credit_card", Arrival(1, 7)),
        (RefundRoute.REFUND, "gopay", Arrival(0, 1)),
        (RefundRoute.REFUND, "qris", Arrival(1, 7)),
        (RefundRoute.MANUAL, "bca_va", Arrival(1, 3)),
        (RefundRoute.OUTSIDE, None, Arrival(1, 14)),
        (RefundRoute.REFUND, "something_new", Arrival(1, 14)),
    ],
)
def test_the_usual_time_follows_from_route_and_method(
    route: RefundRoute, method: str | None, arrival: Arrival
):
    assert usual_arrival(route, method) == arrival


@pytest.mark.parametrize("route", RefundRoute)
@pytest.mark.parametrize("method", [*methods.LABELS, "bca_va", None])
def test_no_money_arrives_before_it_was_sent(route: RefundRoute, method: str | None):
    arrival = usual_arrival(route, method)

    assert 0 <= arrival.least_days <= arrival.most_days
