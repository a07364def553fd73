"""One database per worker for all stories."""

import pytest

from tests.simulation.databank import SqliteBank
from tests.simulation.stage import START


@pytest.fixture(scope="session")
def bank() -> SqliteBank:
    """Provide the database that every story begins afresh."""
    return SqliteBank(START)
