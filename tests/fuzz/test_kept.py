"""What the fuzzer kept is played again, with every target's own demands on each input."""

import json
import random

import pytest

from app.core.observations import Observation
from tests.fuzz import kept
from tests.fuzz.mutation import change
from tests.fuzz.targets import KEY, MIDTRANS, SEEDS, TARGETS, read, sign

LEAST = {"midtrans": 200, "xendit": 100, "token": 3}


@pytest.mark.parametrize("name", TARGETS)
def test_every_kept_input_is_read_or_refused(name: str) -> None:
    inputs = kept.load(name)

    answers = [TARGETS[name](one) for one in inputs]

    assert len(inputs) >= LEAST[name]
    # Both ends are reached: else the rest would say nothing.
    assert any(isinstance(answer, Observation) for answer in answers)
    assert any(answer is None for answer in answers)


@pytest.mark.parametrize("name", ["midtrans", "xendit"])
def test_every_good_seed_is_read_and_every_other_refused(name: str) -> None:
    for seed in SEEDS[name]:
        body = seed if isinstance(seed, str) else json.dumps(seed)
        answer = TARGETS[name](body.encode())
        assert isinstance(answer, Observation) is isinstance(seed, dict)


def test_a_body_that_is_not_signed_by_our_key_is_never_read() -> None:
    [first, *_] = SEEDS["midtrans"]
    assert isinstance(first, dict)
    signed = json.loads(sign(first))

    assert read(MIDTRANS, json.dumps(signed).encode()) is not None
    signed["signature_key"] = "0" * 128
    assert read(MIDTRANS, json.dumps(signed).encode()) is None
    assert KEY not in json.dumps(signed)


@pytest.mark.parametrize("name", ["midtrans", "xendit"])
def test_a_thousand_changed_messages_are_read_or_refused(name: str) -> None:
    chance = random.Random(20260302)  # noqa: S311 - the same messages every time.
    pool = kept.load(name)

    def change_bytes(data: bytes, most: int) -> bytes:
        cut = chance.randrange(len(data) + 1)
        return (data[:cut] + chance.randbytes(3) + data[cut:])[:most]

    for seed in range(1000):
        TARGETS[name](change(chance.choice(pool), 4096, seed, change_bytes))
