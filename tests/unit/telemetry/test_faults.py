import sqlite3
from typing import Any

import pytest
import requests
from sqlalchemy.exc import IntegrityError, InvalidRequestError, OperationalError

from app.core.errors import (
    GatewayOutcomeUnknownError,
    GatewayRejectedError,
    NotFoundError,
    RefusedError,
)
from app.core.reasons import Why
from app.telemetry.faults import describe, text_of

NAME = "Rina Wijaya"


class _Diag:
    message_primary = "new row violates a check"


class _PostgresError(Exception):
    def __init__(self, sqlstate: str) -> None:
        super().__init__(f"new row\nDETAIL:  Failing row contains ({NAME}).")
        self.sqlstate = sqlstate
        self.diag = _Diag()


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ValueError(f"cannot read {NAME!r}"), ""),
        (KeyError(NAME), ""),
        (RuntimeError(NAME), ""),
        (AttributeError("no attribute x"), "no attribute x"),
        (requests.ConnectionError(f"POST /x?name={NAME}"), ""),
        (FileNotFoundError(2, "No such file"), "[Errno 2] No such file"),
        (NotFoundError("order 12"), "order 12"),
        (RefusedError(Why.OUT_OF_STOCK), "out_of_stock"),
        (GatewayRejectedError(f"{NAME} is too long", code="400"), "400"),
        (GatewayOutcomeUnknownError("half an answer", code="broken_off"), "broken_off"),
        (InvalidRequestError("no connection is free"), "no connection is free"),
        (
            OperationalError("SELECT", {"n": NAME}, sqlite3.OperationalError("disk full")),
            "disk full",
        ),
        (
            IntegrityError("INSERT", {"n": NAME}, _PostgresError("23514")),
            "23514 new row violates a check",
        ),
        (IntegrityError("INSERT", {"n": NAME}, _PostgresError("22P02")), "22P02"),
    ],
)
def test_only_texts_of_known_authors_are_told(error: BaseException, text: str) -> None:
    assert text_of(error) == text


def test_an_error_is_told_with_its_causes_and_places_but_without_values() -> None:
    def fail(name: str) -> None:
        try:
            int(name)
        except ValueError as error:
            raise NotFoundError("order 7") from error

    with pytest.raises(NotFoundError) as caught:
        fail(NAME)
    last, first = describe(caught.value)

    assert (last["type"], last["text"]) == ("app.core.errors.NotFoundError", "order 7")
    assert (first["type"], first["text"]) == ("ValueError", "")
    assert last["frames"][-1].startswith("tests/unit/telemetry/test_faults.py:")
    assert last["frames"][-1].endswith(" fail")
    assert NAME not in str([last, first])


def test_a_hidden_cause_stays_hidden_and_a_circle_ends() -> None:
    hidden = ValueError(NAME)
    shown = RuntimeError("x")
    shown.__context__, shown.__suppress_context__ = hidden, True
    circle: Any = RuntimeError("y")
    circle.__cause__ = circle

    assert [one["type"] for one in describe(shown)] == ["RuntimeError"]
    assert len(describe(circle)) == 5
