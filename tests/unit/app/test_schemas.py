from typing import Any, Final

import pytest
from pydantic import ValidationError

from app.api.schemas import CartItem, CreateTransaction, CustomerIn, RetryPayment
from app.core.ports import Customer
from app.core.states import GatewayName

_CUSTOMER: Final = {"name": "Siti Rahma", "email": "siti@example.com", "phone": "081234567890"}
_ITEM: Final = {"sku": "KOPI-01", "quantity": 2}
_BODY: Final = {"items": [_ITEM], "customer": _CUSTOMER}


def _wrong_fields(body: dict[str, Any]) -> list[tuple[str | int, ...]]:
    with pytest.raises(ValidationError) as caught:
        CreateTransaction.model_validate(body)
    return [error["loc"] for error in caught.value.errors()]


def _customer(**changes: Any) -> dict[str, Any]:
    return {**_BODY, "customer": {**_CUSTOMER, **changes}}


def _item(**changes: Any) -> dict[str, Any]:
    return {**_BODY, "items": [{**_ITEM, **changes}]}


def test_a_cart_and_a_customer_are_enough():
    body = CreateTransaction.model_validate(_BODY)

    assert (body.gateway, body.locale) == (None, "id")
    assert body.items == [CartItem(sku="KOPI-01", quantity=2)]
    assert body.customer.to_customer() == Customer(
        "Siti Rahma", "siti@example.com", "+6281234567890"
    )


def test_gateway_and_language_may_be_chosen():
    body = CreateTransaction.model_validate({**_BODY, "gateway": "xendit", "locale": "en"})

    assert (body.gateway, body.locale) == (GatewayName.XENDIT, "en")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("081234567890", "+6281234567890"),
        ("0812 3456 7890", "+6281234567890"),
        ("  0812-3456-7890  ", "+6281234567890"),
        ("+62 812-3456-7890", "+6281234567890"),
        ("6281234567890", "+6281234567890"),
        ("(021) 555-1234", "+62215551234"),
        ("+1 650 253 0000", "+16502530000"),
    ],
)
def test_phones_are_kept_in_one_spelling(typed: str, kept: str):
    assert CustomerIn.model_validate({**_CUSTOMER, "phone": typed}).phone == kept


@pytest.mark.parametrize(
    "typed", ["", "   ", "0812", "+62", "abcdefgh", "not a phone", "0" * 30, "12", "\x00", 812]
)
def test_what_is_no_phone_is_refused(typed: object):
    assert _wrong_fields(_customer(phone=typed)) == [("customer", "phone")]


@pytest.mark.parametrize("typed", ["siti@example.com", "Siti.R+shop@mail.example.co.id"])
def test_e_mail_addresses_are_taken(typed: str):
    body = CreateTransaction.model_validate(_customer(email=typed))

    assert body.customer.email == typed


@pytest.mark.parametrize(
    "typed",
    ["", "siti", "siti@", "@example.com", "siti@localhost", "a b@example.com", "a@b@example.com",
     "siti@example.com\nBcc: x@example.com", None],
)  # fmt: skip
def test_what_is_no_e_mail_address_is_refused(typed: object):
    assert _wrong_fields(_customer(email=typed)) == [("customer", "email")]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("Al", "Al"), ("  Siti  ", "Siti"), ("N" * 80, "N" * 80), ("Ayu Ñusantara", "Ayu Ñusantara")],
)
def test_names_of_2_to_80_characters_are_taken(typed: str, kept: str):
    body = CreateTransaction.model_validate(_customer(name=typed))

    assert body.customer.name == kept


@pytest.mark.parametrize(
    "typed",
    ["", " ", "A", " A ", "N" * 81, "Siti\nRahma", "Siti\tRahma", "Siti\x00", "Siti\u202eamhaR", 7],
)
def test_names_too_short_too_long_or_with_hidden_characters_are_refused(typed: object):
    assert _wrong_fields(_customer(name=typed)) == [("customer", "name")]


@pytest.mark.parametrize("quantity", [1, 99])
def test_quantities_of_1_to_99_are_taken(quantity: int):
    body = CreateTransaction.model_validate(_item(quantity=quantity))

    assert body.items[0].quantity == quantity


@pytest.mark.parametrize("quantity", [0, -1, 100, True, "2", 1.0, 1.5, None, []])
def test_other_quantities_are_refused_and_never_converted(quantity: object):
    assert _wrong_fields(_item(quantity=quantity)) == [("items", 0, "quantity")]


@pytest.mark.parametrize("sku", ["", "  ", "S" * 41, 5, None])
def test_a_line_needs_a_short_sku(sku: object):
    assert _wrong_fields(_item(sku=sku)) == [("items", 0, "sku")]


@pytest.mark.parametrize("items", [[], [_ITEM] * 51, None, {}])
def test_a_cart_has_1_to_50_lines(items: object):
    assert _wrong_fields({**_BODY, "items": items}) == [("items",)]
    assert len(CreateTransaction.model_validate({**_BODY, "items": [_ITEM] * 50}).items) == 50


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({**_BODY, "total_idr": 1}, ("total_idr",)),
        (_item(price_idr=1), ("items", 0, "price_idr")),
        (_customer(admin=True), ("customer", "admin")),
    ],
)
def test_a_field_that_is_not_ours_to_read_is_refused(
    body: dict[str, Any], field: tuple[str | int, ...]
):
    assert _wrong_fields(body) == [field]


@pytest.mark.parametrize(("name", "value"), [("gateway", "paypal"), ("locale", "fr")])
def test_an_unknown_choice_is_refused(name: str, value: str):
    assert _wrong_fields({**_BODY, name: value}) == [(name,)]


@pytest.mark.parametrize("missing", ["items", "customer"])
def test_nothing_may_be_left_out(missing: str):
    body = {name: value for name, value in _BODY.items() if name != missing}

    assert _wrong_fields(body) == [(missing,)]


def test_a_retry_names_at_most_a_gateway():
    assert RetryPayment.model_validate({}).gateway is None
    assert RetryPayment.model_validate({"gateway": "midtrans"}).gateway is GatewayName.MIDTRANS
    with pytest.raises(ValidationError):
        RetryPayment.model_validate({"amount_idr": 1})


def test_what_was_checked_cannot_be_changed_afterwards():
    body = CreateTransaction.model_validate(_BODY)

    with pytest.raises(ValidationError, match="frozen"):
        body.items[0].quantity = 50  # pyright: ignore[reportAttributeAccessIssue]


def test_letters_after_the_digits_are_not_read_as_digits() -> None:
    body = {"name": "Rina", "email": "rina@contoh.example", "phone": "081234567890abc"}

    with pytest.raises(ValidationError, match="not a phone number"):
        CustomerIn.model_validate(body)
