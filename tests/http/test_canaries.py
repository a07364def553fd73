"""Birds in the mine: secrets and a person's data go through everything, and no log sings of them.

The logs are as talkative as a setting can make them. The second half of the proof, with the real
processes, is in tests/e2e/test_logs_of_processes.py.
"""

import base64
import json
import secrets
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from app.core.observations import Source
from app.core.ports import RawNotification
from app.core.states import GatewayName, RefundRoute
from app.factory import create_app
from app.program_logs import start_logging
from app.services.desk import Desk
from app.services.payment_pages import PaymentPage
from app.services.reconciliation import Crew, RunReport
from app.services.status import check_status
from jobs.runs import Timed, recorded
from jobs.scheduler import TIMES
from tests.contract.gateway_bench import MIDTRANS_KEY, XENDIT_KEY, XENDIT_TOKEN
from tests.http.back_office import Browser
from tests.http.test_admin_sign_in import sign_in
from tests.log_lines import Lines, caught_lines
from tests.world import ACCOUNT, CREW, PASSWORD, World

NAME, EMAIL, PHONE = "Kenari Burungwati", "kenari.kuning@contoh.example", "081298765432"
WRONG_PASSWORD, FORGED_TOKEN, FORGED_SIGNATURE = "kata-sandi-salah-9", "forged-tok-77", "ab" * 64
HOLDER, ACCOUNT_NUMBER = "Pemilik Rekening", "9988776655"
METRICS_TOKEN = "metrics-token-of-canaries"
CANARIES = (
    *NAME.split(),
    "kenari.kuning",
    "81298765432",
    # The customer of the world's own orders.
    "Rina",
    "rina@contoh.example",
    "81234567890",
    "0812-3456-7890",
    *HOLDER.split(),
    ACCOUNT_NUMBER,
    WRONG_PASSWORD,
    PASSWORD,
    FORGED_TOKEN,
    FORGED_SIGNATURE,
    METRICS_TOKEN,
    MIDTRANS_KEY,
    XENDIT_KEY,
    XENDIT_TOKEN,
    base64.b64encode(f"{MIDTRANS_KEY}:".encode()).decode(),
    base64.b64encode(f"{XENDIT_KEY}:".encode()).decode(),
    "only-for-tests-0123456789",
)
HERE = "/api/payments/notification"
CREATE = "/api/payments/create-transaction"


@pytest.fixture
def lines(world: World) -> Iterator[Lines]:
    with caught_lines(world.settings.secrets) as lines:
        yield lines


@pytest.fixture
def web(world: World, lines: Lines) -> Iterator[Flask]:
    door = replace(world.settings.meter_door, token=METRICS_TOKEN)
    made = create_app(replace(world.settings, meter_door=door))

    @made.get("/broken/<word>")
    def broken(word: str) -> str:
        raise ValueError(f"{word}: {NAME}, {EMAIL}")

    with made.app_context():
        engine = made.extensions["sqlalchemy"].engine
    yield made
    engine.dispose()


def shop_at(web: Flask, gateway: str, status: int = 201) -> str:
    """Check out as the person of the canaries; return the order's address."""
    body = {
        "gateway": gateway,
        "items": [{"sku": "KOPI", "quantity": 1}],
        "customer": {"name": NAME, "email": EMAIL, "phone": PHONE},
    }
    intent = {"Idempotency-Key": secrets.token_hex(8)}
    answer = web.test_client().post(CREATE, json=body, headers=intent)
    assert answer.status_code == status, answer.text
    return str(answer.get_json().get("order_id", ""))


def deliver(web: Flask, delivery: RawNotification, status: int) -> None:
    answer = web.test_client().post(HERE, data=delivery.body, headers=dict(delivery.headers))
    assert answer.status_code == status, answer.text


def run_jobs(world: World) -> None:
    for timed in TIMES:
        recorded(timed, world.desk, CREW)()


def paid_at(world: World, web: Flask, gateway: GatewayName, method: str) -> PaymentPage:
    page = world.checkout(gateway, quantity=1)
    world.pay(page, method)
    for delivery in world.sent(page):
        deliver(web, delivery, 200)
    run_jobs(world)
    assert world.status(page) == "paid"
    return page


def play_forgeries(world: World, web: Flask) -> None:
    page = world.checkout(GatewayName.MIDTRANS, quantity=1)
    world.pay(page, "gopay")
    genuine = world.sent(page)[-1]
    forged = json.loads(genuine.body) | {"signature_key": FORGED_SIGNATURE}
    deliver(web, replace(genuine, body=json.dumps(forged).encode()), 401)
    token = {"x-callback-token": FORGED_TOKEN}
    deliver(
        web, RawNotification(token, json.dumps({"payer_email": EMAIL}).encode(), world.clock()), 401
    )
    deliver(web, RawNotification({}, f"{{broken {NAME} {EMAIL}".encode(), world.clock()), 400)


def play_gateway_errors(world: World, web: Flask) -> None:
    for operation, gateway in (
        ("midtrans.snap.create", "midtrans"),
        ("xendit.invoice.create", "xendit"),
    ):
        for effect in ("html_502", "429"):
            with world.program.fault(operation, "*", effect):
                shop_at(web, gateway, 503)


