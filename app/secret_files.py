"""Secrets that come as files: ``SECRET_KEY_FILE=/run/secrets/key`` in the place of the key itself.

A container's secrets and systemd's credentials are files; an environment is shown by more tools
than a file that one user may read.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

SECRETS: Final = (
    "DATABASE_URL",
    "SECRET_KEY",
    "SECRET_KEY_PREVIOUS",
    "MIDTRANS_SERVER_KEY",
    "MIDTRANS_SERVER_KEY_PREVIOUS",
    "MIDTRANS_CLIENT_KEY",
    "XENDIT_SECRET_KEY",
    "XENDIT_CALLBACK_TOKEN",
    "XENDIT_CALLBACK_TOKEN_PREVIOUS",
    "RATE_LIMIT_STORAGE",
    "METRICS_TOKEN",
    "MAIL_PASSWORD",
)
"""The settings that may be files: keys, tokens, and addresses with a password in them."""
# A key is a line. Whoever names a disk or a log by mistake must not have it read into memory.
_MOST_BYTES: Final = 16 * 1024


def with_files(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment with what the named files hold, without a newline at the end.

    ValueError with one sentence if a secret is given twice, or its file cannot be read.
    """
    return dict(environ) | dict(_read_all(environ))


def _read_all(environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name in SECRETS:
        path = environ.get(f"{name}_FILE", "").strip()
        if not path:
            continue
        if environ.get(name, "").strip():
            raise ValueError(f"{name} and {name}_FILE are both set; unset one of them.")
        yield name, _read(name, path)


def _read(name: str, path: str) -> str:
    try:
        with Path(path).open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
        text = content.decode().rstrip("\r\n")
    except OSError as error:
        raise ValueError(f"{name}_FILE cannot be read: {path}: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise ValueError(f"{name}_FILE is not a text: {path}.") from None
    if not text.strip() or len(content) > _MOST_BYTES:
        raise ValueError(f"{name}_FILE must hold the secret and nothing else: {path}.")
    return text
