"""Refunds by line: which pieces of an order money goes back for, and which goods come back."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.core.errors import RefusedError
from app.core.money import Rupiah
from app.core.reasons import Why


@dataclass(frozen=True, slots=True)
class Line:
    """Pieces of one line of an order (``order_items.id``)."""

    order_item_id: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Sold:
    """One line as it was sold; ``returned``: pieces that refunds have paid or reserved money for.

    ``restocked``: pieces that were put back in stock.
    """

    order_item_id: int
    unit_price_idr: int
    quantity: int
    returned: int = 0
    restocked: int = 0

    @property
    def left(self) -> int:
        """Pieces that no refund is about yet."""
        return self.quantity - self.returned


def price_of_lines(lines: Iterable[Line], sold: Iterable[Sold]) -> Rupiah:
    """Return what these pieces cost; RefusedError(LINES_CHANGED) if not so many are left."""
    known = {line.order_item_id: line for line in sold}
    total = 0
    for line in lines:
        of = known.get(line.order_item_id)
        if of is None or not 0 < line.quantity <= of.left:
            raise RefusedError(Why.LINES_CHANGED)
        total += of.unit_price_idr * line.quantity
    return Rupiah(total)


def may_come_back(sold: Sequence[Sold], lines: Mapping[int, int]) -> dict[int, int]:
    """Return how many pieces of each line may be put back in stock after a refund.

    ``lines``: pieces of the refund that have not come back, by line; empty for a refund by amount,
    after which any goods of the order may have come back. Never more than were sold.
    """
    still_out = {line.order_item_id: line.quantity - line.restocked for line in sold}
    if not lines:
        return still_out
    return {item: min(pieces, still_out.get(item, 0)) for item, pieces in lines.items()}
