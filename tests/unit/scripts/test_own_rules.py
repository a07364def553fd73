"""The code keeps the rules of the house, and each rule finds what it is there for."""

import ast
import re
from collections.abc import Iterator

import pytest

from scripts.messages import ROOT
from tests.unit.scripts.own_rules import RULES

GUARDED = ("app", "admin", "webhooks", "jobs")
# What breaks a rule with reason: file, rule, how often.
ALLOWED: dict[tuple[str, str], int] = {
    # The clock that is given to everybody else, and that of our own letters to gateways.
    ("app/wiring.py", "clocks_of_their_own"): 1,
    ("app/gateways/http.py", "clocks_of_their_own"): 1,
    # The library that counts requests asks the system, too.
    ("app/api/rate_limiting.py", "clocks_of_their_own"): 1,
    # Escaped in the line before.
    ("app/api/reference.py", "unescaped_pages"): 1,
    # Names of parts, which are made of a table's own name and a month.
    ("app/services/partition_upkeep.py", "statements_put_together"): 2,
    # Whether somebody typed the same twice: both are theirs.
    ("admin/gate/front_door.py", "secrets_compared"): 1,
}
# A picture that a library of ours draws from a secret of ours.
SAFE_TEMPLATES = ["app_steps.html"]
BREAKS = {
    "calls_without_time": "import requests\nrequests.get('https://x')",
    "statements_put_together": "session.execute(text(f'SELECT {x}'))",
    "unescaped_pages": "Markup(f'<b>{name}</b>')",
    "logged_secrets": "_log.info('is %s', settings.callback_token)",
    "secrets_compared": "sent == self.callback_token",
    "network_in_a_transaction": (
        "with desk.sessions.begin() as session:\n    gateway.fetch_status(subject)"
    ),
    "clocks_of_their_own": "datetime.now(UTC)",
}
KEEPS = {
    "calls_without_time": "self._session.get('https://x')",
    "statements_put_together": "session.execute(text('SELECT :x'), {'x': x})",
    "unescaped_pages": "Markup('<b>') + name",
    "logged_secrets": "_log.info('wrong password', extra={'who': staff_id})",
    "secrets_compared": "hmac.compare_digest(sent, token)\nif token == '': pass",
    "network_in_a_transaction": (
        "with desk.sessions.begin() as session:\n    row = 1\ngateway.fetch_status(subject)"
    ),
    "clocks_of_their_own": "desk.clock()",
}


def broken() -> Iterator[tuple[str, str, int]]:
    for folder in GUARDED:
        for path in sorted((ROOT / folder).rglob("*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            for name, rule in RULES.items():
                for line in rule(tree):
                    yield str(path.relative_to(ROOT)), name, line


def test_the_code_keeps_the_rules() -> None:
    found: dict[tuple[str, str], list[int]] = {}
    for file, rule, line in broken():
        found.setdefault((file, rule), []).append(line)

    assert {where: lines for where, lines in found.items() if where not in ALLOWED} == {}
    # An exception that nobody needs any more would let the next one pass.
    assert {where: len(lines) for where, lines in found.items()} == ALLOWED


@pytest.mark.parametrize("name", RULES)
def test_each_rule_finds_what_breaks_it_and_nothing_else(name: str) -> None:
    assert list(RULES[name](ast.parse(BREAKS[name]))) != []
    assert list(RULES[name](ast.parse(KEEPS[name]))) == []


def test_no_template_calls_text_safe() -> None:
    templates = [path for folder in GUARDED for path in (ROOT / folder).rglob("*.html")]

    assert len(templates) > 50
    unsafe = re.compile(r"\|\s*safe\b|autoescape\s+false")
    assert [p.name for p in templates if unsafe.search(p.read_text(encoding="utf-8"))] == (
        SAFE_TEMPLATES
    )
