"""Each way in which a gateway can fail to answer, from the gateway itself to what staff read."""

from dataclasses import replace

import pytest
from flask import Flask

from app.core.states import GatewayName
from app.services.payment_pages import PaymentPage
from app.wiring import build_gateways
from tests.http.back_office import Browser, office
from tests.http.test_order_page import press
from tests.world import World, settings_for

__all__ = ["office"]


@pytest.mark.parametrize(
    ("fault", "meaning"),
    [
        ({"effect": "html_502"}, "The answer was none that the gateway documents"),
        ({"effect": "429"}, "The gateway limits how often we ask."),
        ({"effect": "reset"}, "the answer did not arrive in time"),
    ],
)
@pytest.mark.parametrize("gateway", list(GatewayName))
def test_a_failure_is_told_with_its_meaning_and_the_next_step(
    office: Flask, shop: World, gateway: GatewayName, fault: dict[str, str], meaning: str
) -> None:
    page = shop.checkout(gateway)

    text = told_of_silence(office, shop, page, fault)

    assert meaning in text


@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        ("INVALID_API_KEY", "The gateway refuses our keys, for every order."),
        ("ACCESS_SUSPENDED", "The gateway refuses to tell about this payment."),
        ("SERVER_ERROR", "The gateway says that it has a problem of its own."),
    ],
)
def test_a_refusal_is_told_with_its_meaning_and_the_next_step(
    office: Flask, shop: World, code: str, meaning: str
) -> None:
    page = shop.checkout(GatewayName.XENDIT)

    text = told_of_silence(office, shop, page, {"effect": "refuse", "code": code})

    assert meaning in text


def test_a_gateway_that_cannot_be_reached_was_not_asked(office: Flask, shop: World) -> None:
    page = shop.checkout(GatewayName.MIDTRANS)
    nowhere = settings_for(shop.settings.database_url, "http://127.0.0.1:1")
    desk = office.extensions["lunas_desk"]
    office.extensions["lunas_desk"] = replace(desk, gateways=build_gateways(nowhere, desk.clock))

    text = told_of_silence(office, shop, page, None)

    assert "Nobody could be reached at the gateway, so nothing was asked." in text


def told_of_silence(
    office: Flask, shop: World, page: PaymentPage, fault: dict[str, str] | None
) -> str:
    """Return what a check says that brought no answer, and that it changed nothing."""
    shop.program.control("PUT", "faults", {"rules": [fault] if fault else []})
    text = press(Browser(office, "support"), shop, page)
    assert "The gateway did not answer. Nothing changed." in text
    assert shop.status(page) == "pending"
    assert shop.reasons(page) == ["order_placed", "charge_created"]
    return text
