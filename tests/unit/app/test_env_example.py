""".env.example names every setting that the programs read, and none that they do not."""

import ast
import re
from pathlib import Path
from typing import Final

from app.secret_files import SECRETS
from app.settings import load_settings
from scripts.messages import ROOT
from tests.unit.app.test_settings import SANDBOX

EXAMPLE: Final = ROOT / ".env.example"
READERS: Final = (
    *("settings", "mail_settings", "rate_limits", "watching", "host_check"),
    *("secret_files", "gunicorn_conf"),
)
_NAME: Final = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|DEMO")
# Set by the unit or the image that starts the web server, not by whoever fills in .env.
OF_THE_STARTER: Final = {"LUNAS_WEB_BIND", "PROMETHEUS_MULTIPROC_DIR"}
# What a request holds bears names of the same form (PEP 3333).
OF_REQUESTS: Final = {"HTTP_HOST", "PATH_INFO", "REQUEST_METHOD", "REMOTE_ADDR", "CONTENT_LENGTH"}


def example() -> dict[str, str]:
    found = re.findall(r"^([A-Z][A-Z0-9_]+)=(.*)$", EXAMPLE.read_text(), re.MULTILINE)
    assert len(found) == len(dict(found))
    return dict(found)


def names_in(file: Path) -> set[str]:
    """Return the texts of a module that have the form of a setting's name."""
    nodes = ast.walk(ast.parse(file.read_text(encoding="utf-8")))
    texts = {node.value for node in nodes if isinstance(node, ast.Constant)}
    return {text for text in texts if isinstance(text, str) and _NAME.fullmatch(text)}


def test_the_example_names_what_is_read_and_nothing_else() -> None:
    read = set[str]().union(*(names_in(ROOT / "app" / f"{name}.py") for name in READERS))
    as_files = {f"{name}_FILE" for name in SECRETS}

    assert read - as_files - OF_THE_STARTER - OF_REQUESTS == set(example())


def test_what_the_example_sets_is_what_holds_without_it() -> None:
    given = {name: value for name, value in example().items() if value}

    assert len(given) > 10
    assert load_settings({**SANDBOX, **given}) == load_settings(SANDBOX)
