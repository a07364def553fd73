"""Every route and every kind of error carries the headers; cookies are as strict as can be."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.factory import create_app
from tests.http.back_office import Browser, office
from tests.world import World

__all__ = ["office"]

EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
    "Cross-Origin-Resource-Policy": "same-origin",
}
VALUES = {"<int:": "1", "<path:": "assets/none.js", "<": "x"}


def address_of(rule: str) -> str:
    """Fill in the rule's arguments with something that nobody has."""
    parts: list[str] = []
    for part in rule.split("/"):
        fits = [value for start, value in VALUES.items() if part.startswith(start)]
        parts.append(fits[0] if fits else part)
    return "/".join(parts)


def every_answer(app: Flask) -> Iterator[TestResponse]:
    """Give an answer of every route by every method, as a stranger and as an administrator."""
    for client in (app.test_client(), Browser(app, "admin").client):
        for rule in app.url_map.iter_rules():
            for method in sorted(rule.methods or set()):
                if "logout" not in rule.rule:
                    yield client.open(address_of(rule.rule), method=method, buffered=True)
        yield client.get("/%00", buffered=True)
        yield client.open("/", method="PROPFIND", buffered=True)
        yield client.post("/", buffered=True)
        yield client.post("/api/payments/notification/xendit", json={}, buffered=True)
        yield client.post("/admin/login", data=b"x=" + b"x" * 2_000_000, buffered=True)
        yield client.post("/api/payments/create-transaction", data=b"x" * 2_000_000, buffered=True)


def test_every_answer_has_the_headers(office: Flask) -> None:
    office.config["PROPAGATE_EXCEPTIONS"] = False
    statuses: set[int] = set()
    for answer in every_answer(office):
        where = (answer.request.method, answer.request.path, answer.status_code)
        statuses.add(answer.status_code)
        found = {name: answer.headers.get(name) for name in EVERYWHERE}
        assert found == EVERYWHERE, where
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"], where
        is_office = answer.request.path.startswith("/admin")
        opener = "same-origin" if is_office else "same-origin-allow-popups"
        assert answer.headers["Cross-Origin-Opener-Policy"] == opener, where
        # This one is served without https: a browser would ignore it, and a person be misled.
        assert "Strict-Transport-Security" not in answer.headers
        is_json = answer.mimetype in {"application/json", "application/problem+json"}
        kept_as_file = 'attachment; filename="api.json"'
        assert (answer.headers.get("Content-Disposition") == kept_as_file) is is_json, where
        assert answer.status_code < 500, where

    assert statuses >= {200, 302, 400, 401, 404, 405, 413}


@pytest.fixture
def secure(shop: World) -> Iterator[Flask]:
    """Provide the web application as it runs behind https."""
    settings = replace(shop.settings, public_url="https://localhost")
    app = create_app(settings)
    yield app
    with app.app_context():
        app.extensions["sqlalchemy"].engine.dispose()


@pytest.mark.parametrize("path", ["/", "/api/config", "/admin/login", "/api/none", "/healthz"])
def test_under_https_every_answer_forbids_the_way_back(secure: Flask, path: str) -> None:
    answer = secure.test_client().get(path, base_url="https://localhost", buffered=True)

    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_under_https_the_cookie_is_bound_to_this_host(secure: Flask, office: Flask) -> None:
    cookies = [
        app.test_client().get("/admin/login", base_url=base).headers["Set-Cookie"].split("; ")
        for app, base in ((secure, "https://localhost"), (office, "http://localhost"))
    ]

    names = [cookie[0].split("=")[0] for cookie in cookies]
    assert names == ["__Host-lunas_desk", "lunas_desk"]
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookies[0])
    assert {"HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookies[1])
    assert not any(part.startswith("Domain") for cookie in cookies for part in cookie)
