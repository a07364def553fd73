"""The first page: what waits for a person, the figures of a period, and whether everything runs."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from babel.dates import format_date
from babel.numbers import format_compact_decimal
from flask import request, url_for
from flask_admin import AdminIndexView, expose
from flask_babel import gettext, lazy_gettext
from sqlalchemy import func, select
from sqlalchemy.orm import Session, raiseload

from admin.figures import differences
from admin.figures.charts import HEIGHT, WIDTH, draw_flows, draw_shares
from admin.figures.jobs import heartbeats
from admin.figures.of_now import read_ageing, read_health, read_heard
from admin.figures.of_period import Pairs, Takings, read_takings
from admin.figures.periods import DEFAULT, LONGEST_DAYS, Period, PeriodError, Span, read_period
from admin.languages import language
from admin.reading import current_desk, reads
from admin.views.base import Guarded
from admin.views.findings import in_the_way
from app.core.states import RefundState
from app.core.transitions import RELEASED, RETURNED
from app.db.models import Finding, Order, Refund

_LATEST: Final = 10
_DASH: Final = "\N{EN DASH}"
_HOUR: Final = timedelta(hours=1)
_MINUTE: Final = timedelta(minutes=1)
_PERIODS: Final = (
    ("today", lazy_gettext("Today")),
    ("yesterday", lazy_gettext("Yesterday")),
    ("7d", lazy_gettext("7 days")),
    ("30d", lazy_gettext("30 days")),
    ("month", lazy_gettext("This month")),
)


class OverviewView(Guarded, AdminIndexView):
    """What waits, what came in and went back, what runs, and the latest orders."""

    @expose()
    def index(self) -> str:
        """Show the overview of the period that the address asks for."""
        session, now = reads(), current_desk().clock()
        period, error = _asked_period(now)
        takings = read_takings(session, period)
        gateways = tuple(current_desk().gateways)
        return self.render(
            "lunas/overview.html",
            attention=_attention(session),
            findings=_findings(session),
            refunds=_refunds(session),
            heartbeats=heartbeats(session),
            heard=read_heard(session, gateways),
            health=read_health(session, period.span, gateways),
            ageing=read_ageing(session, now),
            latest=_latest(session),
            period=period,
            period_error=error,
            periods=_PERIODS,
            takings=takings,
            chart=draw_flows(takings.flows),
            chart_size=(WIDTH, HEIGHT),
            **_compared(takings),
            **_WORDS,
        )


def _asked_period(now: datetime) -> tuple[Period, str]:
    """Return the period of the address; the usual one and what is wrong, if it cannot be read."""
    asked = request.args
    name = asked.get("period", DEFAULT)
    try:
        return read_period(name, asked.get("from", ""), asked.get("to", ""), now), ""
    except PeriodError:
        usual = read_period(DEFAULT, "", "", now)
        return usual, gettext(
            "This period cannot be read. Choose a first and a last day, at most %(days)s days.",
            days=LONGEST_DAYS,
        )


def _compared(takings: Takings) -> dict[str, Any]:
    now, before = takings.now, takings.before
    return {
        "differs": {
            "paid": differences.compare_sums(now.paid.idr, before.paid.idr),
            "refunded": differences.compare_sums(now.refunded.idr, before.refunded.idr),
            "net": differences.compare_net(now.net_idr, before.net_idr),
            "rate": differences.compare_rates(takings.success.rate, takings.success_before.rate),
            "median": differences.compare_times(
                takings.times.median_s, takings.times_before.median_s
            ),
        }
    }


def _findings(session: Session) -> dict[str, int]:
    """Count what differs now, what stops refunds, and the orders whose refunds are stopped."""
    differs = select(func.count()).where(Finding.resolved_at.is_(None)).scalar_subquery()
    stops = select(func.count()).where(in_the_way()).scalar_subquery()
    orders = select(func.count(Finding.order_id.distinct())).where(in_the_way()).scalar_subquery()
    row = session.execute(select(differs, stops, orders)).one()
    return {"open": row[0], "stopping": row[1], "frozen_orders": row[2]}


def _attention(session: Session) -> int:
    query = select(func.count()).select_from(Order).where(Order.attention.is_not(None))
    return session.scalar(query) or 0


def _refunds(session: Session) -> dict[str, int]:
    """Count the refunds that are not finished, by what they wait for."""
    finished = {*RELEASED, *RETURNED}
    rows = session.execute(
        select(Refund.state, func.count())
        .where(Refund.state.not_in(finished))
        .group_by(Refund.state)
    )
    found: dict[RefundState, int] = {row[0]: row[1] for row in rows}
    return {
        "open": sum(found.values()),
        "awaiting_approval": found.get(RefundState.AWAITING_APPROVAL, 0),
        "unknown": found.get(RefundState.UNKNOWN, 0),
        "to_transfer": found.get(RefundState.TO_TRANSFER, 0),
    }


def _latest(session: Session) -> Sequence[Order]:
    query = select(Order).options(raiseload("*"))
    return session.scalars(query.order_by(Order.id.desc()).limit(_LATEST)).all()


def list_url(endpoint: str, asks: Pairs) -> str:
    """Return the address of a list that shows exactly what these filters ask."""
    return f"{url_for(f'{endpoint}.index_view')}?{urlencode(asks)}"


def span_words(span: Span) -> str:
    """Write a span: an hour of a day, one day, or its first and last day."""
    if span.end - span.start <= _HOUR:
        return f"{span.start:%H:%M}{_DASH}{span.end:%H:%M}"
    first, last = _day_words(span.start), _day_words(span.end - _MINUTE)
    if span.end.time() != time():
        last = f"{last} {span.end:%H:%M}"
    return last if first == last else f"{first} {_DASH} {last}"


def _day_words(moment: datetime) -> str:
    return format_date(moment.date(), "d MMM", locale=language())


def compact_rupiah(amount_idr: int) -> str:
    """Write an amount short, for the side of a chart: ``Rp 1,2 jt``."""
    return f"Rp {format_compact_decimal(amount_idr, locale=language(), fraction_digits=1)}"


_WORDS: Final = {
    "compact": compact_rupiah,
    "draw_shares": draw_shares,
    "list_url": list_url,
    "share": differences.write_share,
    "short_duration": differences.short_duration,
    "span_words": span_words,
}
