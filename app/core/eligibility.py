"""Which payment methods can be refunded through the gateway, as data with source and date.

Providers change these rules; a wrong row costs a refusal by the gateway, never money, because the
gateway has the last word.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Final

from app.core.methods import is_virtual_account
from app.core.states import GatewayName

_MIDTRANS: Final = 'Midtrans docs, "What payment methods have the refund feature"'
_XENDIT: Final = 'Xendit docs, "Available payment channels" and channel pages'
_READ_MIDTRANS: Final = date(2026, 5, 31)
_READ_XENDIT: Final = date(2026, 4, 30)


@dataclass(frozen=True, slots=True)
class RefundRule:
    """What one gateway allows for one method. ``window_days`` counts from payment; None: no limit.

    ``closed_from`` and ``closed_until`` are hours in WIB at which the provider takes no refund.
    """

    refundable: bool
    source: str
    as_of: date
    partial: bool = True
    several: bool = True
    window_days: int | None = None
    closed_from: time | None = None
    closed_until: time | None = None


def _midtrans(
    days: int,
    *,
    partial: bool = True,
    closed: tuple[time, time] | None = None,
) -> RefundRule:
    opening = closed or (None, None)
    return RefundRule(
        refundable=True,
        source=_MIDTRANS,
        as_of=_READ_MIDTRANS,
        partial=partial,
        window_days=days,
        closed_from=opening[0],
        closed_until=opening[1],
    )


def _xendit(days: int | None, *, partial: bool = True, several: bool = True) -> RefundRule:
    return RefundRule(
        refundable=True,
        source=_XENDIT,
        as_of=_READ_XENDIT,
        partial=partial,
        several=several,
        window_days=days,
    )


_MIDTRANS_BY_HAND: Final = RefundRule(refundable=False, source=_MIDTRANS, as_of=_READ_MIDTRANS)
_XENDIT_BY_HAND: Final = RefundRule(refundable=False, source=_XENDIT, as_of=_READ_XENDIT)

_RULES: Final[Mapping[GatewayName, Mapping[str, RefundRule]]] = {
    GatewayName.MIDTRANS: {
        "credit_card": _midtrans(180),
        # The shortest window that the docs give for GoPay (deeplink).
        "gopay": _midtrans(45),
        # On-us 45 days, off-us 7; the gateway refuses what is too late for the issuer.
        "qris": _midtrans(45),
        # The API page says no partial refund and a nightly pause; the FAQ is a little laxer.
        "shopeepay": _midtrans(365, partial=False, closed=(time(23, 55), time(6, 0))),
        "dana": _midtrans(45),
        "ovo": _midtrans(7, partial=False),
        "kredivo": _midtrans(14),
        "akulaku": _midtrans(180),
        "echannel": _MIDTRANS_BY_HAND,
        "indomaret": _MIDTRANS_BY_HAND,
        "alfamart": _MIDTRANS_BY_HAND,
    },
    GatewayName.XENDIT: {
        "credit_card": _xendit(365),
        "dana": _xendit(30),
        "shopeepay": _xendit(365),
        "gopay": _xendit(45),
        "qris": _xendit(7),
        "linkaja": _xendit(30, partial=False, several=False),
        "jeniuspay": _xendit(0, several=False),
        "kredivo": _xendit(14, partial=False, several=False),
        "akulaku": _xendit(None, several=False),
        "indodana": _xendit(30, several=False),
        "dd_bri": _xendit(120, partial=False, several=False),
        # Only linked OVO payments can be refunded; the invoice page takes one-time payments.
        "ovo": _XENDIT_BY_HAND,
        "astrapay": _XENDIT_BY_HAND,
        "alfamart": _XENDIT_BY_HAND,
        "indomaret": _XENDIT_BY_HAND,
    },
}
_VIRTUAL_ACCOUNT: Final[Mapping[GatewayName, RefundRule]] = {
    GatewayName.MIDTRANS: _MIDTRANS_BY_HAND,
    GatewayName.XENDIT: _XENDIT_BY_HAND,
}


def refund_rule(gateway: GatewayName, method: str) -> RefundRule | None:
    """Return the rule for a method, or None when we know none."""
    if is_virtual_account(method):
        return _VIRTUAL_ACCOUNT[gateway]
    return _RULES[gateway].get(method)
