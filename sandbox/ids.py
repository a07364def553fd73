"""One generator for every id, code and token, so that a seed repeats a whole run."""

import random
import string
import threading
import uuid
from typing import Final

_HEX: Final = "0123456789abcdef"


class Ids:
    """Makes identifiers in the shapes the gateways use; thread-safe."""

    def __init__(self, seed: str | None = None) -> None:
        """Use ``seed`` for repeatable ids; None draws from the system's entropy."""
        self._random = random.Random(seed)  # noqa: S311 - play money. # nosec B311
        self._lock = threading.Lock()

    def uuid(self) -> str:
        """Return a version 4 UUID."""
        with self._lock:
            return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def digits(self, count: int) -> str:
        """Return ``count`` decimal digits, the first of them not zero."""
        with self._lock:
            first = self._random.choice("123456789")
            return first + "".join(self._random.choices(string.digits, k=count - 1))

    def letters(self, count: int) -> str:
        """Return ``count`` capital letters and digits, as wallets number their payments."""
        with self._lock:
            return "".join(self._random.choices(string.ascii_uppercase + string.digits, k=count))

    def hex(self, count: int) -> str:
        """Return ``count`` lower-case hexadecimal digits."""
        with self._lock:
            return "".join(self._random.choices(_HEX, k=count))

    def between(self, low: int, high: int) -> int:
        """Return a whole number in ``low..high``, both included."""
        with self._lock:
            return self._random.randint(low, high)

    def chance(self, probability: float) -> bool:
        """Return True with the given probability (0..1)."""
        with self._lock:
            return self._random.random() < probability
