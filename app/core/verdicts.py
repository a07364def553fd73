"""How a notification or a status check was judged: a chain of links, each a small fact.

A notification is received, found authentic, read, matched to an attempt of an order, and judged;
what it only claims is then asked about until the gateway's answers conclude it. A status check is
matched, asked and judged. ``check_chain`` is the grammar: whatever happens to a message, the chain
that is stored with it tells the whole way up to where it stands now, and what it waits for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, TypeAlias

from app.core.observations import Evidence, Observation, Seen
from app.core.reasons import Why
from app.core.states import Attention, NotificationState, PaymentStatus
from app.core.transitions import Decision

# A claim that a gateway leaves unanswered is asked about for ever; its chain must not grow so.
MOST_LINKS: Final = 40
_FIRST_KEPT: Final = 9
_LONGEST_TEXT: Final = 200


class Proof(StrEnum):
    """By what a gateway shows that a message is its own."""

    SIGNATURE = "signature"
    TOKEN = "token"  # noqa: S105 - the name of a kind of proof, not a token.
    # By the key or token that is being replaced, while messages under it are still on their way.
    PREVIOUS_SIGNATURE = "previous_signature"
    PREVIOUS_TOKEN = "previous_token"  # noqa: S105 - as above.


class Authenticity(StrEnum):
    """Whether a message comes from the gateway."""

    YES = "yes"
    NO = "no"
    CANNOT_TELL = "cannot_tell"  # what would carry the proof could not be read


@dataclass(frozen=True, slots=True)
class Received:
    """The delivery arrived; ``size`` and ``kept`` in bytes. ``why``: refused unread."""

    size: int
    kept: int
    why: Why | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """The proof that it comes from the gateway was looked at; ``why``: refused."""

    authentic: Authenticity
    proof: Proof | None = None
    why: Why | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """A message or an answer in our words and in the gateway's; ``why``: it cannot be read."""

    seen: Seen | None = None
    raw_status: str = ""
    transaction_id: str | None = None
    why: Why | None = None


@dataclass(frozen=True, slots=True)
class Matched:
    """The attempt that it is about; ``why``: there is none."""

    reference: str
    try_number: int | None = None
    why: Why | None = None


@dataclass(frozen=True, slots=True)
class Repeats:
    """The same message was stored before, as this notification."""

    notification_id: int


@dataclass(frozen=True, slots=True)
class Judged:
    """What the rules made of it.

    ``rule``: the edge taken ("pending>paid"), or the reason for taking none. ``needed``: the
    evidence without which the rule does not act; None where nothing had to be shown. ``asks``: the
    gateway is asked to confirm it.
    """

    rule: str
    why: Why
    before: PaymentStatus
    after: PaymentStatus
    given: Evidence
    needed: Evidence | None = None
    asks: bool = False
    attention: Attention | None = None

    @property
    def changed(self) -> bool:
        """Whether the order's state changed."""
        return self.before is not self.after


@dataclass(frozen=True, slots=True)
class Asked:
    """The gateway was asked; what it answered follows, or it did not answer (``error``)."""

    at: datetime
    answers: int = 0
    error: str | None = None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """So many links stood here; the chain was getting too long."""

    links: int


@dataclass(frozen=True, slots=True)
class Concluded:
    """The end of a claim: what stays as the verdict; ``attention``: a person was called."""

    at: datetime
    why: Why
    attention: Attention | None = None


Link: TypeAlias = (
    Received | Checked | Read | Matched | Repeats | Judged | Asked | LeftOut | Concluded
)
Chain: TypeAlias = tuple[Link, ...]

# A signature proves this one step; every other one takes an answer of the gateway.
_PROVABLE: Final = (PaymentStatus.PENDING, PaymentStatus.PAID)


def read_link(observation: Observation) -> Read:
    """Return the link that tells what was said."""
    return Read(
        observation.seen,
        observation.raw_status[:60],
        (observation.gateway_transaction_id or "")[:80] or None,
    )


def judged_link(decision: Decision) -> Judged:
    """Return the link that tells what was decided, by which rule, on which evidence."""
    return Judged(
        rule=rule_of(decision.before, decision.after, decision.why),
        why=decision.why,
        before=decision.before,
        after=decision.after,
        given=decision.evidence,
        needed=_needed(decision),
        asks=decision.needs_confirmation,
        attention=decision.attention,
    )


def answer_links(answers: Sequence[Observation], decisions: Sequence[Decision]) -> tuple[Link, ...]:
    """Return the links that tell what the gateway answered and what was decided about each."""
    pairs = zip(answers, decisions, strict=True)
    return tuple(link for said, made in pairs for link in (read_link(said), judged_link(made)))


def asked_link(at: datetime, *, answers: int = 0, error: str | None = None) -> Asked:
    """Return the link that tells of a question; the gateway's words of an error are cut short."""
    return Asked(at, answers, None if error is None else error[:_LONGEST_TEXT])


def rule_of(before: PaymentStatus, after: PaymentStatus, why: Why) -> str:
    """Name the rule that decided: the edge that was taken, or the reason for taking none."""
    return why.value if before is after else f"{before.value}>{after.value}"


def _needed(decision: Decision) -> Evidence | None:
    if decision.changed:
        step = (decision.before, decision.after)
        return Evidence.PROVES if step == _PROVABLE else Evidence.CONFIRMED
    return Evidence.CONFIRMED if decision.needs_confirmation else None


def extend_chain(chain: Chain, *links: Link) -> Chain:
    """Return the chain with these links at its end; the first and the last of a long one stay."""
    longer = (*chain, *links)
    if len(longer) <= MOST_LINKS:
        return longer
    tail = longer[len(longer) - (MOST_LINKS - _FIRST_KEPT - 1) :]
    dropped = longer[_FIRST_KEPT : len(longer) - len(tail)]
    count = sum(link.links if isinstance(link, LeftOut) else 1 for link in dropped)
    return (*longer[:_FIRST_KEPT], LeftOut(count), *tail)


def claim_of(chain: Chain) -> tuple[Seen, Evidence]:
    """Return what a judged message said, and how far that could be acted on at once."""
    said = next(link.seen for link in chain if isinstance(link, Read))
    judged = next(link for link in chain if isinstance(link, Judged))
    return said or Seen.UNRECOGNISED, judged.given


def state_of(chain: Chain) -> NotificationState:
    """Tell how far a notification has come."""
    last = chain[-1]
    if isinstance(last, Received | Checked | Read) and last.why is not None:
        return NotificationState.REFUSED
    waits = any(isinstance(link, Judged) and link.asks for link in chain)
    if waits and not isinstance(last, Concluded):
        return NotificationState.AWAITING_CONFIRMATION
    return NotificationState.DONE


def verdict_of(chain: Chain) -> Why:
    """Return the reason that stands for a notification's whole chain, as far as it goes."""
    last = chain[-1]
    if isinstance(last, Concluded):
        return last.why
    # What is judged later in the chain are answers, not yet the verdict about the claim itself.
    reasons = (_reason(link) for link in chain)
    return next(why for why in reasons if why is not None)


def _reason(link: Link) -> Why | None:
    if isinstance(link, Repeats):
        return Why.DUPLICATE
    return None if isinstance(link, Asked | LeftOut) else link.why
