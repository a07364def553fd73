"""Whatever arrives at the notification addresses: only declared answers, and all of it is kept."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any, Final

import hypothesis.strategies as st
import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from sqlalchemy import func, select

from app.db.models import Notification
from app.factory import create_app
from tests.contract.gateway_bench import MIDTRANS_KEY, XENDIT_TOKEN
from tests.unit.gateways.bodies import midtrans_body, xendit_invoice
from tests.world import World

ADDRESS: Final = "/api/payments/notification"
# 503 belongs to a database that cannot be written; this one can.
DECLARED: Final = {200, 400, 401}
SIGNED: Final = ("order_id", "status_code", "gross_amount")
# What databases stumble over, which chance alone seldom draws: too long, NUL, half a character.
ODD: Final = ("x" * 300, "9" * 300, "a\0b", "\ud800", "\U0001f4a9" * 90, "")
_TEXT: Final = st.text(max_size=40) | st.sampled_from(ODD)
_SMALL: Final = _TEXT | st.integers() | st.floats() | st.booleans() | st.none()
_ANYTHING: Final = st.recursive(
    _SMALL, lambda one: st.lists(one, max_size=3) | st.dictionaries(_TEXT, one, max_size=3)
)
_MANY: Final = settings(
    max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def strange(body: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Put anything into some of a good body's fields, and add some that nobody knows."""
    names = st.sampled_from(sorted(body)) | _TEXT
    return st.dictionaries(names, _ANYTHING, min_size=1, max_size=5).map(lambda new: body | new)


def signed(body: dict[str, Any]) -> bytes:
    """Sign what Midtrans signs, odd as it is: whoever holds the key may write anything."""
    words = "".join(str(body[name]) for name in SIGNED) + MIDTRANS_KEY
    key = hashlib.sha512(words.encode(errors="replace")).hexdigest()
    return json.dumps(body | {"signature_key": key}).encode()


@pytest.fixture
def door(world: World) -> Iterator[Flask]:
    """Provide the web application on either database."""
    app = create_app(world.settings)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    yield app
    with app.app_context():
        app.extensions["sqlalchemy"].engine.dispose()


def kept(world: World) -> int:
    with world.session() as session:
        return session.scalar(select(func.count()).select_from(Notification)) or 0


def tell(door: Flask, world: World, body: bytes, path: str, token: str = "") -> int:
    """Deliver a body; it must be kept, whatever is answered."""
    before = kept(world)
    headers = {"x-callback-token": token} if token else {}
    answer = door.test_client().post(ADDRESS + path, data=body, headers=headers)
    assert kept(world) == before + 1
    return answer.status_code


@_MANY
@given(
    body=st.binary(max_size=400),
    path=st.sampled_from(["", "/midtrans", "/xendit"]),
    token=st.sampled_from(["", "wrong", XENDIT_TOKEN]),
)
def test_any_bytes(door: Flask, world: World, body: bytes, path: str, token: str) -> None:
    assert tell(door, world, body, path, token) in DECLARED


@_MANY
@given(body=strange(midtrans_body()))
def test_any_message_under_midtrans_signature(
    door: Flask, world: World, body: dict[str, Any]
) -> None:
    assert tell(door, world, signed(body), "/midtrans") in DECLARED


@_MANY
@given(body=strange(xendit_invoice()))
def test_any_message_under_xendits_token(door: Flask, world: World, body: dict[str, Any]) -> None:
    assert tell(door, world, json.dumps(body).encode(), "/xendit", XENDIT_TOKEN) in DECLARED


def test_every_field_with_every_odd_text(door: Flask, world: World) -> None:
    codes: dict[tuple[str, str], int] = {}
    for text in ODD:
        for name in midtrans_body():
            body = signed(midtrans_body(**{name: text}))
            codes[name, text] = tell(door, world, body, "/midtrans")
        for name in xendit_invoice():
            body = json.dumps(xendit_invoice(**{name: text})).encode()
            codes[name, text] = tell(door, world, body, "/xendit", XENDIT_TOKEN)

    assert {where: code for where, code in codes.items() if code not in DECLARED} == {}
    assert set(codes.values()) >= {200, 400}
