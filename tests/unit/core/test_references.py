import random
import re

from hypothesis import given
from hypothesis import strategies as st

from app.core.references import (
    ALPHABET,
    attempt_reference,
    new_order_number,
)


def test_the_alphabet_has_32_characters_and_none_that_are_misread():
    assert len(set(ALPHABET)) == len(ALPHABET) == 32
    assert not set("ILOU") & set(ALPHABET)


def test_an_order_number_is_made_of_the_characters_chosen():
    picks = iter("7Q2M4XK9TB")

    assert new_order_number(lambda _: next(picks)) == "LN-7Q2M4XK9TB"


def test_every_character_is_chosen_from_the_whole_alphabet():
    offered: list[str] = []

    def first(alphabet: str) -> str:
        offered.append(alphabet)
        return alphabet[0]

    assert new_order_number(first) == "LN-0000000000"
    assert offered == [ALPHABET] * 10


@given(st.randoms(use_true_random=False), st.integers(1, 9999))
def test_a_reference_is_short_and_safe_in_any_address(source: random.Random, try_number: int):
    reference = attempt_reference(new_order_number(source.choice), try_number)

    assert re.fullmatch(r"LN-[0-9A-HJKMNP-TV-Z]{10}-\d+", reference)
    assert len(reference) <= 18


def test_a_reference_names_the_order_and_the_try():
    assert attempt_reference("LN-7Q2M4XK9TB", 2) == "LN-7Q2M4XK9TB-2"
