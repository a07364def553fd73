"""How often the shop may be asked, from the environment."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Final

from limits import RateLimitItem, parse_many

MEMORY: Final = "memory"
DATABASE: Final = "database"
_REDIS: Final = ("redis://", "rediss://", "redis+unix://")
OFF: Final = "off"


@dataclass(frozen=True, slots=True)
class RateLimits:
    """Limits such as ``60/minute;500/hour``, or ``off``.

    A mobile network hides thousands of shoppers behind one address, so the limits per address
    only stop machines; those per order may be as tight as one shopper's own pages allow.
    """

    storage: str = MEMORY
    checkout_per_address: str = "60/minute"
    retry_per_address: str = "60/minute"
    retry_per_order: str = "12/minute"
    order_per_address: str = "600/minute"
    order_per_order: str = "120/minute"


_DEFAULT: Final = RateLimits()


def read_rate_limits(env: Mapping[str, str], database_url: str) -> RateLimits:
    """Read the limits; ValueError with one sentence that names the wrong setting.

    One process counts in its memory. Several processes count together in the database that they
    share, or in Redis.
    """
    # SQLite is served by one web process; only PostgreSQL may have several.
    shared = MEMORY if database_url.startswith("sqlite") else DATABASE
    return RateLimits(
        storage=_storage(env.get("RATE_LIMIT_STORAGE", "").strip() or shared),
        checkout_per_address=_limit(
            env, "RATE_LIMIT_CHECKOUT_PER_ADDRESS", _DEFAULT.checkout_per_address
        ),
        retry_per_address=_limit(env, "RATE_LIMIT_RETRY_PER_ADDRESS", _DEFAULT.retry_per_address),
        retry_per_order=_limit(env, "RATE_LIMIT_RETRY_PER_ORDER", _DEFAULT.retry_per_order),
        order_per_address=_limit(env, "RATE_LIMIT_ORDER_PER_ADDRESS", _DEFAULT.order_per_address),
        order_per_order=_limit(env, "RATE_LIMIT_ORDER_PER_ORDER", _DEFAULT.order_per_order),
    )


def limits_of(text: str) -> list[RateLimitItem]:
    """Return the limits that a setting holds; none if it is off. ValueError if it is neither."""
    if text == OFF:
        return []
    found = parse_many(text)
    if any(limit.amount < 1 for limit in found):
        raise ValueError("a limit of nothing")
    return found


def _storage(name: str) -> str:
    if name in {MEMORY, DATABASE}:
        return name
    if not name.startswith(_REDIS):
        raise ValueError("RATE_LIMIT_STORAGE must be memory, database, or an address redis://….")
    if find_spec("redis") is None:
        raise ValueError(
            "RATE_LIMIT_STORAGE names Redis but its client is missing; run pip install 'redis<8'."
        )
    return name


def _limit(env: Mapping[str, str], name: str, default: str) -> str:
    text = env.get(name, "").strip() or default
    try:
        limits_of(text)
    except ValueError:
        raise ValueError(f"{name} must be like 60/minute or 60/minute;500/hour, or off.") from None
    return text
