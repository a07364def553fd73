"""Withdraws refund requests that nobody approved within 72 hours."""

from app.services.desk import Desk
from app.services.reconciliation import Crew, RunReport, expire_approvals


def run_once(desk: Desk, crew: Crew) -> RunReport:
    """Withdraw every request that has waited too long."""
    del crew
    return expire_approvals(desk)
