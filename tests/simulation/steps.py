"""A story's plot: a list of steps, each with a seed of its own, so that any of them can be left out."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from app.services.reconciliation import (
    RunReport,
    confirm_claims,
    expire_approvals,
    poll_attempts,
    resolve_refunds,
)
from tests.simulation import gateway_side, shoppers, staff, strangers
from tests.simulation.boundaries import Weather
from tests.simulation.stage import CREW, Stage
from tests.simulation.violation import require

Act: TypeAlias = Callable[[Stage, random.Random], str | None]
_WAITS_S: Final = (1, 5, 31, 61, 300, 1_800, 7_200, 43_200, 90_000, 260_000)
_WAIT_WEIGHTS: Final = (6, 6, 6, 6, 4, 4, 3, 2, 2, 1)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a story: who acts, and the seed of everything that is left to chance in it."""

    name: str
    seed: int


def wait(stage: Stage, dice: random.Random) -> str | None:
    """Let time pass, from a second to three days."""
    (seconds,) = dice.choices(_WAITS_S, _WAIT_WEIGHTS)
    stage.pass_time(seconds)
    return f"{seconds} s later"


def deliver(stage: Stage, dice: random.Random) -> str | None:
    """Deliver one notification, any that is on its way."""
    stage.mailbag.deliver(dice)
    return None


def deliver_all(stage: Stage, dice: random.Random) -> str | None:
    """Deliver everything that is on its way."""
    stage.mailbag.deliver_all()
    return None


def run_jobs(stage: Stage, dice: random.Random) -> str | None:
    """Let each job run once."""
    for job in (confirm_claims, poll_attempts, resolve_refunds):
        _report(job.__name__, job(stage.desk, CREW), stage)
    _report("expire_approvals", expire_approvals(stage.desk), stage)
    return None


def run_one_job(stage: Stage, dice: random.Random) -> str | None:
    """Let one job run once."""
    job = dice.choice((confirm_claims, poll_attempts, resolve_refunds))
    _report(job.__name__, job(stage.desk, CREW), stage)
    return None


def _report(name: str, report: RunReport, stage: Stage) -> None:
    if report.claimed:
        stage.note(f"job {name}: {report.claimed} looked at, {report.changed} changed")
    require(not report.failed, "a job's row never fails", name)


ACTS: Final[Mapping[str, Act]] = {
    "check out": shoppers.check_out,
    "press again": shoppers.press_again,
    "come back": shoppers.come_back,
    "look": shoppers.look,
    "pay": shoppers.pay,
    "choose": shoppers.choose,
    "fail": shoppers.fail,
    "be challenged": shoppers.be_challenged,
    "pay late": shoppers.pay_late,
    "intervene": gateway_side.intervene,
    "refund outside": gateway_side.refund_outside,
    "ask gateway": staff.ask_gateway,
    "ask for refund": staff.ask_for_refund,
    "act on refund": staff.act_on_refund,
    "restock": staff.restock,
    "take note": staff.take_note,
    "forge": strangers.forge,
    "replay": strangers.replay,
    "exchange": strangers.exchange,
    "deliver": deliver,
    "deliver all": deliver_all,
    "run jobs": run_jobs,
    "run one job": run_one_job,
    "wait": wait,
}
_WEIGHTS: Final[Mapping[str, int]] = {
    "check out": 10,
    "press again": 4,
    "come back": 6,
    "look": 2,
    "pay": 14,
    "choose": 4,
    "fail": 3,
    "be challenged": 3,
    "pay late": 4,
    "intervene": 7,
    "refund outside": 3,
    "ask gateway": 4,
    "ask for refund": 13,
    "act on refund": 8,
    "restock": 2,
    "take note": 2,
    "forge": 2,
    "replay": 3,
    "exchange": 4,
    "deliver": 12,
    "deliver all": 8,
    "run jobs": 14,
    "run one job": 8,
    "wait": 24,
}
# Who may act while somebody else's process waits between two of its steps.
_MEANWHILE: Final = (
    *("deliver", "deliver", "run one job", "ask for refund", "act on refund", "ask gateway"),
    *("pay", "press again", "come back", "intervene", "refund outside", "exchange", "pay late"),
)
_WEATHERS: Final = (
    Weather(),
    Weather(dies=0.01, interrupted=0.04, call=0.04, post=0.1),
    Weather(dies=0.02, interrupted=0.08, call=0.12, post=0.25),
    Weather(interrupted=0.25),
    Weather(dies=0.06),
    Weather(call=0.35, post=0.2),
)


def plot(seed: int, length: int) -> list[Step]:
    """Write the plot of one story; it begins with a purchase."""
    dice = random.Random(f"plot {seed}")
    names = ["check out", *dice.choices(list(_WEIGHTS), list(_WEIGHTS.values()), k=length - 1)]
    return [Step(name, dice.getrandbits(48)) for name in names]


def weather_of(seed: int) -> Weather:
    """Return how rough one story is; every sixth one is calm."""
    return _WEATHERS[seed % len(_WEATHERS)]


def somebody(stage: Stage, dice: random.Random) -> None:
    """Let somebody act in between."""
    name = dice.choice(_MEANWHILE)
    stage.note(f"meanwhile ({name}):")
    stage.attempt(lambda: ACTS[name](stage, dice))
