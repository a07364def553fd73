"""What people did in the back office, and what they were refused."""

from dataclasses import dataclass
from datetime import datetime

from app.db.models import AuditEntry
from app.db.session import Sessions


@dataclass(frozen=True, slots=True)
class AuditNote:
    """One action of a person: ``done`` False means that it was refused, ``why`` says for what."""

    staff_id: int | None
    who: str
    action: str
    target: str
    done: bool
    why: str
    remote_address: str | None = None


def record_audit(sessions: Sessions, note: AuditNote, now: datetime) -> None:
    """Append one line to the audit log, in a transaction of its own."""
    with sessions.begin() as session:
        session.add(
            AuditEntry(
                at=now,
                staff_id=note.staff_id,
                who=note.who,
                action=note.action,
                target=note.target[:80],
                done=note.done,
                why=note.why[:200],
                remote_address=note.remote_address,
            )
        )
