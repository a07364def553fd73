"""Asks the gateways about what notifications claimed but did not prove."""

from app.services.desk import Desk
from app.services.reconciliation import Crew, RunReport, confirm_claims


def run_once(desk: Desk, crew: Crew) -> RunReport:
    """Confirm one batch of claims."""
    return confirm_claims(desk, crew)
