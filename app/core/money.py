"""Rupiah: whole numbers, never fractions, never floats."""

import re
from decimal import Decimal
from typing import Final, NewType

Rupiah = NewType("Rupiah", int)

NO_MONEY: Final = Rupiah(0)
CURRENCY: Final = "IDR"
# No exponent and a bounded length: "1e99999999" would otherwise keep a processor busy for minutes.
_PLAIN_NUMBER: Final = re.compile(r"-?[0-9]{1,16}(\.[0-9]{1,4})?\Z")
# Larger sums than any gateway takes; keeps every amount inside a 64-bit column.
MOST_IDR: Final = 10**12


def rupiah(amount_idr: int) -> Rupiah:
    """Return a checked amount in rupiah; ValueError outside 0..10^12 or if not a whole number."""
    # bool is an int in Python: True would silently be one rupiah.
    if isinstance(amount_idr, bool) or not 0 <= amount_idr <= MOST_IDR:
        raise ValueError(f"not an amount in rupiah: {amount_idr!r}")
    return Rupiah(amount_idr)


def parse_gateway_amount(raw: object) -> Rupiah:
    """Read an amount as the gateways write it: ``"10000.00"``, ``10000`` or ``10000.0``.

    ValueError if it is no number, has a fraction of a rupiah, or is out of range.
    """
    if isinstance(raw, bool) or not isinstance(raw, str | int | float):
        raise ValueError(f"not an amount: {raw!r}")  # noqa: TRY004 - one error for one cause.
    text = str(raw)
    # Decimal would also take "1_000", " 10 " and full-width digits, which no gateway sends.
    if not _PLAIN_NUMBER.match(text):
        raise ValueError(f"not an amount: {text[:40]!r}")
    number = Decimal(text)
    if number != number.to_integral_value():
        raise ValueError(f"not whole rupiah: {raw!r}")
    return rupiah(int(number))


def parse_typed_amount(text: str) -> Rupiah:
    """Read an amount as a person in Indonesia types it: ``150000``, ``150.000``, ``Rp 150.000``.

    ValueError when the text is anything else, so that ``1,5`` is never guessed at.
    """
    digits = text.strip().removeprefix("Rp").strip()
    groups = digits.split(".")
    well_grouped = len(groups) == 1 or (
        1 <= len(groups[0]) <= 3 and all(len(group) == 3 for group in groups[1:])  # noqa: PLR2004 - thousands
    )
    if not (well_grouped and all(g.isascii() and g.isdigit() for g in groups)):
        raise ValueError(f"not an amount in rupiah: {text!r}")
    return rupiah(int("".join(groups)))


def format_rupiah(amount_idr: int) -> str:
    """Write an amount as shops in Indonesia do: ``Rp 150.000``."""
    sign = "-" if amount_idr < 0 else ""
    return f"{sign}Rp {abs(amount_idr):,}".replace(",", ".")
