"""The payment methods as data: names, lifetimes, what may be refunded or reversed.

Lifetimes: Midtrans docs, "Testing payment on sandbox" and the page of each method.
Refunds: "Refund transaction" and "Payment methods that have the refund feature".
Reversal: "Transaction status cycle". Charge texts: the page of each method.
"""

from datetime import timedelta
from typing import Final

from sandbox.midtrans.method_record import (
    Fields,
    Kind,
    Lifetime,
    Method,
    RefundRule,
)

_MINUTES_15: Final = timedelta(minutes=15)
_CARD_ANSWER: Final = ("channel_response_message", "channel_response_code", "card_type", "bank")
_SAVED_CARD: Final = ("saved_token_id", "saved_token_id_expired_at")
_SHOPEE_REFERENCES: Final = ("shopeepay_reference_number", "reference_id")
_RESPONSE: Final = ("channel_response_code", "channel_response_message")


def _va(bank: str, label: str, *, on_core: bool = True) -> Method:
    name = f"{label} Virtual Account"
    return Method(
        key=f"{bank}_va",
        payment_type="bank_transfer",
        label_id=name,
        label_en=name,
        kind=Kind.VA,
        created="Success, Bank Transfer transaction is created",
        aliases=frozenset({f"{bank}_va", "bank_transfer", *(() if on_core else ("other_va",))}),
        fields=Fields(("va_numbers",), ("va_numbers", "payment_amounts"), ("va_numbers",)),
        bank=bank,
    )


def _redirect(key: str, label: str, created: str, *, has_fraud_status: bool = True) -> Method:
    """Return one of the older direct debit methods."""
    return Method(
        key=key,
        payment_type=key,
        label_id=label,
        label_en=label,
        kind=Kind.REDIRECT,
        created=created,
        aliases=frozenset({key}),
        lifetime=Lifetime(timedelta(hours=2)),
        fields=Fields(paid=("approval_code",), charged=("redirect_url",)),
        has_fraud_status=has_fraud_status,
        is_current=False,
        keeps_idempotency_key=key not in {"cimb_clicks", "bca_klikbca"},
    )


