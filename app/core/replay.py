"""What-if: the observations of an order run through today's rules, beside what was decided then.

Observations are folded from the first one on. What they rested on besides (attempts, refunds) was
stored with each of them. A step of the order that no observation caused (a refund that succeeded, a
new attempt) is taken as it was recorded while both lives agree, and must still be an edge; once
they differ, it is the one that today's rules would take.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from app.core.edges import EDGES
from app.core.facts import AttemptFact, OrderFacts, RefundFact, put_on_attempt
from app.core.money import Rupiah
from app.core.observations import Evidence, Observation
from app.core.states import Attention, PaymentStatus
from app.core.transitions import Decision, Summary, decide, settle_status


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision as it is stored with its observation; reasons may be of other versions."""

    before: PaymentStatus
    after: PaymentStatus
    why: str
    evidence: Evidence
    attention: str | None


@dataclass(frozen=True, slots=True)
class Grounds:
    """What a decision rested on besides the observations before it."""

    attempts: tuple[AttemptFact, ...]
    refunds: tuple[RefundFact, ...]
    cancel_asked: bool = False


@dataclass(frozen=True, slots=True)
class Heard:
    """One stored observation with its decision and what this rested on."""

    id: int
    said: Observation
    verdict: Verdict
    grounds: Grounds


@dataclass(frozen=True, slots=True)
class Record:
    """One order as it is stored: everything heard, in order, and where it stands now."""

    number: str
    total_idr: Rupiah
    heard: tuple[Heard, ...]
    grounds: Grounds
    now: Summary


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that today's rules see otherwise; ``observation_id`` None: the order's end."""

    observation_id: int | None
    what: str
    stored: str
    today: str


@dataclass(slots=True)
class _Life:
    """An order as today's rules tell it, and how far the stored one had come."""

    facts: OrderFacts
    stored: PaymentStatus


def replay(record: Record) -> tuple[Difference, ...]:
    """Return everything that today's rules would have decided otherwise; nothing: all the same."""
    return tuple(_replay(record))


def _replay(record: Record) -> Iterator[Difference]:
    facts = OrderFacts(PaymentStatus.PENDING, record.total_idr, ())
    life = _Life(facts, PaymentStatus.PENDING)
    for heard in record.heard:
        _stand_on(life, heard.grounds)
        yield from _follow(life, heard.verdict.before, heard.id)
        made = decide(life.facts, heard.said)
        yield from _compare(heard, made)
        _learn(life, heard, made)
    _stand_on(life, record.grounds)
    yield from _follow(life, record.now.status, None)
    yield from _compare_end(record.now, life.facts)


def _stand_on(life: _Life, grounds: Grounds) -> None:
    """Take attempts and refunds as they stood, but let the replayed life say which page is dead."""
    dead = {attempt.reference for attempt in life.facts.attempts if attempt.dead}
    attempts = tuple(replace(a, dead=a.reference in dead) for a in grounds.attempts)
    life.facts = replace(
        life.facts,
        attempts=attempts,
        refunds=grounds.refunds,
        cancel_asked=grounds.cancel_asked,
    )


def _follow(life: _Life, recorded: PaymentStatus, at: int | None) -> Iterator[Difference]:
    """Follow a step that was recorded between two observations."""
    before = life.facts.status
    if life.stored is recorded and before is recorded:
        return
    agrees = before is life.stored
    reached = recorded if agrees else settle_status(life.facts).status
    if before is not reached and (before, reached) in EDGES:
        life.facts = replace(life.facts, status=reached)
    elif agrees:
        yield Difference(at, "step", f"{before.value}>{recorded.value}", before.value)


def _learn(life: _Life, heard: Heard, made: Decision) -> None:
    facts = replace(life.facts, status=made.after)
    if made.transaction is not None:
        facts = put_on_attempt(facts, made.transaction, heard.said.reference)
    if made.attempt is not None and made.attempt.dead:
        facts = _bury(facts, made.attempt.reference)
    life.facts, life.stored = facts, heard.verdict.after


def _bury(facts: OrderFacts, reference: str) -> OrderFacts:
    attempts = tuple(
        replace(a, dead=True) if a.reference == reference else a for a in facts.attempts
    )
    return replace(facts, attempts=attempts)


def _compare(heard: Heard, made: Decision) -> Iterator[Difference]:
    today = Verdict(made.before, made.after, made.why.value, made.evidence, _code(made.attention))
    for what, stored, now in (
        ("before", heard.verdict.before, today.before),
        ("after", heard.verdict.after, today.after),
        ("why", heard.verdict.why, today.why),
        ("evidence", heard.verdict.evidence, today.evidence),
        ("attention", heard.verdict.attention, today.attention),
    ):
        if stored != now:
            yield Difference(heard.id, what, str(stored), str(now))


def _code(attention: Attention | None) -> str | None:
    return None if attention is None else attention.value


def _compare_end(stored: Summary, facts: OrderFacts) -> Iterator[Difference]:
    sums = settle_status(facts)
    for what, then, now in (
        ("state", stored.status, facts.status),
        ("captured", stored.captured_idr, sums.captured_idr),
        ("refunded", stored.refunded_idr, sums.refunded_idr),
        ("reserved", stored.reserved_idr, sums.reserved_idr),
        ("winner", stored.winner, sums.winner),
    ):
        if then != now:
            yield Difference(None, what, str(then), str(now))
