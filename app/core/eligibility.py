"""Which payments can be refunded through the gateway, as data with source and date.

Providers change these rules, and their own pages disagree here and there; a wrong row costs a
refusal by the gateway, never money, because the gateway has the last word. What depends on
something that we do not know of a payment is said as a caution, not guessed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from enum import StrEnum
from typing import Final, TypeAlias

from app.core.methods import is_virtual_account
from app.core.observations import Instrument
from app.core.reasons import Why
from app.core.states import GatewayName

_MIDTRANS: Final = 'Midtrans docs, "What payment methods have the refund feature"'
_MIDTRANS_DIRECT: Final = 'Midtrans docs, "Direct refund transaction"'
_MIDTRANS_CYCLE: Final = 'Midtrans docs, "Transaction status cycle"'
_XENDIT: Final = 'Xendit docs, "Available payment channels" and channel pages'
_XENDIT_OVO: Final = 'Xendit help, "How to refund/void an eWallet transaction using API"'
_XENDIT_QRIS: Final = 'Xendit docs, "QRIS", and help article on QRIS refunds'
_READ_MIDTRANS: Final = date(2026, 5, 31)
_READ_XENDIT: Final = date(2026, 4, 30)


class Endpoint(StrEnum):
    """The gateway's call that carries a refund out."""

    MIDTRANS_REFUND = "POST /v2/{id}/refund"
    MIDTRANS_CANCEL = "POST /v2/{id}/cancel"
    XENDIT_REFUND = "POST /refunds"


@dataclass(frozen=True, slots=True)
class RefundRule:
    """What one gateway allows for one kind of payment.

    ``window_days`` counts from payment, None: no limit stated; past ``doubtful_after_days`` the
    provider's pages disagree. ``whole_after``: a refund of the whole amount must wait this long.
    ``closed_from`` and ``closed_until`` are hours in WIB at which the provider takes no refund.
    ``direct``: Midtrans' synchronous endpoint would take it too.
    """

    refundable: bool
    source: str
    as_of: date
    endpoint: Endpoint | None = None
    partial: bool = True
    several: bool = True
    window_days: int | None = None
    doubtful_after_days: int | None = None
    whole_after: timedelta | None = None
    closed_from: time | None = None
    closed_until: time | None = None
    direct: bool = False
    cautions: tuple[Why, ...] = ()


_Says: TypeAlias = Callable[[str | None], bool]


def _anything(_told: str | None) -> bool:
    return True


def _told(told: str | None) -> bool:
    return told is not None


def _one_of(*names: str) -> _Says:
    return lambda told: told in names


@dataclass(frozen=True, slots=True)
class _Row:
    """A rule and what must be known of a payment for it to hold; the first row that fits does."""

    rule: RefundRule
    acquirer: _Says = _anything
    issuer: _Says = _anything
    off_us: bool | None = None

    def fits(self, paid_with: Instrument) -> bool:
        """Tell whether the rule holds for a payment made with this instrument."""
        return (
            self.acquirer(paid_with.acquirer)
            and self.issuer(paid_with.issuer)
            and self.off_us in {None, paid_with.off_us}
        )


_M: Final = RefundRule(
    refundable=True,
    source=_MIDTRANS,
    as_of=_READ_MIDTRANS,
    endpoint=Endpoint.MIDTRANS_REFUND,
    direct=True,
)
_X: Final = RefundRule(
    refundable=True,
    source=_XENDIT,
    as_of=_READ_XENDIT,
    endpoint=Endpoint.XENDIT_REFUND,
    cautions=(Why.MAY_LACK_BALANCE,),
)
_M_BY_HAND: Final = RefundRule(refundable=False, source=_MIDTRANS, as_of=_READ_MIDTRANS)
_X_BY_HAND: Final = RefundRule(refundable=False, source=_XENDIT, as_of=_READ_XENDIT)
# A card charge that has not settled is cancelled, whole, instead of refunded.
VOID_RULE: Final = RefundRule(
    refundable=True,
    source=_MIDTRANS_CYCLE,
    as_of=_READ_MIDTRANS,
    endpoint=Endpoint.MIDTRANS_CANCEL,
    partial=False,
    several=False,
)

# Xendit's help doubts that wallet payments made on an invoice can be refunded; real ones were.
_X_WALLET: Final = replace(_X, cautions=(*_X.cautions, Why.MAY_NOT_COVER_INVOICES))
_NIGHT: Final = (time(23, 55), time(6, 0))
_SHOPEE: Final = "airpay shopee"
_M_CARD: Final = replace(_M, window_days=180)
# The shortest window of the pages: paid by deeplink. Others say 90 (coins) or 180 days.
_M_GOPAY: Final = replace(
    _M, window_days=180, doubtful_after_days=45, cautions=(Why.MAY_LACK_BALANCE,)
)
# The API page says no partial refund and a nightly pause; the FAQ is a little laxer.
_M_SHOPEE: Final = replace(
    _M, window_days=365, partial=False, closed_from=_NIGHT[0], closed_until=_NIGHT[1]
)
_X_QRIS: Final = replace(
    _X, source=_XENDIT_QRIS, window_days=30, doubtful_after_days=7, cautions=(Why.MAY_LACK_BALANCE,)
)
_QRIS_ISSUERS: Final = _one_of(
    *("dana", "shopeepay", "ovo", "gopay", "permata", "jenius", "smbc", "bsi")
)

