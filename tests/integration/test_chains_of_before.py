"""A database of before the chains is brought to them, and nothing in it stays half told."""

import json
import runpy
from pathlib import Path
from typing import Any

from flask_migrate import downgrade, upgrade
from sqlalchemy import text

from app.core.ports import RawNotification
from app.core.states import GatewayName
from app.factory import create_app
from tests.chains import problems_of_chains
from tests.contract.gateway_bench import XENDIT_TOKEN
from tests.corpus.stories import is_lied_about, is_watched
from tests.world import World

MIGRATION = Path(__file__).parents[2] / "migrations" / "versions" / "0003_verdicts.py"


def live(world: World) -> None:
    """Let every kind of delivery and status check happen, and leave one claim unanswered."""
    is_lied_about(world)
    is_watched(world)
    page = world.checkout(GatewayName.XENDIT)
    world.pay(page, "DANA")
    (delivery,) = world.sent(page)
    now = world.clock()
    for headers, body in (
        ({}, b"x" * 70_000),
        ({}, b"{"),
        ({"x-callback-token": XENDIT_TOKEN}, b"{"),
        ({"x-callback-token": "wrong"}, b"{}"),
    ):
        world.receive(RawNotification(headers, body, now))
    other = json.loads(delivery.body) | {"external_id": "LN-0000000000-9"}
    world.receive(RawNotification({**delivery.headers, "webhook-id": "x"}, _json(other), now))
    world.receive(delivery)
    world.receive(delivery)


def _json(body: object) -> bytes:
    return json.dumps(body).encode()


def as_before(chain: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Write a chain as it was written before: only what was said had its own words in it."""
    said = next((link["seen"] for link in chain if link["step"] == "read" and "seen" in link), None)
    old: list[dict[str, Any]] = [{"step": "received", "ok": True}]
    return [*old, {"step": "parsed", "ok": True, "seen": said}] if said else old


def without_times(chain: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out what was never written down before, or only elsewhere."""
    return [
        {key: value for key, value in link.items() if key not in {"at", "transaction_id"}}
        for link in chain
        # A question that nobody answered left no trace of its own.
        if "error" not in link
    ]


def chains(world: World, table: str) -> dict[int, list[dict[str, Any]]]:
    with world.session() as session:
        rows = session.execute(text(f"SELECT id, chain FROM {table}"))
        return {
            row.id: json.loads(row.chain) if isinstance(row.chain, str) else row.chain
            for row in rows
        }


def test_what_was_stored_before_is_told_anew_in_full(world: World) -> None:
    live(world)
    notifications, checks = chains(world, "notifications"), chains(world, "status_checks")
    with world.desk.sessions.begin() as session:
        for number, chain in notifications.items():
            session.execute(
                text("UPDATE notifications SET chain = :chain WHERE id = :id"),
                {"chain": json.dumps(as_before(chain)), "id": number},
            )

    app = create_app(world.settings)
    with app.app_context():
        downgrade(revision=runpy.run_path(str(MIGRATION))["down_revision"])
        upgrade()
        app.extensions["sqlalchemy"].engine.dispose()

    with world.session() as session:
        assert problems_of_chains(session) == []
    retold = chains(world, "notifications")
    assert len(retold) >= 10
    assert {i: without_times(c) for i, c in retold.items()} == {
        i: without_times(c) for i, c in notifications.items()
    }
    assert {i: without_times(c) for i, c in chains(world, "status_checks").items()} == {
        i: without_times(c) for i, c in checks.items()
    }
    # The claim that was waiting is still asked about, and now concluded.
    world.clock.advance(60)
    assert world.confirm().changed == 1
