"""How fast the built shop stands on a slow telephone: `make vitals`, or `python -m scripts.vitals`.

Starts a stack of its own on free ports, opens pages in a fresh Chromium with a processor slowed
down four times, once over the machine's own network and once over a slow one, and prints the median
of several first visits. Needs the built front end (`make setup`) and a Chromium.
"""

import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from scripts.ensure_browser import MISSING, find_chromium
from scripts.messages import CannotGoOnError, stop_with
from tests.e2e.harness import Stack

TELEPHONE: Final[ViewportSize] = {"width": 390, "height": 844}
DESK: Final[ViewportSize] = {"width": 1440, "height": 900}
PAGES: Final = ("/", "/produk/KOPI-GAYO-250", "/cart")
CART: Final = '[{"sku":"KOPI-GAYO-250","quantity":2},{"sku":"BATIK-LASEM","quantity":1}]'

_SLOWER: Final = 4
_VISITS: Final = 5
# What browsers' tools call slow 4G: 1.6 Mbit/s down, 150 ms there and back.
_SLOW_NETWORK: Final = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1.6e6 / 8,
    "uploadThroughput": 0.75e6 / 8,
}
# All shifts are added up, also those that a shopper caused: no less than what browsers report.
_WATCH: Final = """
window.seenVitals = {paintMs: 0, painted: "", shift: 0};
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    const what = entry.element ? entry.element.tagName.toLowerCase() : "?";
    Object.assign(window.seenVitals, {paintMs: entry.startTime, painted: what});
  }
}).observe({type: "largest-contentful-paint", buffered: true});
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.seenVitals.shift += entry.value;
}).observe({type: "layout-shift", buffered: true});
"""
_SEEN: Final = "() => window.seenVitals"
# Two frames after the last answer: by then its drawing is measured.
_DRAWN: Final = (
    "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
)


@dataclass(frozen=True, slots=True)
class Vitals:
    """One first visit: when its largest element was painted, and how much moved meanwhile."""

    paint_ms: float
    painted: str
    shift: float


@dataclass(frozen=True, slots=True)
class Visit:
    """What is visited: a page of the shop, on which screen, over which network."""

    address: str
    screen: ViewportSize
    slow_network: bool = False


def measure(browser: Browser, visit: Visit) -> Vitals:
    """Open the page as a newcomer with a full cart and a slow processor; return what was seen."""
    with _newcomer(browser, visit) as page:
        page.goto(visit.address)
        page.wait_for_load_state("networkidle")
        page.evaluate(_DRAWN)
        seen = page.evaluate(_SEEN)
    return Vitals(seen["paintMs"], seen["painted"], seen["shift"])


@contextmanager
def _newcomer(browser: Browser, visit: Visit) -> Iterator[Page]:
    context = browser.new_context(
        locale="id-ID", timezone_id="Asia/Jakarta", viewport=visit.screen, service_workers="block"
    )
    context.add_init_script(f"localStorage.setItem('lunas.cart.v1', '{CART}');{_WATCH}")
    page = context.new_page()
    tools = context.new_cdp_session(page)
    tools.send("Emulation.setCPUThrottlingRate", {"rate": _SLOWER})
    if visit.slow_network:
        tools.send("Network.enable")
        tools.send("Network.emulateNetworkConditions", dict(_SLOW_NETWORK))
    yield page
    context.close()


def report(browser: Browser, shop: str) -> Iterator[str]:
    """Give a table in Markdown, one row per page, screen and network."""
    yield "| page | screen | network | largest paint | of | layout shift |"
    yield "|---|---|---|---|---|---|"
    for slow in (False, True):
        for screen in (TELEPHONE, DESK):
            for page in PAGES:
                visit = Visit(shop + page, screen, slow)
                seen = [measure(browser, visit) for _ in range(_VISITS)]
                yield _row(page, visit, seen)


def _row(page: str, visit: Visit, seen: Sequence[Vitals]) -> str:
    seconds = median(one.paint_ms for one in seen) / 1000
    network = "slow 4G" if visit.slow_network else "local"
    most = max(one.shift for one in seen)
    width, painted = visit.screen["width"], seen[0].painted
    return f"| `{page}` | {width} px | {network} | {seconds:.2f} s | `{painted}` | {most:.3f} |"


def main() -> int:
    """Measure and print; 2 with one sentence if there is no browser."""
    chromium = find_chromium()
    if chromium is None:
        return stop_with(CannotGoOnError(MISSING))
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        stack = Stack(Path(folder))
        try:
            stack.start_all()
            browser = playwright.chromium.launch(executable_path=chromium)
            for line in report(browser, stack.url):
                print(line, flush=True)
            browser.close()
        finally:
            stack.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
