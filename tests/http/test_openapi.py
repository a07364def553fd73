"""The API's document: current, complete, and true to the routes and to its own examples."""

import json
import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.api.openapi import document_text, make_document
from app.api.operations import NOTIFICATIONS, OPERATIONS
from app.api.problem_book import BOOK
from app.api.reference import render_markdown, type_words, with_code
from app.commands.openapi import BOOK as STORED_BOOK
from app.commands.openapi import DOCUMENT

EVERY = (*OPERATIONS, *NOTIFICATIONS)
METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}


def bodies(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give every body that the document describes, with a name to find it by."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            where = f"{method} {path}"
            if "requestBody" in operation:
                yield f"{where} request", operation["requestBody"]["content"]["application/json"]
            for status, answer in operation["responses"].items():
                for content in answer["content"].values():
                    yield f"{where} {status}", content


BODIES = dict(bodies(make_document()))


def test_the_stored_document_is_current() -> None:
    # When this fails: flask --app app.factory lunas openapi --write
    assert DOCUMENT.read_text(encoding="utf-8") == document_text()


def test_the_stored_list_of_errors_is_current_and_complete() -> None:
    stored = STORED_BOOK.read_text(encoding="utf-8")

    assert stored == render_markdown()
    for code, kind in BOOK.items():
        assert f"| `{code}` | {kind.status} | " in stored
    for operation in EVERY:
        assert f"| `{operation.method.upper()} {operation.path}` | " in stored


def test_the_command_writes_both_files_and_else_prints_the_document(app: Flask) -> None:
    runner = app.test_cli_runner()
    before = (DOCUMENT.read_text(encoding="utf-8"), STORED_BOOK.read_text(encoding="utf-8"))

    assert runner.invoke(args=["lunas", "openapi"]).output == document_text()
    written = runner.invoke(args=["lunas", "openapi", "--write"]).output

    assert written == "wrote docs/openapi.json\nwrote docs/api.md\n"
    assert (DOCUMENT.read_text(encoding="utf-8"), STORED_BOOK.read_text(encoding="utf-8")) == before


def test_the_document_is_served_as_it_is_stored(client: FlaskClient) -> None:
    assert client.get("/api/openapi.json").text == document_text()


def test_the_page_shows_every_operation_schema_and_error(client: FlaskClient) -> None:
    page = client.get("/api/docs").text
    names = [operation.name for operation in EVERY]
    names += [f"problem-{code}" for code in BOOK]
    names += [f"schema-{name}" for name in make_document()["components"]["schemas"]]

    targets = re.findall(r' id="([^"]+)"', page)
    assert sorted(targets) == sorted([*names, "problems", "schemas"])
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(targets)


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"$ref": "#/components/schemas/CartItem"}, "CartItem"),
        ({"type": "array", "items": {"$ref": "#/x/CartItem"}}, "list of CartItem"),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, "string or null"),
        ({"const": "midtrans", "type": "string"}, '"midtrans"'),
        ({"enum": ["id", "en"]}, '"id" | "en"'),
        ({"type": "string", "format": "date-time"}, "string (date-time)"),
        ({}, "anything"),
    ],
)
def test_a_type_is_named_in_a_few_words(schema: dict[str, Any], words: str) -> None:
    assert type_words(schema) == words


def test_words_between_backticks_are_code_and_all_else_is_text() -> None:
    assert with_code("see `a<b>` & <i>") == "see <code>a&lt;b&gt;</code> &amp; &lt;i&gt;"


def test_every_route_of_the_api_is_in_the_document_and_nothing_else(app: Flask) -> None:
    routes = {
        (method.lower(), re.sub(r"<(?:\w+:)?(\w+)>", "{}", rule.rule))
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) & METHODS
        if rule.endpoint.startswith(("api.", "webhooks."))
        and rule.endpoint != "webhooks.opened_in_a_browser"
    }

    assert routes == {(one.method, re.sub(r"\{\w+\}", "{}", one.path)) for one in EVERY}


@pytest.mark.parametrize("name", BODIES)
def test_every_body_has_examples_that_fit_its_schema(name: str) -> None:
    content = BODIES[name]
    schema = content["schema"] | {"components": make_document()["components"]}
    validator = jsonschema_rs.validator_for(schema)

    assert content["examples"]
    for example in content["examples"].values():
        validator.validate(example["value"])


def test_every_operation_is_explained() -> None:
    for operation in EVERY:
        assert operation.summary
        assert operation.description
        assert set(re.findall(r"\{(\w+)\}", operation.path)) == {
            one.name for one in operation.parameters if one.place == "path"
        }


def test_every_code_of_the_book_belongs_to_an_operation_or_to_no_address() -> None:
    used = {code for operation in EVERY for code in operation.problems}

    # These two answer requests that reach no operation.
    assert set(BOOK) - used == {"not_found", "method_not_allowed"}


def test_wherever_waiting_helps_the_answer_says_how_long() -> None:
    document = make_document()
    for operation in EVERY:
        answers = document["paths"][operation.path][operation.method]["responses"]
        for code in operation.problems:
            if BOOK[code].retry_after_s is not None:
                assert "Retry-After" in answers[str(BOOK[code].status)]["headers"]


def test_the_document_is_json_that_names_its_version() -> None:
    assert json.loads(document_text())["openapi"] == "3.1.0"
