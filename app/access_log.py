"""The web process' access log, without the addresses that work like keys."""

import re
from typing import Any, Final

from gunicorn.glogging import Logger

# Whoever knows an order's address sees the order: the log keeps enough to tell two apart.
_ORDER_ADDRESS: Final = re.compile(r"\A(/(?:api/)?orders/[^/]{4})[^/]*")
# Whoever knows this link chooses the password of a new colleague.
_WELCOME_LINK: Final = re.compile(r"\A(/admin/welcome/)[^/]*")


def without_keys(path: str) -> str:
    """Return a request's path with the unguessable part of an address cut out."""
    return _WELCOME_LINK.sub(r"\1…", _ORDER_ADDRESS.sub(r"\1…", path))


class AccessLogger(Logger):
    """gunicorn's logger with order addresses cut short."""

    def atoms(self, resp: Any, req: Any, environ: Any, request_time: Any) -> Any:
        """Return what a log line can be made of."""
        atoms: Any = super().atoms(resp, req, environ, request_time)
        atoms["U"] = without_keys(str(atoms["U"]))
        return atoms
