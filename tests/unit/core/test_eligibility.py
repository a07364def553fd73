from datetime import date, time, timedelta
from typing import Final

import pytest

from app.core.eligibility import WITHOUT_RULE, Endpoint, RefundRule, all_rules, refund_rule
from app.core.methods import LABELS
from app.core.observations import Instrument
from app.core.reasons import Why
from app.core.states import GatewayName
from sandbox.midtrans.methods import METHODS
from sandbox.xendit.channels import CHANNELS

_MIDTRANS: Final = GatewayName.MIDTRANS
_XENDIT: Final = GatewayName.XENDIT
_SHOPEE: Final = "airpay shopee"


def _rule(gateway: GatewayName, method: str, instrument: Instrument | None = None) -> RefundRule:
    rule = refund_rule(gateway, method, instrument)
    assert rule is not None
    return rule


def _methods_of_the_gateways() -> list[tuple[GatewayName, str]]:
    """List every method by the name that the adapters give it."""
    midtrans = [(_MIDTRANS, key) for key in METHODS]
    kinds = {"va": "{}_va", "card": "credit_card", "qr": "qris"}
    xendit = [
        (_XENDIT, kinds.get(channel.kind, "{}").format(channel.code.lower()))
        for channel in CHANNELS.values()
    ]
    return midtrans + xendit


@pytest.mark.parametrize(("gateway", "method"), _methods_of_the_gateways())
def test_every_method_has_a_rule_or_is_listed_without(gateway: GatewayName, method: str):
    has_rule = refund_rule(gateway, method) is not None

    assert has_rule is (method not in WITHOUT_RULE[gateway])


def test_every_method_with_a_name_of_its_own_has_a_rule_at_some_gateway_or_is_listed_without():
    ruled = {method for _, method, _ in all_rules()}

    assert set(LABELS) - ruled == WITHOUT_RULE[_XENDIT]


@pytest.mark.parametrize(("gateway", "method", "rule"), all_rules())
def test_every_rule_names_its_source_and_its_date(
    gateway: GatewayName, method: str, rule: RefundRule
):
    assert rule.source.startswith(gateway.value.capitalize())
    assert date(2026, 1, 1) <= rule.as_of <= date(2026, 12, 31)
    assert rule.window_days is None or rule.window_days >= 0
    assert (rule.closed_from is None) is (rule.closed_until is None)
    doubtful, window = rule.doubtful_after_days, rule.window_days
    assert doubtful is None or (window is not None and doubtful < window)
    # A rule that says "by hand" says nothing else, and one that does not names the call.
    by_hand = RefundRule(refundable=False, source=rule.source, as_of=rule.as_of)
    assert (rule == by_hand) is not rule.refundable
    endpoint = {
        _MIDTRANS: Endpoint.MIDTRANS_REFUND,
        _XENDIT: Endpoint.XENDIT_REFUND,
    }[gateway]
    assert rule.endpoint is (endpoint if rule.refundable else None)


@pytest.mark.parametrize("gateway", GatewayName)
@pytest.mark.parametrize("method", ["bca_va", "permata_va", "any_bank_va", "indomaret", "alfamart"])
def test_bank_accounts_and_counters_are_paid_back_by_hand(gateway: GatewayName, method: str):
    assert _rule(gateway, method).refundable is False


@pytest.mark.parametrize("gateway", GatewayName)
@pytest.mark.parametrize("method", ["", "new_wallet", "dd_mandiri"])
def test_we_claim_no_rule_for_a_method_that_we_do_not_know(gateway: GatewayName, method: str):
    assert refund_rule(gateway, method) is None


@pytest.mark.parametrize(
    ("gateway", "method", "days", "partial", "several"),
    [
        (_MIDTRANS, "credit_card", (180, None), True, True),
        (_MIDTRANS, "gopay", (180, 45), True, True),
        (_MIDTRANS, "qris", (45, 7), True, True),
        (_MIDTRANS, "shopeepay", (365, None), False, True),
        (_MIDTRANS, "dana", (45, None), True, True),
        (_MIDTRANS, "ovo", (7, None), False, True),
        (_MIDTRANS, "kredivo", (14, None), True, True),
        (_MIDTRANS, "akulaku", (180, None), True, True),
        (_XENDIT, "credit_card", (365, None), True, True),
        (_XENDIT, "dana", (30, None), True, True),
        (_XENDIT, "shopeepay", (365, None), True, True),
        (_XENDIT, "gopay", (45, None), True, True),
        (_XENDIT, "qris", (30, 7), True, True),
        (_XENDIT, "jeniuspay", (0, None), True, False),
        (_XENDIT, "linkaja", (30, None), False, False),
        (_XENDIT, "kredivo", (14, None), False, False),
        (_XENDIT, "akulaku", (None, None), True, False),
        (_XENDIT, "indodana", (30, None), True, False),
        (_XENDIT, "dd_bri", (120, None), False, False),
    ],
)
def test_the_small_print_of_a_method(
    gateway: GatewayName,
    method: str,
    days: tuple[int | None, int | None],
    *,
    partial: bool,
    several: bool,
):
    rule = _rule(gateway, method)

    assert rule.refundable is True
    assert (rule.window_days, rule.doubtful_after_days) == days
    assert (rule.partial, rule.several) == (partial, several)


