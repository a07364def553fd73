"""The Idempotency-Key of the Core API (Midtrans docs, "API headers").

One key space for all endpoints; only successful answers are kept, for five minutes, and
come again whatever the second body says; a key of more than 46 characters is ignored.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from sandbox.answers import Reply
from sandbox.engine import Engine
from sandbox.midtrans.bodies import refusal
from sandbox.midtrans.book import Book
from sandbox.midtrans.records import KeptAnswer
from sandbox.wire import JsonObject

_LIFETIME: Final = timedelta(minutes=5)
_LONGEST: Final = 46
# 407 is how a successful /expire answers.
_SUCCESS: Final = {"midtrans.expire": frozenset({"407"})}
_ANY_SUCCESS: Final = frozenset({"200", "201"})
STILL_BUSY: Final = Reply(
    202, refusal("202", "The previous request with this Idempotency-Key is still being processed")
)


class Idempotency:
    """Keeps answers by key; the book is used under the engine's lock."""

    def __init__(self, engine: Engine, book: Book) -> None:
        """Plan again when the kept answers of the state file end."""
        self._engine = engine
        self._book = book
        self._busy: set[str] = set()
        for answer in book.answers.values():
            self._plan(answer)

    def enter(self, key: str) -> bool:
        """Note that a request with this key begins; False while another one runs."""
        if not _counts(key):
            return True
        with self._engine.change():
            if key in self._busy:
                return False
            self._busy.add(key)
            return True

    def leave(self, key: str) -> None:
        """Note that the request has ended, however it ended."""
        with self._engine.change():
            self._busy.discard(key)

    def once(
        self, key: str, operation: str, produce: Callable[[], tuple[JsonObject, bool]]
    ) -> JsonObject:
        """Return the kept answer of the key, else the fresh one and keep it.

        ``produce`` returns the body and whether its method supports keys at all.
        """
        if not _counts(key):
            return produce()[0]
        if kept := self._book.answers.get(key):
            return kept.body
        body, is_kept = produce()
        if is_kept and body.get("status_code") in _SUCCESS.get(operation, _ANY_SUCCESS):
            self._keep(KeptAnswer(key, body, self._engine.clock.now()))
        # The work is done: whoever asks again now gets this answer, not "still busy".
        self._busy.discard(key)
        return body

    def _keep(self, answer: KeptAnswer) -> None:
        self._book.save_answer(answer)
        self._plan(answer)

    def _plan(self, answer: KeptAnswer) -> None:
        end = answer.stored_at + _LIFETIME
        self._engine.timers.plan(end, lambda _: self._when_over(answer))

    def _when_over(self, answer: KeptAnswer) -> None:
        if self._book.answers.get(answer.key) is answer:
            self._book.drop_answer(answer.key)


def _counts(key: str) -> bool:
    return 0 < len(key) <= _LONGEST
