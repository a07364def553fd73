"""What the shop keeps to itself: secrets, the addresses of orders, and how to reach a buyer."""

import base64
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.api import make_storefront
from app.api.operations import NOTIFICATIONS, OPERATIONS
from app.api.storefront import content_security_policy
from app.core.states import GatewayName
from app.factory import create_app
from app.settings import DEMO_KEYS, ROOT, Settings, load_settings
from tests.http.test_storefront_api import BODY, create
from tests.world import CUSTOMER, SKU, World, settings_for

DIST = ROOT / "frontend" / "dist"
# Server keys of Midtrans and secret keys of Xendit, whoever's they are.
KEY_SHAPES = re.compile(r"(?:SB-)?Mid-server-[\w-]{4,}|xnd_(?:development|production)_\w{4,}")
NOBODY = "A" * 24


def secrets_of(settings: Settings) -> set[str]:
    """Return every configured secret, also as HTTP sends it: Basic, key and colon in base64."""
    assert settings.midtrans is not None
    assert settings.xendit is not None
    keys = (settings.midtrans.server_key, settings.xendit.secret_key)
    plain = {*keys, settings.xendit.callback_token, settings.secret_key, settings.database_url}
    return plain | {base64.b64encode(f"{key}:".encode()).decode().rstrip("=") for key in keys}


def leaks(text: str, secrets: set[str]) -> list[str]:
    return [secret for secret in sorted(secrets) if secret in text] + KEY_SHAPES.findall(text)


# Secrets.


def test_the_search_itself_finds_what_it_looks_for() -> None:
    secrets = secrets_of(settings_for("sqlite:///somewhere", "http://sandbox"))
    for secret in secrets:
        assert leaks(f"…{secret}…", secrets)
    assert leaks("key=Mid-server-AbCd1234", set()) == ["Mid-server-AbCd1234"]


def test_a_bundle_built_amid_secrets_holds_none_of_them(tmp_path: Path) -> None:
    npx = shutil.which("npx")
    assert npx, "the shop cannot be built without Node"
    own = {
        "DATABASE_URL": "postgresql+psycopg://lunas:k4nary-password@db.example/lunas",
        "SECRET_KEY": "k4nary-secret-key-0123456789abcdef",
        "PUBLIC_URL": "https://shop.example",
        "MIDTRANS_ENV": "sandbox",
        "MIDTRANS_SERVER_KEY": "SB-Mid-server-k4nary",
        "MIDTRANS_CLIENT_KEY": "SB-Mid-client-open",
        "XENDIT_SECRET_KEY": "xnd_development_k4nary",
        "XENDIT_CALLBACK_TOKEN": "k4nary-callback-token",
    }

    subprocess.run(
        [npx, "vite", "build", "--outDir", str(tmp_path), "--emptyOutDir", "--logLevel", "warn"],
        cwd=ROOT / "frontend",
        env=os.environ | own,
        check=True,
        timeout=300,
    )

    assert (tmp_path / "index.html").is_file()
    assert found_in(tmp_path, secrets_of(load_settings(own)) | {"k4nary"}) == {}


def test_the_bundle_that_is_served_holds_no_secret_of_the_demonstration(shop: World) -> None:
    assert (DIST / "index.html").is_file(), "build the shop first: make setup"
    hidden = {value for name, value in DEMO_KEYS.items() if name != "MIDTRANS_CLIENT_KEY"}

    assert found_in(DIST, hidden | secrets_of(shop.settings)) == {}


def found_in(folder: Path, secrets: set[str]) -> dict[str, list[str]]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert any(path.suffix == ".js" for path in files)
    found = {str(p): leaks(p.read_bytes().decode("latin-1"), secrets) for p in files}
    return {name: what for name, what in found.items() if what}


