"""Whether a key that is being replaced is still needed, for the check of the set-up."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.states import GatewayName, NotificationState
from app.core.verdict_records import load_chain
from app.core.verdicts import Checked, Proof
from app.db.models import Notification

# A log of millions is not read through for this.
LOOKED_AT: Final = 1_000
_PREVIOUS: Final = frozenset({Proof.PREVIOUS_SIGNATURE, Proof.PREVIOUS_TOKEN})


@dataclass(frozen=True, slots=True)
class StillNeeded:
    """When a message last came under the previous key, among so many that were looked at."""

    last_at: datetime | None
    looked_at: int


def last_needed(session: Session, gateway: GatewayName) -> StillNeeded:
    """Look through a gateway's latest genuine messages, the newest first."""
    query = select(Notification.chain, Notification.received_at).where(
        Notification.gateway == gateway, Notification.state != NotificationState.REFUSED
    )
    rows = session.execute(query.order_by(Notification.id.desc()).limit(LOOKED_AT)).all()
    last = next((at for chain, at in rows if _came_by_previous(chain)), None)
    return StillNeeded(last, len(rows))


def _came_by_previous(stored: list[dict[str, object]]) -> bool:
    return any(isinstance(link, Checked) and link.proof in _PREVIOUS for link in load_chain(stored))
