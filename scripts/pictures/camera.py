"""A camera for pages: same width, only as high as useful, and small files."""

from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, BrowserContext, Page

from scripts.messages import ROOT
from scripts.pictures.palette import shrink_png

PICTURES: Final = ROOT / "docs" / "screenshots"
WIDTH_PX: Final = 1280
HEIGHT_PX: Final = 800
_FADED_IN_MS: Final = 400
_PATIENCE_MS: Final = 20_000
_MARGIN_PX: Final = 24
# How far down the page says something: the foot of its content, or of an open window over it.
_CONTENT_ENDS: Final = """() => {
  const open = [...document.querySelectorAll('details.menu[open] > *, dialog[open]')];
  const ends = [document.querySelector('main'), ...open].filter(Boolean)
    .flatMap((node) => [node, ...node.children])
    .filter((node) => node.tagName !== 'MAIN')
    .map((node) => node.getBoundingClientRect().bottom + window.scrollY);
  return Math.ceil(Math.max(...ends));
}"""


class Camera:
    """Takes pictures of one page into one folder of ``docs/screenshots``."""

    def __init__(self, page: Page, folder: Path = PICTURES, colours: int = 256) -> None:
        self.page = page
        self._folder = folder
        self._colours = colours

    def take(self, name: str) -> None:
        """Take what a screen shows."""
        self._settle()
        self._keep(name, self.page.screenshot(animations="disabled"))

    def take_content(self, name: str, most_px: int = HEIGHT_PX) -> None:
        """Take a page from its top to the end of its content, but no more than this."""
        self._settle()
        height = min(self.page.evaluate(_CONTENT_ENDS) + _MARGIN_PX, most_px)
        # A window that is higher than what it shows would stretch the menu down to its foot.
        self.page.set_viewport_size({"width": WIDTH_PX, "height": height})
        self._keep(name, self.page.screenshot(animations="disabled"))
        self.page.set_viewport_size({"width": WIDTH_PX, "height": HEIGHT_PX})

    def _settle(self) -> None:
        self.page.wait_for_load_state("load")
        self.page.mouse.move(0, 0)
        # Buttons and windows fade; a picture of a half-faded one looks broken.
        self.page.wait_for_timeout(_FADED_IN_MS)

    def _keep(self, name: str, png: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        file = self._folder / f"{name}.png"
        file.write_bytes(shrink_png(png, self._colours))
        print(f"{file.relative_to(ROOT)}: {file.stat().st_size // 1024} kB")


def new_context(browser: Browser) -> BrowserContext:
    """Return a fresh browser window of the pictures' width, in Jakarta."""
    made = browser.new_context(
        locale="id-ID",
        timezone_id="Asia/Jakarta",
        viewport={"width": WIDTH_PX, "height": HEIGHT_PX},
    )
    made.set_default_timeout(_PATIENCE_MS)
    return made
