"""``python -m tests.benchmarks [part …] [--size small|full]``: measure, keep, and render.

Parts: intake (a), checkout (b), growth (c), back_office (d), reconciliation (e), export (f). Each
takes the place of its last figures in docs/performance.json; docs/performance.md is made of them.
``--render`` only makes the pages anew.
"""

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from tests.benchmarks import back_office, checkout, intake, reconciliation
from tests.benchmarks.figures import RESULTS, Figure, begin, keep
from tests.benchmarks.rendering import write_page


@dataclass(frozen=True, slots=True)
class Part:
    """One part at one size; ``minutes`` it takes on two quiet cores, filling included."""

    minutes: float
    measure: Callable[[], list[Figure]]


# tiny: shows that it runs; small: minutes, for a first look; full: what the goals speak of.
SIZES: Final[Mapping[str, Mapping[str, Part]]] = {
    "tiny": {
        "intake": Part(0.4, lambda: intake.measure(intake.Size(200, 60, 1, 3))),
        "checkout": Part(0.2, lambda: checkout.measure(checkout.Size(10, 1))),
        "growth": Part(0.4, lambda: intake.measure_growth((100, 200), intake.Size(0, 40, 1, 1))),
        "back_office": Part(0.2, lambda: back_office.measure(back_office.Size(200, 1))),
        "reconciliation": Part(0.2, lambda: reconciliation.measure(reconciliation.Size(20, 1))),
        "export": Part(0.2, lambda: back_office.measure_export(back_office.Size(200, 1))),
    },
    "small": {
        "intake": Part(2, lambda: intake.measure(intake.Size(10_000, 600, 5, 3))),
        "checkout": Part(1, lambda: checkout.measure(checkout.Size(150, 5))),
        "growth": Part(
            4, lambda: intake.measure_growth((10_000, 500_000), intake.Size(0, 1000, 5, 4))
        ),
        "back_office": Part(6, lambda: back_office.measure(back_office.Size(1_000_000, 5))),
        "reconciliation": Part(3, lambda: reconciliation.measure(reconciliation.Size(400, 5))),
        "export": Part(5, lambda: back_office.measure_export(back_office.Size(1_000_000, 5))),
    },
    "full": {
        "intake": Part(5, lambda: intake.measure(intake.Size(10_000, 6000, 7, 10))),
        "checkout": Part(1, lambda: checkout.measure(checkout.Size(1000, 7))),
        "growth": Part(
            6, lambda: intake.measure_growth((10_000, 5_000_000), intake.Size(0, 3000, 7, 10))
        ),
        "back_office": Part(3, lambda: back_office.measure(back_office.Size(1_000_000, 9))),
        "reconciliation": Part(48, lambda: reconciliation.measure(reconciliation.Size(10_000, 5))),
        "export": Part(2, lambda: back_office.measure_export(back_office.Size(1_000_000, 5))),
    },
}


def forecast(chosen: Mapping[str, Part], parts: Sequence[str]) -> str:
    """Return how long these parts will take, in words."""
    each = ", ".join(f"{part} {chosen[part].minutes:g}" for part in parts)
    total = round(sum(chosen[part].minutes for part in parts), 1)
    return f"expected on a quiet machine: {total:g} minutes ({each})" if parts else "no part"


def main() -> None:
    """Measure what was asked for, one part after the other, and make the pages."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="part", help="none: all of them")
    parser.add_argument("--size", choices=sorted(SIZES), default="small")
    parser.add_argument("--render", action="store_true", help="measure nothing")
    options = parser.parse_args()
    chosen = SIZES[options.size]
    unknown = set(options.parts) - set(chosen)
    if unknown:
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    parts = () if options.render else tuple(options.parts or chosen)
    print(forecast(chosen, parts), flush=True)
    for part in parts:
        print(f"{part}, {options.size} …", flush=True)
        run = begin(part, options.size)
        figures = chosen[part].measure()
        keep(run, figures)
        for figure in figures:
            print(f"  {figure.name}: {figure.median:.4g} {figure.unit}", flush=True)
    write_page(RESULTS.with_suffix(".md"))


if __name__ == "__main__":
    main()
