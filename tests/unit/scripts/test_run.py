"""`make run` before anything runs: ports, commands, and the welcome."""

import json
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.demo_settings import Places, Settings, compose
from scripts.messages import CannotGoOnError
from scripts.ports import pick_free
from scripts.programs import all_programs, preparation
from scripts.run import main, require_free_ports
from scripts.welcome import welcome

REAL = {"MIDTRANS_SERVER_KEY": "SB-Mid-server-of-a-real-account"}


@pytest.fixture
def busy_port() -> Iterator[int]:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


def settings_for(var: Path, own: dict[str, str], web: int = 8000, sandbox: int = 8001) -> Settings:
    return compose(own, Places(var, web_port=web, sandbox_port=sandbox))


def test_a_port_in_use_is_named_with_the_way_to_another(tmp_path: Path, busy_port: int) -> None:
    settings = settings_for(tmp_path, {}, web=busy_port, sandbox=pick_free())

    with pytest.raises(
        CannotGoOnError, match=rf"^Port {busy_port} .* is in use: .* `make run PORT=\d+`\.$"
    ):
        require_free_ports(settings)


def test_the_sandboxs_port_has_a_name_of_its_own(tmp_path: Path, busy_port: int) -> None:
    settings = settings_for(tmp_path, {}, web=pick_free(), sandbox=busy_port)

    with pytest.raises(CannotGoOnError, match=rf"^Port {busy_port} .*`make run SANDBOX_PORT=\d+`"):
        require_free_ports(settings)


def test_the_sandboxs_port_does_not_matter_with_real_keys(tmp_path: Path, busy_port: int) -> None:
    require_free_ports(settings_for(tmp_path, REAL, web=pick_free(), sandbox=busy_port))


@pytest.mark.parametrize("port", ["0", "65536", "http"])
def test_a_port_that_is_none_is_refused(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        main(["--port", port])

    assert refused.value.code == 2
    assert "argument --port" in capsys.readouterr().err


def test_the_demonstration_runs_three_programs(tmp_path: Path) -> None:
    settings = settings_for(tmp_path, {}, web=8100, sandbox=8101)

    programs = {program.name: program for program in all_programs(settings)}

    assert list(programs) == ["web", "jobs", "sandbox"]
    assert programs["web"].ready_url == "http://127.0.0.1:8100/api/config"
    assert programs["jobs"].command == (sys.executable, "-m", "jobs")
    assert programs["sandbox"].ready_url == "http://127.0.0.1:8101/"
    assert programs["sandbox"].command == (
        *(sys.executable, "-m", "sandbox", "--port", "8101"),
        *("--state", f"{tmp_path}/sandbox.sqlite3"),
        *("--midtrans-server-key", "SB-Mid-server-lunas-demo"),
        *("--midtrans-client-key", "SB-Mid-client-lunas-demo"),
        *("--xendit-secret-key", "xnd_development_lunas_demo"),
        *("--xendit-callback-token", "lunas-demo-callback-token"),
        *("--midtrans-notify-url", "http://127.0.0.1:8100/api/payments/notification/midtrans"),
        *("--xendit-notify-url", "http://127.0.0.1:8100/api/payments/notification/xendit"),
    )


def test_with_real_keys_there_is_no_sandbox_and_no_demo_data(tmp_path: Path) -> None:
    settings = settings_for(tmp_path, REAL)

    assert [program.name for program in all_programs(settings)] == ["web", "jobs"]
    assert preparation(settings).command[3:] == ("settings check", "db upgrade")


def test_the_demonstration_is_seeded_after_the_migrations(tmp_path: Path) -> None:
    command = preparation(settings_for(tmp_path, {})).command

    assert command[3:] == ("settings check", "db upgrade", "demo seed")


@pytest.fixture
def staff_file(tmp_path: Path) -> Path:
    file = tmp_path / "staff.json"
    people = [
        {"email": "sari@example.com", "password": "sari", "name": "Sari", "role": "support"},
        {"email": "budiman@example.com", "password": "budiman", "name": "Budi", "role": "admin"},
    ]
    file.write_text(json.dumps(people))
    return file


def test_the_welcome_names_addresses_and_sign_ins(tmp_path: Path, staff_file: Path) -> None:
    settings = settings_for(tmp_path, {})

    assert welcome(settings, staff_file) == (
        "\nLunas is running.\n\n"
        "  Shop         http://127.0.0.1:8000/\n"
        "  Back office  http://127.0.0.1:8000/admin/\n"
        "  Sandbox      http://127.0.0.1:8001/   (plays Midtrans and Xendit)\n\n"
        "Sign in to the back office as\n"
        "  sari@example.com     sari     support, Sari\n"
        "  budiman@example.com  budiman  admin, Budi\n\n"
        "Ctrl-C stops everything.\n"
    )


def test_the_welcome_with_real_keys_shows_neither_sandbox_nor_sign_ins(
    tmp_path: Path, staff_file: Path
) -> None:
    text = welcome(settings_for(tmp_path, REAL), staff_file)

    assert "Back office  http://127.0.0.1:8000/admin/" in text
    assert "Sandbox" not in text
    assert "Sign in" not in text
