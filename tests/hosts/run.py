"""One run from the first cable to the verdict."""

import random
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.hosts import wires
from tests.hosts.controls import put_on_trial
from tests.hosts.faults import Injected, Saboteur, draw, is_answered, kinds_of
from tests.hosts.judge import Verdict, gather, judge, verified
from tests.hosts.keeper import Keeper
from tests.hosts.machines import PROXY, RESTARTED_AFTER_S, SHOP, WEB_PORT, Lab, Plan
from tests.hosts.messengers import Copies, Messenger, Post
from tests.hosts.outages import longest_by_kind
from tests.hosts.records import Caller, Ledger, Working, is_success
from tests.hosts.settling import Settled, end_what_is_open, let_a_minute_pass, settle
from tests.hosts.shoppers import Shopper
from tests.hosts.staff import Person
from tests.hosts.wires import FRONT, Host

_START_S: Final = 120.0
_PROBE_EVERY_S: Final = 0.2
_PROBE_TIMEOUT_S: Final = 5.0
_MESSENGERS: Final = 6
_STAFF: Final = ("budi", "dewi")
_LATEST_S: Final = 40.0
_COPIES_PATIENCE_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Wish:
    """What kind of run is wanted; ``minutes`` are those of the load."""

    seed: int
    minutes: float
    faults: int
    is_short: bool = False
    plan: Plan = field(default_factory=Plan)
    shoppers: int = 4
    orders_per_shopper: int = 2000
    pause_s: float = 2.0
    patience_s: float = 240.0
    with_trial: bool = False


@dataclass(frozen=True)
class Outcome:
    """What came of a run; the outages are in seconds, by kind of fault."""

    ledger: Ledger
    injected: Sequence[Injected]
    outages: dict[str, float]
    deaths: dict[str, int]
    settled: Settled
    verdict: Verdict
    caught: dict[str, bool]


def run(wish: Wish, folder: Path) -> Outcome:
    """Build the lab, load it, break it, let it settle, and judge."""
    lab, keeper, ledger = Lab(folder, wish.plan), Keeper(_logs(folder)), Ledger()
    try:
        _build(lab, keeper)
        _say("load")
        saboteur = Saboteur(lab, keeper)
        _load(wish, saboteur, ledger)
        _say("settling")
        settled = _settle(wish, lab, keeper)
        _say("judging")
        Post(lab).note_answers(ledger)
        evidence = gather(lab, settled.unfinished, told=verified(lab))
        caught = put_on_trial(lab, evidence, ledger) if wish.with_trial else {}
    finally:
        keeper.end()
    probes = [one for one in ledger.asked if one.what == "probe"]
    return Outcome(
        ledger=ledger,
        injected=saboteur.done,
        outages=longest_by_kind(probes, saboteur.done),
        deaths=keeper.deaths(),
        settled=settled,
        verdict=judge(evidence, ledger),
        caught=caught,
    )


def _say(what: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {what} …", flush=True)


def _logs(folder: Path) -> Path:
    logs = folder / "logs"
    logs.mkdir()
    return logs


def _build(lab: Lab, keeper: Keeper) -> None:
    wires.plug_in(lab.hosts)
    _name_the_shop(lab.folder)
    keeper.run(lab.postgres(), RESTARTED_AFTER_S)
    _insist("PostgreSQL", is_answered(lab.conninfo_of("postgres"), _START_S))
    lab.prepare()
    for program, pause_s in lab.programs():
        keeper.run(program, pause_s)
    keeper.begin()
    wait_until_ready(lab)


def _name_the_shop(folder: Path) -> None:
    """Let the shop's name lead to the proxy, on all hosts of the lab and nowhere else."""
    names = folder / "hosts"
    names.write_text(f"127.0.0.1 localhost\n{PROXY.address(FRONT)} {SHOP}\n")
    subprocess.run(["mount", "--bind", str(names), "/etc/hosts"], check=True)


def wait_until_ready(lab: Lab) -> None:
    """Wait until every web process, the gateways and the proxy answer."""
    for host in lab.web:
        url = f"http://{host.address(FRONT)}:{WEB_PORT}"
        _wait(host.name, lambda url=url: _is_up(url, "/readyz"))
    _wait("gates", lambda: _is_up(lab.sandbox_url, "/_sandbox/clock"))
    _wait("the proxy", lambda: _is_up(f"http://{SHOP}", "/readyz"))


def _wait(what: str, holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _START_S
    while not (is_there := holds()) and time.monotonic() < deadline:
        time.sleep(0.1)
    _insist(what, is_there)


def _insist(what: str, is_there: bool) -> None:
    if not is_there:
        raise RuntimeError(f"{what} does not answer within {_START_S:.0f} s")


def _is_up(url: str, path: str) -> bool:
    caller = Caller(Ledger(), "", url)
    try:
        return is_success(caller.ask("", "GET", path, timeout_s=5))
    finally:
        caller.close()


def _load(wish: Wish, saboteur: Saboteur, ledger: Ledger) -> None:
    """Let everybody work while things break; the late messages come when all is whole again."""
    lab = saboteur.lab
    dice = random.Random(wish.seed)
    faults = draw(kinds_of(lab, is_short=wish.is_short), dice, wish.faults, wish.minutes * 60)
    doors = [host.name for host in lab.web]
    latest_s = _LATEST_S / 8 if wish.is_short else _LATEST_S
    post, copies = Post(lab), Copies(_dice(wish, "copies"), doors, latest_s)
    telling, buying = Working(), Working()
    telling.add(lambda: post.copy_on(copies, telling))
    for _ in range(_MESSENGERS):
        telling.add(Messenger(lab, ledger, telling, copies).go_on)
    _add_people(wish, lab, ledger, buying)
    with telling.going_on():
        with buying.going_on():
            began = time.monotonic()
            saboteur.work_through(faults, buying.is_over)
            buying.is_over.wait(max(0.0, began + wish.minutes * 60 - time.monotonic()))
        wait_until_ready(lab)
        copies.wait_until_sent(telling.is_over, _COPIES_PATIENCE_S)


def _add_people(wish: Wish, lab: Lab, ledger: Ledger, buying: Working) -> None:
    for number in range(wish.shoppers):
        shopper = Shopper(lab, ledger, buying, _dice(wish, f"shopper {number}"))
        buying.add(lambda one=shopper: one.go_on(wish.orders_per_shopper, wish.pause_s))
    for name in _STAFF:
        person = Person(name, ledger, buying, _dice(wish, name))
        buying.add(lambda one=person: one.go_on(wish.orders_per_shopper, wish.pause_s))
    buying.add(lambda: _probe(ledger, buying))


def _probe(ledger: Ledger, working: Working) -> None:
    """Ask for the catalogue again and again, as somebody would who watches the shop."""
    caller = Caller(ledger, "proxy", f"http://{SHOP}")
    while not working.is_over.wait(_PROBE_EVERY_S):
        caller.ask("probe", "GET", "/api/products", timeout_s=_PROBE_TIMEOUT_S)


def _dice(wish: Wish, who: str) -> random.Random:
    return random.Random(f"{wish.seed} {who}")


def _settle(wish: Wish, lab: Lab, keeper: Keeper) -> Settled:
    if wish.is_short:
        with _halted(keeper, lab.jobs):
            let_a_minute_pass(lab)
    end_what_is_open(lab)
    return settle(lab, wish.patience_s)


@contextmanager
def _halted(keeper: Keeper, hosts: Sequence[Host]) -> Iterator[None]:
    for host in hosts:
        keeper.halt(host.name, signal.SIGKILL)
    yield
    for host in hosts:
        keeper.resume(host.name)
