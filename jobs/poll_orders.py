"""Asks the gateways about open orders, so that they end also when no notification comes."""

from datetime import timedelta
from typing import Final

from app.services.desk import Desk
from app.services.reconciliation import Crew, RunReport, poll_attempts

# A long queue is not left to wait for the next time on the schedule. Short enough for a process
# that is asked to end: it ends after the batch that is under way when the turn is over.
_TURN: Final = timedelta(seconds=20)


def run_once(desk: Desk, crew: Crew) -> RunReport:
    """Ask about the attempts that are due, batch after batch while they are full."""
    return poll_attempts(desk, crew, ends_at=desk.clock() + _TURN)
