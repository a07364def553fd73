"""Finds out what became of refunds that were sent, lost or accepted."""

from app.services.desk import Desk
from app.services.reconciliation import Crew, RunReport, resolve_refunds


def run_once(desk: Desk, crew: Crew) -> RunReport:
    """Bring one batch of unfinished refunds forward."""
    return resolve_refunds(desk, crew)
