"""Bulk runs: one thing done to many orders, each at most once, with totals that add up."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from app.core.reasons import Why
from app.core.refund_reasons import RefundReason
from app.core.refunds import APPROVAL_LIFETIME, RefundVerdict
from app.core.rights import Right
from app.core.states import RefundRoute, RefundState

MOST_ROWS: Final = 500
MOST_FAILURES: Final = 100
# A row that ends in an error of our own so often is left to a person; the others go on.
MOST_TRIES: Final = 3


class BulkKind(StrEnum):
    """What a run does to each of its orders."""

    CHECK = "check"
    REFUND = "refund"


# What a person must be allowed to do to one order to have a run do it to many.
RIGHT_FOR: Final = {BulkKind.CHECK: Right.CHECK_STATUS, BulkKind.REFUND: Right.REFUND}


class BulkState(StrEnum):
    """Where a run stands."""

    DRAFT = "draft"  # rows frozen and tried dry; nothing is asked yet
    AWAITING_APPROVAL = "awaiting_approval"
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    STOPPED = "stopped"  # for good; what was not begun stays undone
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class RowState(StrEnum):
    """Where one order of a run stands; the first three never move money."""

    SKIPPED = "skipped"  # the dry run said no
    BY_HAND = "by_hand"  # the dry run said that only a bank transfer can do it
    NOT_DONE = "not_done"  # the run ended before its turn
    WAITING = "waiting"
    WORKING = "working"
    DONE = "done"
    FAILED = "failed"  # a rule or the gateway said no, or did not answer; nothing happened
    OPEN = "open"  # it goes on by itself, or with a person, outside the run


class BulkEvent(StrEnum):
    """What can happen to a run."""

    SUBMIT = "submit"
    ASK = "ask"
    APPROVE = "approve"
    REJECT = "reject"
    WITHDRAW = "withdraw"
    PAUSE = "pause"
    RESUME = "resume"
    STOP = "stop"
    FINISH = "finish"


_S = BulkState
_MOVES: Final[Mapping[tuple[BulkState, BulkEvent], BulkState]] = {
    (_S.DRAFT, BulkEvent.SUBMIT): _S.RUNNING,
    (_S.DRAFT, BulkEvent.ASK): _S.AWAITING_APPROVAL,
    (_S.DRAFT, BulkEvent.WITHDRAW): _S.WITHDRAWN,
    (_S.AWAITING_APPROVAL, BulkEvent.APPROVE): _S.RUNNING,
    (_S.AWAITING_APPROVAL, BulkEvent.REJECT): _S.REJECTED,
    (_S.AWAITING_APPROVAL, BulkEvent.WITHDRAW): _S.WITHDRAWN,
    (_S.RUNNING, BulkEvent.PAUSE): _S.PAUSED,
    (_S.RUNNING, BulkEvent.STOP): _S.STOPPED,
    (_S.RUNNING, BulkEvent.FINISH): _S.DONE,
    (_S.PAUSED, BulkEvent.RESUME): _S.RUNNING,
    (_S.PAUSED, BulkEvent.STOP): _S.STOPPED,
}
NEVER_TRIED: Final = frozenset({RowState.SKIPPED, RowState.BY_HAND})
UNFINISHED: Final = frozenset({RowState.WAITING, RowState.WORKING})
# Rows that a person should read: something else came of them than was wished.
TELLING: Final = frozenset({RowState.FAILED, RowState.OPEN, RowState.NOT_DONE})


def move_run(state: BulkState, event: BulkEvent) -> BulkState | None:
    """Return the run's next state, or None where this cannot happen to it now."""
    return _MOVES.get((state, event))


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """One order as the dry run judged it; ``amount_idr`` is all that is left to refund."""

    order: str
    amount_idr: int
    route: RefundRoute | None
    state: RowState
    why: Why

    @property
    def is_eligible(self) -> bool:
        """Whether the run will try it."""
        return self.state not in NEVER_TRIED


def plan_check(order: str) -> PlannedRow:
    """Return the row of a status check: any order may be asked about."""
    return PlannedRow(order, 0, None, RowState.WAITING, Why.STILL_WAITING)