def every_answer(client: FlaskClient, shop: World) -> Iterator[TestResponse]:
    """Give an answer of every operation, good and bad, and of every page of shop and document."""
    page = shop.checkout(GatewayName.MIDTRANS, quantity=1)
    for operation in (*OPERATIONS, *NOTIFICATIONS):
        for order_id in (page.order_id, NOBODY):
            path = operation.path.format(order_id=order_id, gateway="xendit")
            for body in (BODY, {}, []):
                yield client.open(path, method=operation.method.upper(), json=body)
    for effect in ("html_502", "reset", "timeout_after_success"):
        for operation in ("midtrans.snap.create", "xendit.invoice.create"):
            with shop.program.fault(operation, "*", effect, times=1):
                gateway = operation.partition(".")[0]
                key, one = f"key-{effect}-{gateway}", [{"sku": SKU, "quantity": 1}]
                yield create(client, key=key, gateway=gateway, items=one)
    for path in ("/", f"/orders/{page.order_id}", "/api/docs", "/api/openapi.json", "/api/none"):
        yield client.get(path, buffered=True)


def test_no_answer_holds_a_secret(client: FlaskClient, shop: World) -> None:
    secrets, statuses = secrets_of(shop.settings), set[int]()
    for answer in every_answer(client, shop):
        statuses.add(answer.status_code)
        told = "\n".join([answer.get_data(as_text=True), *map(str, answer.headers.items())])
        assert leaks(told, secrets) == [], answer.request.path
    assert statuses >= {200, 201, 400, 404, 422, 503}


# The address of an order.


def test_an_orders_address_cannot_be_guessed(shop: World) -> None:
    ids = {shop.checkout(GatewayName.MIDTRANS, quantity=1).order_id for _ in range(4)}

    assert len(ids) == 4
    for order_id in ids:
        assert re.fullmatch(r"[A-Za-z0-9_-]{24}", order_id)
        # 18 bytes of the system's generator: 144 bits.
        assert len(base64.urlsafe_b64decode(order_id)) == 18


@pytest.mark.parametrize(
    "order_id",
    ["1", "A" * 23, "A" * 25, "A" * 300, "%00", "A" * 23 + "%0A", "a/b", "..%2f..", "%FF", "'--"],
)
def test_an_address_that_cannot_be_is_refused_like_one_that_nobody_has(
    client: FlaskClient, order_id: str
) -> None:
    unknown = client.get(f"/api/orders/{NOBODY}")
    malformed = client.get(f"/api/orders/{order_id}")

    assert malformed.status_code == unknown.status_code == 404
    assert malformed.get_json() == unknown.get_json()
    assert sorted(malformed.headers.keys()) == sorted(unknown.headers.keys())


def test_an_address_that_the_database_cannot_even_compare_is_refused_alike(world: World) -> None:
    app = create_app(world.settings)
    client = app.test_client()

    answers = [client.get(f"/api/orders/{one}") for one in (NOBODY, "%00" * 24, "A%00" * 12)]
    tries = [client.post(f"/api/orders/{one}/retry", json={}) for one in (NOBODY, "%00" * 24)]

    assert {one.status_code for one in answers + tries} == {404}
    with app.app_context():
        app.extensions["sqlalchemy"].engine.dispose()


def test_neither_number_nor_key_of_the_database_opens_an_order(
    client: FlaskClient, shop: World
) -> None:
    page = shop.checkout(GatewayName.MIDTRANS)

    for name in ("1", page.order_number, shop.attempt(page).reference):
        assert client.get(f"/api/orders/{name}").status_code == 404
        assert client.post(f"/api/orders/{name}/retry", json={}).status_code == 404
    assert len(shop.attempts(page)) == 1


def test_an_order_is_kept_out_of_caches_other_sites_and_search(
    client: FlaskClient, shop: World
) -> None:
    page = shop.checkout(GatewayName.MIDTRANS)
    api = client.get(f"/api/orders/{page.order_id}")
    shell = client.get(f"/orders/{page.order_id}", buffered=True)
    again = client.post(f"/api/orders/{page.order_id}/retry", json={})

    assert [one.headers["Cache-Control"] for one in (api, shell, again)] == [
        "no-store",
        "no-cache",
        "no-store",
    ]
    for answer in (api, shell, again, client.get(f"/api/orders/{NOBODY}")):
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert shell.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert "X-Robots-Tag" not in client.get("/", buffered=True).headers


