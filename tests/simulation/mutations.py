"""Bugs put into the product on purpose, to show that the simulation finds them.

Each replaces something of the product for the time of one story; the product itself has no
switches for them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Final
from unittest.mock import patch

from tests.simulation import bugs
from tests.simulation.bugs import Patch
from tests.simulation.databank import Databank
from tests.simulation.story import Outcome, tell

LENGTH: Final = 40
# A change of the product may shift what happens in a story: then one soon after must find it.
TRIES: Final = 60


@dataclass(frozen=True, slots=True)
class Mutation:
    """One seeded bug: its name, what it does wrong, its patches, and how it is found.

    The story of ``seed``, of :data:`LENGTH` steps, is the first that finds it, by breaking
    ``rule``; None where chance comes by too rarely, and a scene told by hand finds it.
    """

    name: str
    words: str
    patches: Callable[[], list[Patch]]
    seed: int | None
    rule: str


@contextmanager
def mutated(mutation: Mutation) -> Iterator[None]:
    """Put the bug in place until the end of the block."""
    with ExitStack() as stack:
        for where, name, replacement in mutation.patches():
            stack.enter_context(patch.object(where, name, replacement))
        yield


def find(mutation: Mutation, bank: Databank) -> Outcome | None:
    """Return the first story from the listed seed on that finds the bug."""
    first = mutation.seed or 0
    for seed in range(first, first + TRIES):
        with mutated(mutation):
            outcome = tell(seed, LENGTH, bank)
        if outcome.violation is not None:
            return outcome
    return None


MUTATIONS: Final = (
    Mutation(
        "no lock",
        "what was read before the gateway was asked is decided on",
        bugs.no_lock,
        21,
        "each step begins where the last one ended",
    ),
    Mutation(
        "no lock on requests",
        "two refunds reserve the same money",
        bugs.refunds_without_lock,
        110,
        "no use case raises IntegrityError",
    ),
    Mutation(
        "claims are believed",
        "every notification counts as proof",
        bugs.believe_everything,
        14,
        "captured <= ever taken at the gateways",
    ),
    Mutation(
        "refund claims are believed",
        "a refund message counts unasked",
        bugs.believe_refunds,
        37,
        "a refund at the gateway is not over here",
    ),
    Mutation(
        "the signature covers all",
        "any status under a right signature counts",
        bugs.believe_any_status_under_a_signature,
        18,
        "captured <= ever taken at the gateways",
    ),
    Mutation(
        "a new key per try",
        "a repeated refund gets a new key",
        bugs.new_key_per_try,
        3,
        "no refund that nobody asked for",
    ),
    Mutation(
        "a timeout is a failure",
        "an unknown refund is marked failed",
        bugs.timeout_is_failure,
        29,
        "a refund at the gateway is not over here",
    ),
    Mutation(
        "the last word wins",
        "a slow answer moves a payment back",
        bugs.last_word_wins,
        None,
        "money is taken back only by its gateway",
    ),
    Mutation(
        "goods leave again",
        "a second step takes the goods twice",
        bugs.goods_leave_again,
        0,
        "no goods appear",
    ),
    Mutation(
        "yes before storing",
        "2xx although nothing was stored",
        bugs.acknowledge_first,
        4,
        "acknowledged means stored",
    ),
    Mutation(
        "no next look",
        "polling is not rescheduled",
        bugs.forget_to_look_again,
        0,
        "an open order is watched or waits for a person",
    ),
    Mutation(
        "second payment unseen",
        "two payments look like one",
        bugs.second_payment_unseen,
        4,
        "a second payment is told to a person",
    ),
    Mutation(
        "unknown releases",
        "an unknown refund frees its amount",
        bugs.unknown_releases,
        29,
        "what is not over stays reserved",
    ),
    Mutation(
        "any signature",
        "signature and token are not checked",
        bugs.any_signature,
        0,
        "a forged message is refused",
    ),
    Mutation(
        "create without looking",
        "a lost answer: two invoices",
        bugs.create_without_looking,
        26,
        "an attempt has one open invoice",
    ),
    Mutation(
        "expire unasked",
        "an order is closed by its age",
        bugs.expire_unasked,
        19,
        "after asking, every order equals its gateway",
    ),
    Mutation(
        "dead sender stays",
        "a crash while sending is never resumed",
        bugs.dead_sender_stays,
        None,
        "every refund comes to an end or to a person",
    ),
    Mutation(
        "approval forgotten",
        "large refunds need nobody else",
        bugs.approval_forgotten,
        6,
        "a large refund has a second person",
    ),
    Mutation(
        "own approval",
        "the one who asked may approve",
        bugs.own_approval,
        47,
        "no use case raises IntegrityError",
    ),
    Mutation(
        "claim dropped",
        "a claim is over when the gateway is silent",
        bugs.claim_dropped,
        299,
        "what was acknowledged is acted upon",
    ),
    Mutation(
        "all are duplicates",
        "later news of an order counts as known",
        bugs.everything_is_a_duplicate,
        1,
        "what was acknowledged is acted upon",
    ),
    Mutation(
        "sent before written",
        "the intent is not written first",
        bugs.send_before_commit,
        3,
        "a refund at the gateway is not over here",
    ),
    Mutation(
        "outside ignored",
        "dashboard refunds are not learnt",
        bugs.outside_refunds_ignored,
        27,
        "what was acknowledged is acted upon",
    ),
    Mutation(
        "no chain",
        "the timeline's hashes do not link",
        bugs.event_without_a_chain,
        0,
        "the hash chain is whole",
    ),
    Mutation(
        "goods lost",
        "a reversed payment keeps the goods",
        bugs.goods_kept_for_nobody,
        13,
        "goods of an order without money are not gone",
    ),
    Mutation(
        "any amount",
        "another amount than the total is taken for it",
        bugs.any_amount,
        84,
        "an open order is watched or waits for a person",
    ),
    Mutation(
        "call in transaction",
        "a gateway is called in one",
        bugs.call_inside_a_transaction,
        0,
        "no network call inside a transaction",
    ),
)
