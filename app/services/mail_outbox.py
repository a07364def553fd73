"""Writing down that a mail is due, in the transaction that makes it true."""

import secrets
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.mails import DueMail, MailState, Told, due_mail
from app.db.models import Mail, Order


def queue_mail(session: Session, order: Order, told: Told, now: datetime) -> None:
    """Add the mail that a line of the timeline calls for; the caller holds the order's lock.

    Nothing is added a second time for the same event, however often it is learnt.
    """
    due = due_mail(told)
    if due is None:
        return
    same = select(Mail.id).where(
        Mail.order_id == order.id, Mail.kind == due.kind, Mail.event == due.event
    )
    if session.scalar(same) is not None:
        return
    session.add(new_mail(order.id, due, now))


def new_mail(order_id: int, due: DueMail, now: datetime) -> Mail:
    """Return the mail as it begins: due at once, in no session yet."""
    return Mail(
        order_id=order_id,
        kind=due.kind,
        event=due.event,
        state=MailState.WAITING,
        message_id=secrets.token_hex(16),
        created_at=now,
        next_check_at=now,
        tries=0,
    )
