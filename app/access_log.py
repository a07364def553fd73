"""The web process' own lines: gunicorn's, and one for each request."""

import logging
import os
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from gunicorn.glogging import Logger

from app.program_logs import start_logging
from app.settings import SettingsError, load_settings
from app.telemetry.addresses import without_keys
from app.telemetry.logs import set_up_logs
from app.watching import read_log_style

_log = logging.getLogger("lunas.access")
_MILLISECOND: Final = timedelta(milliseconds=1)


class AccessLogger(Logger):
    """gunicorn's logger, writing through the chain of all our lines."""

    def setup(self, cfg: Any) -> None:
        """Let gunicorn's lines go where all others go."""
        del cfg
        try:
            start_logging(load_settings(), "web")
        except SettingsError:
            # What is wrong is told in one sentence when the server starts, a moment from now.
            set_up_logs(_own_style(os.environ), program="web")
        for own in (self.error_log, self.access_log):
            own.handlers.clear()
            own.propagate = True
            own.setLevel(logging.INFO)

    def reopen_files(self) -> None:
        """Do nothing: there are no files."""

    def access(self, resp: Any, req: Any, environ: Any, request_time: timedelta) -> None:
        """Write the line of a request, in the thread that answered it and with its ids."""
        del req
        _log.info(
            "request",
            extra={
                "method": environ.get("REQUEST_METHOD"),
                # No query string: gateways add order ids to return addresses.
                "path": without_keys(str(environ.get("PATH_INFO", ""))),
                "status": int(str(resp.status).split(maxsplit=1)[0]),
                "bytes": resp.sent,
                "ms": round(request_time / _MILLISECOND),
            },
        )


def _own_style(environ: Mapping[str, str]) -> Any:
    try:
        return read_log_style(environ)
    except ValueError:
        return read_log_style({})
