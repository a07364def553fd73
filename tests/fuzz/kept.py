"""Inputs that are kept: one file per target, one input per line, as bytes in base64."""

import base64
from collections.abc import Iterable
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent / "kept"


def load(name: str) -> list[bytes]:
    """Return the inputs of a target; none if nothing was kept."""
    file = FOLDER / f"{name}.txt"
    return [base64.b64decode(line) for line in file.read_text().split()] if file.is_file() else []


def save(name: str, inputs: Iterable[bytes]) -> int:
    """Keep these inputs of a target instead of what was kept; return how many they are."""
    unique = sorted(set(inputs), key=lambda one: (len(one), one))
    FOLDER.mkdir(exist_ok=True)
    lines = (base64.b64encode(one).decode() for one in unique)
    (FOLDER / f"{name}.txt").write_text("".join(f"{line}\n" for line in lines if line))
    return len(unique)
