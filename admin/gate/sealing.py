"""Keeps the secrets of second factors unreadable in the database, under the key of the settings."""

from base64 import urlsafe_b64encode
from typing import Final

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_PURPOSE: Final = b"lunas: second factors, version 1"


class SealBrokenError(Exception):
    """The text was sealed under another key, for another person, or was altered."""


def derived_key(secret_key: str, purpose: bytes) -> bytes:
    """Return 32 bytes for one purpose; keys of two purposes tell nothing about each other."""
    return HKDF(SHA256(), length=32, salt=None, info=purpose).derive(secret_key.encode())


def seal(secret_key: str, staff_id: int, secret: str) -> str:
    """Return the secret encrypted and authenticated, for this person only."""
    # The person is part of the text: a row copied to another person does not open.
    return _box(secret_key).encrypt(f"{staff_id}:{secret}".encode()).decode()


def unseal(secret_key: str, staff_id: int, sealed: str) -> str:
    """Return the secret; SealBrokenError if it cannot be read or is another person's."""
    try:
        text = _box(secret_key).decrypt(sealed.encode()).decode()
    except (InvalidToken, ValueError):
        raise SealBrokenError from None
    owner, _, secret = text.partition(":")
    if owner != str(staff_id):
        raise SealBrokenError
    return secret


def _box(secret_key: str) -> Fernet:
    return Fernet(urlsafe_b64encode(derived_key(secret_key, _PURPOSE)))
