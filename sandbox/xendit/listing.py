"""``GET /v2/invoices`` and ``GET /refunds``: filters, order, cursors."""

import itertools
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from sandbox.wire import as_list
from sandbox.xendit.book import Book
from sandbox.xendit.records import Invoice, XenditRefund

_DEFAULT_LIMIT: Final = 10
_HIGHEST_LIMIT: Final = 100
_CLIENT: Final = "API_GATEWAY"
_TIME_FILTERS: Final = ("created", "paid", "expired")


class BadFilterError(ValueError):
    """A query parameter cannot be read; ``field`` names it."""

    def __init__(self, field: str) -> None:
        super().__init__(f"cannot read the filter {field}")
        self.field = field


@dataclass(frozen=True, slots=True)
class Query:
    """The query string: every name with all its values."""

    values: dict[str, list[str]]

    def one(self, name: str) -> str | None:
        """Return the first value of a name, or None."""
        return next(iter(self.values.get(name, [])), None)

    def many(self, name: str) -> set[str]:
        """Return a list filter, written as repeated values or as one JSON array."""
        found: set[str] = set()
        for text in [*self.values.get(name, []), *self.values.get(f"{name}[]", [])]:
            found |= _list_of(text)
        return found

    def limit(self) -> int:
        """Return ``limit`` (the SDK writes 10.0), between 1 and 100; default 10."""
        text = self.one("limit")
        if text is None:
            return _DEFAULT_LIMIT
        try:
            number = float(text)
            return max(1, min(_HIGHEST_LIMIT, int(number)))
        except (ValueError, OverflowError):
            raise BadFilterError("limit") from None

    def moment(self, name: str) -> datetime | None:
        """Return a time filter as aware UTC, or None when it is not set."""
        text = self.one(name)
        if text is None:
            return None
        try:
            # A plus sign that was not escaped arrives as a blank.
            moment = datetime.fromisoformat(text.replace(" ", "+"))
        except ValueError:
            raise BadFilterError(name) from None
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def list_invoices(book: Book, query: Query) -> list[Invoice]:
    """Return the invoices that pass every filter, newest first."""
    external_id = query.one("external_id")
    if _asks_for_others(query):
        return []
    # Walks back from the end: without a filter the cost is that of the page.
    newest_first: Iterator[Invoice] = (
        reversed(book.of_external_id(external_id))
        if external_id is not None
        else reversed(book.invoices.values())
    )
    if last := query.one("last_invoice"):
        newest_first = _after(newest_first, last)
    matching = _matching(newest_first, query)
    return list(itertools.islice(matching, query.limit()))


def list_refunds(book: Book, query: Query) -> tuple[list[XenditRefund], bool]:
    """Return refunds, newest first, and whether there are more."""
    invoice_id = query.one("invoice_id")
    pool = book.refunds_of(invoice_id) if invoice_id else list(book.refunds.values())
    newest_first = [refund for refund in reversed(pool) if _refund_matches(refund, query)]
    ids = [refund.id for refund in newest_first]
    if (after := query.one("after_id")) in ids:
        newest_first = newest_first[ids.index(after) + 1 :]
    elif (before := query.one("before_id")) in ids:
        newest_first = newest_first[: ids.index(before)]
    limit = query.limit()
    return newest_first[:limit], len(newest_first) > limit


def _asks_for_others(query: Query) -> bool:
    """Whether only invoices of other origin would do: here all come over the API."""
    clients = query.many("client_types")
    return (
        bool(clients and _CLIENT not in clients)
        or query.one("on_demand_link") is not None
        or query.one("recurring_payment_id") is not None
    )


def _list_of(text: str) -> set[str]:
    if not text.startswith("["):
        return {text}
    try:
        return {str(item) for item in as_list(json.loads(text))}
    except (ValueError, RecursionError):
        return {text}


def _after(invoices: Iterable[Invoice], last_id: str) -> Iterator[Invoice]:
    rest = itertools.dropwhile(lambda invoice: invoice.id != last_id, invoices)
    next(rest, None)
    return rest


def _matching(invoices: Iterable[Invoice], query: Query) -> Iterator[Invoice]:
    statuses, channels = query.many("statuses"), query.many("payment_channels")
    bounds = {
        name: (query.moment(f"{name}_after"), query.moment(f"{name}_before"))
        for name in _TIME_FILTERS
    }
    for invoice in invoices:
        if statuses and invoice.status not in statuses:
            continue
        if channels and invoice.paid_channel not in channels:
            continue
        times = {
            "created": invoice.created_at,
            "paid": invoice.paid_at,
            "expired": invoice.expires_at,
        }
        if all(_within(times[name], *bounds[name]) for name in _TIME_FILTERS):
            yield invoice


def _within(moment: datetime | None, after: datetime | None, before: datetime | None) -> bool:
    if after is None and before is None:
        return True
    if moment is None:
        return False
    return (after is None or moment >= after) and (before is None or moment <= before)


def _refund_matches(refund: XenditRefund, query: Query) -> bool:
    method, channel = query.one("payment_method_type"), query.one("channel_code")
    if query.one("payment_request_id"):
        # Payments of an invoice have no payment request here.
        return False
    if method and refund.payment_method_type != method:
        return False
    return not channel or refund.channel_code == channel
