"""Whoever calls the shop by another name is answered nothing, and nothing is done."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from app.core.states import GatewayName
from app.factory import create_app
from app.settings import SettingsError, load_settings
from app.telemetry.meters import REGISTRY
from tests.log_lines import caught_lines
from tests.world import World

OURS = "shop.example"
ENVIRON = {
    "DATABASE_URL": "sqlite:///here.sqlite3",
    "SECRET_KEY": "0123456789abcdef-own",
    "PUBLIC_URL": f"https://{OURS}",
    "XENDIT_SECRET_KEY": "xnd_development_own",
    "XENDIT_CALLBACK_TOKEN": "callback-token-own",
}
FOREIGN = [
    "evil.example",
    "127.0.0.1",
    "localhost:8000",
    f"{OURS}.evil.example",
    f"evil.example@{OURS}",
    f"{OURS}@evil.example",
    f"x.{OURS}",
    f"{OURS}.",
    f"{OURS}:port",
    f"{OURS}:123456",
    f"{OURS}/x",
    f"{OURS}, evil.example",
    f"{OURS} ",
    "",
]


@pytest.fixture
def named(shop: World) -> Iterator[Flask]:
    """Provide the web application under a name of its own, as behind a proxy."""
    app = create_app(replace(shop.settings, allowed_hosts=frozenset({OURS})))
    yield app
    with app.app_context():
        app.extensions["sqlalchemy"].engine.dispose()


@pytest.mark.parametrize("host", FOREIGN)
@pytest.mark.parametrize("path", ["/", "/api/config", "/api/none", "/admin/", "/admin/login"])
def test_a_foreign_host_is_answered_without_details(named: Flask, host: str, path: str) -> None:
    answer = named.test_client().get(path, headers={"Host": host})

    assert (answer.status_code, answer.text) == (400, "Bad request.\n")
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("host", [OURS, OURS.upper(), f"{OURS}:443", f"{OURS}:8000"])
def test_our_host_is_answered_with_any_port(named: Flask, host: str) -> None:
    assert named.test_client().get("/api/config", headers={"Host": host}).status_code == 200


def test_a_genuine_notification_under_a_foreign_name_is_not_even_stored(
    named: Flask, shop: World
) -> None:
    page = shop.checkout(GatewayName.MIDTRANS)
    shop.pay(page, "gopay")
    message = shop.sent(page)[-1]

    statuses = [
        named.test_client()
        .post(
            "/api/payments/notification",
            data=message.body,
            headers={**message.headers, "host": host},
        )
        .status_code
        for host in ("evil.example", OURS)
    ]

    assert statuses == [400, 200]
    assert len(shop.notifications()) == 1


def test_machines_may_ask_for_health_by_address(named: Flask) -> None:
    client = named.test_client()

    assert client.get("/healthz", headers={"Host": "10.0.0.7:8000"}).status_code == 200
    assert client.get("/healthz/", headers={"Host": "10.0.0.7:8000"}).status_code == 400


def test_a_name_that_a_proxy_is_said_to_have_seen_does_not_count(shop: World) -> None:
    settings = replace(shop.settings, allowed_hosts=frozenset({OURS}), trusted_proxies=1)
    app = create_app(settings)

    headers = {"Host": "evil.example", "X-Forwarded-Host": OURS}
    status = app.test_client().get("/api/config", headers=headers).status_code
    with app.app_context():
        app.extensions["sqlalchemy"].engine.dispose()

    assert status == 400


@pytest.mark.parametrize(
    ("more", "hosts"),
    [
        ({}, {OURS}),
        ({"ALLOWED_HOSTS": "www.shop.example, 10.0.0.7,"}, {OURS, "www.shop.example", "10.0.0.7"}),
        ({"PUBLIC_URL": "http://[::1]:8000"}, {"[::1]"}),
        ({"PUBLIC_URL": "http://Shop.Example:8000/x"}, {OURS}),
        ({"DEMO": "1"}, {OURS, "localhost", "127.0.0.1", "[::1]"}),
    ],
)
def test_the_settings_say_which_hosts_are_ours(more: dict[str, str], hosts: set[str]) -> None:
    assert load_settings(ENVIRON | more).allowed_hosts == hosts


@pytest.mark.parametrize("names", ["*", "shop.example:443", "https://shop.example", "a b", ".x"])
def test_what_is_no_name_of_a_host_is_refused_at_the_start(names: str) -> None:
    with pytest.raises(SettingsError, match=r"\AALLOWED_HOSTS must be names of hosts"):
        load_settings(ENVIRON | {"ALLOWED_HOSTS": names})


def refused() -> float:
    return REGISTRY.get_sample_value("lunas_foreign_hosts_total") or 0.0


@pytest.mark.parametrize(
    ("host", "told"),
    [
        ("evil.example", "evil.example"),
        ("EVIL.example:8080", "evil.example"),
        ("a" * 200 + ".example", "a" * 60),
        ("rina@contoh.example", "none"),
        ("", "none"),
    ],
)
def test_each_refusal_is_counted_and_told_in_bounded_form(
    named: Flask, host: str, told: str
) -> None:
    before = refused()

    with caught_lines() as lines:
        named.test_client().get("/", headers={"Host": host})

    [line] = lines.events("a foreign host was refused")
    assert (line["host"], line["level"]) == (told, "info")
    assert line["request"]
    assert refused() == before + 1


def test_our_own_name_is_not_counted(named: Flask) -> None:
    before = refused()

    with caught_lines() as lines:
        named.test_client().get("/api/config", headers={"Host": OURS})

    assert (lines.events("a foreign host was refused"), refused()) == ([], before)
