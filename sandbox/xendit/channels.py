"""Xendit's Indonesian channels as data: limits, refund rules, settlement."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

_SETTLEMENT_HOUR_UTC: Final = 18
_MILLION: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Channel:
    """One channel; amounts in rupiah, ``refund_days`` None where no refund is possible.

    Source: Xendit docs, the page of each channel ("BCA virtual account", "DANA", ...),
    and the help article on e-wallet refunds for OVO.
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


CHANNELS: Final = {
    channel.code: channel
    for channel in (
        Channel("OVO", "ewallet", "OVO", 100, 20 * _MILLION, 2),
        Channel("DANA", "ewallet", "DANA", 100, 20 * _MILLION, 2, 30),
        Channel("SHOPEEPAY", "ewallet", "ShopeePay", 1, 20 * _MILLION, 2, 365),
        Channel(
            "LINKAJA", "ewallet", "LinkAja", 100, 10 * _MILLION, 2, 30, partial=False, several=False
        ),
        Channel("QRIS", "qr", "QRIS", 1, 10 * _MILLION, 2, 7),
        Channel("BCA", "va", "BCA Virtual Account", 10_000, 50 * _MILLION, 1),
        Channel("BNI", "va", "BNI Virtual Account", 1, 50_000 * _MILLION, 1),
        Channel("BRI", "va", "BRI Virtual Account", 1, 50_000 * _MILLION, 1),
        Channel("MANDIRI", "va", "Mandiri Virtual Account", 1, 50_000 * _MILLION, 1),
        Channel("PERMATA", "va", "Permata Virtual Account", 1, 9_999_999_999, 1),
        Channel("ALFAMART", "retail", "Alfamart", 10_000, 5 * _MILLION, 5),
        Channel("INDOMARET", "retail", "Indomaret", 10_000, 5 * _MILLION, 5),
        Channel("CREDIT_CARD", "card", "Kartu kredit/debit", 5_000, 200 * _MILLION, 5, 365),
    )
}
VA_PREFIX: Final = {
    "BCA": "10766",
    "BNI": "8808",
    "BRI": "26215",
    "MANDIRI": "88608",
    "PERMATA": "8214",
}
VA_LENGTH: Final = 13


def offered(codes: list[str] | None, amount: int) -> list[Channel]:
    """Return the channels that may take ``amount``, of those asked for (None: all)."""
    wanted = CHANNELS.values() if codes is None else [CHANNELS[code] for code in codes]
    return [channel for channel in wanted if channel.lowest <= amount <= channel.highest]


def settlement_time(paid_at: datetime, settle_days: int) -> datetime:
    """Return when a payment settles: 18:00 UTC (01:00 WIB) after the channel's days.

    Source: ``updated`` of settled e-wallet invoices in real account listings.
    """
    day = paid_at + timedelta(days=settle_days)
    at = day.replace(hour=_SETTLEMENT_HOUR_UTC, minute=0, second=0, microsecond=0)
    return at if at > paid_at else at + timedelta(days=1)
