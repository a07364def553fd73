"""Small programs that stand in for web, jobs and sandbox in tests of the scripts."""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from scripts.child import Program

ENVIRONMENT = {"PATH": os.environ["PATH"], "PYTHONUNBUFFERED": "1"}


def program(name: str, code: str, *arguments: str, ready_url: str | None = None) -> Program:
    return Program(name, (sys.executable, "-c", code, *arguments), ENVIRONMENT, ready_url)


def sleeper(name: str = "sleeper") -> Program:
    return program(name, "import time; print('up'); time.sleep(60)")


def eventually(holds: Callable[[], bool], within_s: float = 10.0) -> bool:
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.02)
    return False


def is_alive(pid: int) -> bool:
    """Say whether a process runs; one that has ended but was not collected yet does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"
