"""``flask lunas replay``: by today's rules nothing differs; a changed rule lists whom it hits."""

import json
import lzma
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import func, select, text

from app.core import edges
from app.core.reasons import Why
from app.core.states import GatewayName, PaymentStatus
from app.db.models import StoredObservation
from app.services.replay import Replayed, replay_orders
from tests.integration.damage import damage
from tests.statements import statements_of
from tests.world import World, settings_for

CORPUS = Path(__file__).parents[1] / "corpus" / "simulated.sqlite.xz"
COMMAND = ("lunas", "replay")


@pytest.fixture(scope="module")
def corpus(
    migrate_database: Callable[[str], None], tmp_path_factory: pytest.TempPathFactory
) -> str:
    """Provide the address of the corpus, unpacked and brought to the newest version."""
    file = tmp_path_factory.mktemp("corpus") / "corpus.sqlite"
    file.write_bytes(lzma.decompress(CORPUS.read_bytes()))
    url = f"sqlite:///{file}"
    migrate_database(url)
    return url


@pytest.fixture
def runner(corpus: str) -> Iterator[FlaskCliRunner]:
    """Provide the command line over the corpus."""
    from app.factory import create_app

    app = create_app(settings_for(corpus, "http://127.0.0.1:1"))
    yield app.test_cli_runner()
    with app.app_context():
        app.extensions["sqlalchemy"].engine.dispose()


def count_orders(runner: FlaskCliRunner, table: str = "observations") -> int:
    app: Flask = runner.app
    with app.app_context(), app.extensions["sqlalchemy"].engine.connect() as connection:
        count = connection.execute(text(f"SELECT count(DISTINCT order_id) FROM {table}"))
        return int(count.scalar_one())


def test_the_corpus_replays_without_a_difference(runner: FlaskCliRunner) -> None:
    result = runner.invoke(args=[*COMMAND, "--since", "2020-01-01"])

    assert result.exit_code == 0, result.output
    orders = count_orders(runner)
    assert orders >= 20
    assert result.output.startswith(f"{orders} orders, ")
    assert result.output.endswith("observations: 0 would differ.\n")


def test_a_changed_reason_lists_exactly_the_orders_it_concerns(
    runner: FlaskCliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = (PaymentStatus.EXPIRED, PaymentStatus.PAID)
    edge = replace(edges.EDGES[step], why=Why.SHOPPER_PAID)
    monkeypatch.setattr(edges, "EDGES", {**edges.EDGES, step: edge})

    result = runner.invoke(args=[*COMMAND, "--since", "2020-01-01", "--json"])

    assert result.exit_code == 1
    (order,) = [json.loads(line) for line in result.output.splitlines()]
    assert [(d["what"], d["stored"], d["today"]) for d in order["differences"]] == [
        ("why", "paid_after_close", "shopper_paid")
    ]
    assert orders_with(runner, "paid_after_close") == {order["number"]}


def test_a_forgotten_edge_lists_exactly_the_orders_that_took_it(
    runner: FlaskCliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = (PaymentStatus.PENDING, PaymentStatus.IN_REVIEW)
    others = {key: edge for key, edge in edges.EDGES.items() if key != step}
    monkeypatch.setattr(edges, "EDGES", others)

    result = runner.invoke(args=[*COMMAND, "--since", "2020-01-01", "--json"])

    differing = {json.loads(line)["number"] for line in result.output.splitlines()}
    assert differing == orders_with(runner, "fraud_review")
    assert len(differing) == 2


def orders_with(runner: FlaskCliRunner, why: str) -> set[str]:
    app: Flask = runner.app
    query = (
        "SELECT o.number FROM orders o JOIN observations b ON b.order_id = o.id WHERE b.why = :why"
    )
    with app.app_context(), app.extensions["sqlalchemy"].engine.connect() as connection:
        return set(connection.execute(text(query), {"why": why}).scalars())


def test_only_so_many_are_listed(runner: FlaskCliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edges, "EDGES", {})

    result = runner.invoke(args=[*COMMAND, "--since", "2020-01-01", "--limit", "3"])

    assert result.exit_code == 1
    assert result.output.count("\nLN-") + result.output.startswith("LN-") == 3
    assert result.output.endswith("3 would differ.\n")
    assert "after was paid, today pending" in result.output


@pytest.mark.parametrize("since", ["soon", "2026-13-01", "30", "d"])
def test_a_time_that_is_none_is_refused(runner: FlaskCliRunner, since: str) -> None:
    result = runner.invoke(args=[*COMMAND, "--since", since])

    assert result.exit_code == 2
    assert "neither a date" in result.output


def test_only_what_was_heard_since_then_is_replayed(world: World) -> None:
    early = world.checkout(GatewayName.MIDTRANS)
    world.pay(early, "gopay")
    world.deliver_all(early)
    world.clock.advance(3600)
    start = world.clock()
    late = world.checkout(GatewayName.XENDIT)
    world.pay(late, "DANA")
    world.deliver_all(late)
    world.confirm()

    def numbers(**which: Any) -> list[str]:
        return [one.number for one in replay_orders(world.desk, **which)]

    assert numbers() == [early.order_number, late.order_number]
    assert set(numbers(since=start)) == {early.order_number, late.order_number}
    assert numbers(since=world.clock()) == []
    assert numbers(number=early.order_number) == [early.order_number]


def test_a_replay_takes_as_many_statements_for_many_orders_as_for_one(world: World) -> None:
    for _ in range(4):
        page = world.checkout(GatewayName.MIDTRANS)
        world.pay(page, "gopay")
        world.deliver_all(page)
    before = observations(world)

    def statements(batch: int) -> tuple[int, list[Replayed]]:
        with statements_of(world) as sent:
            replayed = list(replay_orders(world.desk, batch=batch))
        return sum(s.startswith("SELECT") for s in sent), replayed

    in_one, all_at_once = statements(batch=100)
    in_two, by_twos = statements(batch=2)

    # Orders, attempts, refunds, observations and the batch itself; then one that finds no more.
    assert (in_one, in_two) == (5 + 1, 2 * 5 + 1)
    assert all_at_once == by_twos
    assert [(one.differences, one.is_complete) for one in all_at_once] == [((), True)] * 4
    assert observations(world) == before


def observations(world: World) -> int:
    with world.session() as session:
        return session.scalar(select(func.count(StoredObservation.id))) or 0


def test_observations_of_before_are_told_apart_rather_than_guessed_at(world: World) -> None:
    page = world.checkout(GatewayName.MIDTRANS)
    world.pay(page, "gopay")
    world.deliver_all(page)
    with world.session() as session:
        row = session.scalars(select(StoredObservation)).first()
        assert row is not None
        kept = {key: value for key, value in row.details.items() if key != "rests_on"}
    statement = "UPDATE observations SET details = :details WHERE id = :id"
    damage(world, statement, details=json.dumps(kept), id=row.id)

    (told,) = replay_orders(world.desk)

    assert (told.is_complete, told.differences) == (False, ())


def test_a_state_that_somebody_wrote_by_hand_is_found(world: World) -> None:
    world.damaged = True
    page = world.checkout(GatewayName.MIDTRANS)
    world.pay(page, "gopay")
    world.deliver_all(page)
    with world.desk.sessions.begin() as session:
        session.execute(text("UPDATE orders SET captured_idr = captured_idr + 1"))

    (told,) = replay_orders(world.desk)

    assert [(d.what, d.stored, d.today) for d in told.differences] == [
        ("captured", "200001", "200000")
    ]
