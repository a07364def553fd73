import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.idempotency import fingerprint, is_valid_key

_BODIES = st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5), max_size=5)


@pytest.mark.parametrize(
    "key", ["a" * 8, "a" * 128, "550e8400-e29b-41d4-a716-446655440000", "A_b:9.-zz"]
)
def test_keys_of_8_to_128_plain_characters_are_usable(key: str):
    assert is_valid_key(key) is True


@pytest.mark.parametrize(
    "key",
    ["", "a" * 7, "a" * 129, "12345678 ", "12345678\n", "1234567/8", "kunci-é-0001", "12345678\0"],
)
def test_other_keys_are_not(key: str):
    assert is_valid_key(key) is False


def test_a_fingerprint_is_the_hash_of_the_body_in_one_spelling():
    expected = hashlib.sha256('{"a":"é","b":[1,{"c":null}]}'.encode()).hexdigest()

    assert fingerprint({"b": [1, {"c": None}], "a": "é"}) == expected


@given(_BODIES)
def test_the_order_of_the_fields_makes_no_difference(body: dict[str, int | str]):
    turned = dict(reversed(body.items()))

    assert fingerprint(turned) == fingerprint(body)


@given(_BODIES, _BODIES)
def test_different_bodies_have_different_fingerprints(
    body: dict[str, int | str], other: dict[str, int | str]
):
    assert (fingerprint(body) == fingerprint(other)) is (body == other)


def test_a_number_is_not_its_text():
    assert fingerprint({"quantity": 1}) != fingerprint({"quantity": "1"})
