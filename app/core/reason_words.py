"""What people read of each reason, in the two languages of the desk."""

from collections.abc import Mapping
from typing import Final

from app.core.bulk_words import BULK_WORDS
from app.core.note_words import NOTE_WORDS
from app.core.reasons import Why
from app.core.refund_words import REFUND_WORDS
from app.core.words import Words

WORDS: Final[Mapping[Why, Words]] = {
    **BULK_WORDS,
    **REFUND_WORDS,
    **NOTE_WORDS,
    Why.ORDER_PLACED: Words(
        "The shopper placed the order; stock is reserved.",
        "Pembeli membuat pesanan; stok dicadangkan.",
    ),
    Why.NEW_ATTEMPT: Words(
        "The shopper started a new payment try.", "Pembeli memulai percobaan pembayaran baru."
    ),
    Why.CHARGE_CREATED: Words(
        "The gateway opened a payment page.", "Gateway membuka halaman pembayaran."
    ),
    Why.CHARGE_REJECTED: Words(
        "The gateway refused to open a payment page.",
        "Gateway menolak membuka halaman pembayaran.",
    ),
    Why.CHARGE_UNKNOWN: Words(
        "The gateway did not answer in time; we will ask whether it opened a payment page.",
        "Gateway tidak menjawab tepat waktu; kami akan menanyakan apakah halaman pembayaran "
        "dibuka.",
    ),
    Why.CHARGE_UNREACHED: Words(
        "The gateway could not be reached; the shopper may try again.",
        "Gateway tidak dapat dihubungi; pembeli dapat mencoba lagi.",
    ),
    Why.SHOPPER_PAID: Words("The shopper paid.", "Pembeli sudah membayar."),
    Why.FRAUD_REVIEW: Words(
        "The payment is held for a fraud review at the gateway.",
        "Pembayaran ditahan gateway untuk pemeriksaan penipuan.",
    ),
    Why.REVIEW_ACCEPTED: Words(
        "The fraud review accepted the payment.", "Pemeriksaan penipuan menerima pembayaran."
    ),
    Why.REVIEW_DENIED: Words(
        "The fraud review refused the payment.", "Pemeriksaan penipuan menolak pembayaran."
    ),
    Why.PAYMENT_DECLINED: Words(
        "The payment was declined and the page has closed.",
        "Pembayaran ditolak dan halaman pembayaran sudah ditutup.",
    ),
    Why.NOT_PAID_IN_TIME: Words(
        "No payment arrived before the deadline.", "Tidak ada pembayaran sampai batas waktu."
    ),
    Why.CANCELLED_AT_GATEWAY: Words(
        "The payment was cancelled before any money was taken.",
        "Pembayaran dibatalkan sebelum ada uang yang diambil.",
    ),
    Why.PAID_AFTER_CLOSE: Words(
        "Money arrived after the order had closed; choose between shipping and refunding.",
        "Uang masuk setelah pesanan ditutup; pilih kirim barang atau kembalikan dana.",
    ),
    Why.TRIED_AFTER_CLOSE: Words(
        "A payment is under way although the order had closed.",
        "Ada pembayaran berjalan padahal pesanan sudah ditutup.",
    ),
    Why.PAYMENT_REVERSED: Words(
        "The gateway took the payment back; the order is unpaid again.",
        "Gateway menarik kembali pembayaran; pesanan kembali belum dibayar.",
    ),
    Why.REFUNDED_IN_PART: Words(
        "Part of the money was refunded.", "Sebagian dana sudah dikembalikan."
    ),
    Why.REFUNDED_IN_FULL: Words("All the money was refunded.", "Seluruh dana sudah dikembalikan."),
    Why.REFUND_REVERSED: Words(
        "A refund counted before has not gone through after all.",
        "Pengembalian dana yang tadinya tercatat ternyata tidak jadi.",
    ),
    Why.CHARGED_BACK: Words(
        "The card holder's bank took the money back.", "Bank pemegang kartu menarik kembali dana."
    ),
    Why.STILL_WAITING: Words(
        "The gateway is still waiting for the shopper to pay.",
        "Gateway masih menunggu pembeli membayar.",
    ),
    Why.NOTHING_AT_GATEWAY: Words(
        "The shopper has not chosen a payment method yet, so the gateway has no payment.",
        "Pembeli belum memilih metode, jadi belum ada pembayaran di gateway.",
    ),
    Why.NOT_FOUND_AGAIN: Words(
        "The gateway shows no payment under this reference now; what it confirmed before stands.",
        "Gateway kini tidak menampilkan pembayaran dengan referensi ini; yang sudah dibenarkan "
        "tetap berlaku.",
    ),
    Why.DECLINED_MAY_RETRY: Words(
        "One try was declined; the shopper may still pay another way on the same page.",
        "Satu percobaan ditolak; pembeli masih bisa membayar dengan cara lain di halaman yang "
        "sama.",
    ),
    Why.ALREADY_KNOWN: Words("We knew this already.", "Hal ini sudah kami ketahui."),
    Why.STALE: Words(
        "This is older than what we know; a later state stands.",
        "Ini lebih lama dari yang kami ketahui; keadaan terbaru tetap berlaku.",
    ),
    Why.ALREADY_CLOSED: Words(
        "The order was closed already.", "Pesanan memang sudah ditutup sebelumnya."
    ),
    Why.AMOUNT_DIFFERS: Words(
        "The amount differs from the order's total; a person must decide.",
        "Jumlahnya berbeda dari total pesanan; harus diputuskan petugas.",
    ),
    Why.CURRENCY_DIFFERS: Words(
        "The currency is not rupiah; a person must decide.",
        "Mata uangnya bukan rupiah; harus diputuskan petugas.",
    ),
    Why.PAID_TWICE: Words(
        "The order was already paid; this is a second payment, to be refunded or explained.",
        "Pesanan sudah dibayar; ini pembayaran kedua yang perlu dikembalikan atau dijelaskan.",
    ),
    Why.REFUND_UNLISTED: Words(
        "The gateway says that part was refunded but does not say how much; a person must look.",
        "Gateway menyatakan sebagian sudah dikembalikan tanpa menyebut jumlahnya; perlu dilihat "
        "petugas.",
    ),
    Why.PARTLY_CHARGED_BACK: Words(
        "The card holder's bank took part of the money back; a person must decide.",
        "Bank pemegang kartu menarik sebagian dana; harus diputuskan petugas.",
    ),
    Why.UNKNOWN_TRANSITION: Words(
        "Our rules know no such step from this state; the state was kept for a person to look at.",
        "Aturan kami tidak mengenal langkah ini; keadaan dipertahankan untuk diperiksa petugas.",
    ),
    Why.STEP_NOT_ALLOWED: Words(
        "Our rules allow this step only to others or on better evidence; the state was kept for a "
        "person to look at.",
        "Aturan kami hanya mengizinkan langkah ini bagi pihak lain atau dengan bukti lebih kuat; "
        "keadaan dipertahankan untuk diperiksa petugas.",
    ),
    Why.UNRECOGNISED_STATUS: Words(
        "The gateway used a status that we do not know; the state was kept.",
        "Gateway memakai status yang tidak kami kenal; keadaan dipertahankan.",
    ),
    Why.CONTRADICTS_EARLIER: Words(
        "The gateway now says less than it said before; the state was kept for a person.",
        "Gateway kini menyatakan kurang dari sebelumnya; keadaan dipertahankan untuk petugas.",
    ),
    Why.CLAIM_AWAITS_CONFIRMATION: Words(
        "The message alone does not prove this; we are asking the gateway.",
        "Pesan ini saja belum membuktikan; kami sedang menanyakan ke gateway.",
    ),
    Why.POLLING_ENDED: Words(
        "The gateway gave no final answer within the watching time; a person must look.",
        "Gateway tidak memberi jawaban akhir selama masa pemantauan; perlu dilihat petugas.",
    ),
    Why.CLAIM_CONFIRMED: Words(
        "The gateway confirmed what the message said.", "Gateway membenarkan isi pesan."
    ),
    Why.PAYMENT_NOT_CONFIRMED: Words(
        "A signed message said that this was paid, but the gateway does not confirm it: do not "
        "ship before you have checked at the gateway.",
        "Pesan bertanda tangan menyatakan sudah dibayar, tetapi gateway tidak membenarkannya: "
        "jangan kirim barang sebelum memeriksa di gateway.",
    ),
    Why.CLAIM_NOT_CONFIRMED: Words(
        "The gateway does not say what the message said; the message had no effect.",
        "Gateway tidak membenarkan isi pesan; pesan tidak berpengaruh.",
    ),
    Why.DUPLICATE: Words(
        "The same message was handled before; no effect.",
        "Pesan yang sama sudah ditangani; tidak ada pengaruh.",
    ),
    Why.UNKNOWN_ORDER: Words(
        "No order of ours has this reference; no effect.",
        "Tidak ada pesanan kami dengan referensi ini; tidak ada pengaruh.",
    ),
    Why.TEST_MESSAGE: Words(
        "A test message from the gateway's dashboard; it shows that the address works.",
        "Pesan uji dari dasbor gateway; artinya alamat notifikasi sudah benar.",
    ),
    Why.BAD_SIGNATURE: Words(
        "Refused: the signature or token is wrong, so it does not come from the gateway.",
        "Ditolak: tanda tangan atau token salah, jadi bukan dari gateway.",
    ),
    Why.MALFORMED: Words(
        "Refused: this is not a notification of the gateway.",
        "Ditolak: ini bukan notifikasi dari gateway.",
    ),
    Why.TOO_LARGE: Words(
        "Refused: larger than any notification.", "Ditolak: lebih besar dari notifikasi mana pun."
    ),
    Why.GATEWAY_NOT_CONFIGURED: Words(
        "Refused: this gateway is not set up here.", "Ditolak: gateway ini belum diatur di sini."
    ),
    Why.REFUNDABLE: Words(
        "The gateway can refund this payment.", "Gateway dapat mengembalikan dana ini."
    ),
    Why.VOIDABLE: Words(
        "The card payment has not settled yet, so it is cancelled instead of refunded.",
        "Pembayaran kartu belum settle, jadi dibatalkan, bukan direfund.",
    ),
    Why.MANUAL_ONLY: Words(
        "No gateway can refund this payment method. Pay back by bank transfer: ask the customer "
        "for an account in their own name and record it as a manual transfer.",
        "Metode ini tidak bisa direfund oleh gateway. Kembalikan lewat transfer bank: minta "
        "rekening atas nama pelanggan sendiri dan catat sebagai transfer manual.",
    ),
    Why.NOT_PAID: Words(
        "The order holds no money to refund.", "Pesanan ini tidak memegang dana untuk dikembalikan."
    ),
    Why.NOTHING_LEFT: Words(
        "Everything is refunded or already on its way back.",
        "Semua dana sudah atau sedang dikembalikan.",
    ),
    Why.MORE_THAN_LEFT: Words(
        "The amount is more than what is left to refund.",
        "Jumlahnya melebihi sisa yang bisa dikembalikan.",
    ),
    Why.AMOUNT_NOT_POSITIVE: Words("The amount must be at least Rp 1.", "Jumlah minimal Rp 1."),
    Why.AMOUNT_CHANGED: Words(
        "What is left to refund has changed since the form was opened; look again.",
        "Sisa yang bisa dikembalikan berubah sejak formulir dibuka; periksa kembali.",
    ),
    Why.PARTIAL_NOT_SUPPORTED: Words(
        "This method can only be refunded in full.", "Metode ini hanya bisa direfund penuh."
    ),
    Why.SEVERAL_NOT_SUPPORTED: Words(
        "This method allows one refund only, and it was made.",
        "Metode ini hanya mengizinkan satu kali refund, dan sudah dipakai.",
    ),
    Why.VOID_IS_FULL_ONLY: Words(
        "Before settlement (next day after 16:00 WIB) only the full amount can be cancelled; "
        "for a part, wait until it has settled.",
        "Sebelum settle (besok setelah 16:00 WIB) hanya bisa dibatalkan penuh; "
        "untuk sebagian, tunggu sampai settle.",
    ),
    Why.REFUND_WINDOW_OVER: Words(
        "The gateway's refund period for this method is over; pay back by bank transfer.",
        "Masa refund gateway untuk metode ini sudah lewat; kembalikan lewat transfer bank.",
    ),
    Why.CLOSED_HOURS: Words(
        "The provider takes no refunds at this hour; try again after 06:00 WIB.",
        "Penyedia tidak menerima refund pada jam ini; coba lagi setelah 06:00 WIB.",
    ),
    Why.METHOD_UNKNOWN: Words(
        "We do not know the refund rules of this payment method; refund it in the gateway's "
        "dashboard, we will record it.",
        "Aturan refund metode ini tidak kami ketahui; lakukan di dasbor gateway, kami akan "
        "mencatatnya.",
    ),
    Why.TRANSACTION_UNCONFIRMED: Words(
        "The gateway has not yet confirmed this transaction; use Check status now and try again.",
        "Transaksi ini belum dikonfirmasi gateway; gunakan Periksa status lalu coba lagi.",
    ),
    Why.REFUND_OPEN: Words(
        "Another refund of this payment is still under way; wait for its result.",
        "Masih ada refund lain yang berjalan untuk pembayaran ini; tunggu hasilnya.",
    ),
    Why.IN_DISPUTE: Words(
        "The payment is disputed by the card holder's bank; a refund would pay twice.",
        "Pembayaran disengketakan bank pemegang kartu; refund akan membayar dua kali.",
    ),
    Why.SAME_PERSON: Words(
        "Whoever asked for a refund may not approve it.",
        "Yang meminta refund tidak boleh menyetujuinya.",
    ),
    Why.APPROVAL_EXPIRED: Words(
        "The request waited longer than 72 hours; ask anew.",
        "Permintaan sudah menunggu lebih dari 72 jam; ajukan kembali.",
    ),
    Why.REQUEST_CHANGED: Words(
        "The request is not the one that was shown; look again.",
        "Permintaan tidak sama dengan yang ditampilkan; periksa kembali.",
    ),
    Why.WRONG_REFUND_STATE: Words(
        "The refund is no longer in a state that allows this.",
        "Keadaan refund sudah tidak mengizinkan tindakan ini.",
    ),
    Why.REASON_MISSING: Words("A reason is required.", "Alasan wajib diisi."),
    Why.DAILY_LIMIT_REACHED: Words(
        "This is more than you may still refund today. Ask for less, or ask a colleague.",
        "Jumlah ini melebihi sisa batas refund Anda hari ini. Kurangi jumlahnya atau minta "
        "bantuan rekan.",
    ),
    Why.OWN_ACCOUNT: Words(
        "Nobody changes their own role, limit or account. Ask another administrator.",
        "Tidak ada yang boleh mengubah peran, batas, atau akunnya sendiri. Minta bantuan "
        "administrator lain.",
    ),
    Why.LAST_ADMIN: Words(
        "This is the last administrator. Make somebody else one first.",
        "Ini administrator terakhir. Jadikan orang lain administrator terlebih dahulu.",
    ),
    Why.EMAIL_TAKEN: Words(
        "There is an account with this e-mail already.", "Sudah ada akun dengan email ini."
    ),
    Why.ACCOUNT_CLOSED: Words(
        "This account is closed. Open it again first.", "Akun ini ditutup. Buka kembali dahulu."
    ),
    Why.LAST_FACTOR: Words(
        "This is your last second factor. Set up another one first.",
        "Ini faktor kedua Anda yang terakhir. Siapkan yang lain terlebih dahulu.",
    ),
    Why.CODE_WRONG: Words(
        "The code does not fit. Check that the phone's clock is right and type the next code.",
        "Kode tidak cocok. Pastikan jam ponsel tepat, lalu ketik kode berikutnya.",
    ),
    Why.PASSKEY_REFUSED: Words(
        "The passkey was not accepted. Try again.", "Passkey tidak diterima. Coba lagi."
    ),
    Why.NEW_PASSWORD_REFUSED: Words(
        "The present password is wrong, or the new one is too easy to guess.",
        "Kata sandi saat ini salah, atau yang baru terlalu mudah ditebak.",
    ),
    Why.NOT_ALLOWED: Words(
        "Your role does not allow this.", "Peran Anda tidak mengizinkan tindakan ini."
    ),
    Why.REFUND_REQUESTED: Words("A refund was requested.", "Refund diminta."),
    Why.REFUND_APPROVED: Words(
        "A second person approved the refund.", "Orang kedua menyetujui refund."
    ),
    Why.REFUND_REJECTED: Words(
        "A second person turned the refund down.", "Orang kedua menolak refund."
    ),
    Why.REFUND_WITHDRAWN: Words(
        "The refund was withdrawn before anything was sent.",
        "Refund ditarik sebelum ada yang dikirim.",
    ),
    Why.REFUND_SENT: Words(
        "The refund is being sent to the gateway.", "Refund sedang dikirim ke gateway."
    ),
    Why.REFUND_ACCEPTED: Words(
        "The gateway accepted the refund and is working on it.",
        "Gateway menerima refund dan sedang memprosesnya.",
    ),
    Why.REFUND_SUCCEEDED: Words(
        "The gateway has booked the refund; the customer's bank may take days to show it.",
        "Gateway sudah membukukan refund; bank pelanggan bisa butuh beberapa hari.",
    ),
    Why.REFUND_FAILED: Words(
        "The gateway refused the refund; its amount is free again. Go on by bank transfer, or ask "
        "for another refund.",
        "Gateway menolak refund; jumlahnya bebas lagi. Lanjutkan lewat transfer bank, atau ajukan "
        "refund lain.",
    ),
    Why.REFUND_UNKNOWN: Words(
        "The gateway's answer was lost; it may have refunded. We keep asking under the same key.",
        "Jawaban gateway hilang; refund mungkin sudah terjadi. Kami terus menanyakan dengan kunci "
        "yang sama.",
    ),
    Why.REFUND_OUTSIDE: Words(
        "A refund made at the gateway, not in Lunas, was recorded.",
        "Refund yang dibuat di gateway, bukan di Lunas, sudah dicatat.",
    ),
    Why.REFUND_TO_TRANSFER: Words(
        "The refund waits for a bank transfer by hand.", "Refund menunggu transfer bank manual."
    ),
    Why.REFUND_TRANSFERRED: Words(
        "The refund was paid by bank transfer.", "Refund sudah dibayar lewat transfer bank."
    ),
    Why.RESTOCKED: Words(
        "The goods of this refund were put back in stock.",
        "Barang dari refund ini dikembalikan ke stok.",
    ),
    Why.OUT_OF_STOCK: Words("Not enough stock is left.", "Stok tidak mencukupi."),
    Why.PRICE_CHANGED: Words(
        "A price is not the one that the shopper saw.",
        "Ada harga yang berbeda dari yang dilihat pembeli.",
    ),
    Why.ORDER_NOT_PAYABLE: Words(
        "This order cannot be paid any more.", "Pesanan ini sudah tidak bisa dibayar."
    ),
    Why.STOCK_SHORT: Words(
        "Paid, but the goods were sold in the meantime; choose between waiting and refunding.",
        "Sudah dibayar, tetapi barang keburu terjual; pilih menunggu atau mengembalikan dana.",
    ),
    Why.ATTENTION_RESOLVED: Words(
        "A person looked at the order and took it out of the queue.",
        "Petugas sudah memeriksa pesanan dan mengeluarkannya dari antrean.",
    ),
    Why.ORDER_FROZEN: Words(
        "The records of this order do not agree; no refund is made until a person releases it.",
        "Catatan pesanan ini tidak cocok; refund dihentikan sampai petugas membukanya kembali.",
    ),
    Why.BOOKS_BROKEN: Words(
        "Verification found that the records of this order do not agree; refunds are stopped.",
        "Verifikasi menemukan catatan pesanan ini tidak cocok; refund dihentikan.",
    ),
    Why.ORDER_RELEASED: Words(
        "A person looked at the findings and lets refunds of this order go on.",
        "Petugas sudah memeriksa temuan dan mengizinkan refund pesanan ini lagi.",
    ),
    Why.DRIFT_FOUND: Words(
        "A routine look at the gateway found a change that nobody had told us of.",
        "Pemeriksaan rutin di gateway menemukan perubahan yang belum diberitahukan kepada kami.",
    ),
}
