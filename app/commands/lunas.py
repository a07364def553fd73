"""``flask lunas …``: what the person who answers for the money runs."""

from flask.cli import AppGroup

from app.commands.audit import audit_group
from app.commands.keys import keys_group
from app.commands.openapi import add_openapi_command
from app.commands.partitions import partitions_group
from app.commands.replay import replay_command
from app.commands.staff import staff_group
from app.commands.states import add_states_command
from app.commands.verify import verify_command
from app.services.desk import Desk


def lunas_group(desk: Desk) -> AppGroup:
    """Return the group of commands about orders and their money."""
    group = AppGroup("lunas", help="Orders and their money: check, explain, recompute.")
    group.add_command(replay_command(desk))
    add_states_command(group)
    add_openapi_command(group)
    group.add_command(verify_command(desk))
    group.add_command(staff_group(desk))
    group.add_command(audit_group(desk))
    group.add_command(keys_group(desk))
    group.add_command(partitions_group(desk))
    return group
