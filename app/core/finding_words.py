"""What people read of each kind of finding, in the two languages of the desk."""

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
