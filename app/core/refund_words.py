"""What people read of the finer reasons about refunds, transfers and cancelled orders."""

from collections.abc import Mapping
from typing import Final

from app.core.reasons import Why
from app.core.words import Words

REFUND_WORDS: Final[Mapping[Why, Words]] = {
    Why.WHOLE_NOT_YET: Words(
        "This bank gives the whole amount back only after 24 hours; a part can go now.",
        "Bank ini baru bisa mengembalikan penuh setelah 24 jam; sebagian bisa sekarang.",
    ),
    Why.GATEWAY_REFUSED: Words(
        "The gateway refused this refund; pay back by bank transfer.",
        "Gateway menolak refund ini; kembalikan lewat transfer bank.",
    ),
    Why.ROUTE_CHANGED: Words(
        "The payment has settled meanwhile, so it goes back another way; ask for the refund again.",
        "Pembayaran sudah settle, jadi jalur pengembaliannya berubah; ajukan refund lagi.",
    ),
    Why.ACCOUNT_INCOMPLETE: Words(
        "Bank, account holder and account number (6 to 20 digits) are required.",
        "Bank, nama pemilik, dan nomor rekening (6 sampai 20 angka) wajib diisi.",
    ),
    Why.MAY_LACK_BALANCE: Words(
        "The gateway may refuse: it takes the refund from your balance there.",
        "Gateway bisa menolak: refund diambil dari saldo Anda di sana.",
    ),
    Why.MAY_BE_TOO_LATE: Words(
        "The gateway may refuse: its own pages disagree whether this is still in time.",
        "Gateway bisa menolak: halamannya sendiri tidak sepakat apakah masa refund masih berlaku.",
    ),
    Why.MAY_DEPEND_ON_ACQUIRER: Words(
        "The gateway may refuse: card refunds depend on the acquiring bank, which we do not know.",
        "Gateway bisa menolak: refund kartu bergantung pada bank acquirer, yang belum kami "
        "ketahui.",
    ),
    Why.MAY_DEPEND_ON_ISSUER: Words(
        "The gateway may refuse: QRIS refunds depend on the payer's app, which we do not know.",
        "Gateway bisa menolak: refund QRIS bergantung pada aplikasi pembayar, yang belum kami "
        "ketahui.",
    ),
    Why.MAY_DEPEND_ON_QR_NETWORK: Words(
        "The gateway may refuse after 7 days if the QR code was paid from another network "
        "(off-us), which we do not know.",
        "Gateway bisa menolak setelah 7 hari jika QR dibayar dari jaringan lain (off-us), yang "
        "belum kami ketahui.",
    ),
    Why.MAY_NOT_COVER_INVOICES: Words(
        "The gateway may refuse: its help pages disagree about wallet payments made on an invoice.",
        "Gateway bisa menolak: halaman bantuannya tidak sepakat soal pembayaran e-wallet lewat "
        "invoice.",
    ),
    Why.BANK_REFUNDS_BY_FILE: Words(
        "This card bank gives back by file: it takes days, and the bank may still refuse.",
        "Bank kartu ini mengembalikan lewat berkas: butuh beberapa hari, dan bank masih bisa "
        "menolak.",
    ),
    Why.REFUND_REROUTED: Words(
        "The refund goes on as a new one, by bank transfer.",
        "Refund dilanjutkan sebagai refund baru lewat transfer bank.",
    ),
    Why.REFUND_CONTRADICTED: Words(
        "The gateway now says otherwise about a refund that it had called final; check with it "
        "before paying anything.",
        "Gateway kini berkata lain tentang refund yang sudah disebut final; pastikan dulu sebelum "
        "membayar apa pun.",
    ),
    Why.PAGE_STILL_OPEN: Words(
        "An earlier payment can still arrive; pay there, or try again when it has ended.",
        "Pembayaran sebelumnya masih bisa masuk; bayar di sana, atau coba lagi setelah berakhir.",
    ),
    Why.CANCEL_ASKED: Words(
        "Staff cancel this unpaid order; the gateway's payment pages are being closed.",
        "Petugas membatalkan pesanan yang belum dibayar; halaman pembayaran di gateway ditutup.",
    ),
    Why.ORDER_IS_PAID: Words(
        "The order is paid, so it cannot be cancelled; refund it instead.",
        "Pesanan sudah dibayar, jadi tidak bisa dibatalkan; lakukan refund.",
    ),
    Why.ORDER_IS_CLOSED: Words("The order is closed already.", "Pesanan ini sudah ditutup."),
}
