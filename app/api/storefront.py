"""The React storefront: one page for every address of the shop, its files, and its strict CSP."""

import mimetypes
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from flask import Blueprint, Response, make_response, request, send_from_directory

from app.api.addressing import answer_stray
from app.api.security import protect
from app.settings import ROOT, Settings

_DIST: Final = ROOT / "frontend" / "dist"
_PAGES: Final = frozenset({"", "cart", "checkout", "orders", "produk"})
_NOT_BUILT: Final = "The storefront is not built yet; run `make setup`.\n"
_ONE_YEAR_S: Final = 31_536_000
_WORKER: Final = "sw.js"
# A worker is held to the policy of its own file: it fetches from us, and does nothing else.
_WORKER_POLICY: Final = "default-src 'none'; connect-src 'self'"


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
        return _shell(dist, path, policy, settings)

    return blueprint


def _file(dist: Path, path: str) -> Response:
    response = _send(dist, path)
    if path == _WORKER:
        response.headers["Content-Security-Policy"] = _WORKER_POLICY
    if path.startswith("assets/"):
        # Vite puts a hash of the content into these names.
        response.headers["Cache-Control"] = f"public, max-age={_ONE_YEAR_S}, immutable"
    return response


def _shell(dist: Path, path: str, policy: str, settings: Settings) -> Response:
    if not (dist / "index.html").is_file():
        return Response(_NOT_BUILT, status=503, content_type="text/plain; charset=utf-8")
    html = (dist / "index.html").read_text(encoding="utf-8")
    if settings.is_demo:
        # Asked for by a script, it would be known too late: its banner would push the page down.
        html = html.replace("<html ", "<html data-demo ", 1)
    response = make_response(html)
    response.add_etag()
    if path.split("/", 1)[0] not in _PAGES:
        response.status_code = 404
    response.headers["Content-Security-Policy"] = policy
    response.headers["Cache-Control"] = "no-cache"
    if path.startswith("orders/"):
        # Links are passed on, and some end on public pages.
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.make_conditional(request)
    return response


def _send(dist: Path, path: str) -> Response:
    """Return a built file, compressed where the build did so and the browser can read it."""
    compressed = f"{path}.gz"
    if not (dist / compressed).is_file():
        return send_from_directory(dist, path)
    # The quality, not whether it is named: "gzip;q=0" names it, to refuse it.
    if request.accept_encodings["gzip"] > 0:
        response = send_from_directory(dist, compressed, mimetype=_kind_of(path))
        response.headers["Content-Encoding"] = "gzip"
    else:
        response = send_from_directory(dist, path)
    response.vary.add("Accept-Encoding")
    return response


def _kind_of(path: str) -> str:
    return mimetypes.guess_type(path)[0] or "application/octet-stream"


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
