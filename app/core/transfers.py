"""The bank account that a refund by hand is paid to, as a person typed it and as others see it."""

import re
from dataclasses import dataclass
from typing import Final

from app.core.errors import RefusedError
from app.core.reasons import Why

_NUMBER: Final = re.compile(r"[0-9]{6,20}")
_BETWEEN_DIGITS: Final = re.compile(r"[\s.\-]")
_LONGEST_BANK: Final = 60
_LONGEST_HOLDER: Final = 120
_SHOWN_DIGITS: Final = 4


@dataclass(frozen=True, slots=True)
class BankAccount:
    """Where the customer gets the money: bank, number (digits only), and whose account it is."""

    bank: str
    number: str
    holder: str

    def as_destination(self) -> tuple[str, str, str]:
        """Return its parts, to bind an approval to them."""
        return self.bank, self.number, self.holder


def read_account(bank: str, number: str, holder: str) -> BankAccount:
    """Read a typed account; RefusedError(ACCOUNT_INCOMPLETE) if no transfer could reach it.

    Blanks, dots and dashes in the number are dropped; Indonesian banks number with 6 to 20 digits.
    """
    digits = _BETWEEN_DIGITS.sub("", number)
    account = BankAccount(" ".join(bank.split()), digits, " ".join(holder.split()))
    is_named = 0 < len(account.bank) <= _LONGEST_BANK and 0 < len(account.holder) <= _LONGEST_HOLDER
    if not is_named or not _NUMBER.fullmatch(digits):
        raise RefusedError(Why.ACCOUNT_INCOMPLETE)
    return account


def masked_number(number: str) -> str:
    """Return the last four digits behind dots: enough to compare, too little to misuse."""
    return f"•••• {number[-_SHOWN_DIGITS:]}" if number else ""
