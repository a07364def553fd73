"""The API's document for people and programs: a page without scripts, a Markdown file, JSON."""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from flask import Blueprint, Response, render_template, send_from_directory
from markupsafe import Markup, escape

from app.api.openapi import document_text, make_document
from app.api.operations import NOTIFICATIONS, OPERATIONS
from app.api.problem_book import BOOK
from app.api.security import protect
from app.rate_limits import RateLimits

_HERE: Final = Path(__file__).parent
_CODE: Final = re.compile(r"`([^`]+)`")
# The page loads its style from here and nothing else from anywhere.
_POLICY: Final = (
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)


def make_reference() -> Blueprint:
    """Return the addresses of the document."""
    blueprint = Blueprint("reference", __name__, template_folder="templates")
    blueprint.after_request(protect)

    @blueprint.get("/api/openapi.json")
    def openapi() -> Response:
        """Give the OpenAPI document."""
        return Response(document_text(), content_type="application/json")

    @blueprint.get("/api/docs")
    def page() -> Response:
        """Show the document to a person."""
        html = render_template(
            "api_reference.html",
            document=make_document(),
            problems=BOOK,
            type_of=type_words,
            pretty=pretty,
            words=with_code,
        )
        response = Response(html, content_type="text/html; charset=utf-8")
        response.headers["Content-Security-Policy"] = _POLICY
        return response

    @blueprint.get("/api/docs.css")
    def style() -> Response:
        """Give the page's style."""
        return send_from_directory(_HERE / "static", "api_reference.css")

    return blueprint


def with_code(text: str) -> Markup:
    """Set what stands between backticks as code."""
    safe = _CODE.sub(r"<code>\1</code>", str(escape(text)))
    return Markup(safe)  # noqa: S704 - escaped first. # nosec B704


def pretty(value: object) -> str:
    """Write an example as JSON with indents."""
    return json.dumps(value, indent=2, ensure_ascii=False)


def type_words(schema: Mapping[str, Any]) -> str:
    """Name a field's type in a few words: ``list of CartItem``, ``string or null``."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    for together in ("anyOf", "oneOf"):
        if together in schema:
            return " or ".join(type_words(one) for one in schema[together])
    if "const" in schema or "enum" in schema:
        words = schema.get("enum", [schema.get("const")])
        return " | ".join(json.dumps(word) for word in words)
    if schema.get("type") == "array":
        return f"list of {type_words(schema['items'])}"
    kind = str(schema.get("type", "anything"))
    return f"{kind} ({schema['format']})" if "format" in schema else kind


def render_markdown() -> str:
    """Return ``docs/api.md``: what there is, and what every error means."""
    operations = [
        f"| `{one.method.upper()} {one.path}` | {one.summary} | {_statuses(one.name)} |"
        for one in (*OPERATIONS, *NOTIFICATIONS)
    ]
    problems = [
        f"| `{code}` | {kind.status} | {kind.title}. {kind.meaning} | {kind.remedy} | "
        f"{f'{kind.retry_after_s} s' if kind.retry_after_s else ''} |"
        for code, kind in BOOK.items()
    ]
    text = (_HERE / "templates" / "api.md").read_text(encoding="utf-8")
    return text.format(
        operations="\n".join(operations), problems="\n".join(problems), **asdict(RateLimits())
    )


def _statuses(name: str) -> str:
    for methods in make_document()["paths"].values():
        for operation in methods.values():
            if operation["operationId"] == name:
                return ", ".join(operation["responses"])
    raise LookupError(name)
