"""What staff do: check, refund, approve, refuse, and now and then press a button twice."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

from sqlalchemy import select

from app.core.errors import RefusedError
from app.core.observations import Source
from app.core.states import OPEN, Attention, RefundRoute, RefundState
from app.db.models import Order, Refund
from app.services.cancelling import cancel_order
from app.services.refunds import (
    MAY_BE_REROUTED,
    RefundForm,
    RefundResult,
    RerouteForm,
    approve_refund,
    dry_run_refund,
    mark_transferred,
    reject_refund,
    request_refund,
    reroute_refund,
    withdraw_refund,
)
from app.services.restocking import restock_refund
from app.services.status import check_status
from tests.calls import resolve_attention
from tests.simulation.databank import APPROVERS, REFUNDERS
from tests.simulation.stage import Stage
from tests.world import ACCOUNT

# What a person may take off the queue without anything having to be put right first.
_NOTED = (Attention.PAID_AFTER_CLOSE, Attention.PAID_TWICE, Attention.STOCK_SHORT)
_WAITING = (RefundState.AWAITING_APPROVAL, RefundState.APPROVED, RefundState.TO_TRANSFER)


def ask_gateway(stage: Stage, dice: random.Random) -> str | None:
    """Press "check status"."""
    order = _any_order(stage, dice)
    if order is None:
        return None
    report = check_status(
        stage.desk, order.id, source=Source.STATUS_CHECK, staff_id=dice.choice(REFUNDERS)
    )
    return f"staff checks {order.number}: {report.before} -> {report.after} ({report.why})"


def ask_for_refund(stage: Stage, dice: random.Random) -> str | None:
    """Fill in the refund form and send it; sometimes twice, sometimes with what was true before."""
    order = _paid_order(stage, dice) or _any_order(stage, dice)
    if order is None:
        return None
    form = _fill_in(stage, dice, order)
    times = 2 if dice.random() < 0.15 else 1
    said = [_refunding(stage, order.number, lambda: request_refund(stage.desk, form))]
    if times > 1:
        said.append(_refunding(stage, order.number, lambda: request_refund(stage.desk, form)))
    return "; again: ".join(said)


def _fill_in(stage: Stage, dice: random.Random, order: Order) -> RefundForm:
    verdict = dry_run_refund(stage.desk, order.id, None)
    left = verdict.refundable_idr
    amount = dice.choice((left, left, left, left, left // 2, left // 3, 20_301, left + 1))
    seen = left if dice.random() < 0.95 else left + 1_000
    form = RefundForm(
        order_id=order.id,
        amount_idr=amount,
        reason="Salah ukuran",
        staff_id=dice.choice(REFUNDERS),
        form_key=f"form-{dice.getrandbits(48):x}",
        expected_refundable_idr=seen,
    )
    stage.note(f"staff asks to refund {amount} of {order.number} ({left} left)")
    by_hand = verdict.route is RefundRoute.MANUAL and dice.random() < 0.7
    return replace(form, route=RefundRoute.MANUAL, account=ACCOUNT) if by_hand else form


def act_on_refund(stage: Stage, dice: random.Random) -> str | None:
    """Approve, reject, withdraw or pay out a refund that waits for a person."""
    with stage.reading() as session:
        waiting = session.scalars(select(Refund).where(Refund.state.in_(_WAITING))).all()
    if not waiting:
        return None
    refund = dice.choice(waiting)
    approver = dice.choice((*APPROVERS, *APPROVERS, refund.requested_by_id))
    shown = refund.approval_hash or "" if dice.random() < 0.95 else "0" * 64
    acts: dict[str, Callable[[], RefundResult]] = {
        "approve": lambda: approve_refund(
            stage.desk, refund.id, staff_id=approver, approval_hash=shown
        ),
        "reject": lambda: reject_refund(
            stage.desk, refund.id, staff_id=APPROVERS[0], reason="tidak"
        ),
        "withdraw": lambda: withdraw_refund(
            stage.desk, refund.id, staff_id=REFUNDERS[0], reason="batal"
        ),
        "mark transferred": lambda: mark_transferred(
            stage.desk, refund.id, staff_id=REFUNDERS[0], proof="BCA 123"
        ),
    }
    name = dice.choice(("approve", "approve", "approve", *acts))
    if refund.state is RefundState.TO_TRANSFER and dice.random() < 0.7:
        name = "mark transferred"
    stage.note(f"staff {approver}: {name} refund {refund.key}")
    return _refunding(stage, refund.key, acts[name])


def reroute(stage: Stage, dice: random.Random) -> str | None:
    """Go on by bank transfer with a refund that the gateway refused or that was not sent yet."""
    with stage.reading() as session:
        fitting = session.scalars(select(Refund).where(Refund.state.in_(MAY_BE_REROUTED))).all()
    if not fitting:
        return None
    refund = dice.choice(fitting)
    form_key = f"reroute-{refund.id}" if dice.random() < 0.8 else f"again-{dice.getrandbits(48):x}"
    form = RerouteForm(refund.id, ACCOUNT, dice.choice(REFUNDERS), form_key)
    stage.note(f"staff goes on with {refund.key} by bank transfer")
    return _refunding(stage, refund.key, lambda: reroute_refund(stage.desk, form))


def cancel(stage: Stage, dice: random.Random) -> str | None:
    """End an order, which only an unpaid one may be."""
    order = _open_order(stage, dice) or _any_order(stage, dice)
    if order is None:
        return None
    stage.note(f"staff cancels {order.number} ({order.payment_status})")
    try:
        report = cancel_order(
            stage.desk, order.id, staff_id=dice.choice(REFUNDERS), reason="habis stok"
        )
    except RefusedError as error:
        stage.boundaries.counts[f"refused to staff: {error.why}"] += 1
        return f"staff cannot cancel {order.number}: {error.why}"
    return f"{order.number} is {report.status}"


def _open_order(stage: Stage, dice: random.Random) -> Order | None:
    with stage.reading() as session:
        waiting = session.scalars(
            select(Order).where(Order.payment_status.in_(OPEN)).order_by(Order.id)
        ).all()
    return dice.choice(waiting) if waiting and dice.random() < 0.9 else None


def restock(stage: Stage, dice: random.Random) -> str | None:
    """Put the goods of a refunded order back."""
    with stage.reading() as session:
        done = session.scalars(select(Refund).where(Refund.state == RefundState.SUCCEEDED)).all()
    if not done:
        return None
    refund = dice.choice(done)
    try:
        restock_refund(stage.desk, refund.id, staff_id=REFUNDERS[0])
    except RefusedError as error:
        return f"staff cannot restock {refund.key}: {error.why}"
    return f"staff restocks {refund.key}"


def take_note(stage: Stage, dice: random.Random) -> str | None:
    """Take an order out of the queue where nothing has to be put right."""
    with stage.reading() as session:
        waiting = session.scalars(select(Order).where(Order.attention.in_(_NOTED))).all()
    if not waiting:
        return None
    order = dice.choice(waiting)
    resolve_attention(stage.desk, order.id, staff_id=REFUNDERS[0], reason="sudah dicek")
    return f"staff takes {order.number} out of the queue ({order.attention})"


def _refunding(stage: Stage, name: str, act: Callable[[], RefundResult]) -> str:
    try:
        result = act()
    except RefusedError as error:
        stage.boundaries.counts[f"refused to staff: {error.why}"] += 1
        return f"refused for {name}: {error.why}"
    return f"refund {result.number} of {name} is {result.state}"


def _paid_order(stage: Stage, dice: random.Random) -> Order | None:
    """Return an order that a refund is likely asked for, but now and then none of these."""
    if dice.random() < 0.15:
        return None
    with stage.reading() as session:
        paid = session.scalars(
            select(Order).where(Order.captured_idr > Order.refunded_idr).order_by(Order.id)
        ).all()
    return dice.choice(paid) if paid else None


def _any_order(stage: Stage, dice: random.Random) -> Order | None:
    with stage.reading() as session:
        orders = session.scalars(select(Order).order_by(Order.id)).all()
    return dice.choice(orders) if orders else None
