import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.money import (
    MOST_IDR,
    NO_MONEY,
    format_rupiah,
    parse_gateway_amount,
    parse_typed_amount,
    rupiah,
)

_laws = settings(deadline=None, max_examples=100)
_amounts = st.integers(0, MOST_IDR)


@pytest.mark.parametrize("amount_idr", [0, 1, 150_000, MOST_IDR])
def test_whole_rupiah_within_the_bounds_are_amounts(amount_idr: int):
    assert rupiah(amount_idr) == amount_idr
    assert type(rupiah(amount_idr)) is int


@pytest.mark.parametrize("amount_idr", [True, False, -1, MOST_IDR + 1, 10**13])
def test_anything_else_is_no_amount(amount_idr: int):
    with pytest.raises(ValueError, match="not an amount in rupiah"):
        rupiah(amount_idr)


def test_no_money_is_zero_rupiah():
    assert rupiah(0) == NO_MONEY


@pytest.mark.parametrize(
    ("raw", "amount_idr"),
    [
        ("10000.00", 10_000),
        ("10000", 10_000),
        (10_000, 10_000),
        (10_000.0, 10_000),
        ("0", 0),
        ("10000.0000", 10_000),
    ],
)
def test_amounts_are_read_as_the_gateways_write_them(raw: object, amount_idr: int):
    assert parse_gateway_amount(raw) == amount_idr


@pytest.mark.parametrize(
    "raw",
    [
        True,
        None,
        [],
        {},
        b"10000",
        "",
        "ten",
        "1,5",
        "10,000.00",
        "Rp 10.000",
        "10000.50",
        0.5,
        "NaN",
        float("nan"),
        "Infinity",
        float("inf"),
        "-1",
        -1,
        10**13,
        "10000000000000.00",
        "1e5",
        "1e99999999",
        "1_000",
        " 10000",
        "10000\n",
        "\uff11\uff10",
    ],
)
def test_whatever_is_no_whole_amount_is_refused_and_never_rounded(raw: object):
    with pytest.raises(ValueError, match="not "):
        parse_gateway_amount(raw)


@_laws
@given(_amounts)
def test_an_amount_written_with_two_decimals_reads_back(amount_idr: int):
    assert parse_gateway_amount(f"{amount_idr}.00") == amount_idr


@pytest.mark.parametrize(
    ("text", "amount_idr"),
    [
        ("150000", 150_000),
        ("150.000", 150_000),
        ("Rp 150.000", 150_000),
        ("Rp150000", 150_000),
        ("  1.500.000 ", 1_500_000),
        ("0", 0),
        ("007", 7),
    ],
)
def test_amounts_are_read_as_people_in_indonesia_type_them(text: str, amount_idr: int):
    assert parse_typed_amount(text) == amount_idr


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Rp",
        "1,5",
        "1.5",
        "1.50.000",
        "1500.000",
        ".500",
        "150.",
        "150.000,00",
        "150,000",
        "-1",
        "1e5",
        "1 500",
        "USD 5",
        "\u0661\u0665\u0660",
        "\u00b2",
        "10.000.000.000.000",
    ],
)
def test_any_other_text_is_refused_and_never_guessed_at(text: str):
    with pytest.raises(ValueError, match="not an amount in rupiah"):
        parse_typed_amount(text)


@pytest.mark.parametrize(
    ("amount_idr", "text"),
    [
        (0, "Rp 0"),
        (999, "Rp 999"),
        (1_000, "Rp 1.000"),
        (150_000, "Rp 150.000"),
        (1_234_567_890, "Rp 1.234.567.890"),
        (-25_000, "-Rp 25.000"),
    ],
)
def test_amounts_are_written_as_shops_in_indonesia_do(amount_idr: int, text: str):
    assert format_rupiah(amount_idr) == text


@_laws
@given(_amounts)
def test_what_we_write_a_person_may_type_back(amount_idr: int):
    assert parse_typed_amount(format_rupiah(amount_idr)) == amount_idr


@_laws
@given(st.text(max_size=12))
def test_any_text_is_an_amount_or_a_value_error(text: str):
    try:
        amount_idr = parse_typed_amount(text)
    except ValueError:
        return
    assert 0 <= amount_idr <= MOST_IDR
