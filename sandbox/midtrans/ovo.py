"""What OVO's test telephone numbers do (Midtrans docs, "Testing payment on sandbox")."""

from datetime import timedelta
from enum import StrEnum
from typing import Final

# The payer's app answers after this time; the docs give none, only the 55 s it may take.
APP_DELAY: Final = timedelta(seconds=10)


class Answer(StrEnum):
    """What the payer's app will say."""

    UNKNOWN_USER = "unknown user"
    PAID = "paid"
    REFUSED = "refused"
    NONE = "none"


_MAGIC: Final = {
    "+628249134000": Answer.UNKNOWN_USER,
    "+628271939753": Answer.REFUSED,
    "+628242014881": Answer.REFUSED,
    "+628237435829": Answer.REFUSED,
    "+628215023424": Answer.NONE,
    "+628242974268": Answer.NONE,
}


def answer_of(phone: str) -> Answer:
    """Return what happens for a number; any other succeeds."""
    return _MAGIC.get(international(phone), Answer.PAID)


def is_phone(phone: str) -> bool:
    """Whether the text is an Indonesian mobile number."""
    digits = international(phone).removeprefix("+628")
    return digits.isascii() and digits.isdigit() and len(digits) in range(7, 12)


def international(phone: str) -> str:
    """Return the number with +62 in front: ``0812…``, ``62812…`` and ``+62812…`` are one."""
    digits = phone.replace(" ", "").replace("-", "").removeprefix("+")
    return "+62" + digits.removeprefix("62").removeprefix("0")
