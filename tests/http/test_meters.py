"""The page that Prometheus reads: who may, what it says, and how many series it can have."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from app.core.errors import GatewayError
from app.core.observations import Source
from app.core.ports import ChargeSubject
from app.core.states import GatewayName
from app.exposition import Exposition
from app.factory import create_app
from app.watching import MeterDoor
from jobs.metering import open_meters, serve_meters
from jobs.runs import recorded
from jobs.scheduler import TIMES
from tests.http.test_storefront_api import create
from tests.statements import statements_of
from tests.world import CREW, World

TOKEN = "a-token-for-prometheus"
AUTH = {"Authorization": f"Bearer {TOKEN}"}
HERE = "/api/payments/notification"


@pytest.fixture
def metered(shop: World) -> Iterator[Flask]:
    """Provide the web application with a page of meters."""
    made = create_app(replace(shop.settings, meter_door=MeterDoor(TOKEN)))
    with made.app_context():
        engine = made.extensions["sqlalchemy"].engine
    yield made
    engine.dispose()


def page_of(client: FlaskClient) -> dict[str, float]:
    """Return every series of the page with its value."""
    answer = client.get("/metrics", headers=AUTH, buffered=True)
    assert answer.status_code == 200
    assert answer.content_type == "text/plain; version=0.0.4; charset=utf-8"
    return series(answer.text)


def series(page: str) -> dict[str, float]:
    lines = [line.rpartition(" ") for line in page.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in lines}


def grown(before: dict[str, float], after: dict[str, float], name: str) -> float:
    return after.get(name, 0) - before.get(name, 0)


@pytest.mark.parametrize(
    "shown", ["", TOKEN, "Bearer ", f"Bearer {TOKEN}x", "Basic abc", "Bearer ä"]
)
def test_only_who_shows_the_token_reads_the_meters(metered: Flask, shown: str) -> None:
    answer = metered.test_client().get("/metrics", headers={"Authorization": shown})

    if shown == TOKEN:
        # The scheme may be left out; the token may not.
        assert answer.status_code == 200
        return
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert "lunas_" not in answer.text


def test_without_a_token_in_the_settings_there_is_no_page(client: FlaskClient) -> None:
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


def test_requests_are_counted_by_route_and_never_by_what_was_typed(metered: Flask) -> None:
    client = metered.test_client()
    before = page_of(client)

    for path in ("/api/orders/abc", "/api/orders/def", "/api/orders/" + "x" * 24):
        client.get(path, buffered=True)
    client.open("/api/products", method="BREW", buffered=True)
    client.get("/no/such/page-77", buffered=True)

    after = page_of(client)
    where = 'method="GET",route="/api/orders/<public_id>",status="404"'
    name = f"lunas_http_request_seconds_count{{{where}}}"
    assert grown(before, after, name) == 3
    odd = 'lunas_http_request_seconds_count{method="other",route="none",status="405"}'
    assert grown(before, after, odd) == 1
    assert [one for one in after if "page-77" in one or "BREW" in one or "abc" in one] == []


def test_the_number_of_series_does_not_grow_with_what_strangers_send(
    metered: Flask, shop: World
) -> None:
    client = metered.test_client()

    def play(number: int) -> None:
        client.get(f"/api/orders/order-{number}", buffered=True)
        client.get(f"/nowhere-{number}/{number}", buffered=True)
        client.open(f"/api/products?x={number}", method=f"ODD{number}", buffered=True)
        client.post(HERE, data=f'{{"order_id": "{number}"}}', buffered=True)
        token = {"x-callback-token": f"t{number}"}
        client.post(HERE, data="{}", headers=token, buffered=True)
        client.post(f"{HERE}/gateway-{number}", data="{}", buffered=True)

    play(0)
    page_of(client)
    before = set(page_of(client))
    for number in range(1, 30):
        play(number)

    assert set(page_of(client)) == before


def test_intake_and_decisions_are_counted(metered: Flask, shop: World) -> None:
    client = metered.test_client()
    page = shop.checkout(GatewayName.MIDTRANS)
    shop.pay(page, "gopay")
    delivery = shop.sent(page)[-1]
    before = page_of(client)

    client.post(HERE, data=delivery.body, headers=dict(delivery.headers))
    client.post(HERE, data=b"{broken")

    after = page_of(client)
    paid = 'lunas_notifications_total{gateway="midtrans",result="accepted",verdict="shopper_paid"}'
    broken = 'lunas_notifications_total{gateway="midtrans",result="refused",verdict="malformed"}'
    assert (grown(before, after, paid), grown(before, after, broken)) == (1, 1)
    why = 'lunas_decisions_total{source="notification",why="shopper_paid"}'
    assert grown(before, after, why) == 1


def test_what_cannot_be_stored_is_counted(metered: Flask, shop: World) -> None:
    client = metered.test_client()
    before = page_of(client)
    with shop.desk.sessions.begin() as session:
        session.execute(text("ALTER TABLE notifications RENAME TO gone"))

    assert client.post(HERE, data=b"{}").status_code == 503

    with shop.desk.sessions.begin() as session:
        session.execute(text("ALTER TABLE gone RENAME TO notifications"))
    name = 'lunas_notifications_total{gateway="midtrans",result="not_stored",verdict=""}'
    assert grown(before, page_of(client), name) == 1


def test_calls_of_gateways_are_timed_and_their_failures_counted(
    metered: Flask, shop: World
) -> None:
    client = metered.test_client()
    before = page_of(client)

    assert create(client).status_code == 201
    with shop.program.fault("midtrans.snap.create", "*", "html_502"):
        assert create(client, key="key-0002").status_code == 503
    gateway = shop.desk.gateway(GatewayName.MIDTRANS)
    with pytest.raises(GatewayError):
        gateway.fetch_status(ChargeSubject("."), source=Source.JOB)

    after = page_of(client)
    asked = 'lunas_gateway_call_seconds_count{gateway="midtrans",operation="create_charge"}'
    unknown = (
        'lunas_gateway_errors_total{gateway="midtrans",kind="unknown",operation="create_charge"}'
    )
    refused = (
        'lunas_gateway_errors_total{gateway="midtrans",kind="rejected",operation="fetch_status"}'
    )
    assert grown(before, after, asked) == 2
    assert grown(before, after, unknown) == 1
    assert grown(before, after, refused) == 1


def test_the_gauges_tell_what_waits_in_the_database(metered: Flask, shop: World) -> None:
    page = shop.checkout(GatewayName.XENDIT)
    shop.pay(page, "DANA")
    shop.deliver_all(page)
    shop.checkout(GatewayName.MIDTRANS)

    found = page_of(metered.test_client())

    assert found["lunas_database_up"] == 1
    assert found["lunas_claims_due"] == 1
    assert found["lunas_oldest_due_claim_seconds"] >= 0
    assert found['lunas_open_orders{age="0-1h"}'] == 2
    assert found['lunas_open_orders{age="3d+"}'] == 0
    assert found['lunas_unfinished_refunds{state="unknown"}'] == 0
    assert found['lunas_attention_calls{code="drift"}'] == 0
    assert found["lunas_open_findings"] == 0


def test_unknown_refunds_and_silent_jobs_show(shop: World) -> None:
    page = shop.checkout(GatewayName.MIDTRANS)
    shop.pay(page, "gopay")
    shop.deliver_all(page)
    shop.confirm()
    for timed in TIMES:
        recorded(timed, shop.desk, CREW)()
    with shop.program.fault("midtrans.refund", "*", "timeout_after_success"):
        shop.refund(page, 50_000)
    shop.clock.advance(400)

    found = series(Exposition(shop.desk, TOKEN).page().decode())

    assert found['lunas_unfinished_refunds{state="unknown"}'] == 1
    assert 400 <= found["lunas_oldest_unknown_refund_seconds"] < 1000
    silent = found['lunas_job_heartbeat_age_seconds{job="poll_orders"}']
    assert silent > found['lunas_job_heartbeat_allowed_seconds{job="poll_orders"}'] == 30
    assert found['lunas_job_heartbeat_allowed_seconds{job="verify_orders"}'] == 1800
    shop.resolve()


def test_runs_of_jobs_are_counted(shop: World) -> None:
    [poll] = [timed for timed in TIMES if timed.name == "poll_orders"]

    def broken(_desk: object, _crew: object) -> None:
        raise ValueError("x")

    exposition = Exposition(shop.desk, TOKEN)
    before = series(exposition.page().decode())
    recorded(poll, shop.desk, CREW)()
    recorded(replace(poll, run_once=broken), shop.desk, CREW)()

    after = series(exposition.page().decode())
    assert grown(before, after, 'lunas_job_runs_total{job="poll_orders",result="done"}') == 1
    assert grown(before, after, 'lunas_job_runs_total{job="poll_orders",result="failed"}') == 1
    assert grown(before, after, 'lunas_job_run_seconds_count{job="poll_orders"}') == 2
    assert grown(before, after, 'lunas_job_rows_total{job="poll_orders",result="failed"}') == 1


def test_a_database_that_is_down_shows_and_the_page_still_comes(
    metered: Flask, shop: World
) -> None:
    with shop.desk.sessions.begin() as session:
        session.execute(text("ALTER TABLE notifications RENAME TO gone"))

    found = page_of(metered.test_client())

    with shop.desk.sessions.begin() as session:
        session.execute(text("ALTER TABLE gone RENAME TO notifications"))
    assert found["lunas_database_up"] == 0
    assert "lunas_claims_due" not in found
    assert any(name.startswith("lunas_http_request_seconds_count") for name in found)


def test_the_database_is_asked_once_in_five_seconds(shop: World) -> None:
    exposition = Exposition(shop.desk, TOKEN)

    with statements_of(shop) as first:
        exposition.page()
    with statements_of(shop) as again:
        exposition.page()
    shop.clock.advance(6)
    with statements_of(shop) as later:
        exposition.page()

    assert len(again) == 0
    assert len(later) == len(first) > 0


def test_the_job_process_tells_its_meters_at_a_port_of_its_own(shop: World) -> None:
    meters = serve_meters(Exposition(shop.desk, TOKEN), "127.0.0.1", 0)
    url = f"http://127.0.0.1:{meters.port}"
    try:
        told = requests.get(f"{url}/metrics", headers=AUTH, timeout=10)
        assert told.status_code == 200
        assert "lunas_job_runs_total" in told.text
        assert requests.get(f"{url}/metrics", timeout=10).status_code == 401
        assert requests.get(f"{url}/healthz", timeout=10).text == "ok\n"
        assert requests.get(f"{url}/else", timeout=10).status_code == 404
    finally:
        meters.close()
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{url}/healthz", timeout=10)


def test_without_a_port_in_the_settings_none_is_opened(shop: World) -> None:
    assert open_meters(shop.desk, MeterDoor(TOKEN)) is None


def test_every_label_is_a_word_of_ours(metered: Flask, shop: World) -> None:
    create(metered.test_client())
    values = re.findall(r'="([^"]*)"', " ".join(page_of(metered.test_client())))

    assert max(len(value) for value in values) <= 60
