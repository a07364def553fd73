"""The groups of commands, and what the small ones hold: keys, settings, demonstration."""

from typing import Final

import click
from flask import Flask
from flask.cli import AppGroup

from app.commands.lunas import lunas_group
from app.demo.seeding import seed_demo
from app.services.desk import Desk
from app.settings import Settings

_REFUSED: Final = 1


def register_commands(app: Flask, desk: Desk, settings: Settings) -> None:
    """Add the commands to the application."""
    app.cli.add_command(lunas_group(desk))
    app.cli.add_command(_gateways(desk))
    app.cli.add_command(_settings())
    app.cli.add_command(_demo(desk, settings))


def _gateways(desk: Desk) -> AppGroup:
    group = AppGroup("gateways", help="The payment gateways.")

    @group.command("check")
    def check() -> None:
        """Call each gateway and say whether it accepts the keys; changes nothing there."""
        checks = [gateway.check_keys() for gateway in desk.gateways.values()]
        for result in checks:
            click.echo(("ok   " if result.accepted else "FAIL ") + result.words)
        if not all(result.accepted for result in checks):
            raise SystemExit(_REFUSED)

    return group


def _settings() -> AppGroup:
    group = AppGroup("settings", help="The settings from the environment.")

    @group.command("check")
    def check() -> None:
        """Say that the settings are complete; a wrong one stops before this, with exit code 2."""
        click.echo("The settings are complete.")

    return group


def _demo(desk: Desk, settings: Settings) -> AppGroup:
    group = AppGroup("demo", help="The demonstration shop (only where DEMO=1).")

    @group.command("seed")
    def seed() -> None:
        """Add the demo catalogue and demo staff where they are missing."""
        if not settings.is_demo:
            raise click.ClickException("demo data exists only where DEMO=1 is set.")
        seed_demo(desk.sessions, desk.clock())

    return group
