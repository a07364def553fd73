"""Keys that are replaced: both are good while what was made under the old one is under way."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from admin.gate.sealing import SealKeys, Unsealed, seal, unseal
from app.core.ports import RawNotification
from app.core.states import GatewayName
from app.db.models import Staff
from app.factory import create_app
from app.services.payment_pages import PaymentPage
from app.settings import Settings
from tests.contract.gateway_bench import MIDTRANS_KEY, XENDIT_TOKEN
from tests.http.back_office import Browser
from tests.http.newcomer import Newcomer
from tests.http.test_self_test import results, run
from tests.world import PEOPLE, World

ADDRESS = "/api/payments/notification"
NEW = "SB-Mid-server-the-new-one"
NEW_TOKEN = "the-new-callback-token"
NEW_SECRET = "the-new-secret-of-the-settings"
METHODS = {GatewayName.MIDTRANS: "gopay", GatewayName.XENDIT: "DANA"}


def rotated(settings: Settings) -> Settings:
    """Return the settings after every key was replaced, the old ones kept beside them."""
    assert settings.midtrans is not None
    assert settings.xendit is not None
    return replace(
        settings,
        secret_key=NEW_SECRET,
        previous_secret_key=settings.secret_key,
        midtrans=replace(settings.midtrans, server_key=NEW, previous_server_key=MIDTRANS_KEY),
        xendit=replace(
            settings.xendit, callback_token=NEW_TOKEN, previous_callback_token=XENDIT_TOKEN
        ),
    )


def without_previous(settings: Settings) -> Settings:
    """Return the settings after the old keys were taken out too."""
    found = rotated(settings)
    assert found.midtrans is not None
    assert found.xendit is not None
    return replace(
        found,
        previous_secret_key="",
        midtrans=replace(found.midtrans, previous_server_key=""),
        xendit=replace(found.xendit, previous_callback_token=""),
    )


def started(shop: World, settings: Settings) -> Iterator[Flask]:
    app = create_app(settings)
    app.config["TESTING"] = True
    desk = app.extensions["lunas_desk"]
    app.extensions["lunas_desk"] = replace(desk, clock=shop.clock)
    with app.app_context():
        engine = app.extensions["sqlalchemy"].engine
    yield app
    engine.dispose()


@pytest.fixture
def during(shop: World) -> Iterator[Flask]:
    """Provide the web application while keys are replaced."""
    yield from started(shop, rotated(shop.settings))


@pytest.fixture
def after(shop: World) -> Iterator[Flask]:
    """Provide the web application once only the new keys are set."""
    yield from started(shop, without_previous(shop.settings))


def delivery(shop: World, gateway: GatewayName) -> tuple[PaymentPage, RawNotification]:
    """Return a payment and the message about it, made under the old key."""
    page = shop.checkout(gateway)
    shop.pay(page, METHODS[gateway])
    return page, shop.sent(page)[-1]


def post(client: FlaskClient, message: RawNotification) -> TestResponse:
    return client.post(ADDRESS, data=message.body, headers=dict(message.headers))


# Notifications.


@pytest.mark.parametrize("gateway", list(GatewayName))
def test_a_message_under_the_previous_key_is_taken_and_its_chain_says_so(
    during: Flask, shop: World, gateway: GatewayName
) -> None:
    page, message = delivery(shop, gateway)

    answer = post(during.test_client(), message)

    assert answer.status_code == 200
    (stored,) = shop.notifications()
    proof = {"midtrans": "previous_signature", "xendit": "previous_token"}[gateway]
    assert stored.chain[1] == {"step": "authentic", "authentic": "yes", "proof": proof}
    # A signature proves a payment under either key; a token never does.
    assert shop.status(page) == ("paid" if gateway is GatewayName.MIDTRANS else "pending")
    shown = Browser(during, "viewer").page(f"/admin/notifications/{stored.id}").text
    words = {"midtrans": "signed with the previous key", "xendit": "its token is the previous one"}
    assert words[gateway] in shown


@pytest.mark.parametrize("gateway", list(GatewayName))
def test_once_the_previous_key_is_unset_its_messages_are_refused(
    after: Flask, shop: World, gateway: GatewayName
) -> None:
    page, message = delivery(shop, gateway)

    assert post(after.test_client(), message).status_code == 401

    (stored,) = shop.notifications()
    assert (stored.state, stored.verdict) == ("refused", "bad_signature")
    assert shop.status(page) == "pending"


def test_a_message_under_the_new_key_needs_no_previous_one(during: Flask, shop: World) -> None:
    _page, message = delivery(shop, GatewayName.XENDIT)
    signed = replace(message, headers={**message.headers, "x-callback-token": NEW_TOKEN})

    assert post(during.test_client(), signed).status_code == 200

    (stored,) = shop.notifications()
    assert stored.chain[1] == {"step": "authentic", "authentic": "yes", "proof": "token"}


@pytest.mark.parametrize("token", ["", "wrong", XENDIT_TOKEN + "x", NEW_TOKEN[:-1]])
def test_a_third_token_is_refused_while_two_are_good(
    during: Flask, shop: World, token: str
) -> None:
    page, message = delivery(shop, GatewayName.XENDIT)
    forged = replace(message, headers={**message.headers, "x-callback-token": token})

    assert post(during.test_client(), forged).status_code == 401
    assert shop.status(page) == "pending"


def test_without_a_previous_key_an_empty_one_signs_nothing(after: Flask, shop: World) -> None:
    page, message = delivery(shop, GatewayName.MIDTRANS)
    made_with_nothing = _signed_anew(message, "")

    assert post(after.test_client(), made_with_nothing).status_code == 401
    assert post(after.test_client(), _signed_anew(message, NEW)).status_code == 200
    assert shop.status(page) == "paid"


def _signed_anew(message: RawNotification, key: str) -> RawNotification:
    raw = json.loads(message.body)
    text = f"{raw['order_id']}{raw['status_code']}{raw['gross_amount']}{key}"
    raw["signature_key"] = hashlib.sha512(text.encode()).hexdigest()
    return replace(message, body=json.dumps(raw).encode())


def test_we_ask_the_gateway_with_the_new_key_only(during: Flask) -> None:
    # The sandbox knows the old key, so the new one is refused where it is really sent.
    checks = {
        name: gateway.check_keys().accepted
        for name, gateway in during.extensions["lunas"].gateways.items()
    }

    assert checks == {GatewayName.MIDTRANS: False, GatewayName.XENDIT: True}


# The check of the set-up.


def test_the_check_reminds_of_a_previous_key_and_when_it_was_last_needed(
    during: Flask, shop: World
) -> None:
    before = run(during)
    _page, message = delivery(shop, GatewayName.MIDTRANS)
    post(during.test_client(), message)

    page = run(during)

    keys = [("previous_key", "midtrans"), ("previous_key", "xendit"), ("previous_secret", "")]
    assert [results(page)[key] for key in keys] == ["warn"] * 3
    assert "none of the last 0 messages needed it" in before.text
    assert "the last message that needed it came" in page.text
    assert "0 second factors need it" in page.text
    for secret in (NEW, MIDTRANS_KEY, NEW_TOKEN, XENDIT_TOKEN, NEW_SECRET):
        assert secret not in page.text


def test_without_previous_keys_there_is_nothing_to_be_reminded_of(after: Flask) -> None:
    assert not [key for key in results(run(after)) if key[0].startswith("previous")]


# Sessions and second factors.


def test_who_is_signed_in_stays_so_until_the_previous_key_goes(
    app: Flask, during: Flask, after: Flask
) -> None:
    cookie = Browser(app, "viewer").client.get_cookie("lunas_desk")
    assert cookie is not None

    statuses: list[int] = []
    for one in (during, after):
        client = one.test_client()
        client.set_cookie("lunas_desk", cookie.value)
        statuses.append(client.get("/admin/").status_code)

    assert statuses == [200, 302]


def test_a_second_factor_opens_under_either_key_and_is_sealed_anew_on_use(
    app: Flask, during: Flask, after: Flask, shop: World
) -> None:
    app.extensions["lunas_desk"] = replace(app.extensions["lunas_desk"], clock=shop.clock)
    ani = Newcomer(app, shop)
    ani.arrive()
    old = ani.row().totp_sealed
    assert old is not None

    for one, comes_in in ((after, False), (during, True), (after, True)):
        ani.app = one
        ani.other_browser()
        ani.sign_in()
        assert ani.is_in() is comes_in

    fresh = ani.row().totp_sealed
    assert fresh is not None
    assert unseal(SealKeys(NEW_SECRET), ani.staff_id, fresh) == Unsealed(ani.secret)


def sealed_under(shop: World, role: str, key: str) -> int:
    """Give a person an app whose secret is sealed under a key."""
    staff_id = shop.staff_id(role)
    text = seal(SealKeys(key), staff_id, f"secret of {role}")
    with shop.desk.sessions.begin() as session:
        session.execute(update(Staff).where(Staff.id == staff_id).values(totp_sealed=text))
    return staff_id


def sealed_of(shop: World, staff_id: int) -> str:
    with shop.session() as session:
        return session.scalars(select(Staff.totp_sealed).where(Staff.id == staff_id)).one() or ""


def test_the_command_seals_all_anew_and_may_be_run_again(during: Flask, shop: World) -> None:
    old = [sealed_under(shop, role, shop.settings.secret_key) for role in ("finance", "admin")]
    new = sealed_under(shop, "viewer", NEW_SECRET)
    kept = sealed_of(shop, new)

    runs = [during.test_cli_runner().invoke(args=["lunas", "keys", "reseal"]) for _ in range(2)]

    assert [(one.exit_code, one.output) for one in runs] == [
        (0, "1 were under SECRET_KEY already, 2 are now.\n"),
        (0, "3 were under SECRET_KEY already, 0 are now.\n"),
    ]
    assert sealed_of(shop, new) == kept
    for staff_id, role in zip(old, ("finance", "admin"), strict=True):
        opened = unseal(SealKeys(NEW_SECRET), staff_id, sealed_of(shop, staff_id))
        assert opened == Unsealed(f"secret of {role}")


def test_what_opens_with_neither_key_is_told_and_left_as_it_is(during: Flask, shop: World) -> None:
    lost = sealed_under(shop, "finance", "a-key-that-nobody-has-any-more")
    before = sealed_of(shop, lost)

    done = during.test_cli_runner().invoke(args=["lunas", "keys", "reseal"])

    assert (done.exit_code, done.output) == (
        1,
        "0 were under SECRET_KEY already, 0 are now.\n1 open with neither key.\n",
    )
    assert sealed_of(shop, lost) == before
    assert PEOPLE["finance"] not in done.output
