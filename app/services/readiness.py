"""Whether this process may be given work: its database answers and has every migration."""

from enum import StrEnum

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.services.desk import Desk


class Readiness(StrEnum):
    """Ready, or the reason why not."""

    READY = "ready"
    DATABASE_UNAVAILABLE = "database_unavailable"
    MIGRATIONS_MISSING = "migrations_missing"


def check_readiness(desk: Desk, newest: str) -> Readiness:
    """Tell whether the database answers and has every migration up to this one.

    One that is further than this program is ready too: during an upgrade the old program goes on
    serving after the migrations ran.
    """
    try:
        with desk.reads() as session:
            found = session.scalar(text("SELECT version_num FROM alembic_version"))
    except SQLAlchemyError:
        return Readiness.DATABASE_UNAVAILABLE
    # The ids begin with a number of four digits, so that they sort as they follow each other.
    return Readiness.READY if found and found >= newest else Readiness.MIGRATIONS_MISSING
