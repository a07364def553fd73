"""What is broken, when and for how long: drawn from a seed, carried out in threads of its own."""

import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Final

import psycopg

from tests.hosts import wires
from tests.hosts.keeper import Keeper
from tests.hosts.machines import DATABASE, PROXY, Lab
from tests.hosts.wires import DATA, FRONT, GATES, Host

# Longer than the lease of a claim and the time that a refund's sender is believed to live (60 s).
PAST_ITS_LEASE_S: Final = (64.0, 72.0)
_RECOVERS_WITHIN_S: Final = 120.0
_WATCH_FOR_S: Final = 5.0
_WATCH_EVERY_S: Final = 0.005
_IN_TRANSACTION: Final = """
SELECT 1 FROM pg_stat_activity
WHERE client_addr = %s AND state LIKE 'idle in transaction%%' AND xact_start IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of fault: on which hosts, how long it lasts, how often beside the others."""

    hosts: Sequence[str]
    lasts_s: tuple[float, float]
    weight: int


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: when it begins (seconds from the start of the load), what, where, how long."""

    at_s: float
    kind: str
    host: str
    lasts_s: float


@dataclass(frozen=True, slots=True)
class Injected:
    """A fault as it happened (monotonic seconds); ``hit``: whether it met what it was meant to."""

    fault: Fault
    began: float
    ended: float
    hit: bool = True


def kinds_of(lab: Lab, *, is_short: bool) -> dict[str, Kind]:
    """Return the kinds of faults of this lab; a short run leaves out what needs a minute."""
    web, jobs = [host.name for host in lab.web], [host.name for host in lab.jobs]
    short = {
        "kill_web": Kind(web, (0, 0), 10),
        "kill_web_worker": Kind(web, (0, 0), 8),
        "kill_jobs": Kind(jobs, (0, 0), 10),
        "kill_proxy": Kind([PROXY.name], (0, 0), 4),
        "kill_proxy_worker": Kind([PROXY.name], (0, 0), 3),
        "freeze_web": Kind(web, (2, 8), 5),
        "cut_from_postgres": Kind([*web, *jobs], (2, 25), 8),
        "cut_in_transaction": Kind([*web, *jobs], (2, 25), 10),
        "cut_from_gateway": Kind([*web, *jobs], (2, 20), 8),
        "cut_from_proxy": Kind(web, (2, 15), 5),
        "restart_postgres_fast": Kind([DATABASE.name], (0, 2), 3),
        "restart_postgres_immediate": Kind([DATABASE.name], (0, 2), 3),
        "kill_postgres": Kind([DATABASE.name], (0, 2), 3),
        "bad_cable": Kind([*web, *jobs], (5, 15), 8),
    }
    return short if is_short else short | {"freeze_jobs": Kind(jobs, PAST_ITS_LEASE_S, 6)}


def draw(kinds: Mapping[str, Kind], dice: random.Random, count: int, over_s: float) -> list[Fault]:
    """Draw faults over a time: each kind once, then by their weights, in a random order.

    Those of a minute begin early enough to end within it.
    """
    names = dice.sample(list(kinds), min(count, len(kinds)))
    names += dice.choices(list(kinds), [one.weight for one in kinds.values()], k=count - len(names))
    dice.shuffle(names)
    gap_s = over_s / count
    faults: list[Fault] = []
    for number, name in enumerate(names):
        kind = kinds[name]
        lasts_s = dice.uniform(*kind.lasts_s)
        at_s = gap_s * (number + dice.random())
        faults.append(Fault(min(at_s, over_s), name, dice.choice(kind.hosts), lasts_s))
    return sorted(faults, key=lambda fault: fault.at_s)


@dataclass
class Saboteur:
    """Carries faults out; one host suffers one fault at a time, PostgreSQL included."""

    lab: Lab
    keeper: Keeper
    done: list[Injected] = field(default_factory=list[Injected])
    busy: set[str] = field(default_factory=set[str])
    lock: threading.Lock = field(default_factory=threading.Lock)

    def work_through(self, faults: Sequence[Fault], is_over: threading.Event) -> None:
        """Begin each fault at its time, until it is over; returns when all have been healed."""
        began, under_way = time.monotonic(), list[threading.Thread]()
        for fault in faults:
            if is_over.wait(max(0.0, began + fault.at_s - time.monotonic())):
                break
            under_way.append(threading.Thread(target=self._inject, args=(fault,), daemon=True))
            under_way[-1].start()
        for thread in under_way:
            thread.join()

    def counts(self) -> Counter[str]:
        """Count what was injected, by kind."""
        return Counter(one.fault.kind for one in self.done)

    def _inject(self, fault: Fault) -> None:
        fault = self._free_host(fault)
        began = time.monotonic()
        try:
            hit = self._act(fault)
        finally:
            with self.lock:
                self.busy.discard(fault.host)
        with self.lock:
            self.done.append(Injected(fault, began, time.monotonic(), hit))

    def _free_host(self, fault: Fault) -> Fault:
        """Return the fault on a host that has none yet; wait for one if all have."""
        hosts = [host.name for host in self.lab.hosts]
        same_kind = [name for name in hosts if name.rstrip("0123456789") in fault.host]
        while True:
            with self.lock:
                free = [name for name in (fault.host, *same_kind) if name not in self.busy]
                if free:
                    self.busy.add(free[0])
                    return Fault(fault.at_s, fault.kind, free[0], fault.lasts_s)
            time.sleep(0.1)

    def _act(self, fault: Fault) -> bool:
        host = next(one for one in self.lab.hosts if one.name == fault.host)
        acts: dict[str, Callable[[Host, float], bool]] = {
            "kill_web": self._kill,
            "kill_jobs": self._kill,
            "kill_proxy": self._kill,
            "kill_web_worker": self._kill_worker,
            "kill_proxy_worker": self._kill_worker,
            "freeze_web": self._freeze,
            "freeze_jobs": self._freeze,
            "cut_from_postgres": lambda on, lasts_s: _cut(on, DATA, lasts_s),
            "cut_in_transaction": self._cut_in_transaction,
            "cut_from_gateway": lambda on, lasts_s: _cut(on, GATES, lasts_s),
            "cut_from_proxy": lambda on, lasts_s: _cut(on, FRONT, lasts_s),
            "restart_postgres_fast": self._restarted(signal.SIGINT),
            "restart_postgres_immediate": self._restarted(signal.SIGQUIT),
            "kill_postgres": self._restarted(signal.SIGKILL),
            "bad_cable": _bad_cable,
        }
        return acts[fault.kind](host, fault.lasts_s)

    def _kill(self, host: Host, _lasts_s: float) -> bool:
        self.keeper.kill(host.name)
        return True

    def _kill_worker(self, host: Host, _lasts_s: float) -> bool:
        self.keeper.kill_worker(host.name)
        return True

    def _freeze(self, host: Host, lasts_s: float) -> bool:
        with self.keeper.frozen(host.name):
            time.sleep(lasts_s)
        return True

    def _restarted(self, how: signal.Signals) -> Callable[[Host, float], bool]:
        def restart(host: Host, lasts_s: float) -> bool:
            self.keeper.halt(host.name, how)
            time.sleep(lasts_s)
            self.keeper.resume(host.name)
            # The next fault finds a server that works: one that is stopped while it still recovers
            # may take minutes, which is no news about ours.
            return is_answered(self.lab.conninfo, _RECOVERS_WITHIN_S)

        return restart

    def _cut_in_transaction(self, host: Host, lasts_s: float) -> bool:
        """Cut a host off while it stands between two statements of one transaction."""
        met = self._wait_for_transaction(host)
        _cut(host, DATA, lasts_s)
        return met

    def _wait_for_transaction(self, host: Host) -> bool:
        deadline = time.monotonic() + _WATCH_FOR_S
        try:
            with psycopg.connect(self.lab.conninfo, autocommit=True, connect_timeout=3) as watcher:
                while time.monotonic() < deadline:
                    if watcher.execute(_IN_TRANSACTION, [host.address(DATA)]).fetchone():
                        return True
                    time.sleep(_WATCH_EVERY_S)
        except psycopg.OperationalError:
            pass  # PostgreSQL itself is being restarted: the cut comes all the same.
        return False


def is_answered(conninfo: str, within_s: float) -> bool:
    """Wait until PostgreSQL takes connections; False if it does not in time."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        try:
            psycopg.connect(conninfo, connect_timeout=2).close()
        except psycopg.OperationalError:
            time.sleep(0.1)
        else:
            return True
    return False


def _cut(host: Host, network: str, lasts_s: float) -> bool:
    wires.cut(host, network)
    try:
        time.sleep(lasts_s)
    finally:
        wires.heal(host, network)
    return True


def _bad_cable(host: Host, lasts_s: float) -> bool:
    """Delay and lose packets to and from PostgreSQL; without `netem`, in bursts of loss."""
    with ExitStack() as heals:
        if wires.can_be_slow():
            heals.enter_context(wires.slow(host, DATA))
            time.sleep(lasts_s)
            return True
        deadline = time.monotonic() + lasts_s
        while time.monotonic() < deadline:
            _cut(host, DATA, 0.15)
            time.sleep(0.35)
    return True
