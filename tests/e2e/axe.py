"""What axe-core finds wrong with a page: the accessibility rules that every page must keep."""

from pathlib import Path

import axe_playwright_python
from playwright.sync_api import Page

_AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
# WCAG 2.2 A and AA, and what axe-core calls best practice.
_RUN = """async () => (await axe.run(document, {
  runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
})).violations.map((v) => [v.id, v.nodes.map((n) => n.target.join(" ")).slice(0, 3)])"""


def faults(page: Page) -> list[list[object]]:
    """Return the rules that the page breaks now, each with the elements that break it."""
    # Before its stylesheets have come, a page is another page.
    page.wait_for_load_state("load")
    if not page.evaluate("'axe' in window"):
        page.evaluate(_AXE)
    return page.evaluate(_RUN)
