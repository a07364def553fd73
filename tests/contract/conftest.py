"""The gateways of the contract suite: the sandbox program, or a provider's own sandbox."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from app.core.states import GatewayName
from tests.contract.gateway_bench import Bench, Program, benches, program_with_inbox, real_key


@pytest.fixture(scope="session")
def gateway_program() -> Iterator[Program]:
    """The sandbox of this suite alone: other tests move the clock of theirs by days."""
    with program_with_inbox() as program:
        yield program


@pytest.fixture(params=list(GatewayName))
def bench(request: pytest.FixtureRequest, gateway_program: Program) -> Bench:
    """A gateway whose other end we hold."""
    return benches(gateway_program)[request.param]


@pytest.fixture
def midtrans(gateway_program: Program) -> Bench:
    return benches(gateway_program)[GatewayName.MIDTRANS]


@pytest.fixture
def xendit(gateway_program: Program) -> Bench:
    return benches(gateway_program)[GatewayName.XENDIT]


@pytest.fixture(params=list(GatewayName))
def any_bench(request: pytest.FixtureRequest) -> Bench:
    """The provider's own sandbox where a key is given, else the program."""
    key = real_key(request.param)
    if key:
        return replace(benches(None)[request.param], key=key)
    return benches(request.getfixturevalue("gateway_program"))[request.param]
