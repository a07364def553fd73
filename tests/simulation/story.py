"""One story from its plot to its end, and the shortest plot that still goes wrong."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.simulation.boundaries import Chance, Plan, Weather
from tests.simulation.databank import Databank
from tests.simulation.ending import judge_the_end, settle_down
from tests.simulation.invariants import Judge
from tests.simulation.records import read_records, read_verdicts
from tests.simulation.stage import Stage, on_stage
from tests.simulation.steps import ACTS, Step, plot, somebody, weather_of
from tests.simulation.violation import ViolationError

# Somebody who comes in between is not interrupted and does not die a second time.
_CALM_MEANWHILE = 0.5


@dataclass
class Outcome:
    """How one story went; ``violation`` None if every rule held."""

    seed: int
    steps: int
    orders: int = 0
    violation: ViolationError | None = None
    story: list[str] = field(default_factory=list)
    tally: Counter[str] = field(default_factory=Counter)


def tell(
    seed: int,
    length: int,
    bank: Databank,
    *,
    steps: Sequence[Step] | None = None,
    plan: Plan | None = None,
) -> Outcome:
    """Play the story of a seed; ``steps`` plays these instead of its plot."""
    played = list(plot(seed, length) if steps is None else steps)
    outcome = Outcome(seed, len(played))
    with on_stage(seed, bank) as stage:
        judge = Judge(stage)
        try:
            play(stage, played, weather_of(seed), judge=judge, plan=plan)
            settle_down(stage)
            endings = judge_the_end(stage, judge)
            outcome.tally.update(f"end: {ending}" for ending in endings)
        except ViolationError as violation:
            outcome.violation = violation
        except Exception as surprise:  # noqa: BLE001 - whatever escapes is what we look for.
            outcome.violation = ViolationError(
                f"no use case raises {type(surprise).__name__}", str(surprise)
            )
            outcome.violation.__cause__ = surprise
        _count(stage, outcome)
    return outcome


def play(
    stage: Stage,
    steps: Sequence[Step],
    weather: Weather,
    *,
    judge: Judge | None = None,
    plan: Plan | None = None,
) -> None:
    """Play these steps; the judge, if any, looks after each that has written something."""
    changes = -1
    for step in steps:
        dice = random.Random(step.seed)
        stage.boundaries.meanwhile = _meanwhile(stage, step, weather)
        with stage.under(plan or Chance(random.Random(f"plan {step.seed}"), weather)):
            stage.attempt(lambda step=step, dice=dice: ACTS[step.name](stage, dice))
        if judge is not None and (now := stage.bank.changes()) != changes:
            changes = now
            judge.check(read_records(stage.bank.engine))


def _meanwhile(stage: Stage, step: Step, weather: Weather) -> Callable[[], None]:
    dice = random.Random(f"meanwhile {step.seed}")
    calmer = Weather(weather.dies, 0.0, weather.call * _CALM_MEANWHILE, weather.post)

    def act() -> None:
        with stage.under(Chance(dice, calmer)):
            somebody(stage, dice)

    return act


def _count(stage: Stage, outcome: Outcome) -> None:
    records = read_records(stage.bank.engine)
    outcome.story = stage.story
    outcome.orders = len(records.orders)
    outcome.tally.update(stage.boundaries.counts)
    outcome.tally.update(f"refund: {row.route} {row.state}" for row in records.refunds)
    outcome.tally.update(f"attention: {row.attention}" for row in records.orders if row.attention)
    verdicts = read_verdicts(stage.bank.engine).items()
    outcome.tally.update({f"verdict: {verdict}": number for verdict, number in verdicts})
    outcome.tally.update(f"reason: {row.why}" for row in records.events)


def shorten(outcome: Outcome, length: int, bank: Databank) -> tuple[list[Step], Outcome]:
    """Leave out steps for as long as the same rule is still broken."""
    kept = list(plot(outcome.seed, length))
    best = outcome
    size = max(1, len(kept) // 2)
    while size:
        begin = 0
        while begin < len(kept):
            fewer = kept[:begin] + kept[begin + size :]
            shorter = tell(outcome.seed, length, bank, steps=fewer)
            if _same(shorter, outcome):
                kept, best = fewer, shorter
            else:
                begin += size
        size //= 2
    return kept, best


def _same(one: Outcome, other: Outcome) -> bool:
    if one.violation is None or other.violation is None:
        return False
    return one.violation.rule == other.violation.rule
