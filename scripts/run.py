"""`make run`: the whole of Lunas on this machine, until Ctrl-C.

Composes the settings, checks that the ports are free, brings the database up to date, then keeps
web, jobs and (without real gateway keys) the sandbox running, with their log lines in one place.
"""

import argparse
import signal
import subprocess
import sys
from collections.abc import Sequence

from scripts.demo_settings import VAR, Places, Settings, compose, own_settings
from scripts.messages import ROOT, CannotGoOnError, stop_with
from scripts.output import LinePrinter
from scripts.ports import is_free
from scripts.programs import all_programs, preparation
from scripts.supervisor import Supervisor
from scripts.terminal import own_foreground_group
from scripts.welcome import welcome

_INTERRUPTED = 130


def main(arguments: Sequence[str]) -> int:
    """Run Lunas until asked to stop; 0 after a clean stop, 2 with one sentence otherwise."""
    chosen = _parse(arguments)
    # Until the supervisor takes over, being asked to stop means what Ctrl-C means.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    places = Places(VAR, web_port=chosen.port, sandbox_port=chosen.sandbox_port)
    try:
        with own_foreground_group():
            settings = compose(own_settings(ROOT / ".env"), places)
            require_free_ports(settings)
            prepare(settings)
            keep_running(settings)
    except CannotGoOnError as error:
        return stop_with(error)
    except KeyboardInterrupt:
        return _INTERRUPTED
    return 0


def require_free_ports(settings: Settings) -> None:
    """Refuse ports that another program holds; CannotGoOnError names one and the way out."""
    wanted = [("PORT", settings.places.web_port)]
    if settings.uses_sandbox:
        wanted.append(("SANDBOX_PORT", settings.places.sandbox_port))
    for variable, port in wanted:
        if not is_free(port):
            raise CannotGoOnError(
                f"Port {port} on this machine is in use: stop the program that holds it, or choose "
                f"another port with `make run {variable}={_suggest(wanted)}`."
            )


def prepare(settings: Settings) -> None:
    """Check settings, migrate and seed; CannotGoOnError after what failed has said why."""
    program = preparation(settings)
    done = subprocess.run(program.command, cwd=ROOT, env=settings.environment, check=False)
    if done.returncode != 0:
        raise CannotGoOnError("Lunas was not started: the line above says what to change.")


def keep_running(settings: Settings) -> None:
    """Supervise all programs until SIGINT, SIGTERM or SIGHUP; a second one kills them."""
    programs = all_programs(settings)
    printer = LinePrinter([program.name for program in programs])
    supervisor = Supervisor(programs, printer)
    for number in _stop_signals():
        signal.signal(number, lambda *_: supervisor.request_stop())
    supervisor.run(when_ready=lambda: printer.plain(welcome(settings)))
    printer.plain("Lunas has stopped.")


def _stop_signals() -> list[signal.Signals]:
    # Whoever started us under `nohup` wants us to outlive the terminal.
    outlives = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    return [signal.SIGINT, signal.SIGTERM, *([] if outlives else [signal.SIGHUP])]


def _suggest(wanted: list[tuple[str, int]]) -> int:
    taken = {port for _, port in wanted}
    higher = range(max(taken) + 1, 65536)
    return next((port for port in higher if is_free(port)), 8080)


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make run", description=__doc__)
    parser.add_argument("--port", type=_port, default=8000, help="of shop and back office")
    parser.add_argument("--sandbox-port", type=_port, default=8001)
    return parser.parse_args(arguments)


def _port(text: str) -> int:
    number = int(text)
    if not 0 < number < 65536:  # noqa: PLR2004 - the range of TCP ports
        raise argparse.ArgumentTypeError("a port is a number from 1 to 65535")
    return number


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
