"""Asks the gateways about open orders, so that they end also when no notification comes."""

from app.services.desk import Desk
from app.services.reconciliation import Crew, RunReport, poll_attempts


def run_once(desk: Desk, crew: Crew) -> RunReport:
    """Ask about one batch of attempts that are due."""
    return poll_attempts(desk, crew)
