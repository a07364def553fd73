"""What the real processes write: web, jobs and commands, with all that passes through them."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import create_engine, text

from app.settings import DEMO_KEYS
from scripts.ports import pick_free
from tests.databases import Databases
from tests.e2e.harness import Stack

NAME, EMAIL, PHONE = "Kenari Burungwati", "kenari.kuning@contoh.example", "081298765432"
TOKEN, FORGED, PASSWORD = "metrics-token-of-canaries", "forged-tok-77", "kata-sandi-salah-9"
SECRETS = {name: key for name, key in DEMO_KEYS.items() if name != "MIDTRANS_CLIENT_KEY"}
AUTH = {"Authorization": f"Bearer {TOKEN}"}
NOTIFICATION = "/api/payments/notification"


@pytest.fixture
def watched(databases: Databases, tmp_path: Path) -> Iterator[tuple[Stack, str]]:
    """Provide a stack of two web workers on PostgreSQL, and where its jobs tell their meters."""
    port = pick_free()
    with databases.fresh("postgres") as url:
        own = {
            "DATABASE_URL": url,
            "WEB_CONCURRENCY": "2",
            "LOG_FORMAT": "json",
            "LOG_LEVEL": "DEBUG",
            "METRICS_TOKEN": TOKEN,
            "METRICS_PORT": str(port),
        }
        stack = Stack(tmp_path, own=own)
        try:
            stack.start_all()
            yield stack, f"http://127.0.0.1:{port}"
        finally:
            stack.close()


def check_out(stack: Stack, gateway: str) -> requests.Response:
    body = {
        "gateway": gateway,
        "items": [{"sku": "KOPI-GAYO-250", "quantity": 1}],
        "customer": {"name": NAME, "email": EMAIL, "phone": PHONE},
    }
    return requests.post(f"{stack.url}/api/payments/create-transaction", json=body, timeout=30)


def status_of(stack: Stack, order_id: str) -> str:
    return str(requests.get(f"{stack.url}/api/orders/{order_id}", timeout=30).json()["status"])


def total(page: str, name: str) -> float:
    """Add up all series of a name."""
    return sum(float(v) for v in re.findall(rf"^{name}(?:{{[^}}]*}})? (\S+)$", page, re.MULTILINE))


def play(stack: Stack) -> list[str]:
    """Sell, forge, sign in wrongly, and break the gateway and the database; return addresses."""
    orders = [check_out(stack, gateway).json()["order_id"] for gateway in ("midtrans", "xendit")]
    state = stack.sandbox.state()
    stack.sandbox.pay_midtrans(state["tokens"][-1]["order_id"], payment_type="gopay")
    stack.sandbox.pay_xendit(state["invoices"][-1]["id"], channel="DANA")
    stack.eventually(lambda: {status_of(stack, one) for one in orders} == {"paid"})
    url = f"{stack.url}{NOTIFICATION}"
    for headers, body in (
        ({"x-callback-token": FORGED}, {"payer_email": EMAIL}),
        ({}, {"x": NAME}),
    ):
        assert requests.post(url, json=body, headers=headers, timeout=30).status_code in {400, 401}
    requests.post(
        f"{stack.admin_url}/login", data={"email": EMAIL, "password": PASSWORD}, timeout=30
    )
    stack.sandbox.set_faults(
        [{"match": {"operation": "xendit.invoice.*", "order": "*"}, "effect": "html_502"}]
    )
    assert check_out(stack, "xendit").status_code in {201, 503}
    engine = create_engine(stack.database_url)
    with engine.begin() as connection:
        spoilt = "ALTER TABLE orders ADD CONSTRAINT spoilt CHECK (customer_name = '') NOT VALID"
        connection.execute(text(spoilt))
    engine.dispose()
    assert check_out(stack, "midtrans").status_code in {201, 503}
    return orders


def test_no_process_writes_a_secret_and_all_workers_count_together(
    watched: tuple[Stack, str],
) -> None:
    stack, jobs_url = watched

    learnt = play(stack)
    pages = [requests.get(f"{stack.url}/metrics", headers=AUTH, timeout=30).text for _ in range(6)]
    told_by_jobs = requests.get(f"{jobs_url}/metrics", headers=AUTH, timeout=30).text
    stack.stop("web")
    stack.stop("jobs")

    log = stack.log()
    canaries = (*NAME.split(), "kenari.kuning", "81298765432", TOKEN, FORGED, PASSWORD)
    assert [one for one in (*canaries, *SECRETS.values(), *learnt) if one in log] == []
    lines = _lines(log)
    assert {line["program"] for line in lines} == {"web", "jobs"}
    assert {"request", "order moved", "notification refused", "jobs are running"} <= {
        line["event"] for line in lines
    }
    # Whichever worker answers, the sum never falls behind what an earlier answer said.
    counts = [total(page, "lunas_http_request_seconds_count") for page in pages]
    assert counts == sorted(counts)
    assert total(pages[-1], "lunas_notifications_total") >= 4
    assert total(told_by_jobs, "lunas_job_runs_total") > 0
    assert total(told_by_jobs, "lunas_database_up") == 1


def _lines(log: str) -> list[dict[str, Any]]:
    written = [line.partition(" | ") for line in log.splitlines()]
    return [json.loads(line) for name, _, line in written if name in {"web", "jobs"}]
