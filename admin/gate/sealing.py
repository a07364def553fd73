"""Keeps the secrets of second factors unreadable in the database, under the key of the settings."""

from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Final

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_PURPOSE: Final = b"lunas: second factors, version 1"


class SealBrokenError(Exception):
    """The text was sealed under another key, for another person, or was altered."""


@dataclass(frozen=True, slots=True)
class SealKeys:
    """The key of the settings, and the one that it replaced ("": none)."""

    current: str = field(repr=False)
    previous: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Unsealed:
    """What was sealed; ``is_stale``: under the previous key, to be sealed anew."""

    secret: str = field(repr=False)
    is_stale: bool = False


def derived_key(secret_key: str, purpose: bytes) -> bytes:
    """Return 32 bytes for one purpose; keys of two purposes tell nothing about each other."""
    return HKDF(SHA256(), length=32, salt=None, info=purpose).derive(secret_key.encode())


def seal(keys: SealKeys, staff_id: int, secret: str) -> str:
    """Return the secret encrypted and authenticated, for this person only."""
    # The person is part of the text: a row copied to another person does not open.
    return _box(keys.current).encrypt(f"{staff_id}:{secret}".encode()).decode()


def unseal(keys: SealKeys, staff_id: int, sealed: str) -> Unsealed:
    """Return the secret; SealBrokenError if it cannot be read or is another person's."""
    try:
        return Unsealed(_open(keys.current, staff_id, sealed))
    except SealBrokenError:
        if not keys.previous:
            raise
    return Unsealed(_open(keys.previous, staff_id, sealed), is_stale=True)


def _open(secret_key: str, staff_id: int, sealed: str) -> str:
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
