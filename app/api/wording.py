"""What is wrong with a field of the checkout form, in the shopper's language."""

from collections.abc import Mapping
from typing import Final

_FIELD_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "name": {
        "id": "Isi nama lengkap, 2 sampai 80 huruf.",
        "en": "Enter your full name, 2 to 80 characters.",
    },
    "email": {
        "id": "Isi alamat email yang benar, misalnya nama@contoh.com.",
        "en": "Enter a valid e-mail address, such as name@example.com.",
    },
    "phone": {
        "id": "Isi nomor telepon yang benar, misalnya 0812 3456 7890.",
        "en": "Enter a valid phone number, such as 0812 3456 7890.",
    },
    "quantity": {
        "id": "Jumlah harus antara 1 dan 99.",
        "en": "The quantity must be between 1 and 99.",
    },
    "items": {"id": "Keranjang masih kosong.", "en": "The cart is empty."},
}


def field_words(field: str, locale: str, otherwise: str) -> str:
    """Say how to correct a field; ``otherwise`` where only a programmer could have caused it."""
    words = _FIELD_WORDS.get(field.rsplit(".", 1)[-1])
    return otherwise if words is None else words.get(locale, words["id"])
