"""What people paste into the search box, read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from admin.lists.names import Names, clean_search, order_number, phone_number, read_names

NUMBER = "LN-7Q2M4XK9TB"
INVOICE = "64f1a2b3c4d5e6f7a8b9c0d1"
TRANSACTION = "9aed5972-5b6a-401e-894b-a32c91ed1a3a"


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


@given(st.text())
def test_any_text_is_read_into_few_names_that_a_database_takes(text: str) -> None:
    names = read_names(text)

    for found in (names.exact, names.numbers, names.emails, names.phones, names.digits):
        assert len(found) <= 12
        assert all(0 < len(name) <= 600 and "\x00" not in name for name in found)


@pytest.mark.parametrize("typed", [NUMBER, "ln-7q2m4xk9tb", "7Q2M4XK9TB", "LN7Q2M4XK9TB"])
def test_an_order_number_is_known_with_and_without_its_prefix(typed: str) -> None:
    assert order_number(typed) == NUMBER


@pytest.mark.parametrize(
    "typed", ["", "LN-", "LN-7Q2M4XK9T", "LN-7Q2M4XK9TU", "LN-7Q2M4XK9TB-1", "\x00"]
)
def test_other_texts_are_no_order_numbers(typed: str) -> None:
    assert order_number(typed) is None


@pytest.mark.parametrize(
    "typed",
    [
        NUMBER,
        f"Order #{NUMBER}",
        f"order_id: {NUMBER}",
        f'"order_id": "{NUMBER}",',
        f"“{NUMBER}”",
        "LN–7Q2M4XK9TB",  # noqa: RUF001 - a dash that a mail program made of the hyphen.
        "LN 7Q2M4XK9TB",
        f"Pesanan saya {NUMBER} belum lunas, tolong dicek.",
        f"https://toko.example/admin/orders/{NUMBER}?view=all#checks",
        f"<{NUMBER}>",
        f"{NUMBER}-1",
    ],
)
def test_an_order_number_is_found_in_whatever_stands_around_it(typed: str) -> None:
    assert NUMBER in read_names(typed).numbers


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        (f"transaction_id={TRANSACTION}", TRANSACTION),
        (f"'{TRANSACTION}'", TRANSACTION),
        (f"https://checkout.xendit.co/web/{INVOICE}?utm=1", INVOICE),
        (f"https://app.sandbox.midtrans.com/snap/v2/vtweb/{TRANSACTION}", TRANSACTION),
        ("https://toko.example/orders/f8f9qAxyiu6XgRNcbmIsabMw", "f8f9qAxyiu6XgRNcbmIsabMw"),
        ("refund key: LN-7Q2M4XK9TB-R1-ABCDEF.", "LN-7Q2M4XK9TB-R1-ABCDEF"),
        ("?order_id=LN-7Q2M4XK9TB-2&status_code=200", "LN-7Q2M4XK9TB-2"),
    ],
)
def test_an_id_is_found_in_an_address_behind_a_label_and_in_quotes(typed: str, name: str) -> None:
    assert name in read_names(typed).exact


@pytest.mark.parametrize(
    "typed",
    ["8808 1234 5678 901", "8808-1234-5678-901", "VA: 8808.1234.5678.901", "8808–1234–5678–901"],  # noqa: RUF001
)
def test_a_va_number_is_known_in_groups(typed: str) -> None:
    assert "880812345678901" in read_names(typed).digits


@pytest.mark.parametrize(
    "typed",
    ["Putri@Contoh.example", "mailto:putri@contoh.example", "Putri <putri@contoh.example>."],
)
def test_an_e_mail_is_found_in_any_case_and_with_a_name_before_it(typed: str) -> None:
    assert read_names(typed).emails == ("putri@contoh.example",)


@pytest.mark.parametrize(
    "typed",
    [
        "081234567890",
        "+6281234567890",
        "6281234567890",
        "81234567890",
        "0812-3456-7890",
        "+62(0)81234567890",
        "006281234567890",
    ],
)
def test_a_phone_number_is_known_in_every_way_it_is_written(typed: str) -> None:
    assert phone_number(typed) == "+6281234567890"
    assert "+6281234567890" in read_names(f"HP: {typed}").phones


@pytest.mark.parametrize("typed", ["", "rina@contoh.example", "12345", "LN-7Q2M4XK9TB", "0" * 40])
def test_other_texts_are_no_phone_numbers(typed: str) -> None:
    assert phone_number(typed) is None


@pytest.mark.parametrize("typed", ["", "   ", "\x00", None])
def test_nothing_names_nothing(typed: str | None) -> None:
    assert read_names(typed) == Names()
    assert not read_names(typed)
