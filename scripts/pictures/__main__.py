"""Take all pictures of the documents: `make pictures`, or `python -m scripts.pictures`.

Starts a stack of its own on free ports, fills it with two months of a believable shop and with
one full day, and writes `docs/screenshots/`. Needs the built front end (`make setup`) and a
Chromium.
"""

import sys
import tempfile
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, sync_playwright

from app.db.session import make_engine
from app.settings import load_settings
from app.wiring import build_desk
from scripts.ensure_browser import MISSING, find_chromium
from scripts.messages import CannotGoOnError, stop_with
from scripts.pictures.day import Storyteller
from scripts.pictures.handbook import LANGUAGES, HandbookPhotographer
from scripts.pictures.month import write_month
from scripts.pictures.readme import ReadmePhotographer
from scripts.pictures.staging import Stage
from tests.e2e.harness import Stack

# A lost answer is lost soon, so that nobody waits long for the picture of an unknown refund.
_OWN: Final = {"GATEWAY_TIMEOUT_S": "2"}


def main() -> int:
    """Take the pictures; 2 with one sentence if there is no browser."""
    chromium = find_chromium()
    if chromium is None:
        return stop_with(CannotGoOnError(MISSING))
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        stack = Stack(Path(folder), own=_OWN)
        try:
            stack.prepare()
            write_month(stack.settings)
            stack.start_programs()
            browser = playwright.chromium.launch(executable_path=chromium)
            _take_all(stack, browser)
            browser.close()
        finally:
            stack.close()
    return 0


def _take_all(stack: Stack, browser: Browser) -> None:
    engine = make_engine(stack.database_url)
    desk = build_desk(load_settings(stack.settings.environment), engine)
    day = Storyteller(Stage(desk, stack.sandbox), stack.url, stack.eventually).play()
    ReadmePhotographer(stack, browser).take_all()
    for language in LANGUAGES:
        HandbookPhotographer(browser, desk, day, language).take_all()
    engine.dispose()


if __name__ == "__main__":
    sys.exit(main())
