"""Sends the mails to shoppers that are due."""

from app.services.desk import Desk
from app.services.mail_delivery import deliver_mails
from app.services.reconciliation import Crew, RunReport


def run_once(desk: Desk, crew: Crew) -> RunReport:
    """Send one batch of mails."""
    return deliver_mails(desk, crew)
