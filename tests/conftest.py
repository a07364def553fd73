"""Fixtures for all tests: databases, the sandbox program, and a desk at work between them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

from tests.contract.gateway_bench import Program, program_with_inbox
from tests.world import World, open_world, settings_for

if TYPE_CHECKING:
    # Imported for real as plug-ins: pytest wants to be the first to import those.
    from tests.databases import Databases, Kind

# As in CI: how long an example takes is for the machine to say, and no part of what is tested.
hypothesis.settings.register_profile(
    "lunas", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
if os.environ.get("CI") != "true":
    hypothesis.settings.load_profile("lunas")

pytest_plugins = ("tests.databases", "tests.postgres")


class _CompiledTemplates(BytecodeCache):
    """Templates that one application compiled, for those of the tests that come after it."""

    def __init__(self) -> None:
        self._compiled: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        # The bucket drops what was made of another text.
        if (compiled := self._compiled.get(bucket.key)) is not None:
            bucket.bytecode_from_string(compiled)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._compiled[bucket.key] = bucket.bytecode_to_string()


Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": _CompiledTemplates()}


@pytest.fixture(scope="session")
def migrate_database() -> Callable[[str], None]:
    """Provide the way to bring the database at an address to the newest version."""

    def migrate(database_url: str) -> None:
        from flask_migrate import upgrade

        from app.factory import create_app

        app = create_app(settings_for(database_url, "http://127.0.0.1:1"))
        with app.app_context():
            upgrade()
            app.extensions["sqlalchemy"].engine.dispose()

    return migrate


@pytest.fixture(scope="session")
def gateway_program() -> Iterator[Program]:
    """Provide the sandbox, as its own process."""
    with program_with_inbox() as program:
        yield program


def pytest_generate_tests(metafunc: Any) -> None:
    """Run whatever asks for ``kind`` on both databases."""
    if "kind" in metafunc.fixturenames:
        both = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
        metafunc.parametrize("kind", both)


@pytest.fixture
def world(kind: Kind, databases: Databases, gateway_program: Program) -> Iterator[World]:
    """Provide a desk at work, on SQLite and on PostgreSQL."""
    with databases.fresh(kind) as url, open_world(url, gateway_program) as world:
        yield world


@pytest.fixture
def postgres_world(databases: Databases, gateway_program: Program) -> Iterator[World]:
    """Provide a desk at work on PostgreSQL, for tests in which two writers meet."""
    with databases.fresh("postgres") as url, open_world(url, gateway_program) as world:
        yield world


@pytest.fixture
def shop(databases: Databases, gateway_program: Program) -> Iterator[World]:
    """Provide a desk at work on SQLite only, for tests of what lies above the services."""
    with databases.fresh("sqlite") as url, open_world(url, gateway_program) as world:
        yield world


@pytest.fixture
def app(shop: World) -> Iterator[Flask]:
    """Provide the web application over the same database as ``shop``."""
    from app.factory import create_app

    made = create_app(shop.settings)
    made.config["TESTING"] = True
    with made.app_context():
        engine = made.extensions["sqlalchemy"].engine
    yield made
    engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Provide a client of the web application."""
    return app.test_client()
