"""Writing a new refund down: its number, its key, what it reserves, what an approval binds to."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.facts import TransactionFact
from app.core.reasons import Why
from app.core.references import ALPHABET
from app.core.refunds import ApprovalSubject, approval_hash
from app.core.states import RefundRoute, RefundState
from app.core.transfers import BankAccount
from app.db.models import Actor, Attempt, Order, Refund
from app.services.observations import refresh_order
from app.services.refund_facts import next_number, refund_details
from app.services.timeline import Happening


@dataclass(frozen=True, slots=True)
class NewRefund:
    """A refund that the rules have let through; ``account`` is set exactly where it goes by hand.

    ``replaces_id``: the refund that it goes on from.
    """

    transaction: TransactionFact
    amount_idr: int
    route: RefundRoute
    needs_approval: bool
    reason: str
    staff_id: int
    form_key: str
    account: BankAccount | None = None
    replaces_id: int | None = None


def write_refund(session: Session, order: Order, new: NewRefund, now: datetime) -> Refund:
    """Add the refund, which reserves its amount; the caller holds the order's lock."""
    refund = _row(session, order, new, now)
    refund.approval_hash = approval_hash(subject_of_approval(order, refund))
    session.add(refund)
    session.flush()
    why = Why.REFUND_REQUESTED if new.replaces_id is None else Why.REFUND_REROUTED
    refresh_order(session, order, staff_happening(refund, why, new.staff_id, now))
    return refund


def _row(session: Session, order: Order, new: NewRefund, now: datetime) -> Refund:
    attempt = session.scalars(
        select(Attempt).where(Attempt.reference == new.transaction.reference)
    ).one()
    number = next_number(session, order)
    # The random part keeps a key unused even if the database is ever restored from a backup.
    tail = "".join(secrets.choice(ALPHABET) for _ in range(6))
    state = _first_state(new)
    refund = Refund(
        order_id=order.id,
        number=number,
        key=f"{order.number}-R{number}-{tail}",
        form_key=new.form_key,
        gateway=attempt.gateway,
        gateway_transaction_id=new.transaction.gateway_transaction_id,
        attempt_id=attempt.id,
        amount_idr=new.amount_idr,
        route=new.route,
        state=state,
        needs_approval=new.needs_approval,
        reason=new.reason.strip(),
        requested_by_id=new.staff_id,
        requested_at=now,
        replaces_id=new.replaces_id,
        # Due for the jobs too, in case this process dies before it has sent the refund.
        next_check_at=now if state is RefundState.APPROVED else None,
        looks_done=0,
    )
    _set_account(refund, new.account)
    return refund


def _first_state(new: NewRefund) -> RefundState:
    if new.needs_approval:
        return RefundState.AWAITING_APPROVAL
    return RefundState.TO_TRANSFER if new.route is RefundRoute.MANUAL else RefundState.APPROVED


def _set_account(refund: Refund, account: BankAccount | None) -> None:
    if account is not None:
        refund.transfer_bank = account.bank
        refund.transfer_account = account.number
        refund.transfer_holder = account.holder


def account_of(refund: Refund) -> BankAccount | None:
    """Return the account that this refund is transferred to; None where the gateway pays."""
    if refund.transfer_account is None:
        return None
    return BankAccount(
        refund.transfer_bank or "", refund.transfer_account, refund.transfer_holder or ""
    )


def subject_of_approval(order: Order, refund: Refund) -> ApprovalSubject:
    """Return what an approver of this refund agrees to, as it is stored now."""
    account = account_of(refund)
    return ApprovalSubject(
        order=order.number,
        refund_key=refund.key,
        amount_idr=refund.amount_idr,
        route=refund.route,
        reason=refund.reason,
        destination=account.as_destination() if account else (),
    )


def staff_happening(refund: Refund, why: Why, staff_id: int, now: datetime) -> Happening:
    """Return a line of the timeline about what a person did with a refund."""
    details = {**refund_details(refund), "reason": refund.reason}
    return Happening(why, Actor.STAFF, now, staff_id, details=details)
