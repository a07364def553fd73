"""Where the bars of a chart stand; the templates draw them as SVG, with a table behind."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from admin.figures.of_period import Flow

WIDTH: Final = 600.0
HEIGHT: Final = 120.0
# Of a bar's place, what stays free beside it.
_GAP: Final = 0.25


@dataclass(frozen=True, slots=True)
class Bar:
    """One place of a chart: what came in stands on the line, what went back hangs below it."""

    x: float
    width: float
    up: float
    down: float


@dataclass(frozen=True, slots=True)
class Bars:
    """A chart of in and out; ``zero`` is where the line runs, from the top."""

    bars: Sequence[Bar]
    zero: float


@dataclass(frozen=True, slots=True)
class Segment:
    """One piece of a lying bar, in hundredths of its length."""

    tone: str
    x: float
    width: float


def draw_flows(flows: Sequence[Flow]) -> Bars:
    """Return the bars of these flows, both directions on one scale."""
    highest = max((flow.paid.idr for flow in flows), default=0)
    deepest = max((flow.refunded.idr for flow in flows), default=0)
    scale = HEIGHT / (highest + deepest) if highest + deepest else 0.0
    place = WIDTH / max(len(flows), 1)
    bars = [
        Bar(
            x=_rounded(place * (number + _GAP / 2)),
            width=_rounded(place * (1 - _GAP)),
            up=_rounded(flow.paid.idr * scale),
            down=_rounded(flow.refunded.idr * scale),
        )
        for number, flow in enumerate(flows)
    ]
    return Bars(bars, _rounded(highest * scale) if scale else HEIGHT)


def draw_shares(parts: Sequence[tuple[str, int]], whole: int) -> list[Segment]:
    """Return the pieces of a lying bar of which ``whole`` is the full length."""
    segments: list[Segment] = []
    at = 0.0
    for tone, count in parts:
        width = 100 * count / whole if whole else 0.0
        if width:
            segments.append(Segment(tone, _rounded(at), _rounded(width)))
        at += width
    return segments


def _rounded(length: float) -> float:
    return round(length, 2)
