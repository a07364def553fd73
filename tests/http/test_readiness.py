"""Alive and ready are two questions; neither tells a stranger why."""

from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from app.db.migrations import newest_migration
from app.factory import create_app
from app.services.readiness import Readiness, check_readiness
from tests.http.test_storefront_api import problem
from tests.world import World


def test_a_process_with_its_database_and_every_migration_is_ready(client: FlaskClient) -> None:
    answer = client.get("/readyz")

    assert (answer.status_code, answer.get_json()) == (200, {"status": "ready"})
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("statement", "back"),
    [
        (
            "UPDATE alembic_version SET version_num = '0001'",
            "UPDATE alembic_version SET version_num = '{}'",
        ),
        ("DELETE FROM alembic_version", "INSERT INTO alembic_version VALUES ('{}')"),
    ],
)
def test_a_database_that_lacks_migrations_is_not_ready(
    client: FlaskClient, shop: World, statement: str, back: str
) -> None:
    with shop.desk.sessions.begin() as session:
        session.execute(text(statement))

    answer = client.get("/readyz")

    assert (answer.status_code, answer.get_json()) == (503, {"status": "migrations_missing"})
    assert answer.headers["Retry-After"] == "5"
    with shop.desk.sessions.begin() as session:
        session.execute(text(back.format(newest_migration())))


def test_a_database_that_is_further_is_ready(world: World) -> None:
    with world.desk.sessions.begin() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    assert check_readiness(world.desk, newest_migration()) is Readiness.READY


def test_without_a_database_a_process_lives_but_is_not_ready(shop: World) -> None:
    nowhere = "postgresql+psycopg://nobody:geheim@127.0.0.1:1/none"
    client = create_app(replace(shop.settings, database_url=nowhere)).test_client()

    alive, ready = client.get("/healthz"), client.get("/readyz")

    assert (alive.status_code, alive.get_json()) == (200, {"status": "ok"})
    assert (ready.status_code, ready.get_json()) == (503, {"status": "database_unavailable"})
    assert "geheim" not in ready.text
    assert problem(client.get("/api/products")) == (503, "database_unavailable")
