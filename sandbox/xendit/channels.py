"""Xendit's Indonesian channels as data: limits, refund rules, settlement."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sandbox.clock import WIB

_SETTLEMENT_HOUR_UTC: Final = 18
# "At once" means after the callback: an invoice is called back as PAID, never as SETTLED.
_AT_ONCE: Final = timedelta(minutes=1)
_SATURDAY: Final = 5
_MILLION: Final = 1_000_000
_ANY_TIME: Final = 36_500


@dataclass(frozen=True, slots=True)
class Channel:
    """One channel; amounts in rupiah, days of settlement and of possible refunds.

    ``refund_days`` is None where no refund is possible, 0 for the day of payment only.
    ``settle_days`` 0 means at once; ``working_days`` leaves out Saturdays and Sundays.

    Source: Xendit docs, the page of each channel ("BCA virtual account", "DANA", ...),
    and the help article on e-wallet refunds. CIMB, ATOME and DD_MANDIRI have no such
    page: they take the figures of their nearest kin.
    """

    code: str
    kind: str
    label: str
    lowest: int
    highest: int
    settle_days: int
    refund_days: int | None = None
    partial: bool = True
    several: bool = True
    working_days: bool = False
    # Refundable only where the wallet was linked beforehand.
    only_linked: bool = False


def _bank(
    code: str, label: str, lowest: int = 1, highest: int = 50_000 * _MILLION, days: int = 0
) -> Channel:
    name = f"{label} Virtual Account"
    return Channel(code, "va", name, lowest, highest, days, working_days=True)


def _outlet(code: str, label: str) -> Channel:
    return Channel(code, "retail", label, 10_000, 5 * _MILLION, 5, working_days=True)


def _wallet(code: str, label: str, lowest: int, highest: int, refund_days: int | None) -> Channel:
    return Channel(code, "ewallet", label, lowest, highest, 2, refund_days)


_ALL: Final = (
    Channel("OVO", "ewallet", "OVO", 100, 20 * _MILLION, 2, 14, only_linked=True),
    _wallet("DANA", "DANA", 100, 20 * _MILLION, 30),
    _wallet("SHOPEEPAY", "ShopeePay", 1, 20 * _MILLION, 365),
    Channel(
        "LINKAJA", "ewallet", "LinkAja", 100, 10 * _MILLION, 2, 30, partial=False, several=False
    ),
    Channel("GOPAY", "ewallet", "GoPay", 1, 50 * _MILLION, 1, 45),
    _wallet("ASTRAPAY", "AstraPay", 100, 20 * _MILLION, None),
    Channel(
        *("JENIUSPAY", "ewallet", "Jenius Pay", 1_000, 20 * _MILLION, 2, 0),
        several=False,
        working_days=True,
    ),
    Channel("QRIS", "qr", "QRIS", 1, 10 * _MILLION, 2, 7),
    _bank("BCA", "BCA", 10_000, 50 * _MILLION, 1),
    _bank("BNI", "BNI"),
    _bank("BRI", "BRI"),
    _bank("MANDIRI", "Mandiri"),
    _bank("PERMATA", "Permata", highest=9_999_999_999),
    _bank("BSI", "BSI"),
    _bank("BJB", "BJB", highest=2_000 * _MILLION),
    _bank("CIMB", "CIMB Niaga"),
    _bank("SAHABAT_SAMPOERNA", "Bank Sahabat Sampoerna"),
    _bank("BNC", "Bank Neo Commerce", 10_000),
    _bank("MUAMALAT", "Bank Muamalat", 10_000),
    _outlet("ALFAMART", "Alfamart"),
    _outlet("INDOMARET", "Indomaret"),
    Channel("CREDIT_CARD", "card", "Kartu kredit/debit", 5_000, 200 * _MILLION, 5, 365),
    Channel(
        *("DD_BRI", "direct_debit", "BRI Direct Debit", 1, 999_999, 0, 120),
        partial=False,
        several=False,
    ),
    Channel(
        *("DD_MANDIRI", "direct_debit", "Mandiri Direct Debit", 1, 999_999, 0, 120),
        partial=False,
        several=False,
    ),
    Channel(
        *("KREDIVO", "paylater", "Kredivo", 1_000, 30 * _MILLION, 4, 14),
        partial=False,
        several=False,
    ),
    Channel(*("AKULAKU", "paylater", "Akulaku", 1_000, 25 * _MILLION, 2, _ANY_TIME), several=False),
    Channel("INDODANA", "paylater", "Indodana", 10_000, 25 * _MILLION, 2, 30, several=False),
    Channel("ATOME", "paylater", "Atome", 10_000, 25 * _MILLION, 2, 30, several=False),
)
CHANNELS: Final = {channel.code: channel for channel in _ALL}
# Leading digits of test-mode numbers; length 13 as most recorded ones.
VA_PREFIX: Final = {
    "BCA": "10766",
    "BNI": "8808",
    "BRI": "26215",
    "MANDIRI": "88608",
    "PERMATA": "8214",
    "BSI": "9347",
    "BJB": "1234",
    "CIMB": "9349",
    "SAHABAT_SAMPOERNA": "4016",
    "BNC": "9014",
    "MUAMALAT": "8547",
}
VA_LENGTH: Final = 13
# Whose customers can get a QRIS payment back (Xendit docs, "QRIS").
REFUNDING_ISSUERS: Final = frozenset(
    {"dana", "shopeepay", "ovo", "gopay", "cimb", "permata", "jenius", "smbc", "bsi"}
)
# This issuer does not give the whole amount back on the first day.
SLOW_ISSUER: Final = "cimb"


def offered(codes: list[str], amount: int) -> list[Channel]:
    """Return those of the channels that may take ``amount``."""
    wanted = [CHANNELS[code] for code in codes]
    return [channel for channel in wanted if channel.lowest <= amount <= channel.highest]


def settlement_time(paid_at: datetime, channel: Channel) -> datetime:
    """Return when a payment settles: a minute later, or 01:00 WIB after the channel's days.

    Source: ``updated`` of settled e-wallet invoices in real account listings (18:00 UTC).
    Public holidays count as working days here.
    """
    if channel.settle_days == 0:
        return paid_at + _AT_ONCE
    day = _days_later(paid_at, channel)
    at = day.replace(hour=_SETTLEMENT_HOUR_UTC, minute=0, second=0, microsecond=0)
    return at if at > paid_at else at + timedelta(days=1)


def refundable_until(paid_at: datetime, channel: Channel) -> datetime | None:
    """Return the last moment of a refund, or None where there is none."""
    if channel.refund_days is None:
        return None
    if channel.refund_days:
        return paid_at + timedelta(days=channel.refund_days)
    midnight = paid_at.astimezone(WIB).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + timedelta(days=1)


def _days_later(paid_at: datetime, channel: Channel) -> datetime:
    day, left = paid_at, channel.settle_days
    while left:
        day += timedelta(days=1)
        if not (channel.working_days and day.astimezone(WIB).weekday() >= _SATURDAY):
            left -= 1
    return day
