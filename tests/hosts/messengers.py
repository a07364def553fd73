"""Every notification three more times: to several web hosts at once, late, and out of order."""

import heapq
import random
import threading
import time
from collections.abc import Iterable
from typing import Any, Final

from tests.hosts.machines import NOTIFICATIONS, SHOP, WEB_PORT, Lab
from tests.hosts.records import Caller, Ledger, Message, Working, is_success
from tests.hosts.wires import FRONT

COPIES: Final = 3
_AT_ONCE: Final = 0.5
_VERY_LATE: Final = 0.1
_TRIES: Final = 4
_PAGE: Final = 100_000
_LOOK_EVERY_S: Final = 0.5
_TIMEOUT_S: Final = 30.0


class Copies:
    """The copies that are still to be sent, the soonest first; shared by all messengers."""

    def __init__(self, dice: random.Random, doors: list[str], latest_s: float) -> None:
        self._latest_s = latest_s
        self._dice = dice
        self._doors = doors
        self._waiting: list[tuple[float, int, str, Message]] = []
        self._number = 0
        self._lock = threading.Lock()

    def add(self, message: Message, now: float) -> None:
        """Plan all copies of a message, half of the time all at one moment at different hosts."""
        with self._lock:
            at_once = self._dice.random() < _AT_ONCE
            together = self._late()
            doors = self._dice.sample(self._doors, len(self._doors))
            for copy in range(COPIES):
                due = now + (together if at_once else self._late())
                self._number += 1
                door = doors[copy % len(doors)]
                heapq.heappush(self._waiting, (due, self._number, door, message))

    def take(self, now: float) -> tuple[str, Message] | None:
        """Return a copy that is due, and the door it goes to."""
        with self._lock:
            if not self._waiting or self._waiting[0][0] > now:
                return None
            _, _, door, message = heapq.heappop(self._waiting)
            return door, message

    def wait_until_sent(self, is_over: threading.Event, patience_s: float) -> None:
        """Wait until no copy waits any more, or the patience ends: what is not sent is not due."""
        deadline = time.monotonic() + patience_s
        while time.monotonic() < deadline and not is_over.wait(_LOOK_EVERY_S):
            with self._lock:
                if not self._waiting:
                    return

    def _late(self) -> float:
        if self._dice.random() < _VERY_LATE:
            return self._dice.uniform(self._latest_s / 4, self._latest_s)
        return self._dice.uniform(0, self._latest_s / 8)


class Messenger:
    """Sends copies, straight to the web hosts, and comes again where it is put off."""

    def __init__(self, lab: Lab, ledger: Ledger, working: Working, copies: Copies) -> None:
        self._ledger = ledger
        self._working = working
        self._copies = copies
        self._callers = {
            host.name: Caller(ledger, host.name, f"http://{host.address(FRONT)}:{WEB_PORT}")
            for host in lab.web
        }

    def go_on(self) -> None:
        """Send what is due until the work is over."""
        while not self._working.is_over.is_set():
            found = self._copies.take(time.monotonic())
            if found is None:
                self._working.is_over.wait(0.02)
            else:
                self._send(*found)

    def _send(self, door: str, message: Message) -> None:
        headers = dict(message.headers) | {"Host": SHOP}
        for _ in range(_TRIES):
            answer = self._callers[door].ask(
                "notification",
                "POST",
                f"{NOTIFICATIONS}/{message.gateway}",
                timeout_s=_TIMEOUT_S,
                data=message.body.encode(),
                headers=headers,
            )
            if is_success(answer):
                self._ledger.acknowledge(message.gateway, message.body)
                return
            if answer is not None and answer.status_code < 500:
                self._ledger.surprises.append(f"notification: {answer.status_code} {answer.text}")
                return
            if self._working.is_over.wait(0.5):
                return


class Post:
    """Reads what the gateways sent by themselves: to copy it, and to know how it was answered."""

    def __init__(self, lab: Lab) -> None:
        self._gates = Caller(Ledger(), "gates", lab.sandbox_url)
        self._seen = 0

    def copy_on(self, copies: Copies, working: Working) -> None:
        """Hand every new message to those who send copies."""
        while not working.is_over.wait(_LOOK_EVERY_S):
            for one in self._new():
                copies.add(_message(one), time.monotonic())

    def note_answers(self, ledger: Ledger) -> int:
        """Enter into the ledger what the gateways' own deliveries were answered; return them."""
        deliveries = self._deliveries(_PAGE)
        for one in deliveries:
            answers = [try_["status"] for try_ in one["attempts"]]
            fine = sum(status is not None and 200 <= status < 300 for status in answers)
            if fine:
                ledger.acknowledge(one["gateway"], one["body"], fine)
        return len(deliveries)

    def _new(self) -> list[dict[str, Any]]:
        new = [one for one in self._deliveries(200) if one["id"] > self._seen]
        self._seen = max((one["id"] for one in new), default=self._seen)
        return list(reversed(new))

    def _deliveries(self, limit: int) -> list[dict[str, Any]]:
        answer = self._gates.ask("deliveries", "GET", f"/_sandbox/deliveries?limit={limit}")
        return answer.json()["deliveries"] if answer is not None and answer.ok else []


def _message(delivery: dict[str, Any]) -> Message:
    headers: Iterable[tuple[str, str]] = delivery["headers"].items()
    return Message(delivery["gateway"], delivery["body"], tuple(headers))
