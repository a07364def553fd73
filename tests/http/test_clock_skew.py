"""Several web processes whose clocks do not agree, and one whose clock is set right."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from itsdangerous import TimestampSigner, URLSafeTimedSerializer

from tests.http.back_office import Browser, Page
from tests.http.newcomer import Newcomer
from tests.http.test_admin_refunds import confirmation, paid, refund_url
from tests.http.test_database_troubles import web_over
from tests.world import PASSWORD, World

MINUTE = timedelta(minutes=1)


@contextmanager
def web_off_by(world: World, offset: timedelta) -> Iterator[Flask]:
    """Provide a web process whose clock is off by so much."""
    with web_over(world) as web:
        desk = web.extensions["lunas_desk"]
        web.extensions["lunas_desk"] = replace(desk, clock=lambda: world.clock() + offset)
        yield web


def signed_by_a_clock_ahead(web: Flask, staff: Browser, seconds: int) -> str:
    """Return the browser's cookie as a web process would have signed it that is so far ahead."""

    class Ahead(TimestampSigner):
        def get_timestamp(self) -> int:
            return super().get_timestamp() + seconds

    serializer = web.session_interface.get_signing_serializer(web)  # type: ignore[attr-defined]
    assert isinstance(serializer, URLSafeTimedSerializer)
    with staff.client.session_transaction() as cookie:
        held = dict(cookie)
    serializer.signer = Ahead
    return str(serializer.dumps(held))


@pytest.mark.parametrize("seconds", [1, 600])
def test_who_signs_in_at_a_process_that_is_ahead_is_in_at_all_others(
    shop: World, seconds: int
) -> None:
    with web_off_by(shop, timedelta()) as web:
        staff = Browser(web, "support")
        cookie = signed_by_a_clock_ahead(web, staff, seconds)
        staff.client.set_cookie("lunas_desk", cookie)

        assert "Overview" in staff.page("/admin/").text


def test_a_cookie_that_somebody_else_signed_opens_nothing(shop: World) -> None:
    with web_off_by(shop, timedelta()) as web, web_over(shop, secret_key="x" * 32) as foreign:
        staff = Browser(web, "support")
        cookie = signed_by_a_clock_ahead(foreign, Browser(foreign, "support"), 0)
        staff.client.set_cookie("lunas_desk", cookie)

        assert staff.get("/admin/").location.startswith("/admin/login")


@pytest.mark.parametrize(
    ("offset", "comes_in"),
    [(29 * MINUTE, True), (-29 * MINUTE, True), (31 * MINUTE, False), (-31 * MINUTE, False)],
)
def test_a_session_is_good_where_the_clock_is_off_by_less_than_it_may_lie_idle(
    shop: World, offset: timedelta, comes_in: bool
) -> None:
    with web_off_by(shop, timedelta()) as here, web_off_by(shop, offset) as there:
        here.secret_key = there.secret_key
        staff = Browser(here, "support")
        staff.client.application = there

        assert (staff.get("/admin/").status_code == 200) is comes_in


@pytest.mark.parametrize(
    ("offset", "asks"), [(4 * MINUTE, False), (-4 * MINUTE, False), (-6 * MINUTE, True)]
)
def test_a_proof_from_a_time_to_come_holds_no_longer_than_another(
    shop: World, offset: timedelta, asks: bool
) -> None:
    order = paid(shop)
    with web_off_by(shop, timedelta()) as here, web_off_by(shop, offset) as there:
        staff = Browser(here, "refunder")
        form = confirmation(staff, refund_url(shop, order), "75.000").form("/refund")
        staff.client.application = there
        answer = staff.send(form)

        assert (answer.status_code == 401) is asks
        assert len(shop.refunds(order)) == (0 if asks else 1)
        if asks:
            question = Page(answer.text).form("/refund")
            assert staff.send(question, proof_password=PASSWORD).status_code == 302
            assert len(shop.refunds(order)) == 1


@pytest.mark.parametrize(("offset", "fits"), [(25, True), (-25, True), (95, False), (-95, False)])
def test_codes_of_a_telephone_hold_half_a_minute_and_a_lost_one_has_another_way(
    shop: World, offset: int, fits: bool
) -> None:
    with web_off_by(shop, timedelta()) as here, web_off_by(shop, timedelta(seconds=offset)) as web:
        ani = Newcomer(here, shop)
        ani.arrive()
        shop.clock.advance(300)
        ani.client = web.test_client()
        ani.give_password()
        ani.prove(proof_code=ani.now_code())
        assert ani.is_in() is fits

        if not fits:
            ani.prove(proof_recovery=ani.codes[0])
        assert ani.is_in()
