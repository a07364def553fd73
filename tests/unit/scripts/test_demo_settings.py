"""Which environment Lunas starts with, from what a person set and what they left open."""

import stat
from pathlib import Path

import pytest

from scripts.demo_settings import (
    DEMO_KEYS,
    Places,
    compose,
    has_real_keys,
    local_secret,
    own_settings,
)

REAL_MIDTRANS = {"MIDTRANS_SERVER_KEY": "SB-Mid-server-of-a-real-account"}


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(tmp_path / "var", web_port=8000, sandbox_port=8001)


def test_without_own_settings_the_sandbox_stands_in_for_both_gateways(places: Places) -> None:
    settings = compose({}, places)

    assert settings.uses_sandbox
    assert settings.is_demo
    secret = (places.var / "secret_key").read_text()
    assert settings.environment == dict(DEMO_KEYS) | {
        "DEMO": "1",
        "SECRET_KEY": secret,
        "DATABASE_URL": f"sqlite:///{places.var}/lunas.sqlite3",
        "PUBLIC_URL": "http://127.0.0.1:8000",
        "LUNAS_WEB_BIND": "127.0.0.1:8000",
        "MIDTRANS_ENV": "sandbox",
        "MAIL_BACKEND": "file",
        "MAIL_FOLDER": f"{places.var}/mail",
        "MIDTRANS_CORE_URL": "http://127.0.0.1:8001/midtrans",
        "MIDTRANS_SNAP_URL": "http://127.0.0.1:8001/midtrans/snap/v1",
        "MIDTRANS_SNAP_JS_URL": "http://127.0.0.1:8001/midtrans/snap/snap.js",
        "XENDIT_URL": "http://127.0.0.1:8001/xendit",
        "PYTHONUNBUFFERED": "1",
        "LOG_FORMAT": "console",
        "FLASK_SKIP_DOTENV": "1",
    }


@pytest.mark.parametrize(
    "own", [REAL_MIDTRANS, {"XENDIT_SECRET_KEY": "xnd_development_of_a_real_account"}]
)
def test_one_real_key_means_no_sandbox_no_demo_and_no_demo_key(
    own: dict[str, str], places: Places
) -> None:
    settings = compose(own, places)

    assert not settings.uses_sandbox
    assert not settings.is_demo
    assert not set(settings.environment.values()) & set(DEMO_KEYS.values())
    assert "XENDIT_URL" not in settings.environment
    assert settings.environment["DATABASE_URL"].startswith("sqlite:///")


@pytest.mark.parametrize(
    "production",
    [
        REAL_MIDTRANS | {"MIDTRANS_ENV": "production"},
        {"XENDIT_SECRET_KEY": "xnd_production_of_a_real_account"},
    ],
)
def test_in_production_nothing_that_decides_about_money_is_made_up(
    production: dict[str, str], places: Places
) -> None:
    environment = compose(production, places).environment

    assert not {"SECRET_KEY", "DATABASE_URL", "PUBLIC_URL", "DEMO"} & set(environment)
    assert not places.var.exists()


def test_own_settings_win_over_every_default(places: Places) -> None:
    own = {"DATABASE_URL": "postgresql+psycopg://x", "SECRET_KEY": "own", "DEMO": "0"}

    settings = compose(own, places)

    assert settings.uses_sandbox
    assert not settings.is_demo
    assert own.items() <= settings.environment.items()
    assert not places.var.exists()


def test_the_sandboxs_own_keys_are_not_real_keys() -> None:
    assert not has_real_keys(DEMO_KEYS)


def test_the_environment_wins_over_the_file_and_blank_lines_do_not_count(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("MIDTRANS_SERVER_KEY=\nSECRET_KEY=file\nPUBLIC_URL=https://file.example\n")

    assert own_settings(file, {"SECRET_KEY": "process", "XENDIT_URL": ""}) == {
        "SECRET_KEY": "process",
        "PUBLIC_URL": "https://file.example",
    }


def test_without_a_file_only_the_environment_counts(tmp_path: Path) -> None:
    assert own_settings(tmp_path / ".env", {"DEMO": "1"}) == {"DEMO": "1"}


def test_the_secret_is_made_once_and_nobody_else_may_read_it(tmp_path: Path) -> None:
    file = tmp_path / "var" / "secret_key"

    first = local_secret(file)

    assert len(first) == 64
    assert local_secret(file) == first
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_two_checkouts_have_different_secrets(tmp_path: Path) -> None:
    assert local_secret(tmp_path / "one") != local_secret(tmp_path / "two")
