"""Whether the jobs are alive, as the pages ask it."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from admin.reading import current_desk
from app.services.heartbeats import Heartbeat, read_heartbeats


def heartbeats(session: Session) -> Sequence[Heartbeat]:
    """Return the latest run of each job, judged by the desk's clock."""
    return read_heartbeats(session, current_desk().clock())
