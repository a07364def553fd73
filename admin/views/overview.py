"""The first page: what waits for a person, and whether everything runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_admin import AdminIndexView, expose
from sqlalchemy import func, select
from sqlalchemy.orm import Session, raiseload

from admin.jobs import heartbeats
from admin.reading import current_desk, reads
from admin.views.base import Guarded
from admin.views.findings import in_the_way
from app.core.states import GatewayName, NotificationState, PaymentStatus, RefundState
from app.core.transitions import RELEASED, RETURNED
from app.db.models import Finding, Notification, Order, Refund

_LATEST = 10


@dataclass(frozen=True, slots=True)
class Count:
    """How many orders are in one state."""

    status: PaymentStatus
    orders: int


@dataclass(frozen=True, slots=True)
class LastHeard:
    """When a gateway's notification last passed its check; None: never."""

    gateway: GatewayName
    at: datetime | None


class OverviewView(Guarded, AdminIndexView):
    """What waits, what runs, and the latest orders."""

    @expose()
    def index(self) -> str:
        """Show the overview."""
        session = reads()
        return self.render(
            "lunas/overview.html",
            counts=_counts(session),
            attention=_attention(session),
            frozen=_frozen(session),
            refunds=_refunds(session),
            heartbeats=heartbeats(session),
            heard=_heard(session),
            latest=_latest(session),
        )


def _counts(session: Session) -> list[Count]:
    rows = session.execute(
        select(Order.payment_status, func.count()).group_by(Order.payment_status)
    )
    found: dict[PaymentStatus, int] = {row[0]: row[1] for row in rows}
    return [Count(status, found.get(status, 0)) for status in PaymentStatus]


def _attention(session: Session) -> int:
    query = select(func.count()).select_from(Order).where(Order.attention.is_not(None))
    return session.scalar(query) or 0


def _frozen(session: Session) -> int:
    """Count the orders that give no refunds until a person releases them."""
    query = select(func.count(Finding.order_id.distinct())).where(in_the_way())
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


def _heard(session: Session) -> list[LastHeard]:
    return [LastHeard(name, _last_heard(session, name)) for name in current_desk().gateways]


def _last_heard(session: Session, gateway: GatewayName) -> datetime | None:
    """Return when a notification of this gateway last passed its check, found from the newest."""
    genuine = select(Notification.received_at).where(
        Notification.gateway == gateway, Notification.state != NotificationState.REFUSED
    )
    return session.scalars(genuine.order_by(Notification.id.desc()).limit(1)).first()


def _latest(session: Session) -> Sequence[Order]:
    query = select(Order).options(raiseload("*"))
    return session.scalars(query.order_by(Order.id.desc()).limit(_LATEST)).all()