@pytest.mark.parametrize(
    ("acquirer", "direct", "cautions"),
    [
        *((bank, True, ()) for bank in ("bca", "maybank", "bni", "bri")),
        ("mandiri", False, (Why.BANK_REFUNDS_BY_FILE,)),
        (None, False, (Why.MAY_DEPEND_ON_ACQUIRER,)),
    ],
)
def test_a_card_is_refunded_as_its_acquiring_bank_does_it(
    acquirer: str | None, cautions: tuple[Why, ...], *, direct: bool
):
    rule = _rule(_MIDTRANS, "credit_card", Instrument(acquirer=acquirer))

    assert (rule.refundable, rule.direct, rule.cautions) == (True, direct, cautions)


@pytest.mark.parametrize(
    ("instrument", "days", "partial"),
    [
        (Instrument("gopay", "gopay", off_us=False), (45, None), True),
        (Instrument("gopay", "bca", off_us=True), (7, None), True),
        (Instrument("gopay", "gopay"), (45, 7), True),
        (Instrument(_SHOPEE, "shopeepay", off_us=False), (365, None), False),
        (Instrument(_SHOPEE, "dana", off_us=True), (7, None), False),
        (Instrument(_SHOPEE), (365, 7), False),
        (Instrument(), (45, 7), True),
    ],
)
def test_a_midtrans_qr_code_is_refunded_by_whose_it_is_and_from_where_it_was_paid(
    instrument: Instrument, days: tuple[int | None, int | None], *, partial: bool
):
    rule = _rule(_MIDTRANS, "qris", instrument)

    assert (rule.window_days, rule.doubtful_after_days) == days
    assert rule.partial is partial
    assert (Why.MAY_DEPEND_ON_QR_NETWORK in rule.cautions) is (days[1] is not None)
    # ShopeePay rests at night, also where its QR code was used.
    assert (rule.closed_from is not None) is (instrument.acquirer == _SHOPEE)


@pytest.mark.parametrize("issuer", ["bca", "bni", "bri"])
def test_three_banks_do_not_give_back_what_was_paid_to_shopees_qr_code(issuer: str):
    off_us = _rule(_MIDTRANS, "qris", Instrument(_SHOPEE, issuer, off_us=True))
    on_us = _rule(_MIDTRANS, "qris", Instrument(_SHOPEE, issuer, off_us=False))

    assert (off_us.refundable, on_us.refundable) == (False, True)


@pytest.mark.parametrize(
    "issuer", ["dana", "shopeepay", "ovo", "gopay", "permata", "jenius", "smbc", "bsi"]
)
def test_a_xendit_qris_payment_goes_back_to_the_issuers_that_take_it(issuer: str):
    rule = _rule(_XENDIT, "qris", Instrument(issuer=issuer))

    assert (rule.refundable, rule.whole_after) == (True, None)
    assert Why.MAY_DEPEND_ON_ISSUER not in rule.cautions


def test_a_xendit_qris_payment_of_another_or_an_unknown_issuer():
    assert _rule(_XENDIT, "qris", Instrument(issuer="linkaja")).refundable is False
    assert _rule(_XENDIT, "qris", Instrument(issuer="cimb")).whole_after == timedelta(hours=24)
    assert Why.MAY_DEPEND_ON_ISSUER in _rule(_XENDIT, "qris").cautions


def test_only_shopeepay_at_midtrans_closes_at_night():
    closing = {
        (gateway, method): (rule.closed_from, rule.closed_until)
        for gateway, method, rule in all_rules()
        if rule.closed_from is not None
    }

    night = (time(23, 55), time(6, 0))
    assert closing == {(_MIDTRANS, "shopeepay"): night, (_MIDTRANS, "qris"): night}


def test_ovo_is_refundable_at_midtrans_but_not_on_a_xendit_invoice():
    assert _rule(_MIDTRANS, "ovo").refundable is True
    assert _rule(_XENDIT, "ovo").refundable is False
