"""Names of banks as people in Indonesia write them."""

from typing import Final

_LONGEST_ABBREVIATION: Final = 4


def bank_label(code: str) -> str:
    """Name a bank by its code: ``BCA``, ``CIMB``, but ``Permata``, ``Mandiri``."""
    name = code.replace("_", " ")
    return name.upper() if len(name) <= _LONGEST_ABBREVIATION else name.title()
