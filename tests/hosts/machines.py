"""What stands on the hosts: the programs as they are shipped, with the settings of this lab."""

import configparser
import os
import pwd
import re
import secrets
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import psycopg

from app.settings import DEMO_KEYS
from scripts.child import Program
from scripts.messages import ROOT
from tests.hosts.wires import DATA, FRONT, GATES, OURS, Host
from tests.postgres import Account, programs_here

SHOP: Final = "shop.example"
NOTIFICATIONS: Final = "/api/payments/notification"
WEB_PORT: Final = 8000
_GATES_PORT: Final = 8001
_DATABASE: Final = "lunas"
_WORDS: Final = "password-of-the-lab"
_UNITS: Final = ROOT / "ops" / "systemd"
# Those who make the packages of nginx and PostgreSQL have them started again at once, or by hand.
RESTARTED_AFTER_S: Final = 1.0
_POSTGRES: Final = {
    "listen_addresses": "*",
    "unix_socket_directories": "",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "shared_buffers": "128MB",
    "max_connections": "250",
    "timezone": "UTC",
}


@dataclass(frozen=True, slots=True)
class Plan:
    """How many hosts there are, and how many processes serve on each web host."""

    web: int = 3
    jobs: int = 3
    workers: int = 2


@dataclass(frozen=True)
class Lab:
    """All hosts of one run; ``folder`` is the run's own, and goes with it."""

    folder: Path
    plan: Plan
    secret: str = field(default_factory=lambda: secrets.token_hex(32))

    def __post_init__(self) -> None:
        (self.folder / "mail").mkdir()

    @property
    def web(self) -> list[Host]:
        """The hosts of the web processes."""
        return [Host(f"web{n}", 10 + n, (DATA, FRONT, GATES)) for n in range(1, self.plan.web + 1)]

    @property
    def jobs(self) -> list[Host]:
        """The hosts of the job processes."""
        return [Host(f"jobs{n}", 20 + n, (DATA, GATES)) for n in range(1, self.plan.jobs + 1)]

    @property
    def hosts(self) -> list[Host]:
        """Every host."""
        return [DATABASE, GATEWAYS, PROXY, LOAD, *self.web, *self.jobs]

    @property
    def conninfo(self) -> str:
        """The database's address for libpq."""
        return self.conninfo_of(_DATABASE)

    def conninfo_of(self, database: str) -> str:
        """Return the address of one database of the server."""
        return f"postgresql://lunas:{_WORDS}@{DATABASE.address(DATA)}:5432/{database}"

    @property
    def database_url(self) -> str:
        """The database's address for SQLAlchemy."""
        return self.url_of(_DATABASE)

    def url_of(self, database: str) -> str:
        """Return the address of one database of the server, for SQLAlchemy."""
        return self.conninfo_of(database).replace("postgresql://", "postgresql+psycopg://", 1)

    @property
    def sandbox_url(self) -> str:
        """The address of both gateways."""
        return f"http://{GATEWAYS.address(GATES)}:{_GATES_PORT}"

    def environment(self, **more: str) -> dict[str, str]:
        """Return the settings of web and jobs."""
        midtrans = f"{self.sandbox_url}/midtrans"
        return {
            **_machine(),
            **DEMO_KEYS,
            "DATABASE_URL": self.database_url,
            "SECRET_KEY": self.secret,
            "PUBLIC_URL": f"http://{SHOP}",
            "MIDTRANS_ENV": "sandbox",
            "MIDTRANS_CORE_URL": midtrans,
            "MIDTRANS_SNAP_URL": f"{midtrans}/snap/v1",
            "XENDIT_URL": f"{self.sandbox_url}/xendit",
            "MAIL_BACKEND": "file",
            "MAIL_FOLDER": str(self.folder / "mail"),
            "TRUSTED_PROXIES": "1",
            # All shoppers are at one address. They are counted all the same, in the database.
            "RATE_LIMIT_CHECKOUT_PER_ADDRESS": "100000/minute",
            "RATE_LIMIT_ORDER_PER_ADDRESS": "100000/minute",
            # Its staff need no second factor.
            "DEMO": "1",
            "WEB_CONCURRENCY": str(self.plan.workers),
            **more,
        }

    def prepare(self) -> None:
        """Bring the database to its newest version and fill it, with goods for all who come."""
        with psycopg.connect(self.conninfo_of("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {_DATABASE} TEMPLATE template0".encode())
        steps = ("db upgrade", "demo seed")
        _run(sys.executable, "-m", "scripts.prepare", *steps, settings=self.environment())
        with psycopg.connect(self.conninfo, autocommit=True) as connection:
            connection.execute("UPDATE products SET on_hand = 1000000")
            connection.execute("UPDATE staff SET daily_refund_limit_idr = 1000000000000")

    def programs(self) -> Iterator[tuple[Program, float]]:
        """Yield what runs on the hosts but for PostgreSQL, with the pause before a restart."""
        yield Program(GATEWAYS.name, self._sandbox(), _machine()), RESTARTED_AFTER_S
        for host in self.web:
            bind = f"{host.address(FRONT)}:{WEB_PORT}"
            command, pause_s = _unit("lunas-web.service")
            settings = self.environment(LUNAS_WEB_BIND=bind)
            yield Program(host.name, host.command(*command), settings), pause_s
        for host in self.jobs:
            command, pause_s = _unit("lunas-jobs.service")
            yield Program(host.name, host.command(*command), self.environment()), pause_s
        yield Program(PROXY.name, self._nginx(), _machine()), RESTARTED_AFTER_S

    def postgres(self) -> Program:
        """Initialise the database server and return its program."""
        user = server_user()
        programs, data = programs_here(user, self.folder), self.folder / "postgres"
        data.mkdir()
        words = data.with_suffix(".words")
        words.write_text(_WORDS)
        for path in (data, words):
            os.chown(path, user.uid, user.gid)
        become = _become(user)
        _run(
            *(*become, f"{programs}/initdb", "--pgdata", str(data), "--username", "lunas"),
            *(
                "--auth=scram-sha-256",
                "--pwfile",
                str(words),
                "--encoding=UTF8",
                "--locale=C",
                "--no-sync",
            ),
        )
        with (data / "pg_hba.conf").open("a") as rules:
            rules.write("host all all 10.77.1.0/24 scram-sha-256\n")
        options = [f"-c{name}={value}" for name, value in _POSTGRES.items()]
        server = (*become, f"{programs}/postgres", "-D", str(data), *options)
        return Program(DATABASE.name, DATABASE.command(*server), _machine())

    def _sandbox(self) -> tuple[str, ...]:
        notify = f"http://{SHOP}{NOTIFICATIONS}"
        return GATEWAYS.command(
            *(sys.executable, "-m", "sandbox", "--keep-deliveries", "1000000"),
            *("--host", GATEWAYS.address(GATES), "--port", str(_GATES_PORT)),
            *("--state", str(self.folder / "gates.sqlite3")),
            *("--midtrans-server-key", DEMO_KEYS["MIDTRANS_SERVER_KEY"]),
            *("--midtrans-client-key", DEMO_KEYS["MIDTRANS_CLIENT_KEY"]),
            *("--xendit-secret-key", DEMO_KEYS["XENDIT_SECRET_KEY"]),
            *("--xendit-callback-token", DEMO_KEYS["XENDIT_CALLBACK_TOKEN"]),
            *("--midtrans-notify-url", f"{notify}/midtrans"),
            *("--xendit-notify-url", f"{notify}/xendit"),
        )

    def _nginx(self) -> tuple[str, ...]:
        folder = self.folder / "nginx"
        folder.mkdir()
        shipped = (ROOT / "ops" / "nginx" / "lunas.conf").read_text()
        upstream = [f"{host.address(FRONT)}:{WEB_PORT}" for host in self.web]
        site = without_tls(with_upstream(shipped, upstream))
        (folder / "nginx.conf").write_text(_NGINX.format(folder=folder, site=site))
        return PROXY.command(
            *("nginx", "-p", str(folder), "-c", f"{folder}/nginx.conf", "-g", "daemon off;")
        )


DATABASE: Final = Host("postgres", 2, (DATA,))
GATEWAYS: Final = Host("gates", 3, (FRONT, GATES))
PROXY: Final = Host("proxy", 4, (FRONT,))
LOAD: Final = Host(OURS, 5, (DATA, FRONT, GATES))

_NGINX: Final = """user root;
worker_processes 2;
pid {folder}/pid;
error_log stderr warn;
events {{ worker_connections 1024; }}
http {{
access_log off;
client_body_temp_path {folder}/body;
proxy_temp_path {folder}/proxy;
fastcgi_temp_path {folder}/fastcgi;
uwsgi_temp_path {folder}/uwsgi;
scgi_temp_path {folder}/scgi;
{site}
}}
"""


def with_upstream(shipped: str, addresses: list[str]) -> str:
    """Return nginx's file with these web processes in the place of the one in the example."""
    found = re.search(r"(?m)^( *server )127\.0\.0\.1:8000([^;]*;)$", shipped)
    if found is None:
        raise ValueError("ops/nginx/lunas.conf names no web process to put others beside")
    lines = "\n".join(f"{found[1]}{address}{found[2]}" for address in addresses)
    return shipped.replace(found[0], lines)


def without_tls(shipped: str) -> str:
    """Return nginx's file as it serves without a certificate: no redirect, port 80."""
    first, server, _ = shipped.partition("\nserver {")
    rest = shipped.removeprefix(first + server)
    shop = rest.partition("\nserver {")[0]
    plain = re.sub(r"(?m)^ *(ssl_|http2 ).*$", "", shop)
    listening, number = re.subn(r"listen 443 ssl[^;]*;", "listen 80;", plain)
    if number != 1:
        raise ValueError("ops/nginx/lunas.conf has no place that listens with TLS")
    return f"{first}{server}{listening}"


def _unit(name: str) -> tuple[tuple[str, ...], float]:
    """Return what a shipped unit starts, by this interpreter, and its pause before a restart."""
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.read(_UNITS / name)
    program, *arguments = shlex.split(unit["Service"]["ExecStart"])
    called = Path(program).name
    module = [] if called == "python" else ["-m", called]
    return (sys.executable, *module, *arguments), float(unit["Service"]["RestartSec"])


def _machine() -> Mapping[str, str]:
    return {
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "FLASK_SKIP_DOTENV": "1",
        "PYTHONUNBUFFERED": "1",
    }


def server_user() -> Account:
    """Return the user that runs PostgreSQL, which refuses to run as root."""
    names = {one.pw_name: one for one in pwd.getpwall()}
    found = names.get("postgres") or names["nobody"]
    return Account(found.pw_uid, found.pw_gid)


def _become(user: Account) -> tuple[str, ...]:
    return ("setpriv", f"--reuid={user.uid}", f"--regid={user.gid}", "--clear-groups", "--")


def _run(*command: str, settings: Mapping[str, str] | None = None) -> None:
    """Run a command to its end; RuntimeError with what it said if it fails."""
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, cwd=ROOT, env=settings or _machine()
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]}: {done.stderr[-2000:]}")