def test_an_order_shows_of_its_buyer_only_what_its_owner_recognises(
    client: FlaskClient, shop: World
) -> None:
    page = shop.checkout(GatewayName.MIDTRANS)

    answer = client.get(f"/api/orders/{page.order_id}")

    told = answer.get_json()
    assert told["customer_name"] == CUSTOMER.name
    assert told["customer_email_masked"] == "r•••@contoh.example"
    assert told["customer_phone_masked"] == "+62•••7890"
    for hidden in (CUSTOMER.email, CUSTOMER.phone, CUSTOMER.phone[3:]):
        assert hidden not in answer.get_data(as_text=True)


# The policy of the shop's pages.


def policy_of(settings: Settings) -> dict[str, str]:
    directives = content_security_policy(settings).split("; ")
    return dict((one.split(" ", 1)) for one in directives)


@pytest.mark.parametrize(
    ("mode", "host"),
    [
        ("sandbox", "https://app.sandbox.midtrans.com"),
        ("production", "https://app.midtrans.com"),
    ],
)
def test_each_directive_admits_what_it_must_and_no_more(mode: str, host: str) -> None:
    sandbox = mode == "sandbox"
    env = {
        "DATABASE_URL": "postgresql+psycopg://db.example/lunas",
        "SECRET_KEY": "0123456789abcdef-own",
        "PUBLIC_URL": "https://shop.example",
        "MIDTRANS_ENV": mode,
        "MIDTRANS_SERVER_KEY": "SB-Mid-server-own" if sandbox else "Mid-server-own",
        "MIDTRANS_CLIENT_KEY": "SB-Mid-client-own" if sandbox else "Mid-client-own",
    }

    assert policy_of(load_settings(env)) == {
        "default-src": "'self'",
        "script-src": f"'self' {host}",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "frame-src": host,
        "connect-src": "'self'",
        "object-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }


def test_a_shop_without_midtrans_admits_nobody() -> None:
    settings = replace(settings_for("sqlite://", "http://127.0.0.1:1"), midtrans=None)

    policy = policy_of(settings)

    assert (policy["script-src"], policy["frame-src"]) == ("'self'", "'none'")


@pytest.mark.parametrize("path", ["/", "/nothing", "/orders/abc", "/assets/x.js"])
def test_every_page_and_file_of_the_shop_has_the_headers(tmp_path: Path, path: str) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html>")
    (tmp_path / "assets" / "x.js").write_text("1")
    app = Flask("pages", static_folder=None)
    app.register_blueprint(make_storefront(settings_for("sqlite://", "http://snap"), tmp_path))

    headers = app.test_client().get(path, buffered=True).headers

    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Permissions-Policy"].startswith("camera=()")
    assert "default-src" in headers["Content-Security-Policy"]


def test_the_documents_page_loads_its_own_style_and_nothing_else(client: FlaskClient) -> None:
    page = client.get("/api/docs")

    policy = page.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'self';")
    assert "<script" not in page.text
    assert "style=" not in page.text
    assert re.findall(r'(?:src|href)="(?!#)([^"]+)"', page.text) == [
        "/api/docs.css",
        "/api/openapi.json",
    ]
    assert client.get("/api/docs.css", buffered=True).mimetype == "text/css"


def test_an_answer_of_the_api_does_nothing_when_opened_as_a_page(client: FlaskClient) -> None:
    for path in ("/api/config", "/api/openapi.json", "/api/none", f"/api/orders/{NOBODY}"):
        policy = client.get(path).headers["Content-Security-Policy"]
        assert policy == "default-src 'none'; frame-ancestors 'none'"
