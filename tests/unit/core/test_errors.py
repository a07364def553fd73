import pytest

from app.core.errors import (
    BadSignatureError,
    ConflictError,
    GatewayError,
    GatewayOutcomeUnknownError,
    GatewayRejectedError,
    GatewayUnavailableError,
    LunasError,
    MalformedNotificationError,
    NotFoundError,
    NotificationError,
    OutOfStockError,
    PriceChangedError,
    RefusedError,
)
from app.core.reasons import Why


@pytest.mark.parametrize(
    ("error", "parent"),
    [
        (NotFoundError, LunasError),
        (RefusedError, LunasError),
        (OutOfStockError, RefusedError),
        (PriceChangedError, RefusedError),
        (ConflictError, LunasError),
        (GatewayError, LunasError),
        (GatewayRejectedError, GatewayError),
        (GatewayUnavailableError, GatewayError),
        (GatewayOutcomeUnknownError, GatewayError),
        (NotificationError, LunasError),
        (BadSignatureError, NotificationError),
        (MalformedNotificationError, NotificationError),
    ],
)
def test_the_errors_form_the_tree_that_their_module_draws(
    error: type[Exception], parent: type[Exception]
):
    assert error.__base__ is parent


def test_a_refusal_carries_its_reason_and_its_detail():
    bare, detailed = RefusedError(Why.NOT_PAID), RefusedError(Why.NOT_PAID, "LN-7Q2M4XK9TB")

    assert (bare.why, bare.detail, str(bare)) == (Why.NOT_PAID, "", "not_paid")
    assert (detailed.why, detailed.detail) == (Why.NOT_PAID, "LN-7Q2M4XK9TB")
    assert str(detailed) == "not_paid: LN-7Q2M4XK9TB"


def test_a_shortage_keeps_its_own_list_of_what_is_left():
    left = {"KOPI-01": 2}
    error = OutOfStockError(left)
    left["KOPI-01"] = 0

    assert (error.why, error.available) == (Why.OUT_OF_STOCK, {"KOPI-01": 2})


def test_a_changed_price_keeps_its_own_list_of_todays_prices():
    prices = {"KOPI-01": 120_000}
    error = PriceChangedError(prices)
    prices["KOPI-01"] = 0

    assert (error.why, error.prices_idr) == (Why.PRICE_CHANGED, {"KOPI-01": 120_000})


def test_a_gateways_words_and_code_are_kept():
    error = GatewayRejectedError("Transaction doesn't exist.", code="404")

    assert (error.message, error.code, str(error)) == (
        "Transaction doesn't exist.",
        "404",
        "Transaction doesn't exist.",
    )


def test_a_conflict_is_known_by_its_code():
    error = ConflictError("idempotency_key_reused")

    assert (error.code, str(error)) == ("idempotency_key_reused", "idempotency_key_reused")
