"""Why money goes back: the catalogue that staff choose from, in both languages."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from app.core.words import Words


class RefundReason(StrEnum):
    """One reason; stored with the refund (``refunds.reason_code``), counted in reports."""

    GOODS_RETURNED = "goods_returned"
    NOT_RECEIVED = "not_received"
    DAMAGED = "damaged"
    WRONG_GOODS = "wrong_goods"
    SOLD_OUT = "sold_out"
    CUSTOMER_CANCELLED = "customer_cancelled"
    PAID_TWICE = "paid_twice"
    PAID_LATE = "paid_late"
    WRONG_PRICE = "wrong_price"
    FRAUD = "fraud"
    GOODWILL = "goodwill"
    OTHER = "other"


REASON_WORDS: Final[Mapping[RefundReason, Words]] = {
    RefundReason.GOODS_RETURNED: Words("Goods sent back", "Barang dikembalikan"),
    RefundReason.NOT_RECEIVED: Words("Goods did not arrive", "Barang tidak sampai"),
    RefundReason.DAMAGED: Words("Goods damaged or faulty", "Barang rusak atau cacat"),
    RefundReason.WRONG_GOODS: Words("Wrong goods sent", "Barang yang dikirim salah"),
    RefundReason.SOLD_OUT: Words("Goods sold out", "Barang habis"),
    RefundReason.CUSTOMER_CANCELLED: Words("Customer changed their mind", "Pelanggan membatalkan"),
    RefundReason.PAID_TWICE: Words("Paid twice", "Dibayar dua kali"),
    RefundReason.PAID_LATE: Words("Paid after the order had ended", "Dibayar setelah tutup"),
    RefundReason.WRONG_PRICE: Words("Price or shipping corrected", "Koreksi harga atau ongkir"),
    RefundReason.FRAUD: Words("Fraud suspected", "Dugaan penipuan"),
    RefundReason.GOODWILL: Words("Goodwill", "Kebijakan toko"),
    RefundReason.OTHER: Words("Something else (see the note)", "Lainnya (lihat catatan)"),
}
