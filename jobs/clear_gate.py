"""Clears away sessions, questions and counts of tries that ran out."""

from app.services.desk import Desk
from app.services.gate_upkeep import clear_gate
from app.services.reconciliation import Crew, RunReport


def run_once(desk: Desk, crew: Crew) -> RunReport:
    """Clear the tables of the gate."""
    del crew
    return clear_gate(desk)
