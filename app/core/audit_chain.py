"""How the entries of the audit log hang together: each holds the hash of the one before."""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Final

# What the first entry holds in the place of a hash before it.
GENESIS: Final = "0" * 64


@dataclass(frozen=True, slots=True)
class AuditFacts:
    """What one entry says; all of it is under the hash."""

    seq: int
    at: datetime
    staff_id: int | None
    who: str
    action: str
    target: str
    done: bool
    why: str
    remote_address: str | None


def chain_hash(previous_hash: str, facts: AuditFacts) -> str:
    """Return the hash of an entry (hex SHA-256) that also vouches for every entry before it."""
    # Keys and separators are fixed, so that the same entry has the same text everywhere.
    told = asdict(facts) | {"at": facts.at.astimezone(UTC).isoformat(timespec="microseconds")}
    text = json.dumps([previous_hash, told], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
