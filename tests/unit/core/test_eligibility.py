from datetime import date, time
from typing import Final

import pytest

from app.core.eligibility import RefundRule, refund_rule
from app.core.methods import LABELS
from app.core.states import GatewayName

# Neither provider's pages say whether it can be refunded: a person does it in the dashboard.
_DELIBERATELY_UNKNOWN: Final = frozenset({"dd_mandiri"})
_MIDTRANS: Final = GatewayName.MIDTRANS
_XENDIT: Final = GatewayName.XENDIT


def _rules() -> list[tuple[GatewayName, str, RefundRule]]:
    named = ((g, m, refund_rule(g, m)) for g in GatewayName for m in [*LABELS, "bca_va"])
    return [(gateway, method, rule) for gateway, method, rule in named if rule is not None]


def _rule(gateway: GatewayName, method: str) -> RefundRule:
    rule = refund_rule(gateway, method)
    assert rule is not None
    return rule


def test_every_method_has_a_rule_at_some_gateway_or_is_listed_as_unknown():
    ruled = {method for _, method, _ in _rules()}

    assert set(LABELS) - ruled == _DELIBERATELY_UNKNOWN


@pytest.mark.parametrize(("gateway", "method", "rule"), _rules())
def test_every_rule_names_its_source_and_its_date(
    gateway: GatewayName, method: str, rule: RefundRule
):
    assert rule.source.startswith(gateway.value.capitalize())
    assert date(2026, 1, 1) <= rule.as_of <= date(2026, 12, 31)
    assert rule.window_days is None or rule.window_days >= 0
    assert (rule.closed_from is None) is (rule.closed_until is None)


@pytest.mark.parametrize("gateway", GatewayName)
@pytest.mark.parametrize("method", ["bca_va", "permata_va", "any_bank_va", "indomaret", "alfamart"])
def test_bank_accounts_and_counters_are_paid_back_by_hand(gateway: GatewayName, method: str):
    assert _rule(gateway, method).refundable is False


@pytest.mark.parametrize("gateway", GatewayName)
@pytest.mark.parametrize("method", ["", "new_wallet", "dd_mandiri"])
def test_we_claim_no_rule_for_a_method_that_we_do_not_know(gateway: GatewayName, method: str):
    assert refund_rule(gateway, method) is None


@pytest.mark.parametrize(
    ("gateway", "method", "window_days", "partial", "several"),
    [
        (_MIDTRANS, "credit_card", 180, True, True),
        (_MIDTRANS, "gopay", 45, True, True),
        (_MIDTRANS, "shopeepay", 365, False, True),
        (_MIDTRANS, "ovo", 7, False, True),
        (_XENDIT, "credit_card", 365, True, True),
        (_XENDIT, "qris", 7, True, True),
        (_XENDIT, "jeniuspay", 0, True, False),
        (_XENDIT, "linkaja", 30, False, False),
        (_XENDIT, "akulaku", None, True, False),
    ],
)
def test_the_small_print_of_a_method(
    gateway: GatewayName, method: str, window_days: int | None, *, partial: bool, several: bool
):
    rule = _rule(gateway, method)

    assert rule.refundable is True
    assert (rule.window_days, rule.partial, rule.several) == (window_days, partial, several)


def test_only_shopeepay_at_midtrans_closes_at_night():
    closing = {
        (gateway, method): (rule.closed_from, rule.closed_until)
        for gateway, method, rule in _rules()
        if rule.closed_from is not None
    }

    assert closing == {(_MIDTRANS, "shopeepay"): (time(23, 55), time(6, 0))}


def test_ovo_is_refundable_at_midtrans_but_not_on_a_xendit_invoice():
    assert _rule(_MIDTRANS, "ovo").refundable is True
    assert _rule(_XENDIT, "ovo").refundable is False
