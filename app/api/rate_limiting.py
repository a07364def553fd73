"""Refuses who asks too often, before anything is looked up or done."""

import hashlib
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from flask import Blueprint, current_app, request
from limits import RateLimitItem
from limits.storage import MemoryStorage, Storage, storage_from_string
from limits.strategies import FixedWindowRateLimiter

from app.api.problems import Problem, ProblemError
from app.core.addresses import address_group
from app.db.rate_counts import DatabaseCounts
from app.db.session import Sessions
from app.rate_limits import DATABASE, MEMORY, RateLimits, limits_of

# A Redis that hangs must not hold the request that it was to count: its client waits for ever.
_REDIS_WAIT_S: Final = 0.5


@dataclass(frozen=True, slots=True)
class Rule:
    """One limit of one operation; ``who`` reads from the request whom it is counted for."""

    name: str
    limits: list[RateLimitItem]
    who: Callable[[], str]


def make_storage(name: str, sessions: Sessions) -> Storage:
    """Return where requests are counted: this process, the database, or Redis."""
    if name == MEMORY:
        return MemoryStorage()
    if name == DATABASE:
        return DatabaseCounts(sessions)
    found = storage_from_string(
        name, socket_timeout=_REDIS_WAIT_S, socket_connect_timeout=_REDIS_WAIT_S
    )
    if not isinstance(found, Storage):
        raise TypeError(f"{name} cannot be used by threads")
    return found


def limit_rates(blueprint: Blueprint, limits: RateLimits, sessions: Sessions) -> None:
    """Hold the blueprint's operations to their limits; ProblemError when one is passed."""
    storage = make_storage(limits.storage, sessions)
    rules = _rules(limits)

    @blueprint.before_request
    def hold() -> None:
        for rule in rules.get((request.endpoint or "").rpartition(".")[2], ()):
            _hold(storage, rule)


def _rules(limits: RateLimits) -> Mapping[str, tuple[Rule, ...]]:
    # The address comes first: who is stopped by it makes no more rows for orders.
    return {
        "create_transaction": (Rule("checkout", limits_of(limits.checkout_per_address), _address),),
        "retry": (
            Rule("retry", limits_of(limits.retry_per_address), _address),
            Rule("retry/order", limits_of(limits.retry_per_order), _order),
        ),
        # Whoever may read the order may see the picture: both count together.
        **dict.fromkeys(
            ("order", "page_picture"),
            (
                Rule("order", limits_of(limits.order_per_address), _address),
                Rule("order/order", limits_of(limits.order_per_order), _order),
            ),
        ),
    }


def _hold(storage: Storage, rule: Rule) -> None:
    limiter, who = FixedWindowRateLimiter(storage), rule.who()
    try:
        for limit in rule.limits:
            if not limiter.hit(limit, rule.name, who):
                ends = limiter.get_window_stats(limit, rule.name, who).reset_time
                raise ProblemError(Problem("rate_limited", retry_after_s=_seconds_until(ends)))
    except storage.base_exceptions:
        # A shop that cannot count still sells; a database that is gone is told by the request.
        current_app.logger.warning("requests cannot be counted", exc_info=True)


def _seconds_until(moment_s: float) -> int:
    return max(1, math.ceil(moment_s - time.time()))


def _address() -> str:
    return address_group(request.remote_addr)


_HASH_LENGTH: Final = 32


def _order() -> str:
    # An order's id is its key: it is not written where counts are kept, which may be a Redis.
    public_id = str((request.view_args or {})["public_id"])
    return hashlib.sha256(public_id.encode()).hexdigest()[:_HASH_LENGTH]
