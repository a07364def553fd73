"""Where tests keep what they throw away: in memory if this machine has a folder there.

Each test gets databases of its own, and making and removing their files on a disk takes longer
than most tests do.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_IN_MEMORY = Path("/dev/shm")  # noqa: S108 - only private folders are made in it
# What all workers of a run need at most, several times over; containers often have 64 MB there.
_ENOUGH_BYTES = 2 * 1024**3


def folder_in_memory() -> str | None:
    """Return a folder in memory with room for databases, or None for the usual one."""
    usable = _IN_MEMORY.is_dir() and os.access(_IN_MEMORY, os.W_OK | os.X_OK)
    if usable and shutil.disk_usage(_IN_MEMORY).free >= _ENOUGH_BYTES:
        return str(_IN_MEMORY)
    return None


@contextmanager
def scratch_folder(name: str) -> Iterator[Path]:
    """Yield a new private folder, in memory if there is room; it is gone afterwards."""
    made = tempfile.TemporaryDirectory(
        prefix=f"lunas-{name}-", dir=folder_in_memory(), ignore_cleanup_errors=True
    )
    with made as folder:
        yield Path(folder)
