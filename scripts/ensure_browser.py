"""Find a Chromium for the browser tests, or get one: `python -m scripts.ensure_browser`.

Looked for in this order: the file named by LUNAS_CHROMIUM, Chromium or Chrome on PATH, the one
that Playwright keeps. Where there is none, root on a Debian-like system installs the package, and
anybody else asks Playwright to download its own. With CI=true it must succeed; elsewhere the
browser tests are then skipped, and say so.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from playwright.sync_api import sync_playwright

NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
INSTALL_TIMEOUT_S: Final = 600

MISSING: Final = (
    "The browser tests need Chromium and none was found: install it (Debian: apt install "
    "chromium), or name its file in LUNAS_CHROMIUM."
)


def find_chromium(environment: Mapping[str, str] = os.environ) -> Path | None:
    """Return a Chromium that is on this machine now, or None."""
    for place in (lambda: _named(environment), lambda: _on_path(environment), _of_playwright):
        if found := place():
            return found
    return None


def ensure_chromium() -> Path | None:
    """Return a Chromium, after installing one where that is possible; None if it is not."""
    for install in (_do_nothing, _install_debian_package, _download_with_playwright):
        install()
        if found := find_chromium():
            return found
    return None


def is_required(environment: Mapping[str, str] = os.environ) -> bool:
    """Say whether a missing browser is a failure: on a build machine nobody reads a skip."""
    return environment.get("CI") == "true"


def _named(environment: Mapping[str, str]) -> Path | None:
    named = environment.get("LUNAS_CHROMIUM")
    return Path(named) if named and os.access(named, os.X_OK) else None


def _on_path(environment: Mapping[str, str]) -> Path | None:
    found = (shutil.which(name, path=environment.get("PATH")) for name in NAMES)
    return next((Path(one) for one in found if one), None)


def _of_playwright() -> Path | None:
    with sync_playwright() as playwright:
        own = Path(playwright.chromium.executable_path)
    return own if own.exists() else None


def _do_nothing() -> None:
    """Look first: installing is slow, and mostly there is a browser."""


def _install_debian_package() -> None:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    if _attempt(["apt-get", "update", "-q"]):
        _attempt(["apt-get", "install", "-q", "-y", "--no-install-recommends", "chromium"])


def _download_with_playwright() -> None:
    _attempt([sys.executable, "-m", "playwright", "install", "chromium"])


def _attempt(command: list[str]) -> bool:
    print(f"browser: {' '.join(command)}", flush=True)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(
            command, check=False, timeout=INSTALL_TIMEOUT_S, env=environment, capture_output=True
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def main(find: Callable[[], Path | None] = ensure_chromium) -> int:
    """Print which browser the tests will use; 2 if there must be one and there is none."""
    found = find()
    if found is None:
        print(MISSING if is_required() else f"{MISSING} They are skipped.", file=sys.stderr)
        return 2 if is_required() else 0
    print(f"browser: {found}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
