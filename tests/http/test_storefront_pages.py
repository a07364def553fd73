"""The shop's pages: one shell for every address, under a policy that admits only snap.js too."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.api.storefront import make_storefront
from tests.world import settings_for

SANDBOX = "http://127.0.0.1:8001"


@pytest.fixture
def pages(tmp_path: Path) -> FlaskClient:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html><title>shop</title>")
    (tmp_path / "assets" / "main-1a2b.js").write_text("1")
    app = Flask("pages", static_folder=None)
    app.register_blueprint(make_storefront(settings_for("sqlite://", SANDBOX), tmp_path))
    return app.test_client()


@pytest.mark.parametrize("path", ["/", "/cart", "/checkout", "/orders/abc"])
def test_every_address_of_the_shop_shows_the_shell(pages: FlaskClient, path: str) -> None:
    answer = pages.get(path, buffered=True)

    assert (answer.status_code, answer.text) == (200, "<!doctype html><title>shop</title>")
    assert answer.headers["Referrer-Policy"] == "same-origin"


def test_an_address_that_the_shop_does_not_have_is_not_found(pages: FlaskClient) -> None:
    assert pages.get("/nothing", buffered=True).status_code == 404


def test_the_policy_admits_the_snap_host_and_no_inline_code(pages: FlaskClient) -> None:
    policy = pages.get("/", buffered=True).headers["Content-Security-Policy"]

    assert f"script-src 'self' {SANDBOX};" in policy
    assert f"frame-src {SANDBOX};" in policy
    assert "unsafe" not in policy


def test_hashed_files_are_kept_by_the_browser(pages: FlaskClient) -> None:
    assert "immutable" in pages.get("/assets/main-1a2b.js", buffered=True).headers["Cache-Control"]


@pytest.mark.parametrize("path", ["/../pyproject.toml", "/..%2f..%2fetc/passwd", "/assets/../../x"])
def test_nothing_outside_the_built_shop_is_served(pages: FlaskClient, path: str) -> None:
    assert b"root:" not in pages.get(path, buffered=True).data
    assert pages.get(path, buffered=True).status_code == 404


def test_a_shop_that_is_not_built_says_how_to_build_it(tmp_path: Path) -> None:
    app = Flask("pages", static_folder=None)
    app.register_blueprint(make_storefront(settings_for("sqlite://", SANDBOX), tmp_path))

    answer = app.test_client().get("/")

    assert (answer.status_code, "make setup" in answer.text) == (503, True)
