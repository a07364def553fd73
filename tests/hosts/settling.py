"""After the load: what nobody will pay is ended, and the jobs bring everything to its end."""

import time
from dataclasses import dataclass
from typing import Any, Final

import psycopg

from app.core.errors import RefusedError
from app.db.session import make_engine
from app.services.cancelling import cancel_order
from app.settings import load_settings
from app.wiring import build_desk
from tests.hosts.machines import Lab

_LOOK_EVERY_S: Final = 1.0
_UNFINISHED: Final = {
    "orders that are open and call nobody": """
        SELECT count(*) FROM orders
        WHERE payment_status IN ('pending', 'in_review') AND attention IS NULL""",
    "claims that wait": """
        SELECT count(*) FROM notifications WHERE state = 'awaiting_confirmation'""",
    "refunds that are under way": """
        SELECT count(*) FROM refunds
        WHERE state IN ('approved', 'sending', 'unknown', 'accepted')""",
    "leases that are held": """
        SELECT (SELECT count(*) FROM attempts WHERE lease_until > now())
             + (SELECT count(*) FROM notifications WHERE lease_until > now())
             + (SELECT count(*) FROM refunds WHERE lease_until > now())""",
}
# What waits for a later look is looked at now; leases and senders' lives are waited for.
_LOOK_NOW: Final = (
    "UPDATE notifications SET due_at = now() WHERE due_at > now()",
    """UPDATE attempts SET next_check_at = now() FROM orders
       WHERE orders.id = order_id AND payment_status IN ('pending', 'in_review', 'paid')
         AND next_check_at > now() AND next_check_at < now() + interval '15 minutes'""",
    """UPDATE refunds SET next_check_at = now() WHERE next_check_at > now()
         AND (state <> 'sending' OR sent_at < now() - interval '60 seconds')""",
)
# For a short run, in which every job process was just started anew: nobody holds anything.
_A_MINUTE_PASSES: Final = (
    "UPDATE attempts SET lease_until = now() WHERE lease_until > now()",
    "UPDATE notifications SET lease_until = now() WHERE lease_until > now()",
    "UPDATE refunds SET lease_until = now() WHERE lease_until > now()",
    "UPDATE refunds SET sent_at = sent_at - interval '61 seconds' WHERE state = 'sending'",
)


@dataclass(frozen=True, slots=True)
class Settled:
    """What was still unfinished when the patience ended, and how long it took."""

    unfinished: dict[str, int]
    took_s: float


def let_a_minute_pass(lab: Lab) -> None:
    """Let all leases run out at once; only while no job process and no web process runs."""
    with psycopg.connect(lab.conninfo, autocommit=True) as connection:
        for statement in _A_MINUTE_PASSES:
            connection.execute(statement.encode())


def end_what_is_open(lab: Lab) -> int:
    """Cancel, as a person would, every order that still waits for money; return how many."""
    settings = load_settings(lab.environment())
    engine = make_engine(settings.database_url)
    try:
        desk = build_desk(settings, engine)
        with psycopg.connect(lab.conninfo) as connection:
            found = connection.execute(
                "SELECT id FROM orders WHERE payment_status = 'pending' AND attention IS NULL"
                " AND cancel_asked_at IS NULL"
            ).fetchall()
            [staff] = connection.execute("SELECT min(id) FROM staff").fetchall()
        for (order_id,) in found:
            try:
                cancel_order(desk, order_id, staff_id=staff[0], reason="Tidak dibayar")
            except RefusedError:
                continue  # The money came meanwhile.
        return len(found)
    finally:
        engine.dispose()


def settle(lab: Lab, patience_s: float) -> Settled:
    """Wait until the jobs have ended everything, every look that is not due yet made due."""
    began = time.monotonic()
    with psycopg.connect(lab.conninfo, autocommit=True) as connection:
        while True:
            for statement in _LOOK_NOW:
                connection.execute(statement.encode())
            left = {what: number for what in _UNFINISHED if (number := _count(connection, what))}
            if not left or time.monotonic() - began > patience_s:
                return Settled(left, time.monotonic() - began)
            time.sleep(_LOOK_EVERY_S)


def _count(connection: psycopg.Connection[Any], what: str) -> int:
    row = connection.execute(_UNFINISHED[what].encode()).fetchone()
    return int(row[0]) if row else 0
