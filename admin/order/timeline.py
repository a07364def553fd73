"""An order's story in order: what changed it, and what was heard and did not."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from itertools import groupby
from typing import Final

from app.core.observations import Evidence, Source
from app.core.states import Attention, PaymentStatus, RefundRoute, RefundState
from app.db.models import OrderEvent

# Details that have words of their own, by the name under which events keep them.
_KINDS: Final[Mapping[str, type[StrEnum]]] = {
    "attention": Attention,
    "evidence": Evidence,
    "route": RefundRoute,
    "source": Source,
    "state": RefundState,
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the story. ``person`` is a name where staff acted.

    ``times`` counts how often the same was heard in a row, ``until`` tells when last; ``changed``
    is False where we heard something that changed nothing. ``key`` names the line on the page.
    """

    at: datetime
    who: object  # an Actor or a Source: both have badges
    why: str
    key: str = ""
    person: str | None = None
    before: PaymentStatus | None = None
    after: PaymentStatus | None = None
    details: tuple[tuple[str, object], ...] = ()
    changed: bool = True
    times: int = 1
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """Lines in a row that changed something, or that changed nothing; the newest first."""

    changed: bool
    lines: Sequence[Line]

    @property
    def key(self) -> str:
        """Name the passage by its oldest line: newer ones may be added to it."""
        return f"passage-{self.lines[-1].key}"

    @property
    def times(self) -> int:
        """Count everything that was heard."""
        return sum(line.times for line in self.lines)


def tell_story(events: Iterable[OrderEvent], heard: Iterable[Line]) -> list[Line]:
    """Return the story, the newest first; ``heard`` are the lines that changed nothing."""
    told = [_event_line(event) for event in events]
    # Stable: events of one moment stay in the order in which they were written.
    lines = sorted([*told, *heard], key=lambda line: line.at)
    return list(reversed(_fold(lines)))


def in_passages(story: Iterable[Line]) -> list[Passage]:
    """Part the story into what changed something and what did not, so that this can be folded."""
    parts = groupby(story, key=lambda line: line.changed)
    return [Passage(changed, list(lines)) for changed, lines in parts]


def quiet_line(
    key: str, who: object, why: str, at: datetime, details: Mapping[str, object]
) -> Line:
    """Return the line of something that was heard, or done, and changed nothing."""
    return Line(at=at, who=who, why=why, key=key, details=_details(details), changed=False)


def _event_line(event: OrderEvent) -> Line:
    return Line(
        at=event.at,
        who=event.actor,
        why=event.why,
        key=f"event-{event.seq}",
        person=event.staff.name if event.staff else None,
        before=event.before,
        after=event.after,
        details=_details(event.details),
    )


def _details(stored: Mapping[str, object]) -> tuple[tuple[str, object], ...]:
    return tuple(
        (key, _kind(key, value)) for key, value in stored.items() if value not in (None, "")
    )


def _kind(key: str, value: object) -> object:
    kind = _KINDS.get(key)
    return kind(value) if kind is not None and value in list(kind) else value


def _fold(lines: Iterable[Line]) -> list[Line]:
    """Draw together what the schedule heard several times in a row."""
    folded: list[Line] = []
    for line in lines:
        last = folded[-1] if folded else None
        if last is not None and _says_the_same(last, line):
            folded[-1] = replace(last, times=last.times + 1, until=line.at)
        else:
            folded.append(line)
    return folded


def _says_the_same(last: Line, line: Line) -> bool:
    by_schedule = line.who is Source.JOB and last.who is Source.JOB
    return by_schedule and not line.changed and not last.changed and last.why == line.why