def play_refunds(world: World, web: Flask) -> None:
    by_gopay = paid_at(world, web, GatewayName.MIDTRANS, "gopay")
    world.refund(by_gopay, 50_000, reason=f"untuk {NAME}")
    with world.program.fault("midtrans.refund", "*", "refuse"):
        world.refund(by_gopay, 10_000)
    with world.program.fault("midtrans.refund", "*", "timeout_after_success"):
        world.refund(by_gopay, 20_000)
    by_va = paid_at(world, web, GatewayName.MIDTRANS, "bca_va")
    account = replace(ACCOUNT, holder=HOLDER, number=ACCOUNT_NUMBER)
    world.refund(by_va, 30_000, route=RefundRoute.MANUAL, account=account)
    run_jobs(world)


def play_faults(world: World, web: Flask) -> None:
    client = web.test_client()
    assert client.get(f"/broken/{NAME}").status_code == 500

    def break_off(_desk: Desk, _crew: Crew) -> RunReport:
        raise ValueError(f"{NAME} {EMAIL} {MIDTRANS_KEY}")

    recorded(Timed("poll_orders", timedelta(seconds=5), break_off), world.desk, CREW)()
    with world.desk.sessions.begin() as session:
        session.execute(text(_SPOILT[session.get_bind().dialect.name]))
    shop_at(web, "midtrans", 503)


# PostgreSQL then quotes the whole row in what it says; SQLite knows of no such thing.
_SPOILT = {
    "postgresql": "ALTER TABLE orders ADD CONSTRAINT spoilt CHECK (customer_name = '') NOT VALID",
    "sqlite": "ALTER TABLE order_items RENAME TO spoilt",
}


def play_everything(world: World, web: Flask) -> list[str]:
    """Play it; return what only now is known to be secret."""
    with world.desk.sessions.begin() as session:
        session.execute(text("UPDATE products SET on_hand = 50"))
    sign_in(web.test_client(), "refunder@toko.example", PASSWORD)
    sign_in(web.test_client(), EMAIL, WRONG_PASSWORD)
    browser = Browser(web, "refunder")
    addresses = [shop_at(web, name.value) for name in GatewayName]
    client = web.test_client()
    assert {client.get(f"/api/orders/{one}").status_code for one in addresses} == {200}
    play_forgeries(world, web)
    page = paid_at(world, web, GatewayName.XENDIT, "DANA")
    with world.program.fault("midtrans.status", "*", "html_502"):
        world.clock.advance(3600)
        run_jobs(world)
    play_gateway_errors(world, web)
    play_refunds(world, web)
    check_status(
        world.desk, world.order(page).id, source=Source.STATUS_CHECK, staff_id=world.staff_id()
    )
    browser.page(f"/admin/orders/{world.order(page).number}")
    client.get("/metrics", headers={"Authorization": f"Bearer {METRICS_TOKEN}"})
    client.get(f"/metrics?token={METRICS_TOKEN}")
    play_faults(world, web)
    world.damaged = True
    cookie = browser.client.get_cookie("lunas_desk")
    assert cookie is not None
    return [*addresses, page.order_id, cookie.value]


def test_no_secret_and_no_persons_data_reaches_a_log(
    world: World, web: Flask, lines: Lines
) -> None:
    learnt = play_everything(world, web)

    told = lines.text
    assert [one for one in (*CANARIES, *learnt) if one in told] == []
    # It is not that nothing was told.
    assert {event["event"] for event in lines.events()} >= {
        "gateway answered",
        "gateway call failed",
        "notification accepted",
        "notification refused",
        "order moved",
        "job did its work",
        "job poll_orders failed",
        "the database failed",
        "a request failed",
    }
    kinds = {one["kind"] for one in lines.events("gateway call failed")}
    assert kinds >= {"unavailable", "unknown"}
    faults = [one["exception"][-1] for one in lines.events() if "exception" in one]
    assert {fault["type"] for fault in faults} >= {"ValueError"}
    assert all(fault["frames"] for fault in faults)


def test_every_line_of_a_payment_bears_its_order_and_where_it_came_from(
    world: World, web: Flask, lines: Lines
) -> None:
    page = paid_at(world, web, GatewayName.XENDIT, "DANA")

    number, reference = world.order(page).number, world.attempt(page).reference
    [accepted] = lines.events("notification accepted")
    assert accepted["order"] == number
    assert accepted["attempt"] == reference
    assert accepted["notification"] == world.notifications()[0].id
    assert accepted["request"]
    [moved] = lines.events("order moved")
    assert (moved["order"], moved["attempt"]) == (number, reference)
    assert (moved["job"], moved["notification"]) == ("confirm_claims", accepted["notification"])
    assert (moved["before"], moved["after"], moved["source"]) == ("pending", "paid", "job")
    asked = [one for one in lines.events("gateway answered") if one["operation"] == "fetch_status"]
    assert (reference, moved["run"]) in {(one["attempt"], one["run"]) for one in asked}
    [ran] = [one for one in lines.events("job did its work") if one["job"] == "confirm_claims"]
    assert (ran["run"], ran.get("order")) == (moved["run"], None)


def test_the_logs_of_a_program_know_its_secrets(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    import logging

    limits = replace(world.settings.rate_limits, storage="redis://:redis-canary@cache:6379/0")
    style = replace(world.settings.log_style, form="json")
    with caught_lines():
        start_logging(replace(world.settings, log_style=style, rate_limits=limits), "jobs")
        logging.getLogger("some.library").error("key %s", XENDIT_TOKEN)
        logging.getLogger("some.library").error("no answer from %s", limits.storage)
        logging.getLogger("some.library").error("AUTH redis-canary failed")
        logging.getLogger().handlers[0].flush()

    told = capsys.readouterr().err
    assert "key ***" in told
    assert "no answer from redis://***@cache:6379/0" in told
    assert "canary" not in told
    assert '"program": "jobs"' in told
