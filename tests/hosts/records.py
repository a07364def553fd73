"""What the load generator was told, kept on its side: the witness against the shop's own books."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import requests

_LONGEST_S: Final = 70.0
_OK: Final = range(200, 300)
_REFUSED: Final = range(500, 600)


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: through which door, for what, what came of it, and when (monotonic seconds)."""

    door: str
    what: str
    answer: str
    began: float
    ended: float

    @property
    def failed(self) -> bool:
        """Whether the shop could not do it: 5xx, or no answer at all."""
        return not self.answer.isdigit() or int(self.answer) in _REFUSED


@dataclass(frozen=True, slots=True)
class Message:
    """One notification as it is sent: where to, and every byte of it."""

    gateway: str
    body: str
    headers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Bought:
    """An order that a shopper was given."""

    public_id: str
    number: str
    gateway: str
    pay_at: str
    """What the gateway's control API knows the payment page by."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A refund that a person sent off, by the key of the form."""

    number: str
    amount_idr: int
    form_key: str


@dataclass
class Ledger:
    """Everything that the load generator asked and was told; safe to share among threads."""

    asked: list[Asked] = field(default_factory=list[Asked])
    acknowledged: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    bought: list[Bought] = field(default_factory=list[Bought])
    paid: list[Bought] = field(default_factory=list[Bought])
    """Paid in a way that a gateway can give back."""
    wanted: list[Wanted] = field(default_factory=list[Wanted])
    surprises: list[str] = field(default_factory=list[str])
    """Answers that nobody should get: neither success nor a refusal that asks to come again."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, one: Asked) -> None:
        """Keep one request."""
        with self.lock:
            self.asked.append(one)

    def acknowledge(self, gateway: str, body: str, times: int = 1) -> None:
        """Keep that somebody was answered 2xx for this message."""
        with self.lock:
            self.acknowledged[gateway, body] += times

    def refusals(self) -> Counter[str]:
        """Count what failed, by what was asked and what came of it."""
        return Counter(f"{one.what}: {one.answer}" for one in self.asked if one.failed)


class Caller:
    """One client with its connections, whose every request is kept in the ledger."""

    def __init__(self, ledger: Ledger, door: str, base_url: str) -> None:
        self.http = requests.Session()
        self.http.trust_env = False
        self._ledger = ledger
        self._door = door
        self._base_url = base_url

    def ask(
        self, what: str, method: str, path: str, timeout_s: float = _LONGEST_S, **more: Any
    ) -> requests.Response | None:
        """Send one request; None where no answer came."""
        began, answer, told = time.monotonic(), None, ""
        try:
            answer = self.http.request(
                method, f"{self._base_url}{path}", timeout=timeout_s, allow_redirects=False, **more
            )
            told = str(answer.status_code)
        except requests.RequestException as error:
            told = type(error).__name__
        self._ledger.note(Asked(self._door, what, told, began, time.monotonic()))
        return answer

    def close(self) -> None:
        """Close the connections."""
        self.http.close()


def is_success(answer: requests.Response | None) -> bool:
    """Tell whether an answer came, and acknowledges."""
    return answer is not None and answer.status_code in _OK


class Working:
    """Threads that go on until they are told to stop; what one of them raises ends the run."""

    def __init__(self) -> None:
        self.is_over = threading.Event()
        self._errors: list[BaseException] = []
        self._threads: list[threading.Thread] = []

    def add(self, work: Callable[[], None]) -> None:
        """Run this in a thread of its own."""
        self._threads.append(threading.Thread(target=self._guarded, args=(work,), daemon=True))

    @contextmanager
    def going_on(self) -> Iterator[None]:
        """Let all of them work meanwhile; raises what one of them raised."""
        for thread in self._threads:
            thread.start()
        try:
            yield
        finally:
            self.is_over.set()
            for thread in self._threads:
                thread.join()
        if self._errors:
            raise self._errors[0]

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - raised again where it is waited for.
            self._errors.append(error)
            self.is_over.set()
