"""Keeping an order's books: whenever its facts change, what follows is posted, and only once."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.facts import OrderFacts
from app.core.ledger import Books, Posting, Sums, books_after, books_of, post, sum_up
from app.core.money import Rupiah
from app.db.models import LedgerEntry, Order


@dataclass(frozen=True, slots=True)
class Origin:
    """What made the facts known: an observation, or an event of the timeline."""

    observation_id: int | None = None
    event_id: int | None = None


def keep_books(
    session: Session, order: Order, facts: OrderFacts, origin: Origin, now: datetime
) -> Sums:
    """Post what the facts ask for and the books do not show yet; return what the books come to.

    The caller holds the order's lock and has written the facts.
    """
    entries = load_entries(session, order)
    postings = post(books_in(entries), books_of(facts))
    for entry in new_entries(order.id, entries, postings):
        entry.observation_id, entry.event_id, entry.at = origin.observation_id, origin.event_id, now
        session.add(entry)
        # One by one: the database checks after each that no more is given back than was taken.
        session.flush()
    return sum_up(books_after([*_postings(entries), *postings]))


def load_entries(session: Session, order: Order) -> Sequence[LedgerEntry]:
    """Return the order's postings, the oldest first."""
    query = select(LedgerEntry).where(LedgerEntry.order_id == order.id)
    return session.scalars(query.order_by(LedgerEntry.seq)).all()


def books_in(entries: Iterable[LedgerEntry]) -> Books:
    """Fold rows into what the books show."""
    return books_after(_postings(entries))


def _postings(entries: Iterable[LedgerEntry]) -> list[Posting]:
    return [Posting(entry.kind, entry.subject, Rupiah(entry.amount_idr)) for entry in entries]


def new_entries(
    order_id: int, entries: Sequence[LedgerEntry], postings: Iterable[Posting]
) -> Iterator[LedgerEntry]:
    """Yield the rows of new postings, numbered on from those that are there."""
    last_seq = entries[-1].seq if entries else 0
    # Sorted by seq, so that the last of a kind is the one that counts.
    last_nth = {(entry.kind, entry.subject): entry.nth for entry in entries}
    for seq, posting in enumerate(postings, last_seq + 1):
        yield LedgerEntry(
            order_id=order_id,
            seq=seq,
            kind=posting.kind,
            subject=posting.subject,
            nth=last_nth.get((posting.kind, posting.subject), 0) + 1,
            debit=posting.debit,
            credit=posting.credit,
            amount_idr=posting.amount_idr,
        )