_ROWS: Final[Mapping[GatewayName, Mapping[str, tuple[_Row, ...]]]] = {
    GatewayName.MIDTRANS: {
        "credit_card": (
            _Row(
                replace(_M_CARD, source=_MIDTRANS_DIRECT),
                acquirer=_one_of("bca", "maybank", "bni", "bri"),
            ),
            # Other banks give back by file, days later.
            _Row(
                replace(_M_CARD, direct=False, cautions=(Why.BANK_REFUNDS_BY_FILE,)), acquirer=_told
            ),
            _Row(replace(_M_CARD, direct=False, cautions=(Why.MAY_DEPEND_ON_ACQUIRER,))),
        ),
        "gopay": (_Row(_M_GOPAY),),
        "qris": (
            _Row(
                _M_BY_HAND,
                acquirer=_one_of(_SHOPEE),
                issuer=_one_of("bca", "bni", "bri"),
                off_us=True,
            ),
            _Row(replace(_M_SHOPEE, window_days=7), acquirer=_one_of(_SHOPEE), off_us=True),
            _Row(_M_SHOPEE, acquirer=_one_of(_SHOPEE), off_us=False),
            _Row(
                replace(_M_SHOPEE, doubtful_after_days=7, cautions=(Why.MAY_DEPEND_ON_QR_NETWORK,)),
                acquirer=_one_of(_SHOPEE),
            ),
            _Row(replace(_M_GOPAY, window_days=7, doubtful_after_days=None), off_us=True),
            _Row(replace(_M_GOPAY, window_days=45, doubtful_after_days=None), off_us=False),
            _Row(
                replace(
                    _M_GOPAY,
                    window_days=45,
                    doubtful_after_days=7,
                    cautions=(Why.MAY_DEPEND_ON_QR_NETWORK, Why.MAY_LACK_BALANCE),
                )
            ),
        ),
        "shopeepay": (_Row(_M_SHOPEE),),
        "dana": (_Row(replace(_M, window_days=45, direct=False)),),
        # Travel merchants have 180 days; a web shop is none.
        "ovo": (_Row(replace(_M, window_days=7, partial=False, direct=False)),),
        "kredivo": (_Row(replace(_M, window_days=14)),),
        "akulaku": (_Row(replace(_M, window_days=180)),),
        **{method: (_Row(_M_BY_HAND),) for method in ("echannel", "indomaret", "alfamart")},
    },
    GatewayName.XENDIT: {
        "credit_card": (_Row(replace(_X, window_days=365)),),
        "dana": (_Row(replace(_X_WALLET, window_days=30)),),
        "shopeepay": (_Row(replace(_X_WALLET, window_days=365)),),
        "gopay": (_Row(replace(_X_WALLET, window_days=45)),),
        "linkaja": (_Row(replace(_X_WALLET, window_days=30, partial=False, several=False)),),
        "jeniuspay": (_Row(replace(_X_WALLET, window_days=0, several=False)),),
        "qris": (
            _Row(replace(_X_QRIS, whole_after=timedelta(hours=24)), issuer=_one_of("cimb")),
            _Row(_X_QRIS, issuer=_QRIS_ISSUERS),
            _Row(replace(_X_BY_HAND, source=_XENDIT_QRIS), issuer=_told),
            _Row(replace(_X_QRIS, cautions=(Why.MAY_DEPEND_ON_ISSUER, *_X_QRIS.cautions))),
        ),
        "kredivo": (_Row(replace(_X, window_days=14, partial=False, several=False)),),
        "akulaku": (_Row(replace(_X, several=False)),),
        "indodana": (_Row(replace(_X, window_days=30, several=False)),),
        "atome": (_Row(replace(_X, several=False)),),
        "dd_bri": (_Row(replace(_X, window_days=120, partial=False, several=False)),),
        # Only linked OVO payments can be refunded; the invoice page takes one-time payments.
        "ovo": (_Row(replace(_X_BY_HAND, source=_XENDIT_OVO)),),
        **{
            method: (_Row(_X_BY_HAND),)
            for method in ("astrapay", "nexcash", "alfamart", "indomaret")
        },
    },
}
_VIRTUAL_ACCOUNT: Final[Mapping[GatewayName, RefundRule]] = {
    GatewayName.MIDTRANS: _M_BY_HAND,
    GatewayName.XENDIT: _X_BY_HAND,
}
# Neither provider says whether these can be refunded: a person pays them back by transfer.
WITHOUT_RULE: Final[Mapping[GatewayName, frozenset[str]]] = {
    GatewayName.MIDTRANS: frozenset(
        {
            *("bca_klikbca", "bca_klikpay", "bri_epay", "cimb_clicks"),
            *("danamon_online", "uob_ezpay"),
        }
    ),
    GatewayName.XENDIT: frozenset({"dd_mandiri"}),
}
_UNKNOWN_INSTRUMENT: Final = Instrument()


def refund_rule(
    gateway: GatewayName, method: str, instrument: Instrument | None = None
) -> RefundRule | None:
    """Return the rule for a payment by what is known of it, or None when we know no rule."""
    if is_virtual_account(method):
        return _VIRTUAL_ACCOUNT[gateway]
    rows = _ROWS[gateway].get(method, ())
    paid_with = instrument or _UNKNOWN_INSTRUMENT
    return next((row.rule for row in rows if row.fits(paid_with)), None)


def all_rules() -> tuple[tuple[GatewayName, str, RefundRule], ...]:
    """Return every rule there is, with its gateway and method, to be listed."""
    named = tuple(
        (gateway, method, row.rule)
        for gateway, methods in _ROWS.items()
        for method, rows in methods.items()
        for row in rows
    )
    accounts = tuple((gateway, "*_va", rule) for gateway, rule in _VIRTUAL_ACCOUNT.items())
    return (*named, *accounts)
