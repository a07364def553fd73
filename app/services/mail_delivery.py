"""Sending the mails that are due: claimed under a lease, each once, tried again for three days."""

import logging
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import joinedload, selectinload

from app.core.errors import PostRefusedError, PostUnavailableError
from app.core.letters import Letter, LetterOrder, LetterRefund, compose_receipt, compose_refund
from app.core.mails import SEND_WITHIN, MailKind, MailState, wait_before_try
from app.core.ports import Post
from app.core.refund_progress import usual_arrival
from app.core.states import RefundRoute
from app.db.claims import LEASE, claim_due
from app.db.models import Mail, Order, Refund
from app.services.desk import Desk
from app.services.paying_method import paying_method
from app.services.reconciliation import Crew, RunReport

_log = logging.getLogger("lunas.jobs")


@dataclass(frozen=True, slots=True)
class _Outcome:
    state: MailState
    error: str | None = None


def deliver_mails(desk: Desk, crew: Crew) -> RunReport:
    """Send one batch of mails; one that fails is put off and never stops the others.

    A process that dies between sending and noting it sends that mail again, under the same
    Message-ID: a receipt twice is a smaller harm than none.
    """
    if desk.post is None:
        return RunReport()
    ids = claim_due(desk.sessions, Mail, owner=crew.owner, now=desk.clock(), limit=crew.batch)
    outcomes = [_guarded(desk, desk.post, mail_id, crew.owner) for mail_id in ids]
    sent = outcomes.count(MailState.SENT)
    return RunReport(len(ids), changed=sent, failed=len(ids) - sent - outcomes.count(None))


def _guarded(desk: Desk, post: Post, mail_id: int, owner: str) -> MailState | None:
    """Deliver one mail; None if another process has it by now. An error of ours puts it off."""
    waits_since = _hold(desk, mail_id, owner)
    if waits_since is None:
        return None
    if desk.clock() - waits_since > SEND_WITHIN:
        return _end(desk, mail_id, owner, _Outcome(MailState.GIVEN_UP, "too_late"))
    try:
        outcome = _deliver(desk, post, mail_id)
    except Exception:  # noqa: BLE001 - one mail must not stop the others.
        _log.exception("mail %s failed", mail_id)
        outcome = _Outcome(MailState.WAITING, "error_of_ours")
    return _end(desk, mail_id, owner, outcome)


def _hold(desk: Desk, mail_id: int, owner: str) -> datetime | None:
    """Take the lease of one mail anew and return since when the mail waits.

    Those before it in the batch may have taken longer than the lease; None if it was lost.
    """
    held = update(Mail).where(Mail.id == mail_id, Mail.lease_owner == owner)
    with desk.sessions.begin() as session:
        return session.scalar(
            held.values(lease_until=desk.clock() + LEASE).returning(Mail.created_at)
        )


def _deliver(desk: Desk, post: Post, mail_id: int) -> _Outcome:
    errand = _read(desk, mail_id)
    try:
        post.send(errand.letter, to=errand.recipient, message_id=errand.message_id)
    except PostUnavailableError as error:
        _log.warning("mail %s waits: %s", mail_id, error.code)
        return _Outcome(MailState.WAITING, error.code)
    except PostRefusedError as error:
        _log.warning("mail %s is given up: %s", mail_id, error.code)
        return _Outcome(MailState.GIVEN_UP, error.code)
    return _Outcome(MailState.SENT)


@dataclass(frozen=True, slots=True)
class _Errand:
    letter: Letter
    recipient: str
    message_id: str


def _read(desk: Desk, mail_id: int) -> _Errand:
    with desk.reads() as session:
        mail = session.scalars(
            select(Mail)
            .where(Mail.id == mail_id)
            .options(
                joinedload(Mail.order).options(
                    selectinload(Order.items),
                    selectinload(Order.attempts),
                    selectinload(Order.transactions),
                    selectinload(Order.refunds).joinedload(Refund.attempt),
                )
            )
        ).one()
        return _Errand(_compose(desk, mail), mail.order.customer_email, mail.message_id)


def _compose(desk: Desk, mail: Mail) -> Letter:
    order = _order(desk, mail.order)
    if mail.kind is MailKind.RECEIPT:
        return compose_receipt(order)
    (refund,) = (one for one in mail.order.refunds if mail.event == f"refund-{one.number}")
    method = refund.attempt.method
    by_hand = refund.route is RefundRoute.MANUAL
    return compose_refund(
        order,
        LetterRefund(
            refund.amount_idr, None if by_hand else method, usual_arrival(refund.route, method)
        ),
    )


def _order(desk: Desk, order: Order) -> LetterOrder:
    english = order.locale == "en"
    return LetterOrder(
        language=order.locale,
        shop_name=desk.policy.shop_name,
        number=order.number,
        customer_name=order.customer_name,
        lines=tuple(
            (item.name_en if english else item.name_id, item.quantity, item.line_total_idr)
            for item in order.items
        ),
        total_idr=order.total_idr,
        paid_at=order.paid_at,
        method=paying_method(order),
        link=f"{desk.policy.public_url}/orders/{order.public_id}",
    )


def _end(desk: Desk, mail_id: int, owner: str, outcome: _Outcome) -> MailState:
    """Note what came of a try; whoever lost the lease meanwhile notes nothing."""
    now = desk.clock()
    with desk.sessions.begin() as session:
        held = select(Mail).where(Mail.id == mail_id, Mail.lease_owner == owner)
        mail = session.scalars(held.with_for_update()).one_or_none()
        if mail is None:
            return outcome.state
        mail.state, mail.error = outcome.state, outcome.error
        mail.tries += 1
        mail.lease_until = mail.lease_owner = None
        waits = outcome.state is MailState.WAITING
        mail.next_check_at = now + wait_before_try(mail.tries) if waits else None
        mail.finished_at = None if waits else now
    return outcome.state
