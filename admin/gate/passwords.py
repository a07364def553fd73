"""Passwords: how they are kept, and which ones are taken."""

from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask_babel import gettext

LONGEST: Final = 128
# Longer ones are no password of anybody's; some were taken when more than LONGEST was allowed.
LONGEST_TRIED: Final = 200
SHORTEST: Final = 12
_FEWEST_CHARACTERS: Final = 5
# argon2id with the package's defaults (RFC 9106, low-memory profile).
_HASHER: Final = PasswordHasher()
# What an account without a password has in its place; no password fits it.
NO_PASSWORD: Final = "!"  # noqa: S105 - the absence of one.


def hash_password(password: str) -> str:
    """Return the argon2id hash of a password, salt and parameters included."""
    return _HASHER.hash(password)


def verify_password(password_hash: str, password: str) -> bool:
    """Tell whether the password fits the hash; a damaged hash fits nothing."""
    try:
        return _HASHER.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def refuse_password(password: str, email: str) -> str:
    """Return why this password is not taken, as a sentence; empty if it is.

    Length is what counts (NIST SP 800-63B, 5.1.1.2): no rules about kinds of characters.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        return gettext(
            "Choose a password of %(least)s to %(most)s characters; four words do well.",
            least=SHORTEST,
            most=LONGEST,
        )
    plain = password.casefold()
    if len(set(plain)) < _FEWEST_CHARACTERS or email.split("@", maxsplit=1)[0].casefold() in plain:
        return gettext("This password is too easy to guess. Choose another one.")
    return ""
