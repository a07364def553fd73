"""The moments between two steps of a process: it may die there, or others may come in between.

Every commit and every call to a gateway has a boundary before it and one after it. What happens at
a boundary is decided by the plan in force: chance, drawn from the step's own seed, or one chosen
boundary, so that a test can crash at each in turn.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, Protocol, TypeVar

from app.db.session import Sessions
from tests.simulation.violation import require


class ProcessDiedError(BaseException):
    """Ends a use case at once, as a power cut would: no handler of ours may run."""


class Boundary(StrEnum):
    """Where a process can be when it dies."""

    BEFORE_TRANSACTION = "before a transaction"
    BEFORE_COMMIT = "before a commit"
    AFTER_COMMIT = "after a commit"
    BEFORE_CALL = "before a call"
    AFTER_CALL = "after a call"


class CallFault(StrEnum):
    """What can go wrong with one call to a gateway."""

    REFUSED = "connection refused"
    REQUEST_LOST = "request lost"
    DELAYED = "request arrives after the caller gave up"
    ANSWER_LOST = "answer lost after success"
    RESET = "connection reset after success"
    BAD_GATEWAY = "502 in HTML, nothing done"
    BAD_GATEWAY_DONE = "502 in HTML after success"
    TOO_MANY = "429"
    GARBLED = "garbled JSON after success"
    SLOW = "slow answer"


class PostFault(StrEnum):
    """What can go wrong with one delivery to the shop."""

    LOST = "delivery lost, tried again by the gateway"
    DROPPED = "delivery lost for ever"
    ANSWER_LOST = "acknowledgement lost"
    DUPLICATE = "delivered twice"
    FORGED_FIRST = "a forged copy came first"


class Plan(Protocol):
    """What goes wrong during one step."""

    def dies(self, at: Boundary) -> bool: ...
    def interrupted(self, at: Boundary) -> bool: ...
    def call_fault(self) -> CallFault | None: ...
    def post_fault(self) -> PostFault | None: ...


class Fair:
    """Nothing goes wrong."""

    def dies(self, at: Boundary) -> bool:
        return False

    def interrupted(self, at: Boundary) -> bool:
        return False

    def call_fault(self) -> CallFault | None:
        return None

    def post_fault(self) -> PostFault | None:
        return None


@dataclass(frozen=True, slots=True)
class Weather:
    """How often things go wrong, as chances per boundary, call and delivery."""

    dies: float = 0.0
    interrupted: float = 0.0
    call: float = 0.0
    post: float = 0.0


# What was done but not heard of is where doubt comes from: it comes twice as often.
_CALL_FAULTS: Final = (
    *CallFault,
    *(CallFault.ANSWER_LOST, CallFault.RESET, CallFault.BAD_GATEWAY_DONE, CallFault.GARBLED),
)
_OFTEN: Final = 3
Kind = TypeVar("Kind", CallFault, PostFault)


@dataclass
class Chance:
    """Things go wrong by the dice of one step."""

    dice: random.Random
    weather: Weather

    def dies(self, at: Boundary) -> bool:
        return self.dice.random() < self.weather.dies

    def interrupted(self, at: Boundary) -> bool:
        if at is Boundary.BEFORE_COMMIT:
            return False
        # An answer that is not yet acted upon is what grows old.
        often = _OFTEN if at is Boundary.AFTER_CALL else 1
        return self.dice.random() < self.weather.interrupted * often

    def call_fault(self) -> CallFault | None:
        return self._one_of(_CALL_FAULTS, self.weather.call)

    def post_fault(self) -> PostFault | None:
        return self._one_of(tuple(PostFault), self.weather.post)

    def _one_of(self, kinds: Sequence[Kind], chance: float) -> Kind | None:
        return self.dice.choice(kinds) if self.dice.random() < chance else None


@dataclass
class DieAt(Fair):
    """The process dies at the n-th boundary (from 0), once; ``seen`` counts them all."""

    number: int
    seen: int = 0

    def dies(self, at: Boundary) -> bool:
        self.seen += 1
        return self.seen == self.number + 1


@dataclass
class Boundaries:
    """Watches one world's processes; ``meanwhile`` lets somebody else act in between."""

    note: Callable[[str], None]
    meanwhile: Callable[[], object] = lambda: None
    plan: Plan = field(default_factory=Fair)
    counts: Counter[str] = field(default_factory=Counter)
    open_transactions: int = 0

    def passes(self, at: Boundary) -> None:
        """Let a process pass a boundary, unless it dies there."""
        if self.plan.interrupted(at) and not self.open_transactions:
            self.counts["interruptions"] += 1
            self.meanwhile()
        if self.plan.dies(at):
            self.counts[f"crash {at}"] += 1
            self.note(f"the process dies {at}")
            raise ProcessDiedError

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self.open_transactions += 1
        try:
            yield
        finally:
            self.open_transactions -= 1

    def require_no_transaction(self) -> None:
        require(not self.open_transactions, "no network call inside a transaction")


class WatchedSessions:
    """The desk's sessions, with a boundary before and after each commit."""

    def __init__(self, real: Sessions, boundaries: Boundaries) -> None:
        self._real = real
        self._boundaries = boundaries

    @contextmanager
    def begin(self) -> Iterator[Any]:
        """Open a transaction that commits at its end."""
        self._boundaries.passes(Boundary.BEFORE_TRANSACTION)
        with self._boundaries.transaction(), self._real.begin() as session:
            yield session
            self._boundaries.passes(Boundary.BEFORE_COMMIT)
        self._boundaries.passes(Boundary.AFTER_COMMIT)

    @contextmanager
    def __call__(self) -> Iterator[Any]:
        """Open a session that reads."""
        with self._boundaries.transaction(), self._real() as session:
            yield session
