"""The payment methods as data: names, lifetimes, what may be refunded or reversed."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final


@dataclass(frozen=True, slots=True)
class Method:
    """One way to pay.

    ``aliases`` are the values of ``enabled_payments`` that switch it on;
    the three field tuples name what its bodies carry in each phase.
    """

    key: str
    payment_type: str
    label_id: str
    label_en: str
    kind: str
    aliases: frozenset[str]
    lifetime: timedelta
    refund_window: timedelta | None
    can_reverse: bool
    waiting_fields: tuple[str, ...]
    paid_fields: tuple[str, ...]
    closed_fields: tuple[str, ...]
    closed_has_fraud_status: bool = True
    has_fraud_status: bool = True


_CARD_ANSWER: Final = ("channel_response_message", "channel_response_code", "card_type", "bank")

# Lifetimes: Midtrans docs, "Testing payment on sandbox" and the expiry table of each
# method. Refund windows: "Refund transaction". Reversal: "Transaction status cycle".
METHODS: Final = {
    method.key: method
    for method in (
        Method(
            key="credit_card",
            payment_type="credit_card",
            label_id="Kartu kredit/debit",
            label_en="Credit/debit card",
            kind="card",
            aliases=frozenset({"credit_card"}),
            lifetime=timedelta(minutes=10),
            refund_window=timedelta(days=180),
            can_reverse=False,
            waiting_fields=("masked_card", "bank", "card_type"),
            paid_fields=("masked_card", "eci", *_CARD_ANSWER, "approval_code"),
            closed_fields=("masked_card", "approval_code", "bank", "eci"),
        ),
        Method(
            key="gopay",
            payment_type="gopay",
            label_id="GoPay",
            label_en="GoPay",
            kind="wallet",
            aliases=frozenset({"gopay"}),
            lifetime=timedelta(minutes=15),
            refund_window=timedelta(days=45),
            can_reverse=False,
            waiting_fields=(),
            paid_fields=(),
            closed_fields=(),
        ),
        Method(
            key="qris",
            payment_type="qris",
            label_id="QRIS",
            label_en="QRIS",
            kind="qr",
            aliases=frozenset({"qris", "other_qris"}),
            lifetime=timedelta(minutes=15),
            refund_window=timedelta(days=45),
            can_reverse=False,
            waiting_fields=("acquirer",),
            paid_fields=("transaction_type", "issuer", "acquirer"),
            closed_fields=(),
            closed_has_fraud_status=False,
        ),
        Method(
            key="bca_va",
            payment_type="bank_transfer",
            label_id="BCA Virtual Account",
            label_en="BCA Virtual Account",
            kind="va",
            aliases=frozenset({"bca_va", "bank_transfer"}),
            lifetime=timedelta(hours=24),
            refund_window=None,
            can_reverse=False,
            waiting_fields=("va_numbers",),
            paid_fields=("va_numbers", "payment_amounts"),
            closed_fields=("va_numbers",),
        ),
        Method(
            key="permata_va",
            payment_type="bank_transfer",
            label_id="Permata Virtual Account",
            label_en="Permata Virtual Account",
            kind="va",
            aliases=frozenset({"permata_va", "bank_transfer"}),
            lifetime=timedelta(hours=24),
            refund_window=None,
            can_reverse=True,
            waiting_fields=("permata_va_number",),
            paid_fields=("permata_va_number",),
            closed_fields=("permata_va_number",),
        ),
        Method(
            key="indomaret",
            payment_type="cstore",
            label_id="Indomaret",
            label_en="Indomaret",
            kind="code",
            aliases=frozenset({"indomaret", "cstore", "store"}),
            lifetime=timedelta(hours=24),
            refund_window=None,
            can_reverse=True,
            waiting_fields=("store", "payment_code"),
            paid_fields=("store", "payment_code", "approval_code"),
            closed_fields=("store", "payment_code"),
            closed_has_fraud_status=False,
            has_fraud_status=False,
        ),
    )
}

# Values of enabled_payments that exist at Midtrans but are not imitated here.
OTHER_CODES: Final = frozenset(
    {
        *("bni_va", "bri_va", "cimb_va", "danamon_va", "bsi_va", "seabank_va", "saqu_va"),
        *("echannel", "other_va", "shopeepay", "dana", "ovo", "alfamart", "akulaku", "kredivo"),
        *("bca_klikpay", "bca_klikbca", "bri_epay", "cimb_clicks", "danamon_online"),
        "uob_ezpay",
    }
)

# What the control API accepts beside the keys above.
CONTROL_ALIASES: Final = {
    "card": "credit_card",
    "bank_transfer": "bca_va",
    "bca": "bca_va",
    "permata": "permata_va",
    "cstore": "indomaret",
    "other_qris": "qris",
}


def find_method(name: str) -> Method | None:
    """Return the method of a key or a control alias, or None."""
    return METHODS.get(CONTROL_ALIASES.get(name, name))


def enabled_methods(codes: list[str] | None) -> list[Method]:
    """Return the methods that ``enabled_payments`` switches on; None means all."""
    wanted = None if codes is None else set(codes)
    return [method for method in METHODS.values() if wanted is None or method.aliases & wanted]
