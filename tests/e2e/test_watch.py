"""The watch over pages itself: what it must see, and what it must let pass."""

import http.server
import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.e2e.watch import PageProblems

_PAGES = {
    "/quiet": "<title>quiet</title><link rel=icon href=data:,>",
    "/csp": "<link rel=icon href=data:,><button onclick='1'>press</button>",
    "/script": "<link rel=icon href=data:,><script src=/broken.js></script>",
    "/lost": "<link rel=icon href=data:,><img src=http://127.0.0.1:1/x.png>",
    "/failing": "<link rel=icon href=data:,><img src=/500.png>",
}


class _Site(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = "throw new Error('broken')" if self.path == "/broken.js" else _PAGES.get(self.path)
        self.send_response(500 if body is None else 200)
        is_script = self.path.endswith(".js")
        self.send_header("Content-Type", "text/javascript" if is_script else "text/html")
        self.send_header("Content-Security-Policy", "script-src 'self'")
        self.end_headers()
        self.wfile.write((body or "").encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Say nothing: pytest shows what a test prints."""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Site) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def watched(context: BrowserContext) -> PageProblems:
    """Provide a list that is not checked at the end: these tests make problems on purpose."""
    made = PageProblems()
    context.on("page", made.watch)
    return made


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("/csp", "Content Security Policy"),
        ("/script", "script error: broken"),
        ("/lost", "request failed: GET http://127.0.0.1:1/x.png"),
        ("/failing", "answer 500"),
    ],
)
def test_a_problem_is_seen(
    path: str, problem: str, site: str, context: BrowserContext, watched: PageProblems
) -> None:
    page = context.new_page()
    page.goto(f"{site}{path}", wait_until="networkidle")

    assert any(problem in seen for seen in watched.unexpected()), watched.unexpected()


def test_an_expected_problem_is_let_pass_and_no_other(
    site: str, context: BrowserContext, watched: PageProblems
) -> None:
    watched.expect("Content Security Policy")
    page = context.new_page()
    page.goto(f"{site}/csp", wait_until="networkidle")
    assert watched.unexpected() == []

    page.goto(f"{site}/script", wait_until="networkidle")
    assert watched.unexpected() == ["script error: broken"]


def test_a_quiet_page_in_jakarta_has_no_problem(site: str, page: Page) -> None:
    page.goto(f"{site}/quiet", wait_until="networkidle")

    assert page.evaluate("Intl.DateTimeFormat().resolvedOptions().timeZone") == "Asia/Jakarta"
    assert page.evaluate("navigator.language") == "id-ID"
