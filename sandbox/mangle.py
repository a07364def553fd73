"""Changes to a body that a lenient reader survives: other number types, new fields."""

from collections.abc import Callable
from typing import Final

from sandbox.faults import Effect, Rule
from sandbox.wire import JsonObject, as_list, as_object

_NEVER_HEARD: Final = "SANDBOX_NEVER_HEARD_OF"
_STATES: Final = frozenset({"status", "transaction_status", "payment_channel"})


def mangled(rule: Rule, body: JsonObject) -> JsonObject:
    """Return the body as the rule's effect changes it; other effects leave it as it is."""
    changes: dict[Effect, Callable[[JsonObject], JsonObject]] = {
        Effect.NUMERIC_TYPES: with_numbers,
        Effect.EXTRA_FIELDS: with_extra_fields,
        Effect.UNKNOWN_VALUES: with_unknown_values,
        Effect.MISSING_FIELD: lambda whole: without(whole, rule.code),
    }
    change = changes.get(rule.effect)
    return change(body) if change else body


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


def with_unknown_values(body: JsonObject) -> JsonObject:
    """Return the body with a state, and one more bank, that no documentation names.

    Source: xendit-php issues 210 and 211: older SDKs failed when a bank was added.
    """
    changed = {name: _NEVER_HEARD if name in _STATES else value for name, value in body.items()}
    banks = as_list(body.get("available_banks"))
    if banks:
        changed["available_banks"] = [*banks, as_object(banks[0]) | {"bank_code": _NEVER_HEARD}]
    return changed


def without(body: JsonObject, field: str) -> JsonObject:
    """Return the body without one of its fields."""
    return {name: value for name, value in body.items() if name != field}


def _as_number(name: str, value: object) -> object:
    if name in {"status_code", "gross_amount", "refund_amount"} and isinstance(value, str):
        return int(float(value))
    if name in {"amount", "paid_amount"} and isinstance(value, int):
        return float(value)
    return value
