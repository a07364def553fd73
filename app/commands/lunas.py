"""``flask lunas …``: what the person who answers for the money runs."""

from flask.cli import AppGroup

from app.services.desk import Desk


def lunas_group(desk: Desk) -> AppGroup:
    """Return the group of commands about orders and their money."""
    del desk
    return AppGroup("lunas", help="Orders and their money: check, explain, recompute.")
