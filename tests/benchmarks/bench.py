"""What every part stands on: a durable PostgreSQL of its own, filled, and the web process over it.

The server keeps its promises to the disk (fsync on), unlike that of the tests.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import psycopg
import requests
from flask_migrate import upgrade
from sqlalchemy import URL

from app.factory import create_app
from app.settings import Settings
from scripts.messages import ROOT
from scripts.ports import LOOPBACK, pick_free
from tests.contract.gateway_bench import (
    MIDTRANS_CLIENT_KEY,
    MIDTRANS_KEY,
    XENDIT_KEY,
    XENDIT_TOKEN,
)
from tests.postgres import programs_here, running_postgres
from tests.world import settings_for

_DURABLE: Final = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "shared_buffers": "512MB",
    "max_wal_size": "4GB",
    "autovacuum_naptime": "10s",
}
_START_S: Final = 60
_SECRET: Final = "only-for-benchmarks-0123456789"


@dataclass(frozen=True, slots=True)
class Bench:
    """A migrated database on a server of its own; ``url`` is SQLAlchemy's address of it."""

    url: str

    @property
    def conninfo(self) -> str:
        """The address for libpq: psycopg and pgbench."""
        return self.url.replace("postgresql+psycopg://", "postgresql://", 1)

    def run(self, *statements: str) -> None:
        """Run statements, each in a transaction of its own."""
        with psycopg.connect(self.conninfo, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def ask(self, statement: str) -> int:
        """Return the one number that a statement answers."""
        with psycopg.connect(self.conninfo) as connection:
            row = connection.execute(statement.encode()).fetchone()
        assert row is not None
        return int(row[0])

    def settings(self, gateway_url: str) -> Settings:
        """Return the settings of a desk over this database."""
        return replace(settings_for(self.url, gateway_url), gateway_timeout_s=10)


@contextmanager
def open_bench() -> Iterator[Bench]:
    """Start a server with an empty, migrated database; nothing of it is left at the end."""
    with running_postgres(programs_here, _DURABLE) as url:
        bench = Bench(_address(url, "bench"))
        Bench(_address(url, "postgres")).run("CREATE DATABASE bench TEMPLATE template0")
        app = create_app(bench.settings("http://127.0.0.1:1"))
        with app.app_context():
            upgrade()
            app.extensions["sqlalchemy"].engine.dispose()
        yield bench


def _address(url: URL, database: str) -> str:
    return url.set(database=database).render_as_string(hide_password=False)


@dataclass(frozen=True, slots=True)
class Server:
    """A way to serve the web application: its name, and what it takes."""

    name: str
    workers: int
    threads: int

    def command(self, port: int) -> list[str]:
        """Return the command that serves on this port."""
        if self.name == "granian":
            return [
                *(sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws"),
                *("--host", LOOPBACK, "--port", str(port), "--workers", str(self.workers)),
                *("--blocking-threads", str(self.threads), "--respawn-failed-workers"),
                *("--log-level", "error", "--factory", "app.factory:create_app"),
            ]
        config = str(ROOT / "app" / "gunicorn_conf.py")
        return [
            *(sys.executable, "-m", "gunicorn", "--config", config, "--log-level", "error"),
            *("--access-logfile", "/dev/null", "app.factory:create_app()"),
        ]


def servers_here() -> list[Server]:
    """Return the servers that can be tried here; granian is no dependency of ours."""
    cores = os.cpu_count() or 1
    found = [Server("gunicorn", cores, 4)]
    return [*found, Server("granian", cores, 4)] if find_spec("granian") else found


@contextmanager
def serving(bench: Bench, server: Server, gateway_url: str = "http://127.0.0.1:1") -> Iterator[str]:
    """Serve the web application over the bench; yield its address."""
    port = pick_free()
    url = f"http://{LOOPBACK}:{port}"
    environment = (
        dict(os.environ) | environment_of(bench, gateway_url, url) | _workers(server, port)
    )
    with tempfile.TemporaryFile() as log:
        program = subprocess.Popen(
            server.command(port), cwd=ROOT, env=environment, stdout=log, stderr=log
        )
        try:
            _wait_for(url, program)
            yield url
        finally:
            program.terminate()
            program.wait(30)


def environment_of(bench: Bench, gateway_url: str, url: str) -> dict[str, str]:
    """Return the settings of our programs over this database, as they are in the environment."""
    return {
        "MIDTRANS_SERVER_KEY": MIDTRANS_KEY,
        "MIDTRANS_CLIENT_KEY": MIDTRANS_CLIENT_KEY,
        "XENDIT_SECRET_KEY": XENDIT_KEY,
        "XENDIT_CALLBACK_TOKEN": XENDIT_TOKEN,
        "DATABASE_URL": bench.url,
        "SECRET_KEY": _SECRET,
        "PUBLIC_URL": url,
        "MIDTRANS_ENV": "sandbox",
        "MIDTRANS_CORE_URL": f"{gateway_url}/midtrans",
        "MIDTRANS_SNAP_URL": f"{gateway_url}/midtrans/snap/v1",
        "XENDIT_URL": f"{gateway_url}/xendit",
        "RATE_LIMIT_CHECKOUT_PER_ADDRESS": "off",
        "FLASK_SKIP_DOTENV": "1",
    }


def _workers(server: Server, port: int) -> dict[str, str]:
    return {
        "LUNAS_WEB_BIND": f"{LOOPBACK}:{port}",
        "WEB_CONCURRENCY": str(server.workers),
        "WEB_THREADS": str(server.threads),
    }


def _wait_for(url: str, program: "subprocess.Popen[bytes]") -> None:
    with requests.Session() as http:
        http.trust_env = False
        deadline = time.monotonic() + _START_S
        while time.monotonic() < deadline and program.poll() is None:
            try:
                http.get(f"{url}/api/config", timeout=5).raise_for_status()
            except requests.RequestException:
                time.sleep(0.1)
            else:
                return
    raise RuntimeError(f"{program.args} did not answer")


def pgbench_here() -> Path | None:
    """Return the machine's pgbench, if it has one."""
    found = shutil.which("pgbench")
    return Path(found) if found else None
