"""Payment methods by one name each, whichever gateway took the money."""

from collections.abc import Mapping
from typing import Final

CARD: Final = "credit_card"

LABELS: Final[Mapping[str, str]] = {
    CARD: "Card",
    "gopay": "GoPay",
    "qris": "QRIS",
    "shopeepay": "ShopeePay",
    "dana": "DANA",
    "ovo": "OVO",
    "linkaja": "LinkAja",
    "astrapay": "AstraPay",
    "jeniuspay": "Jenius Pay",
    "kredivo": "Kredivo",
    "akulaku": "Akulaku",
    "indodana": "Indodana",
    "echannel": "Mandiri Bill",
    "indomaret": "Indomaret",
    "alfamart": "Alfamart",
    "dd_bri": "BRI Direct Debit",
    "dd_mandiri": "Mandiri Direct Debit",
}
_VA: Final = "_va"
_LONGEST_ABBREVIATION: Final = 4


def is_virtual_account(method: str) -> bool:
    """Tell whether the method is a bank's virtual account (``bca_va``, ``permata_va``, ...)."""
    return method.endswith(_VA)


def label(method: str | None) -> str:
    """Name a method for people: ``BCA Virtual Account``; the raw code where we know no name."""
    if not method:
        return ""
    if is_virtual_account(method):
        return f"{bank_label(method.removesuffix(_VA))} Virtual Account"
    return LABELS.get(method, method)


def bank_label(code: str) -> str:
    """Name a bank by its code: ``BCA``, ``CIMB``, but ``Permata``, ``Mandiri``."""
    name = code.replace("_", " ")
    return name.upper() if len(name) <= _LONGEST_ABBREVIATION else name.title()
