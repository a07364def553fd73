"""What a verification can find wrong with an order's records, and what that means for refunds."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class FindingCode(StrEnum):
    """One kind of difference between what is recorded and what follows from the facts."""

    SUMS_DIFFER = "sums_differ"
    LEDGER_DIFFERS = "ledger_differs"
    STATUS_DIFFERS = "status_differs"
    WINNER_DIFFERS = "winner_differs"
    RETURNED_TOO_MUCH = "returned_too_much"
    TIMELINE_BROKEN = "timeline_broken"
    REFUND_INCONSISTENT = "refund_inconsistent"
    REFUND_FORGOTTEN = "refund_forgotten"
    STOCK_DIFFERS = "stock_differs"
    RESERVED_STOCK_DIFFERS = "reserved_stock_differs"
    ATTEMPT_FORGOTTEN = "attempt_forgotten"
    CLAIM_FORGOTTEN = "claim_forgotten"


# About money, or about the records that money decisions rest on: no refund until a person looked.
FREEZING: Final = frozenset(
    {
        FindingCode.SUMS_DIFFER,
        FindingCode.LEDGER_DIFFERS,
        FindingCode.STATUS_DIFFERS,
        FindingCode.WINNER_DIFFERS,
        FindingCode.RETURNED_TOO_MUCH,
        FindingCode.TIMELINE_BROKEN,
        FindingCode.REFUND_INCONSISTENT,
    }
)


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference: ``expected`` follows from the facts, ``found`` is what is recorded.

    ``subject`` names what differs so that the same difference is known again: an order's number,
    a refund, an attempt's reference, a product's SKU.
    """

    code: FindingCode
    subject: str
    expected: str
    found: str
