"""The figures of a period, each with the question that shows exactly the rows it counts.

All of them are sums and counts that the database makes; how many questions are asked does not
depend on how many orders there are.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.orm import Session

from admin.figures.periods import Period, Span
from app.core.refund_reasons import RefundReason
from app.core.states import OPEN, PaymentStatus
from app.core.transitions import RETURNED
from app.db.epochs import epoch_s
from app.db.models import Order, Refund
from app.services.paying_method import method_column

Pairs = tuple[tuple[str, str], ...]
# Filters of the lists; the order of their values is fixed, so that addresses are too.
OPEN_STATES: Final = ",".join(s.value for s in PaymentStatus if s in OPEN)
CLOSED_STATES: Final = ",".join(s.value for s in PaymentStatus if s not in OPEN)
RETURNED_STATES: Final = ",".join(sorted(s.value for s in RETURNED))


@dataclass(frozen=True, slots=True)
class Figure:
    """An amount and how many rows it is made of; ``asks`` are the filters that show these rows."""

    idr: int
    rows: int
    asks: Pairs


@dataclass(frozen=True, slots=True)
class Flow:
    """What came in and what went back in one span."""

    span: Span
    paid: Figure
    refunded: Figure

    @property
    def net_idr(self) -> int:
        """What is left of it; below zero if more went back than came in."""
        return self.paid.idr - self.refunded.idr


@dataclass(frozen=True, slots=True)
class Success:
    """How many of the orders placed in a span were paid, are open, or ended unpaid.

    ``method`` None: no method was chosen; empty: all methods together.
    """

    method: str | None
    paid: Figure
    open: Figure
    lost: Figure

    @property
    def placed(self) -> int:
        """All orders of it."""
        return self.paid.rows + self.open.rows + self.lost.rows

    @property
    def rate(self) -> float | None:
        """The share that was paid of those that are decided; None while none is."""
        decided = self.paid.rows + self.lost.rows
        return self.paid.rows / decided if decided else None


@dataclass(frozen=True, slots=True)
class TimeToPay:
    """How long shoppers took from order to payment; None where nobody paid."""

    median_s: int | None
    p90_s: int | None


@dataclass(frozen=True, slots=True)
class Reason:
    """What was refunded for one reason of the catalogue; None: no reason was named."""

    code: RefundReason | None
    refunded: Figure


def paid_asks(span: Span) -> Pairs:
    """Return the filters of the orders that were paid in a span and still count money."""
    return ("paid.between", span.asked), ("captured.min", "1")


def refunded_asks(span: Span) -> Pairs:
    """Return the filters of the refunds that went back in a span."""
    return ("state.in", RETURNED_STATES), ("finished.between", span.asked)


def read_flow(session: Session, span: Span) -> Flow:
    """Return what came in and what went back in a span."""
    paid = _total(session, Order.captured_idr, _paid_in(span))
    refunded = _total(session, Refund.amount_idr, _refunded_in(span))
    return Flow(span, Figure(*paid, paid_asks(span)), Figure(*refunded, refunded_asks(span)))


def read_flows(session: Session, span: Span) -> list[Flow]:
    """Return the same for each part of the span, the empty ones too."""
    paid = _by_part(session, span, (Order.paid_at, Order.captured_idr), _paid_in(span))
    refunded = _by_part(session, span, (Refund.finished_at, Refund.amount_idr), _refunded_in(span))
    nothing = (0, 0)
    return [
        Flow(
            part,
            Figure(*paid.get(number, nothing), paid_asks(part)),
            Figure(*refunded.get(number, nothing), refunded_asks(part)),
        )
        for number, part in enumerate(span.parts())
    ]


def add_flows(span: Span, flows: Sequence[Flow]) -> Flow:
    """Return the whole of which these are the parts."""
    return Flow(
        span,
        _sum((flow.paid for flow in flows), paid_asks(span)),
        _sum((flow.refunded for flow in flows), refunded_asks(span)),
    )


def read_success(session: Session, span: Span) -> list[Success]:
    """Return how the orders placed in a span ended, by method; the most orders first."""
    outcome = _outcome().label("outcome")
    placed = select(method_column().label("method"), outcome, Order.total_idr).where(
        _within(Order.created_at, span)
    )
    rows = placed.subquery()
    query = select(rows.c.method, rows.c.outcome, func.sum(rows.c.total_idr), func.count())
    found: dict[str | None, dict[str, tuple[int, int]]] = {}
    for method, ended, idr, count in session.execute(query.group_by(rows.c.method, rows.c.outcome)):
        found.setdefault(method, {})[ended] = (int(idr), count)
    by_method = [
        _success(method, _method_asks(method), span, ends) for method, ends in found.items()
    ]
    return sorted(by_method, key=lambda one: (-one.placed, one.method or ""))


def read_success_of_all(session: Session, span: Span) -> Success:
    """Return the same for all methods together, without looking up each order's method."""
    rows = select(_outcome().label("outcome"), Order.total_idr).where(
        _within(Order.created_at, span)
    )
    placed = rows.subquery()
    query = select(placed.c.outcome, func.sum(placed.c.total_idr), func.count())
    ends = {
        outcome: (int(idr), count)
        for outcome, idr, count in session.execute(query.group_by(placed.c.outcome))
    }
    return _success("", (), span, ends)