_CARD: Final = Method(
    key="credit_card",
    payment_type="credit_card",
    label_id="Kartu kredit/debit",
    label_en="Credit/debit card",
    kind=Kind.CARD,
    created="Success, Credit Card transaction is successful",
    aliases=frozenset({"credit_card"}),
    lifetime=Lifetime(timedelta(minutes=10), longest=_MINUTES_15),
    fields=Fields(
        waiting=("masked_card", "bank", "card_type"),
        paid=("masked_card", "eci", *_CARD_ANSWER, "approval_code", "channel", *_SAVED_CARD),
        closed=("masked_card", "approval_code", "bank", "eci"),
        charged=("redirect_url",),
    ),
    refund=RefundRule(timedelta(days=180)),
)
_GOPAY: Final = Method(
    key="gopay",
    payment_type="gopay",
    label_id="GoPay",
    label_en="GoPay",
    kind=Kind.WALLET,
    created="GO-PAY transaction is created",
    aliases=frozenset({"gopay"}),
    lifetime=Lifetime(_MINUTES_15, longest=timedelta(days=7)),
    fields=Fields(charged=("actions", *_RESPONSE)),
    refund=RefundRule(timedelta(days=45)),
)
_QRIS: Final = Method(
    key="qris",
    payment_type="qris",
    label_id="QRIS",
    label_en="QRIS",
    kind=Kind.QR,
    created="QRIS transaction is created",
    aliases=frozenset({"qris", "other_qris"}),
    lifetime=Lifetime(_MINUTES_15, longest=timedelta(days=7)),
    fields=Fields(
        waiting=("acquirer",),
        paid=("transaction_type", "issuer", "acquirer", *_SHOPEE_REFERENCES),
        charged=("actions", "qr_string"),
    ),
    refund=RefundRule(timedelta(days=45)),
    closed_has_fraud_status=False,
)
_SHOPEEPAY: Final = Method(
    key="shopeepay",
    payment_type="shopeepay",
    label_id="ShopeePay",
    label_en="ShopeePay",
    kind=Kind.WALLET,
    created="ShopeePay transaction is created",
    aliases=frozenset({"shopeepay"}),
    lifetime=Lifetime(_MINUTES_15, longest=timedelta(days=5)),
    fields=Fields(paid=_SHOPEE_REFERENCES, charged=("actions", *_RESPONSE)),
    refund=RefundRule(timedelta(days=365), partial=False),
)
_DANA: Final = Method(
    key="dana",
    payment_type="dana",
    label_id="DANA",
    label_en="DANA",
    kind=Kind.WALLET,
    created="DANA transaction is created",
    aliases=frozenset({"dana"}),
    lifetime=Lifetime(_MINUTES_15, shortest=_MINUTES_15, longest=timedelta(days=1)),
    fields=Fields(charged=("actions",)),
    refund=RefundRule(timedelta(days=45), direct=False),
    only_by_transaction_id=True,
)
_OVO: Final = Method(
    key="ovo",
    payment_type="ovo",
    label_id="OVO",
    label_en="OVO",
    kind=Kind.PUSH,
    created="Ovo transaction is created",
    aliases=frozenset({"ovo"}),
    # Fixed: the payer has 55 of these seconds (docs, "OVO").
    lifetime=Lifetime(timedelta(seconds=65), timedelta(seconds=65), timedelta(seconds=65)),
    fields=Fields(("payer_phone_number",), ("payer_phone_number", "merchant_invoice")),
    refund=RefundRule(timedelta(days=7), partial=False, direct=False),
)
_ECHANNEL: Final = Method(
    key="echannel",
    payment_type="echannel",
    label_id="Mandiri Bill Payment",
    label_en="Mandiri Bill Payment",
    kind=Kind.BILL,
    created="OK, Mandiri Bill transaction is successful",
    aliases=frozenset({"echannel", "bank_transfer"}),
    fields=Fields(("bill_key", "biller_code"), ("bill_key", "biller_code")),
    can_reverse=True,
)
_PERMATA: Final = Method(
    key="permata_va",
    payment_type="bank_transfer",
    label_id="Permata Virtual Account",
    label_en="Permata Virtual Account",
    kind=Kind.VA,
    created="Success, PERMATA VA transaction is successful",
    aliases=frozenset({"permata_va", "bank_transfer"}),
    fields=Fields(("permata_va_number",), ("permata_va_number",), ("permata_va_number",)),
    bank="permata",
    can_reverse=True,
    keeps_idempotency_key=False,
)
_INDOMARET: Final = Method(
    key="indomaret",
    payment_type="cstore",
    label_id="Indomaret",
    label_en="Indomaret",
    kind=Kind.CODE,
    created="Success, cstore transaction is successful",
    aliases=frozenset({"indomaret", "cstore", "store"}),
    fields=Fields(
        waiting=("store", "payment_code"),
        paid=("store", "payment_code", "approval_code"),
        closed=("store", "payment_code"),
    ),
    bank="indomaret",
    can_reverse=True,
    has_fraud_status=False,
    closed_has_fraud_status=False,
    keeps_idempotency_key=False,
)
_ALFAMART: Final = Method(
    key="alfamart",
    payment_type="cstore",
    label_id="Alfamart",
    label_en="Alfamart",
    kind=Kind.CODE,
    created="Success, cstore transaction is successful",
    aliases=frozenset({"alfamart", "cstore", "store"}),
    fields=Fields(("store", "payment_code"), ("store", "payment_code"), ("store", "payment_code")),
    bank="alfamart",
)
_AKULAKU: Final = Method(
    key="akulaku",
    payment_type="akulaku",
    label_id="Akulaku PayLater",
    label_en="Akulaku PayLater",
    kind=Kind.REDIRECT,
    created="Success, Akulaku transaction is created",
    aliases=frozenset({"akulaku"}),
    fields=Fields(charged=("redirect_url",)),
    refund=RefundRule(timedelta(days=180)),
    needs=frozenset({"item_details", "customer_details"}),
)
_KREDIVO: Final = Method(
    key="kredivo",
    payment_type="kredivo",
    label_id="Kredivo",
    label_en="Kredivo",
    kind=Kind.REDIRECT,
    created="Kredivo transaction is created",
    aliases=frozenset({"kredivo"}),
    fields=Fields(charged=("redirect_url", *_RESPONSE)),
    refund=RefundRule(timedelta(days=14)),
    needs=frozenset({"customer_details"}),
)
_KLIKBCA: Final = Method(
    key="bca_klikbca",
    payment_type="bca_klikbca",
    label_id="KlikBCA",
    label_en="KlikBCA",
    kind=Kind.REDIRECT,
    created="OK, BCA KlikBCA transaction is successful",
    aliases=frozenset({"bca_klikbca"}),
    lifetime=Lifetime(timedelta(hours=2)),
    fields=Fields(paid=("approval_code",), charged=("redirect_url",)),
    has_fraud_status=False,
    closed_has_fraud_status=False,
    is_current=False,
    keeps_idempotency_key=False,
)

