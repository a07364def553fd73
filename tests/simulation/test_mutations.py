"""Each bug that is put in on purpose is found, and its story is clean without it."""

import pytest

from tests.simulation.databank import SqliteBank
from tests.simulation.mutations import LENGTH, MUTATIONS, Mutation, mutated
from tests.simulation.story import Outcome, tell

# A change of the product may shift what happens in a story: then one soon after must find it.
_TRIES = 60


def find(mutation: Mutation, bank: SqliteBank) -> Outcome | None:
    """Return the first story from the listed seed on that finds the bug."""
    for seed in range(mutation.seed, mutation.seed + _TRIES):
        with mutated(mutation):
            outcome = tell(seed, LENGTH, bank)
        if outcome.violation is not None:
            return outcome
    return None


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_a_bug_put_in_on_purpose_is_found(mutation: Mutation, bank: SqliteBank) -> None:
    found = find(mutation, bank)

    assert found is not None, f"{mutation.words}: not found in {_TRIES} stories"
    assert tell(found.seed, LENGTH, bank).violation is None


def test_the_bugs_have_different_names() -> None:
    assert len({mutation.name for mutation in MUTATIONS}) == len(MUTATIONS) >= 27
