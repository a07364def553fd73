"""The system's dice, loaded: a seed must repeat a story, names and keys included."""

import random
import secrets
import string
from collections.abc import Iterator
from contextlib import contextmanager

_URL_SAFE = string.ascii_letters + string.digits + "-_"


@contextmanager
def seeded_secrets(seed: int) -> Iterator[None]:
    """Let ``secrets`` draw from a seed; chance is an input from outside, like time."""
    dice = random.Random(f"secrets {seed}")
    real = (secrets.choice, secrets.token_urlsafe, secrets.token_hex)

    def token(alphabet: str, length: int) -> str:
        return "".join(dice.choices(alphabet, k=length))

    secrets.choice = dice.choice
    secrets.token_urlsafe = lambda nbytes=None: token(_URL_SAFE, (nbytes or 32) * 4 // 3)
    secrets.token_hex = lambda nbytes=None: token("0123456789abcdef", (nbytes or 32) * 2)
    try:
        yield
    finally:
        secrets.choice, secrets.token_urlsafe, secrets.token_hex = real
