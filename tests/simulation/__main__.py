"""``python -m tests.simulation --seed 1``: tell one story, or many; 1 if a rule was broken."""

from __future__ import annotations

import argparse
import sys
import traceback
from pathlib import Path

from tests.simulation.corpus import write_corpus
from tests.simulation.databank import Databank, PostgresBank, SqliteBank
from tests.simulation.mutations import LENGTH, MUTATIONS, mutated
from tests.simulation.runner import as_markdown, read_reports, run_into, total
from tests.simulation.stage import START
from tests.simulation.story import Outcome, shorten, tell

# A bug that this many stories do not find is not found.
MOST_STORIES = 400


def main(arguments: list[str]) -> int:
    """Do what the command line says."""
    options = _parser().parse_args(arguments)
    if options.summary:
        print(as_markdown(total(read_reports(options.summary))))
        return 0
    bank = PostgresBank(options.database_url, START) if options.database_url else SqliteBank(START)
    if options.corpus:
        write_corpus(options.corpus, options.seed, options.stories, options.steps)
        return 0
    if options.hunt:
        _hunt(options.seed, bank)
        return 0
    if options.json:
        return _tell_into(options, bank)
    return _tell_each(options, bank)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("--seed", type=int, default=1, help="the first story's seed")
    parser.add_argument("--stories", type=int, default=1, help="how many stories, one per seed")
    parser.add_argument("--steps", type=int, default=LENGTH, help="steps per story")
    parser.add_argument("--database-url", help="play on this PostgreSQL database (it is emptied)")
    parser.add_argument("--json", type=Path, help="append figures to this file; goes on from it")
    parser.add_argument("--summary", type=Path, nargs="+", help="add up such files, tell nothing")
    parser.add_argument("--hunt", action="store_true", help="find each bug put in on purpose")
    parser.add_argument("--corpus", type=Path, help="write the stories' database to this file")
    return parser


def _hunt(first_seed: int, bank: Databank) -> None:
    """Print the table of bugs put in on purpose, with the first story that finds each."""
    print("| bug | what it does | seed | rule that it breaks |\n|---|---|---|---|")
    for mutation in MUTATIONS:
        for seed in range(first_seed, first_seed + MOST_STORIES):
            with mutated(mutation):
                outcome = tell(seed, LENGTH, bank)
            if outcome.violation is not None:
                rule = outcome.violation.rule
                print(f"| {mutation.name} | {mutation.words} | {seed} | {rule} |", flush=True)
                break
        else:
            print(f"| {mutation.name} | {mutation.words} | not in {MOST_STORIES} | |", flush=True)


def _tell_into(options: argparse.Namespace, bank: Databank) -> int:
    broken = 0
    for report in run_into(options.json, options.seed, options.stories, options.steps, bank):
        broken += len(report.violations)
        print(f"{report.first_seed}: {report.stories} stories, {report.violations}", flush=True)
    return 1 if broken else 0


def _tell_each(options: argparse.Namespace, bank: Databank) -> int:
    for seed in range(options.seed, options.seed + options.stories):
        outcome = tell(seed, options.steps, bank)
        if outcome.violation is not None:
            _explain(outcome, options.steps, bank)
            return 1
        if options.stories == 1:
            print("\n".join(outcome.story))
        print(f"story {seed}: {outcome.orders} orders, every rule held")
    return 0


def _explain(outcome: Outcome, length: int, bank: Databank) -> None:
    """Print the shortest story that breaks the same rule."""
    steps, shortest = shorten(outcome, length, bank)
    broken = shortest.violation
    if broken is not None and broken.__cause__ is not None:
        traceback.print_exception(broken.__cause__)
    print("\n".join(shortest.story))
    print(f"\nstory {outcome.seed} breaks a rule; {len(steps)} of {length} steps are enough:")
    print(", ".join(step.name for step in steps))
    print(broken)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