def add_success(span: Span, parts: Sequence[Success]) -> Success:
    """Return all methods together."""
    sums = {
        name: (
            sum(getattr(part, name).idr for part in parts),
            sum(getattr(part, name).rows for part in parts),
        )
        for name in ("paid", "open", "lost")
    }
    return _success("", (), span, sums)


def read_times(session: Session, span: Span, payments: int) -> TimeToPay:
    """Return the middle and the slowest tenth of so many payments, by the nearest rank."""
    ranks = [max(1, math.ceil(share * payments)) for share in (0.5, 0.9)]
    took = epoch_s(Order.paid_at) - epoch_s(Order.created_at)
    times = select(took.label("seconds")).where(_paid_in(span)).subquery()
    place = func.row_number().over(order_by=times.c.seconds)
    ranked = select(times.c.seconds, place.label("place")).subquery()
    query = select(ranked.c.place, ranked.c.seconds).where(ranked.c.place.in_(ranks))
    found = {row[0]: row[1] for row in session.execute(query)}
    return TimeToPay(found.get(ranks[0]), found.get(ranks[1]))


def read_reasons(session: Session, whole: Flow) -> list[Reason]:
    """Return why money went back, the largest sums first; refunds made elsewhere name no reason."""
    total = func.sum(Refund.amount_idr)
    query = select(Refund.reason_code, total, func.count()).where(_refunded_in(whole.span))
    query = query.group_by(Refund.reason_code).order_by(total.desc(), Refund.reason_code)
    return [
        Reason(code, Figure(int(idr), count, (*whole.refunded.asks, _reason_asks(code))))
        for code, idr, count in session.execute(query)
    ]


def _reason_asks(code: RefundReason | None) -> tuple[str, str]:
    return ("code.empty", "1") if code is None else ("code", code.value)


def _sum(figures: Any, asks: Pairs) -> Figure:
    parts: list[Figure] = list(figures)
    return Figure(sum(part.idr for part in parts), sum(part.rows for part in parts), asks)


def _paid_in(span: Span) -> ColumnElement[bool]:
    return and_(_within(Order.paid_at, span), Order.captured_idr >= 1)


def _refunded_in(span: Span) -> ColumnElement[bool]:
    return and_(_within(Refund.finished_at, span), Refund.state.in_(RETURNED))


def _within(column: Any, span: Span) -> ColumnElement[bool]:
    return and_(column >= span.start, column < span.end)


def _total(session: Session, amount: Any, where: ColumnElement[bool]) -> tuple[int, int]:
    idr, count = session.execute(select(func.sum(amount), func.count()).where(where)).one()
    return int(idr or 0), count


def _by_part(
    session: Session, span: Span, columns: tuple[Any, Any], where: ColumnElement[bool]
) -> dict[int, tuple[int, int]]:
    """Return sum and count of each part of the span, by its number from zero."""
    at, amount = columns
    number = (epoch_s(at) - int(span.start.timestamp())) // int(span.step.total_seconds())
    rows = select(number.label("part"), amount.label("amount")).where(where).subquery()
    query = select(rows.c.part, func.sum(rows.c.amount), func.count()).group_by(rows.c.part)
    return {part: (int(idr), count) for part, idr, count in session.execute(query)}


def _outcome() -> ColumnElement[str]:
    return case(
        (Order.paid_at.is_not(None), "paid"),
        (Order.payment_status.in_(OPEN), "open"),
        else_="lost",
    )


def _method_asks(method: str | None) -> Pairs:
    return (("method.empty", "1"),) if method is None else (("method", method),)


def _success(
    method: str | None, asks: Pairs, span: Span, ends: dict[str, tuple[int, int]]
) -> Success:
    placed = (("created.between", span.asked), *asks)
    unpaid = (*placed, ("paid.empty", "1"))
    nothing = (0, 0)
    return Success(
        method,
        paid=Figure(*ends.get("paid", nothing), (*placed, ("paid.filled", "1"))),
        open=Figure(*ends.get("open", nothing), (*unpaid, ("status.in", OPEN_STATES))),
        lost=Figure(*ends.get("lost", nothing), (*unpaid, ("status.in", CLOSED_STATES))),
    )


@dataclass(frozen=True, slots=True)
class Takings:
    """Everything that the overview tells of one period about money."""

    period: Period
    now: Flow
    before: Flow
    flows: Sequence[Flow]
    success: Success
    success_before: Success
    methods: Sequence[Success]
    times: TimeToPay
    times_before: TimeToPay
    reasons: Sequence[Reason]


def read_takings(session: Session, period: Period) -> Takings:
    """Read the figures of a period and of the one before it."""
    flows = read_flows(session, period.span)
    now, before = add_flows(period.span, flows), read_flow(session, period.before)
    methods = read_success(session, period.span)
    return Takings(
        period=period,
        now=now,
        before=before,
        flows=flows,
        success=add_success(period.span, methods),
        success_before=read_success_of_all(session, period.before),
        methods=methods,
        times=read_times(session, period.span, now.paid.rows),
        times_before=read_times(session, period.before, before.paid.rows),
        reasons=read_reasons(session, now),
    )
