"""Secrets in files: read whole, given once, and refused in one sentence without a word of them."""

from pathlib import Path

import pytest

from app.secret_files import SECRETS, with_files
from app.settings import ROOT, SettingsError, load_settings
from scripts.demo_settings import Places, compose
from scripts.messages import CannotGoOnError

ENVIRON = {
    "DATABASE_URL": "sqlite:///here.sqlite3",
    "SECRET_KEY": "0123456789abcdef-own",
    "PUBLIC_URL": "http://localhost:8000",
    "XENDIT_SECRET_KEY": "xnd_development_own",
    "XENDIT_CALLBACK_TOKEN": "callback-token-own",
}


def in_files(folder: Path, environ: dict[str, str], ending: str = "\n") -> dict[str, str]:
    """Return the environment with every secret moved into a file of its own."""
    moved: dict[str, str] = {}
    for name, value in environ.items():
        if name in SECRETS:
            (folder / name).write_bytes(f"{value}{ending}".encode())
            moved[f"{name}_FILE"] = str(folder / name)
        else:
            moved[name] = value
    return moved


@pytest.mark.parametrize("ending", ["", "\n", "\r\n", "\n\n"])
def test_settings_from_files_are_those_from_the_environment(tmp_path: Path, ending: str) -> None:
    environ = in_files(tmp_path, ENVIRON, ending)

    assert set(environ) & set(SECRETS) == set()
    assert load_settings(environ) == load_settings(ENVIRON)


def test_only_the_newline_at_the_end_is_taken_off(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(" a key, spaces and all \n")

    found = with_files({"SECRET_KEY_FILE": str(tmp_path / "key")})

    assert found["SECRET_KEY"] == " a key, spaces and all "


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_that_is_set_both_ways_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "key").write_text("of-the-file")

    with pytest.raises(SettingsError) as refusal:
        load_settings(ENVIRON | {name: "of-the-environment", f"{name}_FILE": str(tmp_path / "key")})

    assert str(refusal.value) == f"{name} and {name}_FILE are both set; unset one of them."


def test_a_blank_setting_leaves_the_place_to_its_file(tmp_path: Path) -> None:
    environ = in_files(tmp_path, ENVIRON) | {"SECRET_KEY": " ", "MIDTRANS_SERVER_KEY_FILE": ""}

    assert load_settings(environ).secret_key == ENVIRON["SECRET_KEY"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read"),
        (b"", "must hold the secret and nothing else"),
        (b" \n", "must hold the secret and nothing else"),
        (b"\xff\xfe\x00", "is not a text"),
        (b"k4nary" * 4_000, "must hold the secret and nothing else"),
    ],
)
def test_what_cannot_be_a_secret_is_refused_in_one_sentence(
    tmp_path: Path, content: bytes | None, said: str
) -> None:
    file = tmp_path / "key"
    if content is not None:
        file.write_bytes(content)
    environ = {key: value for key, value in ENVIRON.items() if key != "SECRET_KEY"}

    with pytest.raises(SettingsError) as refusal:
        load_settings(environ | {"SECRET_KEY_FILE": str(file)})

    text = str(refusal.value)
    assert text.startswith("SECRET_KEY_FILE")
    assert said in text
    assert text.endswith(".")
    assert "k4nary" not in text


def test_a_folder_is_no_secret(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"\ASECRET_KEY_FILE cannot be read"):
        with_files({"SECRET_KEY_FILE": str(tmp_path)})


def test_real_keys_in_files_keep_the_sandbox_and_its_demo_keys_away(tmp_path: Path) -> None:
    places = Places(tmp_path, 8000, 8001)
    own = in_files(tmp_path, {"XENDIT_SECRET_KEY": "xnd_development_of_a_real_account"})

    composed = compose(own, places)

    assert composed.uses_sandbox is False
    assert composed.environment["XENDIT_SECRET_KEY"] == "xnd_development_of_a_real_account"
    assert "XENDIT_SECRET_KEY_FILE" not in composed.environment
    with pytest.raises(CannotGoOnError, match="cannot be read"):
        compose({"SECRET_KEY_FILE": str(tmp_path / "nothing")}, places)


def test_the_guide_names_every_secret_that_may_be_a_file() -> None:
    guide = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")

    named = [name for name in SECRETS if not name.endswith("_PREVIOUS")]
    assert [name for name in named if f"{name}_FILE" not in guide] == []
