"""Works on bulk runs: status checks and refunds of many orders, row by row."""

from app.services.bulk_work import work_on_runs
from app.services.desk import Desk
from app.services.reconciliation import Crew, RunReport


def run_once(desk: Desk, crew: Crew) -> RunReport:
    """Work for a turn on the run that has waited longest."""
    return work_on_runs(desk, crew)
