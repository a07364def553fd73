"""Requests counted in a real Redis, as several web processes do it."""

import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from limits import parse
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter

from app.api.rate_limiting import make_storage
from app.factory import create_app
from app.rate_limits import RateLimits
from scripts.ports import LOOPBACK, pick_free
from tests.http.test_storefront_api import create, problem
from tests.world import STOCK, World

START_S = 30
NOTHING_KEPT = ("--save", "", "--appendonly", "no")


def why_not() -> str | None:
    if find_spec("redis") is None:
        return "its client is not installed (pip install 'redis<8')"
    if shutil.which("redis-server") is None:
        return "this machine has no redis-server (Debian: apt install redis-server)"
    return None


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """Provide a Redis of our own: its address and its process; loudly skipped without one."""
    if reason := why_not():
        # Also with CI=true: Redis is one of three stores, and needed by none who does not name it.
        pytest.skip(f"NOT TESTED ON REDIS: {reason}")
    port = pick_free()
    command = ["redis-server", "--port", str(port), "--bind", LOOPBACK, *NOTHING_KEPT]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL) as process:
        url = f"redis://{LOOPBACK}:{port}/0"
        try:
            _wait_for(make_storage(url, None))  # pyright: ignore[reportArgumentType]
            yield url, process
        finally:
            process.send_signal(signal.SIGCONT)
            process.kill()


def _wait_for(storage: Storage) -> None:
    deadline = time.monotonic() + START_S
    while not storage.check():
        assert time.monotonic() < deadline, "redis-server does not answer"
        time.sleep(0.05)


@pytest.fixture
def shops(shop: World, redis: tuple[str, object]) -> Iterator[list[FlaskClient]]:
    """Provide two web processes' applications that count together, two checkouts an hour."""
    limits = RateLimits(storage=redis[0], checkout_per_address="2/hour")
    made: list[Flask] = [create_app(replace(shop.settings, rate_limits=limits)) for _ in range(2)]
    yield [app.test_client() for app in made]
    for app in made:
        with app.app_context():
            app.extensions["sqlalchemy"].engine.dispose()


def test_two_web_processes_count_together(shops: list[FlaskClient], shop: World) -> None:
    first, second = shops
    assert create(first, key="key-0001").status_code == 201
    assert create(second, key="key-0002").status_code == 201

    for client, key in ((first, "key-0003"), (second, "key-0004")):
        refused = create(client, key=key)
        assert problem(refused) == (429, "rate_limited")
        assert 3500 <= int(refused.headers["Retry-After"]) <= 3600

    assert shop.stock() == (STOCK, 4)


def test_requests_that_arrive_together_count_one_by_one(redis: tuple[str, object]) -> None:
    limit = parse("7/hour")
    stores = [make_storage(redis[0], None) for _ in range(3)]  # pyright: ignore[reportArgumentType]

    def ask(number: int) -> bool:
        return FixedWindowRateLimiter(stores[number % 3]).hit(limit, "checkout", "203.0.113.9")

    with ThreadPoolExecutor(8) as pool:
        allowed = list(pool.map(ask, range(60)))

    assert allowed.count(True) == 7


def test_a_shop_whose_redis_is_gone_still_sells(
    shops: list[FlaskClient], redis: tuple[str, "subprocess.Popen[bytes]"]
) -> None:
    redis[1].kill()
    redis[1].wait()

    assert [create(shops[0], key=f"key-000{n}").status_code for n in range(3)] == [201] * 3


def test_a_shop_whose_redis_hangs_still_sells(
    shops: list[FlaskClient], redis: tuple[str, "subprocess.Popen[bytes]"]
) -> None:
    assert create(shops[0], key="key-0000").status_code == 201
    redis[1].send_signal(signal.SIGSTOP)

    # Would it wait for ever, this test would never end.
    assert [create(shops[0], key=f"key-001{n}").status_code for n in range(3)] == [201] * 3