METHODS: Final = {
    method.key: method
    for method in (
        *(_CARD, _GOPAY, _QRIS, _SHOPEEPAY, _DANA, _OVO),
        *(_va("bca", "BCA"), _va("bni", "BNI"), _va("bri", "BRI"), _PERMATA, _ECHANNEL),
        *(_va("cimb", "CIMB Niaga"), _va("danamon", "Danamon", on_core=False)),
        *(_va("bsi", "BSI", on_core=False), _va("seabank", "SeaBank", on_core=False)),
        _va("saqu", "Bank Saqu", on_core=False),
        *(_INDOMARET, _ALFAMART, _AKULAKU, _KREDIVO, _KLIKBCA),
        _redirect("bca_klikpay", "BCA KlikPay", "OK, BCA KlikPay transaction is successful"),
        _redirect(
            "cimb_clicks",
            "OCTO Clicks",
            "Success, CIMB Clicks transaction is successful",
            has_fraud_status=False,
        ),
        _redirect("bri_epay", "BRImo", "Success, BRI E-Pay transaction is successful"),
        _redirect(
            "danamon_online",
            "Danamon Online Banking",
            "Success, Danamon Online transaction is successful",
        ),
        _redirect("uob_ezpay", "UOB EZ Pay", "Success, UOB EZ Pay transaction is successful"),
    )
}
KNOWN_CODES: Final = frozenset(alias for method in METHODS.values() for alias in method.aliases)

# What the control API accepts beside the keys above.
CONTROL_ALIASES: Final = {
    "card": "credit_card",
    "bank_transfer": "bca_va",
    **{method.bank: method.key for method in METHODS.values() if method.kind is Kind.VA},
    "mandiri": "echannel",
    "cstore": "indomaret",
    "other_qris": "qris",
}


def find_method(name: str) -> Method | None:
    """Return the method of a key or a control alias, or None."""
    return METHODS.get(CONTROL_ALIASES.get(name, name))


def core_method(payment_type: str, bank: str) -> Method | None:
    """Return the method that Core's ``payment_type`` and bank or store name, or None."""
    found = [method for method in METHODS.values() if method.payment_type == payment_type]
    return next((method for method in found if method.bank == bank), None)


def enabled_methods(codes: list[str] | None) -> list[Method]:
    """Return the methods that ``enabled_payments`` switches on; None means all of today's."""
    if codes is None:
        return [method for method in METHODS.values() if method.is_current]
    wanted = set(codes)
    return [method for method in METHODS.values() if method.aliases & wanted]
