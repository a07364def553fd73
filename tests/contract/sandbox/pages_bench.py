"""A browser, and a shop under a strict CSP that opens the payment pages in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask, Response
from playwright.sync_api import Browser, FrameLocator, Page, expect, sync_playwright
from werkzeug.serving import make_server

from tests.contract.sandbox.bench import Sandbox

_CHROMIUM = Path("/usr/bin/chromium")
_FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run")
_QUIET = ("--disable-background-networking", "--disable-component-update", "--disable-sync")
# Playwright's own five seconds are short for a busy machine.
expect.set_options(timeout=20_000)
_SCRIPT = """
const query = new URLSearchParams(location.search);
const note = (name) => (result) => {
  document.getElementById('log').textContent += `${name} ${result ? result.status_code : '-'};`;
};
const callbacks = { onSuccess: note('success'), onPending: note('pending'),
  onError: note('error'), onClose: note('close') };
document.getElementById('pay').onclick = () =>
  snap.pay(query.get('token'), query.has('bare') ? {} : callbacks);
"""


def shop_app(sandbox_url: str) -> Flask:
    """Build a shop page that allows nothing inline, as a careful shop does."""
    app = Flask(__name__)

    @app.get("/")
    def home() -> Response:
        html = (
            "<!doctype html><html lang=id><title>Toko</title><link rel=icon href='data:,'>"
            "<button id=pay>Bayar</button><pre id=log></pre>"
            f"<script src='{sandbox_url}/midtrans/snap/snap.js'"
            " data-client-key='SB-Mid-client-lunas-demo'></script><script src='/shop.js'></script>"
        )
        policy = (
            f"default-src 'self'; script-src 'self' {sandbox_url}; style-src 'self'; "
            f"img-src 'self' data:; frame-src {sandbox_url}; connect-src 'self'"
        )
        return Response(html, headers={"Content-Security-Policy": policy})

    @app.get("/shop.js")
    def script() -> Response:
        return Response(_SCRIPT, content_type="text/javascript")

    @app.get("/finish")
    def finish() -> str:
        return "<!doctype html><link rel=icon href='data:,'><h1>Terima kasih</h1>"

    return app


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        path = str(_CHROMIUM) if _CHROMIUM.exists() else None
        chromium = playwright.chromium.launch(executable_path=path, args=[*_FLAGS, *_QUIET])
        yield chromium
        chromium.close()


@pytest.fixture
def storefront(sandbox: Sandbox) -> Iterator[str]:
    import threading

    server = make_server("127.0.0.1", 0, shop_app(sandbox.url), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


DESKTOP, PHONE = (1280, 800), (390, 844)
on_both_sizes = pytest.mark.parametrize(
    "page", [DESKTOP, PHONE], ids=["desktop", "phone"], indirect=True
)


@pytest.fixture
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    width, height = getattr(request, "param", DESKTOP)
    context = browser.new_context(viewport={"width": width, "height": height})
    tab = context.new_page()
    complaints: list[str] = []
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.on(
        "console",
        lambda one: complaints.append(one.text) if "Content Security Policy" in one.text else None,
    )
    yield tab
    context.close()
    assert complaints == []


def open_snap(page: Page, storefront: str, token: str, more: str = "") -> FrameLocator:
    page.goto(f"{storefront}/?token={token}{more}")
    page.click("#pay")
    return page.frame_locator("iframe")
