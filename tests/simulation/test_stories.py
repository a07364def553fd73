"""The stories that every landing is told; the seeds are fixed, so that a failure is news."""

import pytest

from tests.simulation.databank import SqliteBank
from tests.simulation.mutations import LENGTH
from tests.simulation.runner import run

STORIES = 440
_CHUNK = 20


@pytest.mark.parametrize("first_seed", range(0, STORIES, _CHUNK))
def test_every_rule_holds_in_every_story(first_seed: int, bank: SqliteBank) -> None:
    report = run(range(first_seed, first_seed + _CHUNK), LENGTH, bank)

    assert report.violations == [], "replay: python -m tests.simulation --seed <seed>"
    # The stories would prove nothing if nothing happened in them.
    assert report.orders >= 2 * _CHUNK
    assert report.tally["call: answered"] > 10 * _CHUNK
