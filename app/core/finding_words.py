"""What people read of each kind of finding, in the two languages of the desk."""

import re
from collections.abc import Mapping
from typing import Final

from app.core.findings import FindingCode
from app.core.reason_words import Words

FINDING_WORDS: Final[Mapping[FindingCode, Words]] = {
    FindingCode.SUMS_DIFFER: Words(
        "The order's amounts are not those that follow from its payments and refunds.",
        "Jumlah pada pesanan tidak sesuai dengan pembayaran dan refund-nya.",
    ),
    FindingCode.LEDGER_DIFFERS: Words(
        "The ledger does not show what the payments and refunds say.",
        "Buku besar tidak menunjukkan apa yang tercatat pada pembayaran dan refund.",
    ),
    FindingCode.STATUS_DIFFERS: Words(
        "The order's status is not the one that follows from its facts and its timeline.",
        "Status pesanan tidak sesuai dengan fakta dan riwayatnya.",
    ),
    FindingCode.WINNER_DIFFERS: Words(
        "The payment named as the one that pays this order is not the one that paid.",
        "Pembayaran yang tercatat untuk pesanan ini bukan yang sebenarnya membayar.",
    ),
    FindingCode.RETURNED_TOO_MUCH: Words(
        "More was given back of a payment than was paid.",
        "Dana yang dikembalikan lebih besar daripada yang dibayar.",
    ),
    FindingCode.TIMELINE_BROKEN: Words(
        "The timeline was changed after it was written.",
        "Riwayat pesanan diubah setelah ditulis.",
    ),
    FindingCode.REFUND_INCONSISTENT: Words(
        "A refund's state does not fit its times.",
        "Status refund tidak cocok dengan waktunya.",
    ),
    FindingCode.REFUND_FORGOTTEN: Words(
        "A refund is under way, but no job will look at it again.",
        "Refund sedang berjalan, tetapi tidak ada pekerjaan yang akan memeriksanya lagi.",
    ),
    FindingCode.STOCK_DIFFERS: Words(
        "The goods that the order holds are not those that moved for it.",
        "Barang yang dipegang pesanan tidak sesuai dengan pergerakan stoknya.",
    ),
    FindingCode.RESERVED_STOCK_DIFFERS: Words(
        "The reserved pieces of a product are not those of the orders that reserve it.",
        "Jumlah produk yang dicadangkan tidak sesuai dengan pesanan yang mencadangkannya.",
    ),
    FindingCode.ATTEMPT_FORGOTTEN: Words(
        "A payment try should be asked about, but no job will ask.",
        "Percobaan pembayaran perlu ditanyakan, tetapi tidak ada pekerjaan yang akan menanyakan.",
    ),
    FindingCode.CLAIM_FORGOTTEN: Words(
        "A notification waits to be confirmed, but no job will confirm it.",
        "Notifikasi menunggu konfirmasi, tetapi tidak ada pekerjaan yang akan mengonfirmasinya.",
    ),
}

# What differences are told in; amounts, names and states of machines are the same in both.
PHRASES: Final[Mapping[str, str]] = {
    "a finish time, if finished": "waktu selesai, jika sudah selesai",
    "a next look": "jadwal pemeriksaan berikutnya",
    "a time of sending": "waktu pengiriman",
    "a time when it is due": "waktu jatuh tempo",
    "an unbroken chain": "rantai yang utuh",
    "at most": "paling banyak",
    "broken at line": "terputus di baris",
    "captured": "diterima",
    "no approval yet": "belum ada persetujuan",
    "none planned": "tidak dijadwalkan",
    "none": "tidak ada",
    "not posted": "belum dicatat",
    "refunded": "direfund",
    "reserved": "dicadangkan",
    "taken": "diambil",
    "the route by hand": "jalur manual",
}
# The longest first, so that no phrase is taken for the beginning of another.
_PHRASE: Final = re.compile(
    r"\b(" + "|".join(map(re.escape, sorted(PHRASES, key=len, reverse=True))) + r")\b"
)


def in_indonesian(text: str) -> str:
    """Return one side of a difference, told in English, in Indonesian."""
    return _PHRASE.sub(lambda found: PHRASES[found[1]], text)
