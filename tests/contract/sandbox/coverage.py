"""Which test compares which published sample, and why some are not compared.

Run ``python -m tests.contract.sandbox.coverage`` to write the table into docs/sandbox.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.contract.sandbox import coverage_midtrans, coverage_xendit

DOCUMENT: Final = Path(__file__).parents[3] / "docs" / "sandbox.md"
BEGIN: Final = "<!-- coverage: begin (written by python -m tests.contract.sandbox.coverage) -->"
END: Final = "<!-- coverage: end -->"


@dataclass(frozen=True)
class Coverage:
    """One gateway: sample → ``file.py::test`` that compares it, or the reason why none does."""

    gateway: str
    covered: Mapping[str, str]
    deviations: Mapping[str, str]


ALL: Final = (
    Coverage("midtrans", coverage_midtrans.COVERED, coverage_midtrans.DEVIATIONS),
    Coverage("xendit", coverage_xendit.COVERED, coverage_xendit.DEVIATIONS),
)


def table() -> str:
    """Return the section of the documentation, both markers included."""
    return "\n".join([BEGIN, *(line for one in ALL for line in _lines(one)), "", END])


def written(document: str) -> str:
    """Return the document with its section as it should be now."""
    before, _, rest = document.partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + table() + after


def _lines(one: Coverage) -> list[str]:
    title = f"### {one.gateway.title()}: {len(one.covered)} compared, {len(one.deviations)} not"
    compared = [f"| `{name}` | `{test}` |" for name, test in sorted(one.covered.items())]
    apart = [f"| `{name}` | {reason} |" for name, reason in sorted(one.deviations.items())]
    return [
        *("", title, "", "| sample | compared by |", "| --- | --- |", *compared),
        *("", "| sample, not compared | why |", "| --- | --- |", *apart),
    ]


if __name__ == "__main__":
    DOCUMENT.write_text(written(DOCUMENT.read_text()))
