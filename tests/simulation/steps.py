"""A story's plot: steps, each with a seed of its own, so that any of them can be left out."""

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
from tests.simulation.records import due_times
from tests.simulation.stage import CREW, Stage
from tests.simulation.violation import require

Act: TypeAlias = Callable[[Stage, random.Random], str | None]
_CLAIMING: Final = (confirm_claims, poll_attempts, resolve_refunds)
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
    for job in _CLAIMING:
        _report(job.__name__, job(stage.desk, CREW), stage)
    _report("expire_approvals", expire_approvals(stage.desk), stage)
    return None


def run_due_jobs(stage: Stage) -> None:
    """Let the jobs run for which something is due; the others would find nothing."""
    for job in _CLAIMING:
        due_at = due_times(stage.bank.engine).get(job.__name__)
        if due_at is not None and due_at <= stage.clock():
            _report(job.__name__, job(stage.desk, CREW), stage)
    _report("expire_approvals", expire_approvals(stage.desk), stage)


def run_one_job(stage: Stage, dice: random.Random) -> str | None:
    """Let one job run once."""
    job = dice.choice(_CLAIMING)
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
    "take another amount": gateway_side.take_another_amount,
    "ask gateway": staff.ask_gateway,
    "ask for refund": staff.ask_for_refund,
    "act on refund": staff.act_on_refund,
    "reroute": staff.reroute,
    "cancel": staff.cancel,
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
# What tends to follow what; between the steps of one arc anything else may happen.
_ARCS: Final = (
    ("check out", "pay", "deliver", "run jobs"),
    ("check out", "wait", "press again", "pay", "deliver"),
    ("check out", "pay", "deliver all", "run one job", "ask for refund", "run jobs", "deliver all"),
    ("ask for refund", "act on refund", "wait", "run jobs", "deliver all", "run jobs"),
    ("ask for refund", "act on refund", "restock"),
    ("check out", "pay", "deliver", "run jobs", "ask for refund", "reroute", "act on refund"),
    ("choose", "cancel", "pay", "deliver", "run jobs"),
    ("pay", "ask gateway", "refund outside", "deliver", "ask for refund"),
    ("choose", "come back", "pay", "pay", "deliver", "run jobs"),
    ("choose", "wait", "ask gateway", "pay", "run one job", "deliver"),
    ("choose", "wait", "wait", "pay late", "deliver", "run jobs"),
    ("fail", "deliver", "pay", "deliver"),
    ("be challenged", "deliver", "run one job", "intervene", "deliver"),
    ("pay", "run jobs", "intervene", "deliver", "run one job"),
    ("wait", "run jobs"),
)
_RARE: Final = ("choose", "take another amount", "deliver", "run jobs")
_RARELY: Final = 0.03
_ASIDES: Final[Mapping[str, int]] = {
    **dict.fromkeys(("press again", "come back", "look", "take note", "restock", "forge"), 2),
    **dict.fromkeys(("reroute", "cancel"), 2),
    **dict.fromkeys(("replay", "exchange", "ask gateway", "refund outside", "pay late"), 3),
    **dict.fromkeys(("intervene", "ask for refund", "act on refund", "pay", "fail"), 4),
    **dict.fromkeys(("deliver", "deliver all", "run jobs", "run one job", "wait"), 6),
}
_ASIDE_CHANCE: Final = 0.3
# Who may act while somebody else's process waits between two of its steps.
# Two steps in one gap are what makes a slow answer an old one.
_MEANWHILE: Final = (
    *(("pay", "deliver all"), ("pay", "deliver all"), ("pay", "deliver all")),
    *(("pay late", "deliver all"), ("intervene", "deliver all")),
    *(("refund outside", "deliver all"), ("intervene", "deliver all", "run one job")),
    *(("deliver",), ("run one job",), ("ask for refund",), ("act on refund",), ("ask gateway",)),
    *(("pay",), ("press again",), ("come back",), ("exchange",), ("ask for refund",)),
    *(("reroute",), ("cancel",), ("cancel", "pay", "deliver all")),
)
_WEATHERS: Final = (
    Weather(),
    Weather(dies=0.02, interrupted=0.05, call=0.15, post=0.15),
    Weather(dies=0.03, interrupted=0.10, call=0.30, post=0.35),
    Weather(interrupted=0.25),
    Weather(dies=0.08, call=0.10),
    Weather(call=0.45, post=0.40),
)


def plot(seed: int, length: int) -> list[Step]:
    """Write the plot of one story; it begins with a purchase."""
    dice = random.Random(f"plot {seed}")
    names = ["check out", "check out"]
    while len(names) < length:
        arc = _RARE if dice.random() < _RARELY else dice.choice(_ARCS)
        for name in arc:
            if dice.random() < _ASIDE_CHANCE:
                names += dice.choices(list(_ASIDES), list(_ASIDES.values()))
            names.append(name)
    return [Step(name, dice.getrandbits(48)) for name in names[:length]]


def weather_of(seed: int) -> Weather:
    """Return how rough one story is; every sixth one is calm."""
    return _WEATHERS[seed % len(_WEATHERS)]


def somebody(stage: Stage, dice: random.Random) -> None:
    """Let somebody act in between."""
    for name in dice.choice(_MEANWHILE):
        stage.note(f"meanwhile ({name}):")
        stage.attempt(lambda name=name: ACTS[name](stage, dice))
