"""Carries notifications over HTTP: a few threads, in order for any one order."""

import contextlib
import logging
import queue
import threading
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol
from urllib.parse import urljoin

import requests

_WORKERS: Final = 8
_ANSWER_CHARS: Final = 500
_POST_AGAIN: Final = (307, 308)
_log = logging.getLogger("sandbox.courier")

Job = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the shop did with one attempt; ``status`` None when it did not answer."""

    status: int | None
    text: str
    took_ms: int

    @property
    def is_success(self) -> bool:
        """Whether the shop acknowledged: any 2xx."""
        return self.status is not None and 200 <= self.status < 300  # noqa: PLR2004 - HTTP


class Carries(Protocol):
    """What deliveries need of whoever carries them."""

    def submit(self, key: str, job: Job) -> None:
        """Run ``job`` soon, after all earlier jobs of the same key."""
        ...

    def post(
        self, url: str, headers: dict[str, str], body: str, *, timeout_s: float, hops: int
    ) -> Answer:
        """Hand one notification to the shop and return its answer; never raises."""
        ...

    def wait_idle(self, timeout_s: float) -> bool:
        """Wait until no job is left; False when the time ran out first."""
        ...

    def stop(self) -> None:
        """End after the present job."""
        ...


class Courier:
    """Runs delivery jobs; jobs of one key run one after another, in order."""

    def __init__(self) -> None:
        """Start the worker threads; they end with the process or with :meth:`stop`."""
        self._queues = [queue.SimpleQueue[Job | None]() for _ in range(_WORKERS)]
        self._open_jobs = 0
        self._idle = threading.Condition()
        for jobs in self._queues:
            threading.Thread(target=self._work, args=(jobs,), daemon=True).start()

    def submit(self, key: str, job: Job) -> None:
        """Run ``job`` soon, after all earlier jobs of the same key."""
        with self._idle:
            self._open_jobs += 1
        self._queues[zlib.crc32(key.encode()) % _WORKERS].put(job)

    def post(
        self, url: str, headers: dict[str, str], body: str, *, timeout_s: float, hops: int
    ) -> Answer:
        """POST one notification and return the shop's answer."""
        return post(url, headers, body, timeout_s=timeout_s, hops=hops)

    def wait_idle(self, timeout_s: float) -> bool:
        """Wait until no job is left; False when the time ran out first."""
        with self._idle:
            return self._idle.wait_for(lambda: self._open_jobs == 0, timeout_s)

    def stop(self) -> None:
        """Tell the workers to end after their present job."""
        for jobs in self._queues:
            jobs.put(None)

    def _work(self, jobs: "queue.SimpleQueue[Job | None]") -> None:
        while (job := jobs.get()) is not None:
            try:
                job()
            except Exception:  # noqa: BLE001 - one bad job must not end the worker; logged
                _log.exception("a delivery job failed")
            finally:
                with self._idle:
                    self._open_jobs -= 1
                    self._idle.notify_all()


def post(url: str, headers: dict[str, str], body: str, *, timeout_s: float, hops: int) -> Answer:
    """POST one notification and return the shop's answer.

    Follows at most ``hops`` redirects of kind 307/308 with the same method and body;
    other redirects are an answer like any other. Never raises for network trouble.
    """
    started = time.monotonic()
    status, text = None, ""
    try:
        for _ in range(hops + 1):
            status, text, target = _post_once(url, headers, body, timeout_s)
            if status not in _POST_AGAIN or not target:
                break
            url = urljoin(url, target)
    except requests.Timeout:
        status, text = None, f"no answer within {timeout_s:g} s"
    except (requests.RequestException, UnicodeError) as error:
        status, text = None, f"{type(error).__name__}: no answer"
    return Answer(status, text, round((time.monotonic() - started) * 1000))


def _post_once(
    url: str, headers: dict[str, str], body: str, timeout_s: float
) -> tuple[int, str, str]:
    with requests.Session() as session:
        # A proxy of the environment must never see or stop a delivery to localhost.
        session.trust_env = False
        with session.post(
            url,
            data=body.encode(),
            headers=headers,
            timeout=timeout_s,
            allow_redirects=False,
            stream=True,
        ) as response:
            return response.status_code, _excerpt(response), response.headers.get("Location", "")


def _excerpt(response: requests.Response) -> str:
    chunk = b""
    # The status has arrived: a body that breaks off changes nothing about it.
    with contextlib.suppress(requests.RequestException):
        chunk = next(response.iter_content(_ANSWER_CHARS), b"")
    return chunk.decode("utf-8", "replace")
