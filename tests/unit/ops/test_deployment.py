"""The files for running Lunas elsewhere name what the programs have, and an image is complete."""

import configparser
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from app import gunicorn_conf
from app.factory import create_app
from app.secret_files import SECRETS
from scripts.messages import ROOT
from tests.world import settings_for

UNITS = ROOT / "ops" / "systemd"
EXAMPLE = ROOT / ".env.example"


def unit(name: str) -> configparser.ConfigParser:
    found = configparser.ConfigParser(strict=False, interpolation=None)
    found.optionxform = str  # type: ignore[assignment,method-assign]
    found.read(UNITS / name)
    return found


def copied() -> list[str]:
    """Return what the image takes from the repository itself."""
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    pairs = [
        line.split()[1:] for line in lines if line.startswith("COPY ") and "--from" not in line
    ]
    return [source for *sources, _ in pairs for source in sources]


def take(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(source, target)


def test_units_start_what_is_shipped_on_the_socket_that_is_opened() -> None:
    web, jobs = unit("lunas-web.service")["Service"], unit("lunas-jobs.service")["Service"]

    assert unit("lunas-web.socket")["Socket"]["ListenStream"] == gunicorn_conf.bind
    assert shlex.split(web["ExecStart"])[1:] == [
        "--config",
        "app/gunicorn_conf.py",
        "app.factory:create_app()",
    ]
    assert shlex.split(jobs["ExecStart"])[1:] == ["-m", "jobs"]
    # Whoever is stopped has more time than a request may take to end.
    assert int(web["TimeoutStopSec"]) > gunicorn_conf.graceful_timeout


@pytest.mark.parametrize(
    "name", ["lunas-web.service", "lunas-jobs.service", "lunas-partitions.service"]
)
def test_units_keep_the_programs_small(name: str) -> None:
    service = unit(name)["Service"]

    assert service["User"] == "lunas"
    assert service["NoNewPrivileges"] == "yes"
    assert service["ProtectSystem"] == "strict"
    assert service["CapabilityBoundingSet"] == ""


def test_the_timer_runs_a_command_that_there_is() -> None:
    timer, service = unit("lunas-partitions.timer"), unit("lunas-partitions.service")["Service"]
    app = create_app(settings_for("sqlite://", "http://127.0.0.1:1"))
    _, *arguments = shlex.split(service["ExecStart"])

    told = app.test_cli_runner().invoke(args=[*arguments[2:], "--help"])

    assert arguments[:2] == ["--app", "app.factory"]
    assert (told.exit_code, "Make the parts" in told.output) == (0, True)
    assert service["Type"] == "oneshot"
    assert timer["Timer"]["Persistent"] == "true"


def test_the_image_has_all_that_web_and_jobs_import(tmp_path: Path) -> None:
    for source in copied():
        if source.startswith(("frontend", "docs")):
            continue
        take(ROOT / source, tmp_path / source)
    database = f"sqlite:///{tmp_path}/shop.sqlite3"
    environment = {
        "DATABASE_URL": database,
        "SECRET_KEY": "only-for-tests-0123456789",
        "PUBLIC_URL": "http://127.0.0.1:1",
        "XENDIT_SECRET_KEY": "xnd_development_of_a_test",
        "XENDIT_CALLBACK_TOKEN": "token-of-a-test-0123456789",
        "FLASK_SKIP_DOTENV": "1",
    }
    upgrade = [sys.executable, "-m", "flask", "--app", "app.factory", "db", "upgrade"]
    starts = "import jobs.__main__; from app.factory import create_app; app = create_app(); "
    asks = "print(app.test_client().get('/healthz').status_code)"

    for command in (upgrade, [sys.executable, "-c", starts + asks]):
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr

    assert done.stdout.strip() == "200"


def test_compose_migrates_before_web_and_jobs_start() -> None:
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]

    assert services["jobs"]["command"] == ["python", "-m", "jobs"]
    assert services["migrate"]["command"][-2:] == ["db", "upgrade"]
    for name in ("web", "jobs"):
        assert services[name]["depends_on"]["migrate"] == {
            "condition": "service_completed_successfully"
        }
        assert services[name]["read_only"] is True


def test_the_proxies_hand_on_one_address_and_hide_the_meters() -> None:
    nginx = (ROOT / "ops" / "nginx" / "lunas.conf").read_text()
    caddy = (ROOT / "ops" / "caddy" / "Caddyfile").read_text()

    assert re.search(r"proxy_set_header X-Forwarded-For\s+\$remote_addr;", nginx)
    assert "header_up X-Forwarded-For {remote_host}" in caddy
    assert "location = /metrics" in nginx
    assert "respond @private 404" in caddy


def test_the_guide_names_every_file_and_no_setting_that_does_not_exist() -> None:
    guide = (ROOT / "docs" / "deploy.md").read_text()
    settings = set(re.findall(r"(?m)^#? ?([A-Z][A-Z0-9_]+)=", EXAMPLE.read_text()))

    for path in [*UNITS.iterdir(), *(ROOT / "ops" / "nginx").iterdir()]:
        assert str(path.relative_to(ROOT)) in guide
    named = set(re.findall(r"`([A-Z][A-Z0-9]*_[A-Z0-9_]+)(?:=[^`]*)?`", guide))
    files = {f"{name}_FILE" for name in SECRETS}
    assert named - settings - files <= {"POSTGRES_PASSWORD", "LUNAS_WEB_BIND"}
