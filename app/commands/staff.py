"""``flask lunas staff …``: the first account, a way back in, and who there is."""

from typing import Final

import click
from flask.cli import AppGroup
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from admin.people.staff_accounts import (
    LONGEST_NAME,
    NewPerson,
    add_person,
    is_email,
    new_link,
    reset_factors,
    unlock,
)
from app.core.errors import RefusedError
from app.core.reason_words import WORDS
from app.core.rights import ROLES
from app.db.models import Staff
from app.services.audit import AuditNote, record_audit
from app.services.desk import Desk

_WHO: Final = "command line"


def staff_group(desk: Desk) -> AppGroup:
    """Return the commands about accounts of staff."""
    group = AppGroup("staff", help="Accounts of the back office.")
    group.add_command(_add(desk))
    group.add_command(_reset(desk))
    group.add_command(_list(desk))
    return group


def _add(desk: Desk) -> click.Command:
    @click.command("add")
    @click.argument("email")
    @click.option("--name", required=True, help="The person's name.")
    @click.option("--role", required=True, type=click.Choice(sorted(ROLES)))
    def add(email: str, name: str, role: str) -> None:
        """Open an account and print the one-time link by which EMAIL chooses a password."""
        plain = email.strip().lower()
        if not is_email(plain) or not 0 < len(name.strip()) <= LONGEST_NAME:
            raise click.ClickException("an e-mail address and a name are needed.")
        try:
            new = NewPerson(plain, name.strip(), role)
            _, token = add_person(desk.sessions, new, desk.clock())
        except RefusedError as refusal:
            raise click.ClickException(WORDS[refusal.why].en) from None
        _note(desk, "add_staff", plain)
        _print_link(desk, token)

    return add


def _reset(desk: Desk) -> click.Command:
    @click.command("reset")
    @click.argument("email")
    def reset(email: str) -> None:
        """Let EMAIL start anew: no second factor, no lock, and a new one-time link."""
        with desk.reads() as session:
            query = select(Staff.id).where(Staff.email == email.strip().lower())
            staff_id = session.scalars(query).one_or_none()
        if staff_id is None:
            raise click.ClickException("there is no account with this e-mail.")
        try:
            token = new_link(desk.sessions, staff_id, desk.clock())
        except RefusedError as refusal:
            raise click.ClickException(WORDS[refusal.why].en) from None
        reset_factors(desk.sessions, staff_id)
        unlock(desk.sessions, staff_id)
        _note(desk, "reset_account", email.strip().lower())
        _print_link(desk, token)

    return reset


def _list(desk: Desk) -> click.Command:
    @click.command("list")
    def list_staff() -> None:
        """Print every account: e-mail, role, open or closed."""
        with desk.reads() as session:
            query = select(Staff).options(joinedload(Staff.role)).order_by(Staff.email)
            for staff in session.scalars(query):
                state = "open" if staff.active else "closed"
                demo = "  demo" if staff.is_demo else ""
                click.echo(f"{staff.email}  {staff.role.name}  {state}{demo}")

    return list_staff


def _note(desk: Desk, action: str, email: str) -> None:
    """Write down what the person at the command line did; they are nobody's account."""
    entry = AuditNote(None, _WHO, action, email, done=True, why="")
    record_audit(desk.sessions, entry, desk.clock())


def _print_link(desk: Desk, token: str) -> None:
    click.echo("This link works once, for 48 hours. Give it to the person and to nobody else:")
    click.echo(f"{desk.policy.public_url}/admin/welcome/{token}")
