"""A PostgreSQL of its own on a disk that can be filled, and emptied again."""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import URL

from tests.postgres import Account, programs_here, running_postgres

_SIZE = "200m"
_PIECE = b"\0" * 8192
# More than a server keeps of old log files to write into again.
_MOST_SWITCHES = 64


@dataclass
class SmallDisk:
    """A folder in memory of 200 MB with all that one server has: tables and log."""

    account: Account | None = None
    programs: Path = Path()
    folder: Path = Path()
    url: URL = field(default_factory=lambda: URL.create("postgresql"))

    def fill(self) -> None:
        """Leave not a single page free."""
        with (self.folder / "ballast").open("wb", buffering=0) as ballast:
            free = os.statvfs(self.folder)
            with contextlib.suppress(OSError):
                os.posix_fallocate(ballast.fileno(), 0, free.f_bavail * free.f_frsize)
            ballast.seek(0, os.SEEK_END)
            with contextlib.suppress(OSError):
                while True:
                    ballast.write(_PIECE)

    def make_room(self) -> None:
        """Do what an alert asks a person to do."""
        (self.folder / "ballast").unlink()

    def use_up_the_log(self) -> None:
        """Let the server write log until it needs a new file: it then ends itself."""
        address = self.url.set(drivername="postgresql").render_as_string(hide_password=False)
        with contextlib.suppress(psycopg.OperationalError):
            for _ in range(_MOST_SWITCHES):
                with psycopg.connect(address, autocommit=True) as connection:
                    connection.execute("SELECT pg_logical_emit_message(true, 'full', 'disk')")
                    connection.execute("SELECT pg_switch_wal()")
            pytest.fail("the log never needed a new file")

    def restart(self) -> None:
        """Start the server as it was started before, whether it still runs or not."""
        self._pg_ctl("restart")

    def stop(self) -> None:
        """End a server that was started anew: its first keeper does not know it."""
        self._pg_ctl("stop", "--mode=immediate", check=False)

    def _pg_ctl(self, *what: str, check: bool = True) -> None:
        assert self.account is not None
        tool = [str(self.programs / "pg_ctl"), f"--pgdata={self.folder / 'data'}", "--wait"]
        with (self.folder.parent / f"{self.folder.name}.log").open("ab") as log:
            subprocess.run(
                [*tool, *what],
                check=check,
                cwd=self.folder,
                stdout=log,
                stderr=log,
                **self.account.for_subprocess(),
            )

    def mount(self, account: Account, folder: Path) -> Path:
        """Put the disk where the server is about to be set up; return its programs."""
        command = ["mount", "-t", "tmpfs", "-o", f"size={_SIZE}", "none", str(folder)]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        if done.returncode != 0:
            pytest.skip(f"NOT TESTED ON A FULL DISK: no disk can be mounted: {done.stderr.strip()}")
        os.chown(folder, account.uid, account.gid)
        self.account, self.folder = account, folder
        self.programs = programs_here(account, folder)
        return self.programs

    def unmount(self) -> None:
        """Take the disk away with all that is on it."""
        if self.account is not None:
            subprocess.run(["umount", "--lazy", str(self.folder)], check=True)
            self.folder.rmdir()
            (self.folder.parent / f"{self.folder.name}.log").unlink(missing_ok=True)


@contextlib.contextmanager
def postgres_on_a_small_disk() -> Iterator[SmallDisk]:
    """Yield a running server; its address names the database `postgres`, which is empty."""
    if os.geteuid() != 0:
        pytest.skip("NOT TESTED ON A FULL DISK: only root may mount one")
    disk = SmallDisk()
    try:
        # Nothing of the settings by which tests spare the disk: here it is what is tested.
        with running_postgres(disk.mount, {}) as disk.url:
            try:
                yield disk
            finally:
                disk.stop()
    finally:
        disk.unmount()
