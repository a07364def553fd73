"""Running stored observations through today's rules; reads only."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.money import Rupiah
from app.core.replay import Difference, Grounds, Heard, Record, Verdict, replay
from app.core.transitions import Summary
from app.db.models import Attempt, Order, Refund, StoredObservation
from app.db.session import read_one_moment
from app.services.desk import Desk
from app.services.facts import attempt_fact, refund_fact
from app.services.observation_records import read_grounds, read_observation

BATCH: Final = 100


@dataclass(frozen=True, slots=True)
class Replayed:
    """One order's replay. ``is_complete`` False: observations of before this was possible."""

    number: str
    observations: int
    differences: tuple[Difference, ...]
    is_complete: bool = True


def replay_orders(
    desk: Desk, *, since: datetime | None = None, number: str | None = None, batch: int = BATCH
) -> Iterator[Replayed]:
    """Replay every order of which something was heard since then, some orders at a time.

    Each order is replayed from its first observation on, because its facts grow from there.
    """
    last_id = 0
    while True:
        with desk.reads() as session:
            read_one_moment(session)
            ids = _next_orders(session, last_id, since, number, batch)
            replayed = _replay_batch(session, ids)
        yield from replayed
        if not ids:
            return
        last_id = ids[-1]


def _next_orders(
    session: Session, last_id: int, since: datetime | None, number: str | None, batch: int
) -> Sequence[int]:
    query = select(StoredObservation.order_id).where(StoredObservation.order_id > last_id)
    if since is not None:
        query = query.where(StoredObservation.recorded_at >= since)
    if number is not None:
        query = query.join(Order, Order.id == StoredObservation.order_id)
        query = query.where(Order.number == number)
    query = query.distinct().order_by(StoredObservation.order_id).limit(batch)
    return session.scalars(query).all()


def _replay_batch(session: Session, ids: Sequence[int]) -> list[Replayed]:
    if not ids:
        return []
    attempts, refunds = _attempts(session, ids), _refunds(session, ids)
    heard = _heard(session, ids)
    orders = session.scalars(select(Order).where(Order.id.in_(ids)).order_by(Order.id))
    return [
        _replay_order(order, heard[order.id], attempts[order.id], refunds[order.id])
        for order in orders
    ]


def _attempts(session: Session, ids: Sequence[int]) -> dict[int, list[Attempt]]:
    query = select(Attempt).where(Attempt.order_id.in_(ids)).order_by(Attempt.try_number)
    found: dict[int, list[Attempt]] = defaultdict(list)
    for row in session.scalars(query):
        found[row.order_id].append(row)
    return found


def _refunds(session: Session, ids: Sequence[int]) -> dict[int, list[Refund]]:
    found: dict[int, list[Refund]] = defaultdict(list)
    for row in session.scalars(select(Refund).where(Refund.order_id.in_(ids))):
        found[row.order_id].append(row)
    return found


def _heard(session: Session, ids: Sequence[int]) -> dict[int, list[StoredObservation]]:
    query = select(StoredObservation).where(StoredObservation.order_id.in_(ids))
    found: dict[int, list[StoredObservation]] = defaultdict(list)
    for row in session.scalars(query.order_by(StoredObservation.id)):
        found[row.order_id].append(row)
    return found


def _replay_order(
    order: Order,
    rows: list[StoredObservation],
    attempts: list[Attempt],
    refunds: list[Refund],
) -> Replayed:
    heard = tuple(one for one in map(_read, rows) if one is not None)
    if len(heard) < len(rows):
        return Replayed(order.number, len(rows), (), is_complete=False)
    record = Record(
        number=order.number,
        total_idr=Rupiah(order.total_idr),
        heard=heard,
        grounds=Grounds(
            tuple(attempt_fact(row) for row in attempts),
            tuple(refund_fact(row) for row in refunds),
            cancel_asked=order.cancel_asked_at is not None,
        ),
        now=Summary(
            order.payment_status,
            Rupiah(order.captured_idr),
            Rupiah(order.refunded_idr),
            Rupiah(order.reserved_idr),
            order.payment_gateway_transaction_id,
        ),
    )
    return Replayed(order.number, len(rows), replay(record))


def _read(row: StoredObservation) -> Heard | None:
    grounds = read_grounds(row)
    if grounds is None:
        return None
    verdict = Verdict(row.before, row.after, row.why, row.evidence, row.attention)
    return Heard(row.id, read_observation(row), verdict, grounds)