def plan_refund(order: str, verdict: RefundVerdict) -> PlannedRow:
    """Return what a run of refunds will do with an order of which the dry run said this."""
    state = RowState.WAITING if verdict.allowed else RowState.SKIPPED
    if verdict.allows(RefundRoute.MANUAL):
        state = RowState.BY_HAND
    return PlannedRow(order, verdict.refundable_idr, verdict.route, state, verdict.why)


@dataclass(frozen=True, slots=True)
class RunSums:
    """Control totals of the rows that a run will try, in rupiah."""

    count: int
    sum_idr: int

    def needs_approval(self, threshold_idr: int) -> bool:
        """Tell whether a second person must agree: many small refunds are one large one.

        No row is larger than the sum, so a row that needs approval is never in a run without.
        """
        return self.sum_idr > threshold_idr


def sums_of(rows: Iterable[PlannedRow]) -> RunSums:
    """Add up what a run will try."""
    amounts = [row.amount_idr for row in rows if row.is_eligible]
    return RunSums(len(amounts), sum(amounts))


def manifest_hash(rows: Iterable[PlannedRow]) -> str:
    """Bind a run to exactly these orders, amounts and ways back, in this order (hex SHA-256)."""
    return _hash(
        part
        for row in rows
        for part in (
            row.order,
            str(row.amount_idr),
            row.route or "",
            "try" if row.is_eligible else "leave",
        )
    )


@dataclass(frozen=True, slots=True)
class RunSubject:
    """What the approver of a run agrees to; any change of it voids the request."""

    run: str
    kind: BulkKind
    manifest_hash: str
    count: int
    sum_idr: int
    reason_code: RefundReason | None
    reason: str
    note: str
    requested_by: int


def run_hash(subject: RunSubject) -> str:
    """Bind an approval to exactly this run: its rows, totals, reason and requester."""
    return _hash(
        (
            subject.run,
            subject.kind,
            subject.manifest_hash,
            str(subject.count),
            str(subject.sum_idr),
            subject.reason_code or "",
            subject.reason,
            subject.note,
            str(subject.requested_by),
        )
    )


def _hash(parts: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        # Length prefixes keep ("a", "bc") and ("ab", "c") apart.
        digest.update(f"{len(part)}:{part}".encode())
    return digest.hexdigest()


def row_form_key(run_key: str, seq: int) -> str:
    """Return the key under which a row asks for its refund: the same however often it is tried."""
    return f"bulk-{run_key}-{seq}"


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """What came of one row, with the gateway's own words if it said any."""

    state: RowState
    why: Why
    message: str = ""


_OF_REFUND: Final[Mapping[RefundState, RowState]] = {
    RefundState.SUCCEEDED: RowState.DONE,
    # The gateway has it in writing, and the jobs see it through.
    RefundState.ACCEPTED: RowState.DONE,
    RefundState.TRANSFERRED: RowState.DONE,
    RefundState.FAILED: RowState.FAILED,
    RefundState.REJECTED: RowState.FAILED,
    RefundState.WITHDRAWN: RowState.FAILED,
}


def row_state_of(refund: RefundState) -> RowState:
    """Return where a row stands whose refund is in this state; what is not known is open."""
    return _OF_REFUND.get(refund, RowState.OPEN)


# What ends a row without saying anything about the next one; the run waits for a person instead.
HALTING: Final = frozenset({Why.DAILY_LIMIT_REACHED})


def failures_after(before: int, state: RowState) -> int:
    """Return how many rows in a row have not gone as wished."""
    return 0 if state is RowState.DONE else before + 1


def is_expired(submitted_at: datetime, now: datetime) -> bool:
    """Tell whether a run has waited too long for a second person."""
    return now - submitted_at > APPROVAL_LIFETIME


def approval_ends_at(submitted_at: datetime) -> datetime:
    """Return until when a run may be approved."""
    return submitted_at + APPROVAL_LIFETIME


# Longer than a gateway's timeout: a row whose worker died is taken up again after this.
ROW_LEASE: Final = timedelta(seconds=20)
# For so long one claim works on a run, so that a process that is asked to end does so soon.
LONGEST_TURN: Final = timedelta(seconds=10)
