"""How a command of `make` ends when a person has to do something first. Standard library only."""

import os
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
"""The checkout, so that every command works from any directory."""


class CannotGoOnError(Exception):
    """The command cannot go on; its text is one sentence that says what to do."""


def stop_with(error: CannotGoOnError) -> int:
    """Print the sentence where a person looks for it, and return the exit code 2."""
    print(error, file=sys.stderr)
    return 2


def require_writable(places: tuple[Path, ...]) -> None:
    """Refuse to work where this user cannot write; CannotGoOnError names place and owner."""
    for place in places:
        if place.exists() and not os.access(place, os.W_OK):
            raise CannotGoOnError(
                f"{place} belongs to {_owner(place)} and you may not write there: run make as "
                f"that user, or make a clone of your own."
            )


def _owner(place: Path) -> str:
    try:
        return place.owner()
    except KeyError:
        return f"user id {place.stat().st_uid}"
