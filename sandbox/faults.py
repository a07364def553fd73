"""Faults on demand: rules that name an operation or an order, and what goes wrong there."""

import threading
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Final

from sandbox.ids import Ids
from sandbox.wire import JsonObject, as_list, as_object, is_list, whole_number


class Effect(StrEnum):
    """What a rule does to the answer or delivery that it matches."""

    HTML_502 = "html_502"
    HANG = "hang"
    RESET = "reset"
    SLOW = "slow"
    TOO_MANY = "429"
    TIMEOUT_AFTER_SUCCESS = "timeout_after_success"
    NUMERIC_TYPES = "numeric_types"
    EXTRA_FIELDS = "extra_fields"
    UNKNOWN_VALUES = "unknown_values"
    MISSING_FIELD = "missing_field"
    EMPTY = "empty"
    REFUSE = "refuse"
    DROP = "drop"
    DUPLICATE = "duplicate"
    DELAY = "delay"
    REORDER = "reorder"
    FORGE = "forge"


_DEFAULT_SECONDS: Final = {
    Effect.HANG: 60.0,
    Effect.TIMEOUT_AFTER_SUCCESS: 60.0,
    Effect.SLOW: 3.0,
    Effect.DELAY: 60.0,
    Effect.REORDER: 60.0,
}
OPERATIONS: Final = (
    "midtrans.charge",
    "midtrans.capture",
    "midtrans.token",
    "midtrans.card_register",
    "midtrans.points",
    "midtrans.status",
    "midtrans.cancel",
    "midtrans.expire",
    "midtrans.approve",
    "midtrans.deny",
    "midtrans.refund",
    "midtrans.refund_direct",
    "midtrans.snap.create",
    "midtrans.snap.cancel",
    "xendit.invoice.create",
    "xendit.invoice.get",
    "xendit.invoice.list",
    "xendit.invoice.expire",
    "xendit.refund.create",
    "xendit.refund.get",
    "xendit.refund.list",
    "xendit.refund.cancel",
    "xendit.simulate",
    "xendit.callback_url",
    "delivery.midtrans",
    "delivery.xendit",
)
MAX_SECONDS: Final = 86_400.0
ON_DELIVERIES: Final = frozenset(
    {
        Effect.DROP,
        Effect.DUPLICATE,
        Effect.DELAY,
        Effect.REORDER,
        Effect.FORGE,
        Effect.NUMERIC_TYPES,
        Effect.EXTRA_FIELDS,
        Effect.UNKNOWN_VALUES,
        Effect.MISSING_FIELD,
    }
)
ON_ANSWERS: Final = frozenset(Effect) - {
    Effect.DROP,
    Effect.DUPLICATE,
    Effect.DELAY,
    Effect.REORDER,
    Effect.FORGE,
}


class BadRuleError(ValueError):
    """A rule that cannot be used; its text says why, for whoever sent it."""


@dataclass(slots=True)
class Rule:
    """One fault; ``times`` None means for ever, ``seconds`` is real time for answers."""

    operation: str
    order: str
    effect: Effect
    times: int | None
    seconds: float
    chance: float
    code: str
    hits: int = 0

    def as_json(self) -> JsonObject:
        """Return the rule as it is written in ``PUT /_sandbox/faults``, and its hits."""
        return {
            "match": {"operation": self.operation, "order": self.order},
            "effect": self.effect.value,
            "times": self.times,
            "seconds": self.seconds,
            "chance": self.chance,
            "code": self.code,
            "hits": self.hits,
        }


@dataclass(slots=True)
class Faults:
    """The rules in force; the first one that matches wins."""

    ids: Ids
    _rules: list[Rule] = field(default_factory=list[Rule])
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def replace(self, document: JsonObject) -> None:
        """Put the document's rules in force; BadRuleError leaves the old ones there."""
        if not is_list(document.get("rules")):
            raise BadRuleError("'rules' must be a list")
        rules = [parse_rule(as_object(item)) for item in as_list(document["rules"])]
        with self._lock:
            self._rules = rules

    def clear(self) -> None:
        """Lift every rule."""
        with self._lock:
            self._rules = []

    def rules(self) -> list[JsonObject]:
        """Return the rules with how often each was used."""
        with self._lock:
            return [rule.as_json() for rule in self._rules]

    def for_answer(self, operation: str, order: str) -> Rule | None:
        """Use up and return the rule for an API answer, or None."""
        return self._take(operation, order, ON_ANSWERS)

    def for_delivery(self, operation: str, order: str) -> Rule | None:
        """Use up and return the rule for a notification, or None."""
        return self._take(operation, order, ON_DELIVERIES)

    def _take(self, operation: str, order: str, effects: frozenset[Effect]) -> Rule | None:
        with self._lock:
            for rule in self._rules:
                if rule.effect in effects and self._applies(rule, operation, order):
                    rule.hits += 1
                    return rule
        return None

    def _applies(self, rule: Rule, operation: str, order: str) -> bool:
        if rule.times is not None and rule.hits >= rule.times:
            return False
        if not (fnmatchcase(operation, rule.operation) and fnmatchcase(order, rule.order)):
            return False
        return rule.chance >= 1 or self.ids.chance(rule.chance)


def parse_rule(item: JsonObject) -> Rule:
    """Read one rule of ``PUT /_sandbox/faults``; BadRuleError says what is wrong."""
    try:
        effect = Effect(str(item.get("effect")))
    except ValueError:
        raise BadRuleError(f"'effect' must be one of {', '.join(Effect)}") from None
    match = as_object(item.get("match"))
    return Rule(
        operation=_operation(match),
        order=_pattern(match, "order"),
        effect=effect,
        times=_times(item.get("times")),
        seconds=_number(item, "seconds", _DEFAULT_SECONDS.get(effect, 0.0), MAX_SECONDS),
        chance=_number(item, "chance", 1.0, 1.0),
        code=str(item.get("code", "")),
    )


def _operation(match: JsonObject) -> str:
    pattern = _pattern(match, "operation")
    if not any(fnmatchcase(operation, pattern) for operation in OPERATIONS):
        # A rule that waits for ever would look like a fault that the shop survives.
        raise BadRuleError(f"'match.operation': no operation is called {pattern}")
    return pattern


def _pattern(match: JsonObject, name: str) -> str:
    value = match.get(name, "*")
    if not isinstance(value, str):
        raise BadRuleError(f"'match.{name}' must be a text; * and ? are wildcards")
    return value


def _times(value: object) -> int | None:
    if value is None:
        return None
    times = whole_number(value)
    if times is None or times < 1:
        raise BadRuleError("'times' must be a whole number of at least 1")
    return times


def _number(item: JsonObject, name: str, default: float, highest: float) -> float:
    value = item.get(name, default)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise BadRuleError(f"'{name}' must be a number")
    if not 0 <= value <= highest:
        raise BadRuleError(f"'{name}' must be between 0 and {highest:g}")
    return float(value)
