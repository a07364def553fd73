"""The gateways' notifications on their way: whoever plays the post decides which comes next."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Protocol

from sandbox.courier import Answer, Job
from tests.simulation.boundaries import Boundaries, PostFault
from tests.simulation.violation import require

_FORGED = {
    "x-callback-token": "not-the-token-of-this-shop",
}


@dataclass(frozen=True, slots=True)
class Letter:
    """One notification as it lay in the post."""

    headers: dict[str, str]
    body: str

    @property
    def is_xendit(self) -> bool:
        return "x-callback-token" in self.headers

    def forged(self) -> Letter:
        """Return a copy whose signature or token somebody made up."""
        if self.is_xendit:
            return replace(self, headers={**self.headers, **_FORGED})
        # The signature covers order, code and amount; 128 zeros fit none of them.
        before, _, after = self.body.partition('"signature_key":"')
        return replace(self, body=f'{before}"signature_key":"{"0" * 128}{after[128:]}')


class Door(Protocol):
    """The shop's notification endpoint: returns the HTTP status, None if its process died."""

    def __call__(self, letter: Letter) -> int | None: ...


@dataclass
class Mailbag:
    """Stands in for the sandbox's courier; nothing moves until the simulation delivers it."""

    boundaries: Boundaries
    note: Callable[[str], None]
    door: Door
    stored: Callable[[], int]
    waiting: list[Job] = field(default_factory=list)
    posted: list[Letter] = field(default_factory=list)
    acknowledged: set[str] = field(default_factory=set)

    # What the sandbox needs of a courier.

    def submit(self, key: str, job: Job) -> None:
        self.waiting.append(job)

    def post(
        self, url: str, headers: dict[str, str], body: str, *, timeout_s: float, hops: int
    ) -> Answer:
        """Carry one letter to the shop, or lose it, as the plan in force has it."""
        letter = Letter(headers, body)
        self.posted.append(letter)
        fault = self.boundaries.plan.post_fault()
        self.boundaries.counts[f"delivery: {fault or 'delivered'}"] += 1
        if fault is not None:
            self.note(f"post: {fault}")
        if fault is PostFault.LOST:
            return _silence()
        if fault is PostFault.DROPPED:
            # A machine in front of the shop says yes and forgets it: no second try.
            return Answer(200, "", 0)
        if fault is PostFault.FORGED_FIRST:
            self.hand_over_forged(letter)
        if fault is PostFault.DUPLICATE:
            self.hand_over(letter)
        status = self.hand_over(letter)
        return _silence() if fault is PostFault.ANSWER_LOST else Answer(status, "", 0)

    def wait_idle(self, timeout_s: float) -> bool:
        return not self.waiting

    def stop(self) -> None:
        """There are no threads to end."""

    # What the simulation does with it.

    def deliver(self, dice: random.Random) -> bool:
        """Deliver one letter, any of them; False if the bag is empty."""
        if not self.waiting:
            return False
        job = self.waiting.pop(dice.randrange(len(self.waiting)))
        job()
        return True

    def deliver_all(self) -> None:
        """Deliver everything, in the order in which it was sent."""
        while self.waiting:
            self.waiting.pop(0)()

    def hand_over(self, letter: Letter) -> int | None:
        """Put one letter through the door: what is acknowledged must be stored."""
        before = self.stored()
        status = self.door(letter)
        if status is not None and status < 300:
            require(self.stored() > before, "acknowledged means stored", letter.body)
            self.acknowledged.add(letter.body)
        return status

    def hand_over_forged(self, letter: Letter) -> None:
        """Put a forged copy through the door: it must be refused, and written down."""
        forged = letter.forged()
        before = self.stored()
        self.boundaries.counts["delivery: forged"] += 1
        status = self.door(forged)
        self.note(f"forged copy: {status}")
        require(status in {401, None}, "a forged message is refused", f"{status} {forged.body}")
        require(status is None or self.stored() > before, "a refusal is stored", forged.body)


def _silence() -> Answer:
    return Answer(None, "no answer", 0)
