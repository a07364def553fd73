"""What people paste into the search box, read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from admin.finding import clean_search, order_number, phone_number


@pytest.mark.parametrize(
    ("typed", "cleaned"),
    [
        (None, ""),
        ("  LN-7Q2M4XK9TB \n", "LN-7Q2M4XK9TB"),
        ("8808 1234 5678", "880812345678"),
        ("\x00a\u200bb\ufeff", "ab"),
        ("\uff11\uff12", "12"),  # Full-width digits of a phone's keyboard.
        ("x" * 500, "x" * 120),
    ],
)
def test_blanks_and_what_nobody_sees_are_dropped(typed: str | None, cleaned: str) -> None:
    assert clean_search(typed) == cleaned


@given(st.text())
def test_no_text_whatever_leaves_blanks_or_control_characters(text: str) -> None:
    cleaned = clean_search(text)

    assert len(cleaned) <= 120
    assert all(c.isprintable() and not c.isspace() for c in cleaned)
    assert "\x00" not in cleaned


@pytest.mark.parametrize("typed", ["LN-7Q2M4XK9TB", "ln-7q2m4xk9tb", "7Q2M4XK9TB", "LN7Q2M4XK9TB"])
def test_an_order_number_is_known_with_and_without_its_prefix(typed: str) -> None:
    assert order_number(typed) == "LN-7Q2M4XK9TB"


@pytest.mark.parametrize(
    "typed", ["", "LN-", "LN-7Q2M4XK9T", "LN-7Q2M4XK9TU", "LN-7Q2M4XK9TB-1", "\x00"]
)
def test_other_texts_are_no_order_numbers(typed: str) -> None:
    assert order_number(typed) is None


@pytest.mark.parametrize(
    "typed", ["081234567890", "+6281234567890", "6281234567890", "81234567890", "0812-3456-7890"]
)
def test_a_phone_number_is_known_in_every_way_it_is_written(typed: str) -> None:
    assert phone_number(typed) == "+6281234567890"


@pytest.mark.parametrize("typed", ["", "rina@contoh.example", "12345", "LN-7Q2M4XK9TB", "0" * 40])
def test_other_texts_are_no_phone_numbers(typed: str) -> None:
    assert phone_number(typed) is None
