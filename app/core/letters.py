"""What mails to shoppers say, in both languages; how they look is the post's matter."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from app.core import methods
from app.core.money import format_rupiah
from app.core.refund_progress import Arrival
from app.core.wib import WIB


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail in words: ``rows`` are pairs of a name and a value, ``link`` leads to the order."""

    language: str
    subject: str
    greeting: str
    paragraphs: tuple[str, ...]
    rows: tuple[tuple[str, str], ...]
    link_words: str
    link: str
    footer: str


@dataclass(frozen=True, slots=True)
class LetterOrder:
    """What a letter needs to know of an order; ``lines`` are name, pieces, and sum in rupiah."""

    language: str
    shop_name: str
    number: str
    customer_name: str
    lines: tuple[tuple[str, int, int], ...]
    total_idr: int
    paid_at: datetime | None
    method: str | None
    link: str


@dataclass(frozen=True, slots=True)
class LetterRefund:
    """What a letter needs to know of a refund; ``method`` is None for a transfer by hand."""

    amount_idr: int
    method: str | None
    arrival: Arrival


_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "id": {
        "greeting": "Halo {name},",
        "footer": "{shop}. Surat ini dikirim otomatis karena Anda memesan di toko kami. "
        "Kami tidak pernah menanyakan PIN atau OTP.",
        "link": "Lihat pesanan Anda",
        "order": "Nomor pesanan",
        "total": "Total",
        "paid_at": "Dibayar",
        "method": "Cara bayar",
        "amount": "Jumlah yang dikembalikan",
        "goes_to": "Dikembalikan ke",
        "transfer": "Transfer bank",
        "receipt_subject": "Bukti pembayaran {number}: {total}",
        "receipt_intro": "Terima kasih, pembayaran Anda sudah kami terima dan pesanan Anda "
        "segera kami siapkan. Surat ini adalah bukti pembayaran Anda.",
        "refund_subject": "Pengembalian {amount} untuk pesanan {number}",
        "refund_intro": "Pengembalian uang Anda sudah kami kirim.",
        "same_day": "Biasanya uang masuk di hari yang sama, paling lama {most} hari kerja.",
        "days": "Biasanya uang masuk dalam {least} sampai {most} hari kerja.",
    },
    "en": {
        "greeting": "Hello {name},",
        "footer": "{shop}. Sent automatically because you ordered at our shop. "
        "We never ask for a PIN or a one-time code.",
        "link": "See your order",
        "order": "Order number",
        "total": "Total",
        "paid_at": "Paid",
        "method": "Paid with",
        "amount": "Amount refunded",
        "goes_to": "Refunded to",
        "transfer": "Bank transfer",
        "receipt_subject": "Receipt {number}: {total}",
        "receipt_intro": "Thank you: we have received your payment and will prepare your order. "
        "This mail is your receipt.",
        "refund_subject": "Refund of {amount} for order {number}",
        "refund_intro": "We have sent your refund.",
        "same_day": "The money usually arrives the same day, at the latest in {most} working days.",
        "days": "The money usually arrives within {least} to {most} working days.",
    },
}


def compose_receipt(order: LetterOrder) -> Letter:
    """Write the receipt of a paid order."""
    words = _words(order)
    rows = [(words["order"], order.number)]
    rows += [(f"{pieces} x {name}", format_rupiah(total)) for name, pieces, total in order.lines]
    rows.append((words["total"], format_rupiah(order.total_idr)))
    if order.paid_at is not None:
        rows.append((words["paid_at"], _wib(order.paid_at)))
    if order.method:
        rows.append((words["method"], methods.label(order.method)))
    subject = words["receipt_subject"].format(
        number=order.number, total=format_rupiah(order.total_idr)
    )
    return _letter(order, subject, (words["receipt_intro"],), rows)


def compose_refund(order: LetterOrder, refund: LetterRefund) -> Letter:
    """Write that a refund was sent, and when to expect it."""
    words = _words(order)
    amount = format_rupiah(refund.amount_idr)
    rows = [
        (words["order"], order.number),
        (words["amount"], amount),
        (words["goes_to"], methods.label(refund.method) or words["transfer"]),
    ]
    arrival = refund.arrival
    when = words["same_day" if arrival.least_days == 0 else "days"].format(
        least=arrival.least_days, most=arrival.most_days
    )
    subject = words["refund_subject"].format(number=order.number, amount=amount)
    return _letter(order, subject, (words["refund_intro"], when), rows)


def _letter(
    order: LetterOrder, subject: str, paragraphs: tuple[str, ...], rows: list[tuple[str, str]]
) -> Letter:
    words = _words(order)
    return Letter(
        language=order.language,
        subject=subject,
        greeting=words["greeting"].format(name=order.customer_name),
        paragraphs=paragraphs,
        rows=tuple(rows),
        link_words=words["link"],
        link=order.link,
        footer=words["footer"].format(shop=order.shop_name),
    )


def _words(order: LetterOrder) -> Mapping[str, str]:
    return _WORDS.get(order.language, _WORDS["id"])


def _wib(moment: datetime) -> str:
    return moment.astimezone(WIB).strftime("%d-%m-%Y %H:%M WIB")
