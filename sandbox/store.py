"""The sandbox's memory on disk: JSON rows in one SQLite file, written through.

Reads never come here: every record lives in dictionaries, and the file is only read
once, at start. Without a file nothing is written at all.
"""

import sqlite3
from collections.abc import Iterator
from typing import Final

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS rows (
    seq INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (kind, id)
)
"""
_SAVE: Final = """
INSERT INTO rows (kind, id, body) VALUES (?, ?, ?)
ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body
"""


class StateFileError(Exception):
    """The state file cannot be opened or is not one of ours."""


class Store:
    """Keeps rows by (kind, id); the caller serialises access with the engine's lock."""

    def __init__(self, path: str | None) -> None:
        """Open or create the file; StateFileError when that is impossible."""
        self._connection = _open(path) if path else None
        self._dirty = False

    def save(self, kind: str, key: str, body: str) -> None:
        """Write one row; it is durable after the next :meth:`commit`."""
        if self._connection:
            self._connection.execute(_SAVE, (kind, key, body))
            self._dirty = True

    def delete(self, kind: str, key: str) -> None:
        """Forget one row."""
        if self._connection:
            self._connection.execute("DELETE FROM rows WHERE kind = ? AND id = ?", (kind, key))
            self._dirty = True

    def clear(self) -> None:
        """Forget everything."""
        if self._connection:
            self._connection.execute("DELETE FROM rows")
            self._dirty = True

    def commit(self) -> None:
        """Make what was written since the last call durable."""
        if self._connection and self._dirty:
            self._connection.commit()
            self._dirty = False

    def rows(self, kind: str) -> Iterator[str]:
        """Yield the bodies of one kind in the order in which they were first saved."""
        if self._connection:
            query = "SELECT body FROM rows WHERE kind = ? ORDER BY seq"
            for (body,) in self._connection.execute(query, (kind,)):
                yield body

    def close(self) -> None:
        """Commit and close the file."""
        if self._connection:
            self._connection.commit()
            self._connection.close()
            self._connection = None


def _open(path: str) -> sqlite3.Connection:
    try:
        connection = sqlite3.connect(path, check_same_thread=False)
        connection.execute("PRAGMA journal_mode=WAL")
        # A power cut may lose the last moments of play money; a crash does not.
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute(_SCHEMA)
        connection.commit()
    except sqlite3.Error as error:
        message = f"cannot use {path} as state file: {error}"
        raise StateFileError(message) from error
    return connection
