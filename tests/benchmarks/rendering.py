"""From kept figures to a page: a table for each part, and a plot of what has a goal."""

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from pathlib import Path
from typing import Final

from tests.benchmarks.figures import RESULTS, Figure, Run, read

_TITLES: Final = {
    "intake": "(a) Notifications accepted and applied",
    "checkout": "(b) Checkouts, sandbox without delay",
    "growth": "(c) The same with few and with many orders",
    "back_office": "(d) Back office against stock Flask-Admin",
    "reconciliation": "(e) Asking about every open order, gateway answers in 200 ms",
    "export": "(f) Export of all orders",
}
_HEAD: Final = """# Performance

Made by `make bench` out of `performance.json`; do not edit. Every figure is the median of its
repeats, with the least and the greatest beside it. Ratios are taken within one run, in turns, so
that a busy machine slows both sides alike; the load average before and after tells how busy it was.
"""
_HOW: Final = Path(__file__).with_name("how_measured.md")
_WIDTH: Final = 760
_ROW: Final = 26
_NAME: Final = 330


def write_page(page: Path, results: Path = RESULTS) -> None:
    """Write the page and, beside it, its plot."""
    runs = [run for name in _TITLES for run in read(results) if run.part == name]
    plot = page.with_suffix(".svg")
    plot.write_text(_plot(runs))
    parts = [_HEAD, *(_section(run) for run in runs), f"![Goals]({plot.name})\n"]
    page.write_text("\n".join([*parts, _HOW.read_text()]))


def _section(run: Run) -> str:
    before, after = run.load
    lines = [
        f"## {_TITLES[run.part]}",
        "",
        f"Size `{run.size}`, commit `{run.commit}`, {run.at}; {run.machine}; "
        f"load average {before:g} before, {after:g} after."
        + (" **Preliminary**: taken on a busy machine." if _is_noisy(run) else ""),
        "",
        "| figure | unit | min | median | max | n | goal | met |",
        "|---|---|---:|---:|---:|---:|---|---|",
        *(_row(figure) for figure in run.figures),
        "",
    ]
    return "\n".join(lines)


def _is_noisy(run: Run) -> bool:
    """Tell whether others were at work: more waited to run than there are cores, beforehand."""
    cores = int(run.machine.split()[0])
    return run.load[0] > cores / 2


def _row(figure: Figure) -> str:
    low, high = min(figure.values), max(figure.values)
    met = "" if figure.goal is None else "yes" if figure.goal.is_met(figure.median) else "**no**"
    name = f"{figure.name} ({figure.note})" if figure.note else figure.name
    cells = (name, figure.unit, _told(low), _told(figure.median), _told(high))
    goal = str(figure.goal) if figure.goal else ""
    return f"| {' | '.join((*cells, str(len(figure.values)), goal, met))} |"


def _told(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _plot(runs: Sequence[Run]) -> str:
    """Draw each figure that has a goal as a bar, in parts of its goal."""
    shown = [figure for run in runs for figure in run.figures if figure.goal is not None]
    height = _ROW * len(shown) + 40
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}"',
        ' font-family="sans-serif" font-size="12" role="img" aria-label="Figures and their goals">',
        f'<rect width="{_WIDTH}" height="{height}" fill="#fff"/>',
        *_bars(shown),
        f'<line x1="{_NAME + 100}" y1="8" x2="{_NAME + 100}" y2="{height - 28}"',
        ' stroke="#333" stroke-dasharray="4 3"/>',
        f'<text x="{_NAME + 100}" y="{height - 10}" text-anchor="middle">goal</text>',
        "</svg>",
        "",
    ]
    return "\n".join(lines)


def _bars(shown: Iterable[Figure]) -> Iterator[str]:
    for number, figure in enumerate(shown):
        assert figure.goal is not None
        top = 10 + number * _ROW
        part = figure.median / figure.goal.value
        width = min(100 * part, _WIDTH - _NAME - 90)
        colour = "#2f7d4f" if figure.goal.is_met(figure.median) else "#b3412e"
        label = f"({figure.part}) {figure.name}"
        yield (
            f'<text x="{_NAME - 8}" y="{top + 14}" text-anchor="end">{escape(label)}</text>'
            f'<rect x="{_NAME}" y="{top}" width="{width:.0f}" height="18" fill="{colour}"/>'
            f'<text x="{_NAME + width + 6:.0f}" y="{top + 14}">{_told(figure.median)} '
            f"{escape(figure.unit)}, {escape(str(figure.goal))}</text>"
        )
