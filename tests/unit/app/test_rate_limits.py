from importlib.util import find_spec

import pytest

from app.api.rate_limiting import make_storage
from app.rate_limits import OFF, RateLimits, limits_of, read_rate_limits

WITHOUT_CLIENT = pytest.mark.skipif(find_spec("redis") is not None, reason="Redis's client is here")
SQLITE = "sqlite:///x"
POSTGRES = "postgresql+psycopg://db/x"


@pytest.mark.parametrize(("database", "storage"), [(SQLITE, "memory"), (POSTGRES, "database")])
def test_counts_are_kept_where_all_web_processes_meet(database: str, storage: str) -> None:
    assert read_rate_limits({}, database) == RateLimits(storage=storage)


def test_each_limit_can_be_set() -> None:
    env = {
        "RATE_LIMIT_STORAGE": "memory",
        "RATE_LIMIT_CHECKOUT_PER_ADDRESS": "5/minute;50/hour",
        "RATE_LIMIT_RETRY_PER_ADDRESS": " 4/minute ",
        "RATE_LIMIT_RETRY_PER_ORDER": "off",
        "RATE_LIMIT_ORDER_PER_ADDRESS": "3 per second",
        "RATE_LIMIT_ORDER_PER_ORDER": "",
    }

    found = read_rate_limits(env, POSTGRES)

    assert found == RateLimits(
        "memory", "5/minute;50/hour", "4/minute", OFF, "3 per second", "120/minute"
    )
    assert [len(limits_of(found.checkout_per_address)), limits_of(found.retry_per_order)] == [2, []]


@pytest.mark.parametrize("text", ["many", "-1/minute", "0/minute", "5/fortnight", "5"])
def test_what_is_no_limit_is_refused_by_name(text: str) -> None:
    with pytest.raises(ValueError, match=r"^RATE_LIMIT_ORDER_PER_ORDER must be like 60/minute"):
        read_rate_limits({"RATE_LIMIT_ORDER_PER_ORDER": text}, SQLITE)


@pytest.mark.parametrize(
    ("storage", "words"),
    [
        ("mongodb://x", "must be memory, database"),
        # What the library that counts has no name for would stop the start with a traceback.
        ("unix:///run/redis.sock", "must be memory, database"),
        pytest.param("redis://cache:6379", "pip install 'redis<8'", marks=WITHOUT_CLIENT),
        pytest.param("redis+unix:///x", "pip install 'redis<8'", marks=WITHOUT_CLIENT),
    ],
)
def test_a_store_that_cannot_be_used_is_refused(storage: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read_rate_limits({"RATE_LIMIT_STORAGE": storage}, SQLITE)


def test_a_store_of_another_kind_is_refused() -> None:
    with pytest.raises(TypeError, match="cannot be used by threads"):
        make_storage("async+memory://", None)  # pyright: ignore[reportArgumentType]
