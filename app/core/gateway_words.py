"""What the gateways' codes for refused refunds mean, and what to do next, in both languages.

Sources: Midtrans docs, "Status codes" and "Refund transaction"; Xendit docs, "Refunds > Error
codes" and the failure codes of "QR codes > Test scenarios". A code that is not listed is shown as
the gateway said it, and nothing is guessed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from app.core.states import GatewayName
from app.core.words import Words


@dataclass(frozen=True, slots=True)
class Explanation:
    """A code in our words, and the next step."""

    meaning: Words
    next_step: Words


_TRANSFER: Final = Words("Go on by bank transfer below.", "Lanjutkan lewat transfer bank di bawah.")
_SMALLER: Final = Words(
    "Check the status of the order, then ask for a refund of at most what is left.",
    "Cek status pesanan, lalu ajukan refund paling banyak sebesar sisanya.",
)
_TOP_UP: Final = Words(
    "Top up your balance at the gateway, then ask for a new refund; or go on by bank transfer.",
    "Isi saldo Anda di gateway, lalu ajukan refund baru; atau lanjutkan lewat transfer bank.",
)
_LATER: Final = Words(
    "Ask for a new refund later today; if it is refused again, go on by bank transfer.",
    "Ajukan refund baru nanti; kalau ditolak lagi, lanjutkan lewat transfer bank.",
)
_WHOLE: Final = Words(
    "Ask for a refund of the whole amount, or go on by bank transfer.",
    "Ajukan refund penuh, atau lanjutkan lewat transfer bank.",
)
_KEEPER: Final = Words(
    "Tell whoever looks after the gateway's account; meanwhile a bank transfer is possible.",
    "Beri tahu pengelola akun gateway; sementara itu transfer bank bisa dipakai.",
)
_STATUS: Final = Words(
    "Check the status of the order now and read what the gateway says of the payment.",
    "Cek status pesanan sekarang dan baca keterangan gateway tentang pembayarannya.",
)

_BANK_REFUSED: Final = Explanation(
    Words("The customer's bank refused the refund.", "Bank pelanggan menolak refund."), _TRANSFER
)
_WRONG_STATE: Final = Explanation(
    Words(
        "The payment is not in a state that can be refunded, for example not settled yet.",
        "Status pembayaran belum bisa direfund, misalnya belum settle.",
    ),
    _STATUS,
)
_NOT_FOUND: Final = Explanation(
    Words("The gateway does not know this payment.", "Gateway tidak mengenal pembayaran ini."),
    _STATUS,
)
_TOO_MUCH: Final = Explanation(
    Words(
        "The amount is more than the gateway still gives back.",
        "Jumlahnya melebihi yang masih bisa dikembalikan gateway.",
    ),
    _SMALLER,
)
_NO_MONEY: Final = Explanation(
    Words(
        "Your balance at the gateway does not cover the refund.",
        "Saldo Anda di gateway tidak cukup untuk refund ini.",
    ),
    _TOP_UP,
)
_REPEATED: Final = Explanation(
    Words(
        "The gateway has seen this refund key before.",
        "Gateway sudah pernah menerima kunci refund ini.",
    ),
    _STATUS,
)
_UNSUPPORTED: Final = Explanation(
    Words(
        "This payment method cannot be refunded by the gateway.",
        "Metode pembayaran ini tidak bisa direfund lewat gateway.",
    ),
    _TRANSFER,
)
_NOT_IN_PART: Final = Explanation(
    Words(
        "This payment can only be refunded whole, or not so many times.",
        "Pembayaran ini hanya bisa direfund penuh, atau tidak sebanyak itu kali.",
    ),
    _WHOLE,
)
_BUSY: Final = Explanation(
    Words(
        "Another refund of this payment is still under way, or the channel is resting.",
        "Refund lain masih diproses, atau salurannya sedang tidak tersedia.",
    ),
    _LATER,
)
_ACCOUNT: Final = Explanation(
    Words(
        "The customer's account or wallet cannot take the money.",
        "Rekening atau dompet pelanggan tidak bisa menerima dana.",
    ),
    _TRANSFER,
)
_OUR_ACCESS: Final = Explanation(
    Words(
        "The gateway does not let this account refund.",
        "Gateway tidak mengizinkan akun ini melakukan refund.",
    ),
    _KEEPER,
)
_OUR_REQUEST: Final = Explanation(
    Words("The gateway did not understand the request.", "Gateway tidak memahami permintaan."),
    _KEEPER,
)
_INELIGIBLE: Final = Explanation(
    Words(
        "This payment can no longer be refunded by the gateway.",
        "Pembayaran ini tidak bisa lagi direfund lewat gateway.",
    ),
    _TRANSFER,
)

_MIDTRANS: Final[Mapping[str, Explanation]] = {
    "202": _BANK_REFUSED,
    "400": _OUR_REQUEST,
    "401": _OUR_ACCESS,
    "402": _OUR_ACCESS,
    "404": _NOT_FOUND,
    "406": _REPEATED,
    "412": _WRONG_STATE,
    "413": _OUR_REQUEST,
}
# One code for three things; only the words tell them apart.
_MIDTRANS_414: Final = (
    ("amount", _TOO_MUCH),
    ("balance", _NO_MONEY),
    ("insufficient", _NO_MONEY),
)
_XENDIT: Final[Mapping[str, Explanation]] = {
    "ACCOUNT_ACCESS_BLOCKED": _ACCOUNT,
    "ACCOUNT_NOT_FOUND": _ACCOUNT,
    "API_VALIDATION_ERROR": _OUR_REQUEST,
    "DATA_NOT_FOUND": _NOT_FOUND,
    "DUPLICATE_ERROR": _REPEATED,
    "IDEMPOTENCY_ERROR": _REPEATED,
    "INELIGIBLE_TRANSACTION": _INELIGIBLE,
    "INELIGIBLE_TRANSACTION_STATUS": _WRONG_STATE,
    "INSUFFICIENT_BALANCE": _NO_MONEY,
    "INVALID_API_KEY": _OUR_ACCESS,
    "INVALID_VALUE_ERROR": _OUR_REQUEST,
    "MAXIMUM_REFUND_AMOUNT_REACHED": _TOO_MUCH,
    "MAXIMUM_USER_BALANCE_EXCEEDED": _ACCOUNT,
    "PARTIAL_REFUND_COUNTS_EXCEEDED": _NOT_IN_PART,
    "PARTIAL_REFUND_NOT_SUPPORTED": _NOT_IN_PART,
    "REFUND_AMOUNT_EXCEEDED": _TOO_MUCH,
    "REFUND_FAILED": _BANK_REFUSED,
    "REFUND_IN_PROGRESS": _BUSY,
    "REFUND_NOT_SUPPORTED": _UNSUPPORTED,
    "REFUND_TEMPORARILY_UNAVAILABLE": _BUSY,
    "REQUEST_FORBIDDEN_ERROR": _OUR_ACCESS,
    "TEMPORARILY_UNAVAILABLE": _BUSY,
    "TRANSACTION_NOT_FOUND": _NOT_FOUND,
}


def explain_refund_code(gateway: GatewayName, code: str, said: str) -> Explanation | None:
    """Return what a gateway's code for a refund means; None for a code that we do not know."""
    if gateway is GatewayName.XENDIT:
        return _XENDIT.get(code)
    if code == "414":
        spoken = said.lower()
        return next((found for word, found in _MIDTRANS_414 if word in spoken), _UNSUPPORTED)
    return _MIDTRANS.get(code)
