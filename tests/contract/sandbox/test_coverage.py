import ast
import json

import pytest

from tests.contract.sandbox import coverage
from tests.contract.sandbox.bench import ROOT, samples_folder

HERE = ROOT / "tests" / "contract" / "sandbox"


def functions_of(file: str) -> set[str]:
    tree = ast.parse((HERE / file).read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("one", coverage.ALL, ids=lambda one: one.gateway)
def test_every_published_sample_is_compared_or_has_a_reason(one: coverage.Coverage) -> None:
    index = json.loads((samples_folder() / one.gateway / "index.json").read_text())
    published = {entry["file"].removesuffix(".json") for entry in index}

    assert one.covered.keys() & one.deviations.keys() == set()
    assert one.covered.keys() | one.deviations.keys() == published


@pytest.mark.parametrize("one", coverage.ALL, ids=lambda one: one.gateway)
def test_every_named_test_exists(one: coverage.Coverage) -> None:
    named = {tuple(test.split("::")) for test in one.covered.values()}

    assert [f"{file}::{name}" for file, name in named if name not in functions_of(file)] == []


@pytest.mark.parametrize("one", coverage.ALL, ids=lambda one: one.gateway)
def test_every_deviation_has_a_reason(one: coverage.Coverage) -> None:
    assert all(len(reason.split()) > 3 for reason in one.deviations.values())


def test_the_documentation_shows_the_table_as_it_is() -> None:
    document = coverage.DOCUMENT.read_text()

    assert coverage.BEGIN in document
    assert document == coverage.written(document), "run: python -m tests.contract.sandbox.coverage"
