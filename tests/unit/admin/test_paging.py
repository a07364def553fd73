"""Pages that are continued: every row that stays is met once, whatever comes and goes between."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import String, create_engine, delete, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from admin.lists.paging import LARGEST_ID, Page, Place, Sort, Walk, read_page, read_place
from app.core.states import GatewayName
from app.db.base import UtcDateTime, words_of

START = datetime(2026, 11, 23, tzinfo=UTC)
STATES = list(GatewayName)


class Base(DeclarativeBase):
    """Tables of these tests only."""


class Row(Base):
    """A row with one column of every kind that a list can be in order of."""

    __tablename__ = "rows"

    id: Mapped[int] = mapped_column(primary_key=True)
    amount: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[GatewayName] = mapped_column(words_of(GatewayName))
    name: Mapped[str] = mapped_column(String(20))


SORTS = {
    "id": Sort("id", "Id", Row.id, "id"),
    "amount": Sort("amount", "Amount", Row.amount, "amount"),
    "at": Sort("at", "At", Row.at, "at"),
    "state": Sort("state", "State", Row.state, "state"),
    "name": Sort("name", "Name", Row.name, "name"),
}
# Few values, so that many rows are equal in what they are ordered by.
VALUES = st.integers(0, 3)
ORDERS = st.tuples(st.sampled_from(sorted(SORTS)), st.booleans(), st.integers(1, 4))


def a_row(row_id: int, value: int) -> Row:
    return Row(
        id=row_id,
        amount=value * 1000,
        at=START + timedelta(microseconds=value),
        state=STATES[value % len(STATES)],
        name="abcd"[value],
    )


@dataclass
class Shelf:
    """A list in a database, and somebody who walks through it."""

    session: Session
    sort: Sort
    is_descending: bool
    size: int
    seen: list[int] = field(default_factory=list)

    def page(self, place: str | None = None, *, is_before: bool = False) -> Page:
        at = read_place(self.sort, place, is_before=is_before) if place else None
        assert (at is None) == (place is None)
        walk = Walk(self.sort, self.is_descending, at, self.size)
        return read_page(lambda query: self.session.scalars(query).all(), select(Row), Row.id, walk)

    def add(self, row_id: int, value: int) -> None:
        self.session.add(a_row(row_id, value))
        self.session.flush()

    def remove(self, row_id: int) -> None:
        self.session.execute(delete(Row).where(Row.id == row_id))
        self.session.expunge_all()

    def expected(self) -> list[int]:
        rows = self.session.scalars(select(Row)).all()
        key = self.sort.attribute
        ordered = sorted(rows, key=lambda row: (getattr(row, key), row.id))
        ids = [row.id for row in ordered]
        return ids[::-1] if self.is_descending else ids


ENGINE = create_engine("sqlite://")
Base.metadata.create_all(ENGINE)


def shelf(values: list[int], order: tuple[str, bool, int]) -> Iterator[Shelf]:
    """Yield a list with these values; its rows are forgotten afterwards."""
    name, is_descending, size = order
    with Session(ENGINE) as session:
        session.add_all(a_row(10 * (at + 1), value) for at, value in enumerate(values))
        session.flush()
        yield Shelf(session, SORTS[name], is_descending, size)


@given(st.lists(VALUES, max_size=12), ORDERS)
def test_forwards_and_backwards_every_row_is_met_once_and_in_order(
    values: list[int], order: tuple[str, bool, int]
) -> None:
    for rows in shelf(values, order):
        page, forwards = rows.page(), [rows.page()]
        while page.after:
            page = rows.page(page.after)
            forwards.append(page)
        backwards = [page]
        while page.before:
            page = rows.page(page.before, is_before=True)
            backwards.append(page)

        assert [row.id for p in forwards for row in p.rows] == rows.expected()
        assert [row.id for p in reversed(backwards) for row in p.rows] == rows.expected()


@given(
    st.lists(VALUES, min_size=1, max_size=12),
    ORDERS,
    st.lists(st.tuples(st.booleans(), st.integers(1, 130), VALUES), max_size=12),
)
def test_rows_that_come_and_go_between_pages_lose_and_double_no_other(
    values: list[int], order: tuple[str, bool, int], changes: list[tuple[bool, int, int]]
) -> None:
    for rows in shelf(values, order):
        there = set(rows.expected())
        stayed, pending = set(there), list(changes)
        page = rows.page()
        met = [row.id for row in page.rows]
        while page.after:
            if pending:
                is_new, row_id, value = pending.pop()
                if is_new and row_id not in there:
                    rows.add(row_id, value)
                    there.add(row_id)
                elif not is_new and row_id in there:
                    rows.remove(row_id)
                    stayed.discard(row_id)
            page = rows.page(page.after)
            met += [row.id for row in page.rows]

        assert len(met) == len(set(met))
        assert stayed <= set(met)


@pytest.mark.parametrize("name", sorted(SORTS))
@pytest.mark.parametrize(
    "text", ["", "~", "5", "~5", "abc~abc", "1~x", "\x00~1", "9" * 30 + "~1", "x" * 500 + "~1"]
)
def test_an_address_that_names_no_place_begins_at_the_beginning(name: str, text: str) -> None:
    place = read_place(SORTS[name], text, is_before=False)

    assert place is None or isinstance(place.value, str)


def test_an_id_beyond_the_database_is_the_last_one() -> None:
    assert read_place(SORTS["amount"], f"5~{10**18}", is_before=True) == Place(5, LARGEST_ID, True)  # noqa: FBT003
