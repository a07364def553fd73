"""The benchmark itself, in miniature; its figures mean nothing here."""

from tests.benchmarks.sandbox_speed import measure


def test_the_benchmark_fills_starts_and_measures_both_sizes() -> None:
    small, large = measure((100, 400), rounds=1, round_s=0.2)

    assert (small.stored, large.stored) == (100, 400)
    assert len(small.per_s) == len(large.per_s) == 1
    assert min(*small.per_s, *large.per_s) > 0
    assert "400 stored" in large.line()
