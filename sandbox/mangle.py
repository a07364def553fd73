"""Changes to a body that a lenient reader survives: other number types, new fields."""

from sandbox.wire import JsonObject


def with_numbers(body: JsonObject) -> JsonObject:
    """Return the body with its numeric strings as JSON numbers, and integers as floats.

    Source: Midtrans docs, "Payment Link API": one published notification carries
    ``status_code`` 201 and ``gross_amount`` 10000 as numbers.
    """
    return {name: _as_number(name, value) for name, value in body.items()}


def with_extra_fields(body: JsonObject) -> JsonObject:
    """Return the body with fields that no documentation names.

    Source: Midtrans docs, "Technical FAQ": new properties may appear at any time.
    """
    return {**body, "sandbox_new_field": "unannounced", "sandbox_new_object": {"version": 2}}


def _as_number(name: str, value: object) -> object:
    if name in {"status_code", "gross_amount", "refund_amount"} and isinstance(value, str):
        return int(float(value))
    if name in {"amount", "paid_amount"} and isinstance(value, int):
        return float(value)
    return value
