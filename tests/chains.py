"""What must hold of every chain of verdicts in a database, whatever a test did."""

from collections import Counter
from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.states import NotificationState
from app.core.verdict_grammar import check_chain, check_status_chain
from app.core.verdict_records import load_chain
from app.core.verdicts import Asked, Chain, Judged, LeftOut, Received, Repeats, state_of, verdict_of
from app.db.models import Notification, StatusCheck, StoredObservation


def problems_of_chains(session: Session) -> list[str]:
    """Return what is wrong with the chains of all notifications and status checks."""
    notifications = session.scalars(select(Notification)).all()
    checks = session.scalars(select(StatusCheck)).all()
    by_notification = Counter(session.scalars(select(StoredObservation.notification_id)).all())
    by_check = Counter(session.scalars(select(StoredObservation.status_check_id)).all())
    known = {row.id for row in notifications}
    return [
        *(
            f"notification {row.id}: {problem}"
            for row in notifications
            for problem in _of_notification(row, by_notification[row.id], known)
        ),
        *(
            f"status check {row.id}: {problem}"
            for row in checks
            for problem in _of_check(row, by_check[row.id])
        ),
    ]


def _of_notification(row: Notification, heard: int, known: set[int]) -> Iterator[str]:
    chain = load_chain(row.chain)
    yield from check_chain(chain)
    if (row.state, row.verdict) != (state_of(chain), verdict_of(chain)):
        yield f"{row.state}, {row.verdict} do not follow from {row.chain}"
    waits = row.state is NotificationState.AWAITING_CONFIRMATION
    if waits is (row.due_at is None) or waits is (row.processed_at is not None):
        yield f"{row.state}, due at {row.due_at}, handled at {row.processed_at}"
    if not _tells_of_all(chain, heard):
        yield f"{heard} observations, but {row.chain}"
    first, last = chain[0], chain[-1]
    if isinstance(first, Received) and (first.size, first.kept) != (row.body_size, len(row.body)):
        yield f"{row.body_size} bytes came, {len(row.body)} are kept, but {first}"
    if isinstance(last, Repeats) and not (
        last.notification_id in known and last.notification_id < row.id
    ):
        yield f"it repeats {last.notification_id}"


def _of_check(row: StatusCheck, heard: int) -> Iterator[str]:
    chain = load_chain(row.chain)
    yield from check_status_chain(chain)
    silent = any(isinstance(link, Asked) and link.error is not None for link in chain)
    if silent is (row.error is None):
        yield f"{row.error}, but {row.chain}"
    if not _tells_of_all(chain, heard):
        yield f"{heard} observations, but {row.chain}"


def _tells_of_all(chain: Chain, heard: int) -> bool:
    """Tell whether every observation that was stored has its judgement in the chain."""
    told = sum(isinstance(link, Judged) for link in chain)
    left_out = sum(link.links for link in chain if isinstance(link, LeftOut))
    return told <= heard <= told + left_out
