"""The benchmarks still run: each part once, with numbers too small to mean anything."""

from pathlib import Path

import pytest

from tests.benchmarks.__main__ import SIZES, forecast
from tests.benchmarks.bench import pgbench_here
from tests.benchmarks.figures import Figure, Goal, begin, keep, read
from tests.benchmarks.pgbench import Sample, script_of
from tests.benchmarks.rendering import write_page


@pytest.mark.postgres
@pytest.mark.parametrize("part", sorted(SIZES["tiny"]))
def test_each_part_runs_to_its_end(part: str) -> None:
    if part == "intake" and pgbench_here() is None:
        pytest.skip("NOT TESTED: this machine has no pgbench")

    figures = SIZES["tiny"][part].measure()

    assert figures
    assert all(figure.values for figure in figures)


def test_the_sizes_have_the_same_parts() -> None:
    assert {frozenset(parts) for parts in SIZES.values()} == {frozenset(SIZES["tiny"])}


def test_it_is_told_how_long_it_will_take() -> None:
    told = forecast(SIZES["tiny"], ["checkout", "growth"])

    assert told == "expected on a quiet machine: 0.6 minutes (checkout 0.2, growth 0.4)"


def test_figures_are_kept_by_part_and_told_with_their_goals(tmp_path: Path) -> None:
    results, page = tmp_path / "performance.json", tmp_path / "performance.md"
    fast = Figure("a", "fast <enough>", "x", [3.0, 1.0, 2.0], Goal("at least", 1.5))
    slow = Figure("a", "slow", "ms", [70.0, 80.0, 60.0], Goal("at most", 60))
    keep(begin("intake", "tiny"), [slow], results)
    keep(begin("intake", "tiny"), [fast, slow], results)

    [run] = read(results)
    write_page(page, results)

    assert list(run.figures) == [fast, slow]
    assert "| fast <enough> | x | 1 | 2 | 3 | 3 | at least 1.5 | yes |" in page.read_text()
    assert "| slow | ms | 60 | 70 | 80 | 3 | at most 60 | **no** |" in page.read_text()
    assert "fast &lt;enough&gt;" in page.with_suffix(".svg").read_text()


def test_a_recorded_statement_becomes_one_about_any_order() -> None:
    sample = Sample(500000002, "abc", "m1")
    product = 900000001 + 2
    both = (
        "WITH a AS (INSERT INTO notifications VALUES ('BENCH-500000002-1', 'abc', 500000002)), "
        "b AS (INSERT INTO mails (message_id, said) VALUES ('m1', 'x:y 500000002'))"
    )
    change = f"UPDATE products SET n = 1 WHERE id = {product} AND order_id = 500000002::INTEGER"

    lines = script_of([both, change], sample).splitlines()

    told = (
        "WITH a AS (INSERT INTO notifications VALUES "
        "(('BENCH-' || :n || '-1'), md5('d' || :n), :n)), "
        "b AS (INSERT INTO mails (message_id, said) "
        "VALUES (md5('m' || :n), ('x' || chr(58) || 'y ' || :n || '')));"
    )
    assert lines[4:6] == [
        told,
        "UPDATE products SET n = 1 WHERE id = :p AND order_id = :n::INTEGER;",
    ]
