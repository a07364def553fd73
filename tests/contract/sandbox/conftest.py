from collections.abc import Iterator

import pytest

from tests.contract.sandbox import pages_bench
from tests.contract.sandbox.bench import Sandbox, Shop, listening, running


@pytest.fixture(scope="session")
def _program() -> Iterator[tuple[Sandbox, Shop]]:
    """One seeded program for all tests: its clock stands still until a test moves it."""
    shop = Shop()
    with (
        listening(shop) as url,
        running("--seed", "7", "--midtrans-notify-url", url, "--xendit-notify-url", url) as (
            sandbox,
            _,
        ),
    ):
        yield sandbox, shop


@pytest.fixture
def sandbox(_program: tuple[Sandbox, Shop]) -> Sandbox:
    sandbox, shop = _program
    sandbox.flush()
    sandbox.control("POST", "reset")
    sandbox.control("PUT", "notifications", {"midtrans": True, "xendit": True})
    shop.received.clear()
    shop.answers.clear()
    shop.redirect_to = ""
    return sandbox


@pytest.fixture
def shop(sandbox: Sandbox, _program: tuple[Sandbox, Shop]) -> Shop:
    """The shop that the sandbox notifies, emptied with the sandbox."""
    return _program[1]


# Named here, so that every module of browser tests finds them.
browser = pages_bench.browser
storefront = pages_bench.storefront
page = pages_bench.page
