"""The id of a request: in the answer, in every line, and never a stranger's choice."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.factory import create_app
from tests.log_lines import caught_lines
from tests.world import World

OWN = re.compile(r"r[0-9a-f]{16}")
Open = Callable[[int], FlaskClient]


@pytest.fixture
def open_shop(shop: World) -> Iterator[Open]:
    made: list[Flask] = []

    def open_one(proxies: int) -> FlaskClient:
        made.append(create_app(replace(shop.settings, trusted_proxies=proxies)))
        return made[-1].test_client()

    yield open_one
    for app in made:
        with app.app_context():
            app.extensions["sqlalchemy"].engine.dispose()


def answered_id(client: FlaskClient, given: str | None, path: str = "/healthz") -> str:
    headers = {} if given is None else {"X-Request-Id": given}
    found = client.get(path, headers=headers, buffered=True).headers.getlist("X-Request-Id")
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize("path", ["/healthz", "/", "/nowhere", "/admin/", "/api/orders/x"])
def test_every_answer_names_its_request(client: FlaskClient, path: str) -> None:
    assert OWN.fullmatch(answered_id(client, None, path))


def test_two_requests_have_two_ids(client: FlaskClient) -> None:
    assert answered_id(client, None) != answered_id(client, None)


def test_without_a_proxy_of_ours_nobody_chooses_the_id(open_shop: Open) -> None:
    assert OWN.fullmatch(answered_id(open_shop(0), "chosen-by-a-stranger"))


def test_behind_a_proxy_its_id_is_taken_over(open_shop: Open) -> None:
    assert answered_id(open_shop(1), "0f4c-91.proxy_7") == "0f4c-91.proxy_7"


@pytest.mark.parametrize(
    "given",
    [
        "",
        "short",
        "a" * 65,
        "with space-12",
        "line\tbreak-12",
        '"quoted-123"',
        "-begins-wrong",
        "ä" * 9,
    ],
)
def test_an_id_of_another_form_is_replaced(open_shop: Open, given: str) -> None:
    assert OWN.fullmatch(answered_id(open_shop(1), given))


def test_the_lines_of_a_request_bear_the_id_that_the_answer_names(app: Flask) -> None:
    @app.get("/broken")
    def broken() -> str:
        raise ValueError

    app.config["TESTING"] = False
    with caught_lines() as lines:
        answer = app.test_client().get("/broken")

    [line] = lines.events("a request failed")
    assert answer.status_code == 500
    assert line["request"] == answer.headers["X-Request-Id"]
    assert (line["method"], line["route"]) == ("GET", "/broken")
