"""The OpenAPI 3.1 document, made from the models, the operations and the problem book."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, models_json_schema

from app.api.answers import ProblemBody
from app.api.operations import NOTIFICATIONS, OPERATIONS, Operation, Outcome, Parameter
from app.api.problem_book import BOOK
from app.api.problems import Problem, body_of

VERSION: Final = "1.0.0"
_REF: Final = "#/components/schemas/"
_HEADERS: Final[Mapping[str, Any]] = {
    "Retry-After": {
        "description": "Seconds after which the same request may be sent again.",
        "schema": {"type": "integer", "minimum": 1},
    }
}
_PICTURE: Final[Mapping[str, Any]] = {
    "image/svg+xml": {
        "schema": {"type": "string"},
        "examples": {"picture": {"value": '<svg xmlns="http://www.w3.org/2000/svg">…</svg>'}},
    }
}
_TAGS: Final[Mapping[str, str]] = {
    "shop": "What is on sale, and how it can be paid.",
    "payment": "Ordering and paying.",
    "order": "What became of an order.",
    "operation": "For those who run the shop.",
    "notifications": "For the gateways.",
}


class _Schemas(GenerateJsonSchema):
    """Leaves out the titles that only repeat a field's name."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        del schema
        return False


@cache
def document_text() -> str:
    """Return the document as it is stored and served: stable, one key order."""
    return json.dumps(make_document(), indent=2, ensure_ascii=False) + "\n"


def make_document() -> dict[str, Any]:
    """Return the OpenAPI document of this version."""
    operations = (*OPERATIONS, *NOTIFICATIONS)
    paths: dict[str, dict[str, Any]] = defaultdict(dict)
    for operation in operations:
        paths[operation.path][operation.method] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Lunas storefront API",
            "version": VERSION,
            "description": "Checkout, payment and order status. Money is whole rupiah; times are "
            "ISO 8601 with offset; errors are RFC 9457 problems, told apart by `code`.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": name, "description": words} for name, words in _TAGS.items()],
        "paths": dict(paths),
        "components": {"schemas": _schemas(operations), "headers": dict(_HEADERS)},
    }


def _schemas(operations: Iterable[Operation]) -> dict[str, Any]:
    models: dict[tuple[type[BaseModel], JsonSchemaMode], None] = {
        (ProblemBody, "serialization"): None
    }
    for operation in operations:
        if operation.body is not None:
            models[operation.body, "validation"] = None
        answers = (outcome.model for outcome in operation.outcomes)
        models |= {(model, "serialization"): None for model in answers if model is not None}
    _, found = models_json_schema(
        list(models), ref_template=_REF + "{model}", schema_generator=_Schemas
    )
    definitions: dict[str, Any] = found["$defs"]
    definitions["ProblemBody"]["properties"]["code"]["enum"] = list(BOOK)
    return dict(sorted(definitions.items()))


def _operation(operation: Operation) -> dict[str, Any]:
    made: dict[str, Any] = {
        "operationId": operation.name,
        "tags": [operation.tag],
        "summary": operation.summary,
        "description": operation.description,
    }
    if operation.parameters:
        made["parameters"] = [_parameter(one) for one in operation.parameters]
    if operation.body_examples:
        made["requestBody"] = _request_body(operation)
    answers = {str(one.status): _outcome(one) for one in operation.outcomes}
    made["responses"] = answers | _problems(operation.problems)
    return made


def _parameter(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "in": parameter.place,
        "required": parameter.place == "path",
        "description": parameter.meaning,
        "schema": dict(parameter.schema),
        "example": parameter.example,
    }


def _request_body(operation: Operation) -> dict[str, Any]:
    schema = {"type": "object"} if operation.body is None else _reference(operation.body)
    return {
        "required": True,
        "content": {
            "application/json": {"schema": schema, "examples": _examples(operation.body_examples)}
        },
    }


def _outcome(outcome: Outcome) -> dict[str, Any]:
    if outcome.model is None:
        return {"description": outcome.meaning, "content": dict(_PICTURE)}
    made: dict[str, Any] = {
        "description": outcome.meaning,
        "content": {
            "application/json": {
                "schema": _reference(outcome.model),
                "examples": _examples(outcome.examples),
            }
        },
    }
    if outcome.headers:
        made["headers"] = _header_references(outcome.headers)
    if outcome.model.__name__ == "CreatedTransaction":
        # What a client does next, for people and for tests that walk through the API.
        made["links"] = {
            name: {"operationId": name, "parameters": {"order_id": "$response.body#/order_id"}}
            for name in ("getOrder", "retryPayment")
        }
    return made


def _problems(codes: Iterable[str]) -> dict[str, Any]:
    by_status: dict[int, list[str]] = defaultdict(list)
    for code in codes:
        by_status[BOOK[code].status].append(code)
    return {str(status): _problem_answer(by_status[status]) for status in sorted(by_status)}


def _problem_answer(codes: list[str]) -> dict[str, Any]:
    made: dict[str, Any] = {
        "description": "; ".join(f"`{code}`: {BOOK[code].title}" for code in codes) + ".",
        "content": {
            "application/problem+json": {
                "schema": {
                    "allOf": [
                        {"$ref": f"{_REF}ProblemBody"},
                        {"properties": {"code": {"enum": codes}}},
                    ]
                },
                "examples": _examples({code: _problem_example(code) for code in codes}),
            }
        },
    }
    if any(BOOK[code].retry_after_s for code in codes):
        made["headers"] = _header_references(("Retry-After",))
    return made


def _problem_example(code: str) -> dict[str, Any]:
    return body_of(Problem(code)).model_dump(mode="json")


def _header_references(names: Iterable[str]) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _examples(examples: Mapping[str, Mapping[str, object]]) -> dict[str, Any]:
    return {name: {"value": dict(value)} for name, value in examples.items()}


def _reference(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": _REF + model.__name__}
