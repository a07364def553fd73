"""Takes out of log lines what they must never hold: keys, proofs, and what belongs to a person.

Three nets, since each one alone has holes: fields by their name, our own secrets by their value,
and what looks like a secret or like personal data by its form.
"""

import base64
import re
from collections.abc import Iterable, Mapping, MutableMapping
from functools import lru_cache
from typing import Any, Final, cast

from app.telemetry.addresses import without_keys

MASK: Final = "***"
_LONGEST: Final = 2_000
_MOST_ITEMS: Final = 50
_DEEPEST: Final = 4
# A shorter one would black out words that merely contain it.
_LEAST_SECRET: Final = 6
_WORDS: Final = (
    "authorization|cookie|set-cookie|password|passwd|secret|token|signature|signature_key|api_key|"
    "server_key|client_key|secret_key|x-callback-token|callback_token|card_number|"
    "transfer_account|transfer_holder|account_number|holder|email|payer_email|phone|mobile_number|"
    "name|first_name|last_name|given_names|surname|customer|address"
)
_PRIVATE_NAME: Final = re.compile(rf"\A(?:.*[_-])?(?:{_WORDS})\Z", re.IGNORECASE)
_FORMS: Final[tuple[tuple[re.Pattern[str], str], ...]] = (
    # What PostgreSQL adds to a message quotes whole rows; what pydantic adds quotes the input.
    (re.compile(r"(?s)\b(DETAIL|CONTEXT):.*?(?=\n\[SQL|\Z)"), rf"\1: {MASK}"),
    (re.compile(r"(?s)\[parameters: .*?\](?=\n|\Z)"), f"[parameters: {MASK}]"),
    (re.compile(r"(?s)input_value=.*?, input_type="), f"input_value={MASK}, input_type="),
    (
        re.compile(
            rf"(?i)(?<![\w-])([\"']?(?:[\w-]*[_-])?(?:{_WORDS})[\"']?\s*[:=]\s*)(\"[^\"]*\"|'[^']*'|[^\s,;}})\]&]+)"
        ),
        rf"\1{MASK}",
    ),
    (re.compile(r"(?i)\b(basic|bearer)\s+[\w+/=.~-]{6,}"), rf"\1 {MASK}"),
    (re.compile(r"\b(?:SB-)?Mid-(server|client)-[\w-]+"), rf"Mid-\1-{MASK}"),
    (re.compile(r"\bxnd_\w+"), f"xnd_{MASK}"),
    (re.compile(r"(?i)\b[0-9a-f]{64,}\b"), MASK),
    # Redis' addresses have a password and no user.
    (re.compile(r"://[^/\s:@]*:[^/\s@]+@"), f"://{MASK}@"),
    (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), f"{MASK}@{MASK}"),
    (re.compile(r"(?<![\w.-])(?:\+\d|\(?0?8\d|62[ -]?8)[\d ()-]{7,16}\d(?!\w)"), MASK),
    # Card and account numbers.
    (re.compile(r"(?<![\w.-])\d{13,19}(?![\w.-])"), MASK),
    # Gateways and shoppers put references and addresses behind the question mark.
    (re.compile(r"(?<=[\w/])\?[^\s\"'<>]+"), "?…"),
)
# What no form above can be found in: most of what a line holds is a word, a name of ours or an id,
# and trying every form on each of them was a tenth of what a notification cost. Each exception is
# what some form needs; test_redaction.py holds this to the forms.
_PLAIN: Final = re.compile(
    r"(?!.*(?:mid-|xnd_|basic|bearer|8\d[\d -]{7}|62[ -]?8|\d{13}))"
    r"(?:[\w .>-]|(?<=\d):(?=\d)){0,63}",
    re.ASCII | re.IGNORECASE,
)


@lru_cache(1024)
def _is_private(name: str) -> bool:
    return _PRIVATE_NAME.match(name) is not None


class Redactor:
    """A step of the log's chain that blacks out secrets; ``secrets`` are our own, by value."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        """Prepare each secret as it is and as HTTP writes it (base64, alone and as a user)."""
        known = {secret for secret in secrets if len(secret) >= _LEAST_SECRET}
        forms = {form for secret in known for form in (secret, _b64(secret), _b64(f"{secret}:"))}
        # The longest first: a secret may be the beginning of another.
        self._secrets: Final = sorted(forms, key=len, reverse=True)

    def __call__(
        self, _logger: object, _method: str, event: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        """Return the event with every value cleaned."""
        return {name: self._value(name, value, 0) for name, value in event.items()}

    def text(self, text: str) -> str:
        """Return a text without secrets, at most 2000 characters long."""
        for secret in self._secrets:
            text = text.replace(secret, MASK)
        return text if _PLAIN.fullmatch(text) else self._without_forms(text)

    @staticmethod
    def _without_forms(text: str) -> str:
        for form, substitute in _FORMS:
            text = form.sub(substitute, text)
        return without_keys(text)[:_LONGEST]

    def _value(self, name: str, value: object, depth: int) -> object:
        if value is None or isinstance(value, bool | int | float):
            return value
        if _is_private(name) or depth > _DEEPEST:
            return MASK
        if isinstance(value, bytes):
            return f"{len(value)} bytes"
        if isinstance(value, Mapping):
            return self._mapping(cast("Mapping[object, object]", value), depth)
        if isinstance(value, list | tuple | set | frozenset):
            items = list(cast("Iterable[object]", value))[:_MOST_ITEMS]
            return [self._value("", item, depth + 1) for item in items]
        return self.text(str(value))

    def _mapping(self, value: Mapping[object, object], depth: int) -> dict[str, object]:
        items = list(value.items())[:_MOST_ITEMS]
        return {
            self.text(str(name)): self._value(str(name), item, depth + 1) for name, item in items
        }


def _b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
