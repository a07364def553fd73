"""The command line: ``python -m sandbox``."""

import argparse
import gc
import logging
import signal
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from types import FrameType
from typing import Final, NoReturn

from sandbox.server import Server
from sandbox.settings import Settings
from sandbox.store import StateFileError
from sandbox.web import create_app
from sandbox.world import World
from sandbox.xendit.channels import CHANNELS

_HIGHEST_PORT: Final = 65_535
# Where the clock of a seeded run stands, unless told otherwise: a Monday, 09:00 WIB.
_SEEDED_START: Final = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the sandbox until it is told to stop; return the exit code."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    # A burst of requests waits a moment for a thread; that is no news.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    settings = read_settings(arguments)
    try:
        world = World(settings)
    except StateFileError as error:
        return _fail(f"{error}")
    try:
        server = Server(create_app(world), settings.host, settings.port)
    except OSError as error:
        world.stop()
        return _fail(
            f"cannot listen on {settings.host}:{settings.port} ({error.strerror}); "
            "choose another port with --port"
        )
    _serve(world, server)
    return 0


def read_settings(arguments: Sequence[str] | None) -> Settings:
    """Return the settings; a wrong argument ends the program with exit code 2."""
    parser = _parser()
    options = vars(parser.parse_args(arguments))
    seed, clock, start = options["seed"], options.pop("clock"), options.pop("clock_start")
    still = clock == "still" or (clock is None and (seed is not None or start is not None))
    return Settings(**options, still_clock_at=(start or _SEEDED_START) if still else None)


def _serve(world: World, server: Server) -> None:
    def end(_signal: int, _frame: FrameType | None) -> NoReturn:
        # Before the server waits for its threads: those that sleep in a fault must wake.
        world.engine.stopping.set()
        raise SystemExit

    # What was loaded stays: the collector need not walk through it again and again.
    gc.freeze()
    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    world.start()
    host = f"[{world.settings.host}]" if ":" in world.settings.host else world.settings.host
    print(f"sandbox listening on http://{host}:{server.port}", flush=True)  # noqa: T201 - the one line callers wait for
    server.run()
    server.close()
    world.stop()


def _fail(sentence: str) -> int:
    print(f"sandbox: {sentence}", file=sys.stderr)  # noqa: T201 - this is the terminal
    return 2


def _parser() -> argparse.ArgumentParser:
    default = Settings()
    parser = argparse.ArgumentParser(
        prog="python -m sandbox",
        description="Plays Midtrans and Xendit on this machine. The console is at /.",
    )
    add = parser.add_argument
    add("--host", default=default.host, help="address to listen on (default: %(default)s)")
    add("--port", type=_port, default=default.port, help="0 picks a free one")
    add("--public-url", help="how browsers reach the sandbox, if not by the request's host")
    add("--state", dest="state_file", metavar="FILE", help="keep everything in this file")
    add("--seed", type=int, help="repeatable ids; the clock then stands still")
    add("--clock", choices=("real", "still"), help="default: real, or still with --seed")
    add("--clock-start", type=_moment, help="ISO-8601 time at which a still clock stands")
    add("--merchant-name", default=default.merchant_name)
    add(
        "--keep-deliveries",
        dest="kept_deliveries",
        metavar="N",
        type=_count,
        default=default.kept_deliveries,
        help="forget finished deliveries above this number (%(default)s)",
    )
    _add_midtrans(parser, default)
    _add_xendit(parser, default)
    return parser


def _add_midtrans(parser: argparse.ArgumentParser, default: Settings) -> None:
    add = parser.add_argument
    add("--midtrans-server-key", default=default.midtrans_server_key)
    add("--midtrans-client-key", default=default.midtrans_client_key)
    add("--midtrans-notify-url", metavar="URL", type=_url)
    add(
        "--midtrans-401-inside-http-200",
        action="store_true",
        help="answer a wrong Core key with HTTP 200, as it was before the docs of 2023",
    )
    add(
        "--midtrans-refund-confirm-s",
        type=float,
        default=default.midtrans_refund_confirm_s,
        help="virtual seconds until the second notification of a refund (%(default)s)",
    )
    add(
        "--jitter",
        dest="midtrans_jitter",
        action="store_true",
        help="shift the waits before Midtrans' retries at random, as the real ones are",
    )


def _add_xendit(parser: argparse.ArgumentParser, default: Settings) -> None:
    add = parser.add_argument
    add("--xendit-secret-key", default=default.xendit_secret_key)
    add("--xendit-callback-token", default=default.xendit_callback_token)
    add("--xendit-notify-url", metavar="URL", type=_url)
    add(
        "--xendit-expired-callbacks",
        action=argparse.BooleanOptionalAction,
        default=default.xendit_expired_callbacks,
        help="call back when an invoice expires (opt-in on the real dashboard)",
    )
    add(
        "--xendit-refund-delay-s",
        type=float,
        default=default.xendit_refund_delay_s,
        help="virtual seconds until a wallet or QR refund is final (%(default)s)",
    )
    add(
        "--xendit-channels",
        metavar="CODES",
        type=_channels,
        help="the channels that are switched on, such as BCA,QRIS,DANA (default: all)",
    )
    add(
        "--xendit-newer-refund-errors",
        action="store_true",
        help="refuse refunds with the names of the newer documentation",
    )
    add(
        "--xendit-rate-limit",
        metavar="N",
        type=_count,
        help="answer 429 above N calls per endpoint and minute (default: never)",
    )


def _channels(text: str) -> tuple[str, ...]:
    codes = tuple(code for code in text.split(",") if code)
    if unknown := [code for code in codes if code not in CHANNELS]:
        raise argparse.ArgumentTypeError(f"no such channel: {', '.join(unknown)}")
    return codes


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return count


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= _HIGHEST_PORT:
        raise argparse.ArgumentTypeError("a port is between 0 and 65535")
    return port


def _url(text: str) -> str:
    if not text.startswith(("http://", "https://")):
        raise argparse.ArgumentTypeError("a notification URL begins with http:// or https://")
    return text


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
