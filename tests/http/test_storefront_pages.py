"""The shop's pages: one shell for every address, under a policy that admits only snap.js too."""

import gzip
from dataclasses import replace
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
    (tmp_path / "sw.js").write_text("2")
    (tmp_path / "theme.js").write_text("0")
    for name in ("theme.js", "assets/main-1a2b.js"):
        packed = gzip.compress((tmp_path / name).read_bytes())
        (tmp_path / f"{name}.gz").write_bytes(packed)
    app = Flask("pages", static_folder=None)
    app.register_blueprint(make_storefront(settings_for("sqlite://", SANDBOX), tmp_path))
    return app.test_client()


@pytest.mark.parametrize(
    "path", ["/", "/produk/KOPI", "/cart", "/checkout", "/orders", "/orders/abc"]
)
def test_every_address_of_the_shop_shows_the_shell(pages: FlaskClient, path: str) -> None:
    answer = pages.get(path, buffered=True)

    assert (answer.status_code, answer.text) == (200, "<!doctype html><title>shop</title>")
    assert answer.headers["Referrer-Policy"] == "same-origin"


def test_an_address_that_the_shop_does_not_have_is_not_found(pages: FlaskClient) -> None:
    assert pages.get("/nothing", buffered=True).status_code == 404
    assert pages.get("/products/nothing.svg", buffered=True).status_code == 404


def test_the_policy_admits_the_snap_host_and_no_inline_code(pages: FlaskClient) -> None:
    policy = pages.get("/", buffered=True).headers["Content-Security-Policy"]

    assert f"script-src 'self' {SANDBOX};" in policy
    assert f"frame-src {SANDBOX};" in policy
    assert "unsafe" not in policy


def test_hashed_files_are_kept_by_the_browser(pages: FlaskClient) -> None:
    assert "immutable" in pages.get("/assets/main-1a2b.js", buffered=True).headers["Cache-Control"]


@pytest.mark.parametrize(
    ("path", "mimetype", "content"),
    [
        ("/theme.js", "text/javascript", b"0"),
        ("/assets/main-1a2b.js", "text/javascript", b"1"),
    ],
)
def test_a_file_is_sent_compressed_to_a_browser_that_can_read_it(
    pages: FlaskClient, path: str, mimetype: str, content: bytes
) -> None:
    packed = pages.get(path, headers={"Accept-Encoding": "br, gzip"}, buffered=True)
    plain = pages.get(path, headers={"Accept-Encoding": "gzip;q=0"}, buffered=True)

    assert (packed.headers["Content-Encoding"], gzip.decompress(packed.data)) == ("gzip", content)
    assert ("Content-Encoding" in plain.headers, plain.data) == (False, content)
    for answer in (packed, plain):
        assert answer.mimetype == mimetype
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert packed.headers["ETag"] != plain.headers["ETag"]
    assert packed.headers["Cache-Control"] == plain.headers["Cache-Control"]


def test_the_offline_worker_may_fetch_from_us_and_is_looked_for_anew(pages: FlaskClient) -> None:
    headers = pages.get("/sw.js", buffered=True).headers

    assert headers["Content-Security-Policy"] == "default-src 'none'; connect-src 'self'"
    assert headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("path", ["/../pyproject.toml", "/..%2f..%2fetc/passwd", "/assets/../../x"])
def test_nothing_outside_the_built_shop_is_served(pages: FlaskClient, path: str) -> None:
    assert b"root:" not in pages.get(path, buffered=True).data
    assert pages.get(path, buffered=True).status_code == 404


def test_a_shop_that_is_not_built_says_how_to_build_it(tmp_path: Path) -> None:
    app = Flask("pages", static_folder=None)
    app.register_blueprint(make_storefront(settings_for("sqlite://", SANDBOX), tmp_path))

    answer = app.test_client().get("/")

    assert (answer.status_code, "make setup" in answer.text) == (503, True)


@pytest.mark.parametrize(("demo", "start"), [(True, "<html data-demo lang"), (False, "<html lang")])
def test_the_page_says_from_its_first_line_whether_anything_is_sold_for_real(
    tmp_path: Path, *, demo: bool, start: str
) -> None:
    (tmp_path / "index.html").write_text('<html lang="id">')
    app = Flask("pages", static_folder=None)
    settings = replace(settings_for("sqlite://", SANDBOX), is_demo=demo)
    app.register_blueprint(make_storefront(settings, tmp_path))

    assert app.test_client().get("/cart", buffered=True).text.startswith(start)


def test_a_page_that_the_browser_has_is_not_sent_again(pages: FlaskClient) -> None:
    first = pages.get("/cart", buffered=True)
    again = pages.get("/cart", headers={"If-None-Match": first.headers["ETag"]}, buffered=True)

    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["Referrer-Policy"] == "same-origin"
