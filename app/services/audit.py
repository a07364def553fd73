"""What people did in the back office, and what they were refused: one chain of entries."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.core.audit_chain import GENESIS, AuditFacts, chain_hash
from app.db.locks import lock_audit_head
from app.db.models import AuditEntry, AuditHead
from app.db.session import Sessions

_BATCH: Final = 1000


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


@dataclass(frozen=True, slots=True)
class ChainReport:
    """What a look at the whole chain found: its length and end, or the first damaged row.

    ``damage`` is empty where everything fits; ``row_id`` is None where no single row is to blame.
    """

    entries: int
    head: str
    row_id: int | None = None
    damage: str = ""


def record_audit(sessions: Sessions, note: AuditNote, now: datetime) -> None:
    """Append one entry to the audit log, in a transaction of its own.

    Entries are appended one after the other, under a lock on the end of the chain, so that two at
    once cannot both follow the same one.
    """
    with sessions.begin() as session:
        head = lock_audit_head(session)
        facts = _facts_of(note, head.seq + 1, now)
        entry = _entry(facts, head.hash)
        session.add(entry)
        head.seq, head.hash = facts.seq, entry.hash or ""


def _facts_of(note: AuditNote, seq: int, now: datetime) -> AuditFacts:
    """Cut what a column could not hold, before it is hashed."""
    return AuditFacts(
        seq=seq,
        at=now,
        staff_id=note.staff_id,
        who=note.who[:254],
        action=note.action[:60],
        target=note.target[:80],
        done=note.done,
        why=note.why[:200],
        remote_address=note.remote_address[:45] if note.remote_address else None,
    )


def _entry(facts: AuditFacts, previous_hash: str) -> AuditEntry:
    return AuditEntry(
        at=facts.at,
        staff_id=facts.staff_id,
        who=facts.who,
        action=facts.action,
        target=facts.target,
        done=facts.done,
        why=facts.why,
        remote_address=facts.remote_address,
        seq=facts.seq,
        previous_hash=previous_hash,
        hash=chain_hash(previous_hash, facts),
    )


def verify_audit(reads: Sessions, anchor: tuple[int, str] | None = None) -> ChainReport:
    """Recompute the whole chain and report the first row that does not fit.

    ``anchor`` is the number and hash of an entry as noted down earlier, elsewhere: it finds a
    chain that somebody who owns the database has rewritten from end to end.
    """
    with reads() as session:
        head = session.scalars(select(AuditHead)).one()
        seq, previous = 0, GENESIS
        for entry in _in_order(session, head.seq):
            damage = _damage(entry, seq + 1, previous) or _against(anchor, entry)
            if damage:
                return ChainReport(seq, previous, entry.id, damage)
            seq, previous = seq + 1, entry.hash or ""
        return _judge_end(session, head, ChainReport(seq, previous), anchor)


def _in_order(session: Session, end: int) -> Iterator[AuditEntry]:
    """Yield the entries of the chain, oldest first, a bounded number in memory.

    People go on working meanwhile: what they add after the end was read is for the next look.
    """
    last = 0
    query = select(AuditEntry).where(AuditEntry.seq <= end).order_by(AuditEntry.seq).limit(_BATCH)
    while rows := session.scalars(query.where(AuditEntry.seq > last)).all():
        yield from rows
        last = rows[-1].seq or 0
        for row in rows:
            session.expunge(row)


def _damage(entry: AuditEntry, seq: int, previous: str) -> str:
    if entry.seq != seq:
        return f"entry {seq} is missing before it"
    if entry.previous_hash != previous:
        return "it does not follow the entry before it"
    if entry.hash != chain_hash(previous, _facts_in(entry, seq)):
        return "its text is not what was written"
    return ""


def _facts_in(entry: AuditEntry, seq: int) -> AuditFacts:
    return AuditFacts(
        seq=seq,
        at=entry.at,
        staff_id=entry.staff_id,
        who=entry.who,
        action=entry.action,
        target=entry.target,
        done=entry.done,
        why=entry.why,
        remote_address=entry.remote_address,
    )


def _against(anchor: tuple[int, str] | None, entry: AuditEntry) -> str:
    if anchor is None or entry.seq != anchor[0] or entry.hash == anchor[1]:
        return ""
    return "its hash is not the one that was noted down"


def _judge_end(
    session: Session, head: AuditHead, report: ChainReport, anchor: tuple[int, str] | None
) -> ChainReport:
    outside = _row_outside(session)
    if outside is not None:
        return replace(report, row_id=outside, damage="it was added past the chain")
    if (head.seq, head.hash) != (report.entries, report.head):
        damage = f"the log ends at entry {report.entries}, but {head.seq} were written"
        return replace(report, damage=damage)
    if anchor is not None and anchor[0] > report.entries:
        return replace(report, damage=f"entry {anchor[0]}, which was noted down, does not exist")
    return report


def _row_outside(session: Session) -> int | None:
    """Return a row without a place in the chain, or beyond its end at this very moment."""
    beyond = or_(AuditEntry.seq.is_(None), AuditEntry.seq > AuditHead.seq)
    return session.scalar(
        select(func.min(AuditEntry.id)).select_from(AuditEntry, AuditHead).where(beyond)
    )
