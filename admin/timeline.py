"""An order's story in order: what changed it, and what was heard and did not."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from app.core.observations import Evidence, Source
from app.core.states import Attention, PaymentStatus, RefundRoute, RefundState
from app.db.models import OrderEvent, StatusCheck, StoredObservation

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
    is False where we heard something that changed nothing.
    """

    at: datetime
    who: object  # an Actor or a Source: both have badges
    why: str
    person: str | None = None
    before: PaymentStatus | None = None
    after: PaymentStatus | None = None
    details: tuple[tuple[str, object], ...] = ()
    changed: bool = True
    times: int = 1
    until: datetime | None = None


def tell_story(
    events: Iterable[OrderEvent],
    observations: Iterable[StoredObservation],
    checks: Sequence[StatusCheck],
) -> list[Line]:
    """Return the story, the newest first."""
    told = [_event_line(event) for event in events]
    known = {(line.at, line.why) for line in told}
    people = {check.id: check.staff.name for check in checks if check.staff is not None}
    heard = (
        _quiet_line(seen, people.get(seen.status_check_id or 0))
        for seen in observations
        if seen.before is seen.after and (seen.recorded_at, seen.why) not in known
    )
    # Stable: events of one moment stay in the order in which they were written.
    lines = sorted([*told, *heard], key=lambda line: line.at)
    return list(reversed(_fold(lines)))


def _event_line(event: OrderEvent) -> Line:
    return Line(
        at=event.at,
        who=event.actor,
        why=event.why,
        person=event.staff.name if event.staff else None,
        before=event.before,
        after=event.after,
        details=_details(event.details),
    )


def _quiet_line(seen: StoredObservation, person: str | None) -> Line:
    details = {
        "reference": seen.reference,
        "gateway_transaction_id": seen.gateway_transaction_id,
        "gateway_status": seen.raw_status,
        "evidence": seen.evidence.value,
        "notification": seen.notification_id,
    }
    return Line(
        at=seen.recorded_at,
        who=seen.source,
        why=seen.why,
        person=person,
        details=_details(details),
        changed=False,
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
