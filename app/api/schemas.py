"""What the storefront sends, checked; the words of each refusal are for the shopper's form."""

import re
from typing import Annotated, Final, Literal

import phonenumbers
from pydantic import BaseModel, ConfigDict, EmailStr, Field, StringConstraints, field_validator

from app.core.ports import Customer
from app.core.states import GatewayName

_MOST_LINES: Final = 50
_MOST_PIECES: Final = 99
_MOST_RUPIAH: Final = 10**12
_PHONE_CHARACTERS: Final = re.compile(r"\+?[0-9 ().-]{6,24}\Z")
_Text = Annotated[str, StringConstraints(strip_whitespace=True)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CartItem(_Strict):
    """One line of the cart. The price is ours to say, but must be the one that was shown."""

    sku: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
    quantity: Annotated[int, Field(strict=True, ge=1, le=_MOST_PIECES)]
    expected_price_idr: Annotated[
        int | None,
        Field(strict=True, ge=0, le=_MOST_RUPIAH, description="What one piece was shown to cost."),
    ] = None


class CustomerIn(_Strict):
    """Who buys."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=80)]
    email: EmailStr
    phone: _Text

    @field_validator("name")
    @classmethod
    def _no_control_characters(cls, name: str) -> str:
        if not name.isprintable():
            raise ValueError("must not contain control characters")
        return name

    @field_validator("phone")
    @classmethod
    def _to_e164(cls, phone: str) -> str:
        """Turn ``0812…`` and ``+62 812…`` into E.164; numbers without a country are Indonesian."""
        if not _PHONE_CHARACTERS.match(phone):
            # The parser would read letters as on an old telephone's keys.
            raise ValueError("is not a phone number")
        try:
            number = phonenumbers.parse(phone, "ID")
        except phonenumbers.NumberParseException:
            raise ValueError("is not a phone number") from None
        if not phonenumbers.is_possible_number(number):
            raise ValueError("is not a phone number")
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)

    def to_customer(self) -> Customer:
        """Return the core's value."""
        return Customer(self.name, str(self.email), self.phone)


class CreateTransaction(_Strict):
    """``POST /api/payments/create-transaction``."""

    gateway: GatewayName | None = None
    items: Annotated[list[CartItem], Field(min_length=1, max_length=_MOST_LINES)]
    customer: CustomerIn
    locale: Literal["id", "en"] = "id"


class RetryPayment(_Strict):
    """``POST /api/orders/<order_id>/retry``."""

    gateway: GatewayName | None = None
