"""Connections are looked at before they are used again: a dead one is replaced, not worked on.

A question to the server each time ("ping") is one more round trip for every transaction. A server
that goes away says so, or its machine does: then there is something to read on a connection that
should be silent, and looking costs nothing. What goes away without a word (a cable, a firewall
that forgets) shows only when asked, hence the ping of those that were idle for long.

A connection that dies later than this look fails the transaction, which is then rolled back as
one: a notification is answered 503 and delivered again.
"""

import select
import time
from typing import Any, Final

from sqlalchemy import Engine, event
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry

# Firewalls and proxies forget idle connections after minutes, not seconds.
IDLE_S: Final = 20
_USED: Final = "lunas_used_at"


def look_before_use(engine: Engine) -> None:
    """Let this engine's pool look at each connection that it hands out again; PostgreSQL only."""

    def note_use(_dbapi_connection: Any, record: ConnectionPoolEntry) -> None:
        record.info[_USED] = time.monotonic()

    def look(dbapi_connection: Any, record: ConnectionPoolEntry, _proxy: object) -> None:
        used_at = record.info.get(_USED)
        # The first time nothing can have happened to it yet.
        if used_at is None:
            return
        if time.monotonic() - used_at < IDLE_S and not _has_word(dbapi_connection):
            return
        try:
            engine.dialect.do_ping(dbapi_connection)
        except engine.dialect.loaded_dbapi.Error as error:
            # The others are as old: none of them is to be tried first.
            raise InvalidatePoolError from error

    event.listen(engine, "checkin", note_use)
    event.listen(engine, "checkout", look)


def _has_word(dbapi_connection: Any) -> bool:
    """Tell whether something waits to be read: the end of the connection, or a notice."""
    waiting = select.poll()
    waiting.register(dbapi_connection.fileno(), select.POLLIN)
    return bool(waiting.poll(0))
