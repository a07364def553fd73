"""The React storefront: one page for every address of the shop, its files, and its strict CSP."""

from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from flask import Blueprint, Response, make_response, send_from_directory

from app.api.addressing import answer_stray
from app.api.security import protect
from app.settings import ROOT, Settings

_DIST: Final = ROOT / "frontend" / "dist"
_PAGES: Final = frozenset({"", "cart", "checkout", "orders", "produk"})
_NOT_BUILT: Final = "The storefront is not built yet; run `make setup`.\n"
_ONE_YEAR_S: Final = 31_536_000


def make_storefront(settings: Settings, dist: Path = _DIST) -> Blueprint:
    """Return the pages of the shop."""
    blueprint = Blueprint("storefront", __name__)
    blueprint.after_request(protect)
    policy = content_security_policy(settings)

    @blueprint.get("/")
    @blueprint.get("/<path:path>")
    def page(path: str = "") -> Response:
        """Serve a built file, or the one page that shows every address of the shop."""
        if path.startswith("api/"):
            return answer_stray()
        if path and (dist / path).is_file():
            return _file(dist, path)
        return _shell(dist, path, policy)

    return blueprint


def _file(dist: Path, path: str) -> Response:
    response = send_from_directory(dist, path)
    if path.startswith("assets/"):
        # Vite puts a hash of the content into these names.
        response.headers["Cache-Control"] = f"public, max-age={_ONE_YEAR_S}, immutable"
    return response


def _shell(dist: Path, path: str, policy: str) -> Response:
    if not (dist / "index.html").is_file():
        return Response(_NOT_BUILT, status=503, content_type="text/plain; charset=utf-8")
    response = make_response(send_from_directory(dist, "index.html"))
    if path.split("/", 1)[0] not in _PAGES:
        response.status_code = 404
    response.headers["Content-Security-Policy"] = policy
    response.headers["Cache-Control"] = "no-cache"
    if path.startswith("orders/"):
        # Links are passed on, and some end on public pages.
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def content_security_policy(settings: Settings) -> str:
    """Admit our own files and, of all other places, only the host of snap.js."""
    snap = _origin(settings.midtrans.snap_js_url) if settings.midtrans else ""
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' {snap}".rstrip(),
            "style-src 'self'",
            "img-src 'self' data:",
            f"frame-src {snap}" if snap else "frame-src 'none'",
            "connect-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
