"""Whoever is cut off from PostgreSQL is told, and what it held is free for the others."""

import json
import subprocess
import sys

import pytest

from scripts.messages import ROOT
from tests.hosts.isolation import why_not

_APART = "from tests.hosts.isolation import go_apart; go_apart('tests.hosts.severed', [])"


@pytest.mark.postgres
def test_a_pulled_cable_ends_what_waits_for_it_on_both_sides() -> None:
    if reason := why_not():
        pytest.skip(f"NOT TESTED ON SEVERAL HOSTS: {reason}")

    done = subprocess.run(
        [sys.executable, "-c", _APART],
        check=False,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=240,
    )

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "the server lets the lock go": True,
        "a statement that is sent into the gap ends": True,
        "a statement that waits for its answer ends": True,
    }
