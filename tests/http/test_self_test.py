"""The check of the set-up: each part that is missing is named, and nothing of a key is shown."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, event, func, select
from sqlalchemy.exc import OperationalError
from werkzeug.serving import make_server

from app.core.mails import MailState
from app.core.states import GatewayName
from app.db.models import JobHeartbeat, Mail, Notification
from app.settings import XenditAccount
from app.wiring import build_gateways
from tests.contract.gateway_bench import MIDTRANS_KEY, XENDIT_KEY, XENDIT_TOKEN
from tests.http.back_office import Browser, Page, audit, office
from tests.world import World

__all__ = ["office"]

Key = tuple[str, str]


def results(page: Page) -> dict[Key, str]:
    """Return how each part stands, by part and gateway."""
    return {
        (str(values["data-part"]), str(values["data-gateway"] or "")): str(values["data-result"])
        for tag, values in page.tags
        if tag == "tr" and "data-part" in values
    }


def run(office: Flask, language: str = "en") -> Page:
    staff = Browser(office, "support", language)
    return staff.submit(staff.page("/admin/self_test/").form("/admin/self_test/"))


def change_policy(office: Flask, **changes: object) -> None:
    desk = office.extensions["lunas_desk"]
    policy = replace(desk.policy, **changes)
    office.extensions["lunas_desk"] = replace(desk, policy=policy)


@contextmanager
def served(office: Flask) -> Iterator[str]:
    """Serve the application on a port of its own, as the proxy in front of it would."""
    server = make_server("127.0.0.1", 0, office, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def beat(shop: World) -> None:
    with shop.desk.sessions.begin() as session:
        session.add(
            JobHeartbeat(job="poll_orders", instance="x", last_run_at=shop.clock(), every_s=5)
        )


def test_everything_in_order_is_said_to_be(office: Flask, shop: World) -> None:
    beat(shop)
    for gateway in GatewayName:
        page = shop.checkout(gateway, quantity=1)
        shop.pay(page, "gopay" if gateway is GatewayName.MIDTRANS else "QRIS")
        shop.deliver_all(page)

    with served(office) as url:
        change_policy(office, public_url=url)
        page = run(office)

    assert set(results(page).values()) == {"good"}
    assert len(results(page)) == 12
    assert "Every part is in order." in page.text


def test_each_missing_part_is_named_with_what_to_do(office: Flask, shop: World) -> None:
    page = run(office)

    bad = {key for key, result in results(page).items() if result != "good"}
    assert bad == {("address", ""), ("heard", "midtrans"), ("heard", "xendit"), ("jobs", "")}
    assert "does not lead here (ConnectionError)" in page.text
    assert "Enter the notification URL at the gateway" in page.text
    assert "Start the job process" in page.text
    assert audit(shop, "support@toko.example") == [("self_test", True, "")]


def test_an_address_that_leads_elsewhere_or_is_not_https_is_bad(office: Flask, shop: World) -> None:
    change_policy(office, public_url=shop.program.url)
    assert "does not lead here (HTTP 404)" in run(office).text
    with served(office) as url:
        change_policy(office, public_url=url, is_production=True)
        page = run(office)

    assert results(page)["address", ""] == "bad"
    assert "is not https" in page.text


def test_a_refused_key_and_an_empty_token_are_found_and_never_shown(
    office: Flask, shop: World
) -> None:
    wrong = "xnd_development_quite_another_one"
    settings = replace(shop.settings, xendit=XenditAccount(wrong, "", f"{shop.program.url}/xendit"))
    desk = office.extensions["lunas_desk"]
    gateways = build_gateways(settings, shop.clock)
    office.extensions["lunas_desk"] = replace(desk, gateways=gateways)

    page = run(office)

    assert results(page)["keys", "xendit"] == "bad"
    assert results(page)["keys", "midtrans"] == "good"
    assert results(page)["token", "midtrans"] == "good"
    assert "Copy the keys again" in page.text
    for secret in (wrong, MIDTRANS_KEY, XENDIT_KEY, XENDIT_TOKEN):
        assert secret not in page.text


def test_a_clock_that_is_wrong_is_found(office: Flask, shop: World) -> None:
    desk = office.extensions["lunas_desk"]
    fast = replace(desk, clock=lambda: shop.clock() + timedelta(minutes=2))
    office.extensions["lunas_desk"] = fast

    page = run(office)

    assert results(page)["clock", "midtrans"] == results(page)["clock", "xendit"] == "bad"
    assert "NTP" in page.text


def test_messages_with_a_wrong_signature_only_point_at_the_key(office: Flask, shop: World) -> None:
    staff = Browser(office, "support")
    forged = {
        "order_id": "x",
        "status_code": "200",
        "gross_amount": "1.00",
        "transaction_status": "settlement",
        "transaction_id": "x",
        "signature_key": "x",
    }
    staff.client.post("/api/payments/notification/midtrans", json=forged)

    page = run(office)

    assert results(page)["heard", "midtrans"] == "bad"
    assert "none had a right signature or token" in page.text


def test_a_database_that_cannot_be_written_is_found_and_nothing_stays_written(
    office: Flask, shop: World
) -> None:
    engine = office.extensions["lunas_desk"].sessions.kw["bind"]

    def refuse(*args: object) -> None:
        if "INSERT INTO notifications" in str(args[2]):
            raise OperationalError("disk full", None, Exception("disk full"))

    event.listen(engine, "before_cursor_execute", refuse)
    try:
        broken = run(office)
    finally:
        event.remove(engine, "before_cursor_execute", refuse)

    assert results(broken)["database", ""] == "bad"
    assert results(run(office))["database", ""] == "good"
    with shop.session() as session:
        assert session.scalar(select(func.count()).select_from(Notification)) == 0


def test_a_silent_job_is_named(office: Flask, shop: World) -> None:
    with shop.desk.sessions.begin() as session:
        session.execute(delete(JobHeartbeat))
        old = shop.clock() - timedelta(hours=1)
        session.add(JobHeartbeat(job="poll_orders", instance="x", last_run_at=old, every_s=5))

    assert "Silent: poll_orders." in run(office).text


@pytest.mark.parametrize("language", ["en", "id"])
def test_nothing_runs_before_somebody_asks(office: Flask, shop: World, language: str) -> None:
    page = Browser(office, "viewer", language).page("/admin/self_test/")

    assert results(page) == {}
    assert not page.has_form("/admin/self_test/")
    assert audit(shop, "viewer@toko.example") == []


def test_mails_that_reach_nobody_and_mails_that_are_held_up_are_said(
    office: Flask, shop: World
) -> None:
    page = shop.checkout(GatewayName.XENDIT)
    shop.pay(page, "QRIS")
    shop.deliver_all(page)
    shop.confirm()
    written_down = run(office)
    change_policy(office, is_production=True)
    in_production = run(office)
    change_policy(office, sends_mails=True)
    not_tried_yet = run(office)
    with shop.session() as session:
        (mail,) = session.scalars(select(Mail))
        mail.tries = 1
        session.commit()
    failed_once = run(office)
    with shop.session() as session:
        (mail,) = session.scalars(select(Mail))
        mail.state, mail.finished_at = MailState.GIVEN_UP, shop.clock()
        session.commit()
    given_up = run(office)
    shop.clock.advance(8 * 86_400)
    long_ago = run(office)

    told = [results(one)["mail", ""] for one in (written_down, in_production, not_tried_yet)]
    assert told == ["good", "warn", "good"]
    assert "written down here and sent to nobody" in written_down.text
    assert "Set MAIL_BACKEND=smtp" in in_production.text
    assert [results(one)["mail", ""] for one in (failed_once, given_up)] == ["bad", "bad"]
    assert "1 mails of the last week could not be sent." in given_up.text
    assert results(long_ago)["mail", ""] == "good"
