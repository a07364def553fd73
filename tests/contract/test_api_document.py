"""The running shop keeps to its OpenAPI document, for what it allows and for what it forbids."""

import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from schemathesis import Case, HookContext
from schemathesis.core.transport import Response
from werkzeug.serving import make_server

from app.api import examples
from app.api.openapi import make_document
from app.factory import create_app
from app.rate_limits import OFF, RateLimits
from tests.contract.gateway_bench import Program
from tests.databases import Databases
from tests.world import World, open_world, product

SCHEMA = schemathesis.openapi.from_dict(make_document())
# What fits the schema may still be out of stock, not on sale, or no number that anybody has.
SCHEMA.config.checks.positive_data_acceptance.expected_statuses = [
    "2xx",
    "401",
    "404",
    "409",
    "422",
]
# A few hundred requests in all, the same ones in every run.
BOUNDED = settings(
    max_examples=40,
    stateful_step_count=5,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
LOOSE = RateLimits(
    checkout_per_address=OFF,
    retry_per_address=OFF,
    retry_per_order=OFF,
    order_per_address=OFF,
    order_per_order=OFF,
)


PLENTY = 1_000_000


@SCHEMA.hook
def map_body(_context: HookContext, body: Any) -> Any:
    """Let what is a SKU, a price and a phone number by its type be ones that the shop can use."""
    if not isinstance(body, dict):
        return body
    items, customer = body.get("items"), body.get("customer")
    for item in items if isinstance(items, list) else []:
        if isinstance(item, dict) and isinstance(item.get("sku"), str) and item["sku"]:
            item["sku"] = examples.SKU
            if isinstance(item.get("expected_price_idr"), int) and item["expected_price_idr"] > 0:
                item["expected_price_idr"] = examples.PRICE_IDR
    if isinstance(customer, dict) and isinstance(customer.get("phone"), str):
        customer["phone"] = "0812-3456-7890"
    return body


@pytest.fixture(scope="module")
def world(databases: Databases, gateway_program: Program) -> Iterator[World]:
    with databases.fresh("sqlite") as url, open_world(url, gateway_program) as world:
        with world.desk.sessions.begin() as session:
            session.add(product(examples.SKU, price_idr=examples.PRICE_IDR, on_hand=PLENTY))
        yield world


@pytest.fixture(scope="module")
def shop_url(world: World) -> Iterator[str]:
    """Provide the address of a running shop that nobody is too often at."""
    app = create_app(replace(world.settings, rate_limits=LOOSE))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()
    with app.app_context():
        app.extensions["sqlalchemy"].engine.dispose()


@SCHEMA.parametrize()
@BOUNDED
def test_every_operation_keeps_to_the_document(case: Case, shop_url: str) -> None:
    case.call_and_validate(base_url=shop_url)


def test_an_order_can_be_followed_through_the_links_of_the_document(shop_url: str) -> None:
    seen: Counter[tuple[str, int]] = Counter()

    class Shopper(SCHEMA.as_state_machine()):  # pyright: ignore[reportUntypedBaseClass]
        def get_call_kwargs(self, case: Case) -> dict[str, Any]:  # noqa: ARG002
            return {"base_url": shop_url}

        def after_call(self, response: Response, case: Case) -> None:
            seen[case.operation.label, response.status_code] += 1

    run_state_machine_as_test(Shopper, settings=BOUNDED)

    # It did order, look, and pay again.
    assert seen["POST /api/payments/create-transaction", 201]
    assert seen["GET /api/orders/{order_id}", 200]
    assert seen["POST /api/orders/{order_id}/retry", 201]
