"""Chains of verdicts: status checks get one, notifications' are brought to the present form.

Everything that a chain tells stands in other columns and in the observations too, so that the
chains of what was stored before are told anew rather than guessed.

Revision ID: 0003
Revises: 0002

"""

from datetime import UTC

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_BATCH = 500
_REFUSED_BYTES = 4096
_PROOFS = {"midtrans": "signature", "xendit": "token"}

_attempts = sa.table("attempts", sa.column("id"), sa.column("reference"), sa.column("try_number"))
_observations = sa.table(
    "observations",
    *(
        sa.column(name)
        for name in (
            "id",
            "notification_id",
            "status_check_id",
            "seen",
            "raw_status",
            "gateway_transaction_id",
            "evidence",
            "why",
            "before",
            "after",
            "attention",
        )
    ),
    sa.column("recorded_at", sa.DateTime(timezone=True)),
)
_notifications = sa.table(
    "notifications",
    *(
        sa.column(name)
        for name in (
            "id",
            "gateway",
            "state",
            "verdict",
            "body_size",
            "dedupe_key",
            "raw_status",
            "reference",
            "attempt_id",
            "tries",
        )
    ),
    sa.column("chain", sa.JSON()),
    sa.column("received_at", sa.DateTime(timezone=True)),
    sa.column("processed_at", sa.DateTime(timezone=True)),
)
_checks = sa.table(
    "status_checks",
    *(sa.column(name) for name in ("id", "attempt_id", "error")),
    sa.column("chain", sa.JSON()),
    sa.column("asked_at", sa.DateTime(timezone=True)),
    sa.column("answered_at", sa.DateTime(timezone=True)),
)


def upgrade():
    # The default stays: SQLite could lose it only with the whole table, to which others refer.
    op.add_column(
        "status_checks",
        sa.Column("chain", sa.JSON(), nullable=False, server_default=sa.text("'[]'")),
    )
    _tell_anew(_checks, _observations.c.status_check_id, _chain_of_check)
    _tell_anew(_notifications, _observations.c.notification_id, _chain_of_notification)


def downgrade():
    op.drop_column("status_checks", "chain")


def _tell_anew(table, owner, chain_of):
    """Write the chain of every row, some rows at a time."""
    connection, last_id = op.get_bind(), 0
    while True:
        query = (
            sa.select(table, _attempts.c.reference.label("our_reference"), _attempts.c.try_number)
            .select_from(table.outerjoin(_attempts, table.c.attempt_id == _attempts.c.id))
            .where(table.c.id > last_id)
            .order_by(table.c.id)
            .limit(_BATCH)
        )
        rows = connection.execute(query).all()
        if not rows:
            return
        heard = _heard_by(connection, owner, [row.id for row in rows])
        for row in rows:
            chain = chain_of(connection, row, heard.get(row.id, []))
            connection.execute(table.update().where(table.c.id == row.id).values(chain=chain))
        last_id = rows[-1].id


def _heard_by(connection, owner, ids):
    query = sa.select(_observations).where(owner.in_(ids)).order_by(_observations.c.id)
    heard = {}
    for row in connection.execute(query):
        heard.setdefault(getattr(row, owner.name), []).append(row)
    return heard


def _chain_of_check(_connection, row, heard):
    opening = [_matched(row)]
    if row.error is not None:
        return [*opening, _asked(row.asked_at, 0, error=row.error[:200])]
    answers = [link for seen in heard for link in (_read(seen), _judged(seen))]
    return [*opening, _asked(row.answered_at or row.asked_at, len(heard)), *answers]


def _chain_of_notification(connection, row, heard):
    kept = min(row.body_size, _REFUSED_BYTES) if row.state == "refused" else row.body_size
    received = {"step": "received", "size": row.body_size, "kept": kept}
    if row.verdict == "too_large":
        return [received | {"why": "too_large"}]
    if row.state == "refused":
        return [received, *_refusal(row)]
    said = next((link for link in row.chain if link.get("step") == "parsed"), None)
    if said is None:
        return row.chain  # Told in the present form already, before this was last taken back.
    opening = [
        received,
        {"step": "authentic", "authentic": "yes", "proof": _PROOFS[row.gateway]},
        {"step": "read", "seen": said["seen"], "raw_status": row.raw_status or ""},
    ]
    if row.attempt_id is None:
        named = {"step": "matched", "reference": row.reference or "", "why": row.verdict}
        return [*opening, named]
    return [*opening, _matched(row), *_outcome(connection, row, heard)]


def _refusal(row):
    if row.verdict == "malformed":
        # Xendit's token stands outside the body; a signature inside a broken body is lost.
        told = "yes" if row.gateway == "xendit" else "cannot_tell"
        checked = {"step": "authentic", "authentic": told, "proof": _PROOFS[row.gateway]}
        return [checked, {"step": "read", "raw_status": "", "why": "malformed"}]
    if row.verdict == "gateway_not_configured":
        return [{"step": "authentic", "authentic": "cannot_tell", "why": row.verdict}]
    proof = _PROOFS[row.gateway]
    return [{"step": "authentic", "authentic": "no", "proof": proof, "why": row.verdict}]


def _outcome(connection, row, heard):
    if not heard:
        earlier = connection.scalar(
            sa.select(sa.func.min(_notifications.c.id)).where(
                _notifications.c.dedupe_key == row.dedupe_key,
                _notifications.c.gateway == row.gateway,
            )
        )
        return [{"step": "repeats", "notification_id": earlier}]
    claim, *answers = heard
    links = [_judged(claim)]
    for at in sorted({answer.recorded_at for answer in answers}):
        told = [answer for answer in answers if answer.recorded_at == at]
        links.append(_asked(at, len(told)))
        links.extend(link for seen in told for link in (_read(seen), _judged(seen)))
    if links[0]["asks"] and row.state == "done":
        at = _written(row.processed_at)
        links.append({"step": "concluded", "at": at, "why": row.verdict})
    return _shortened(links)


def _shortened(links):
    """Keep the claim and the latest answers, as the product does with long chains."""
    if len(links) <= 35:
        return links
    return [*links[:5], {"step": "left_out", "links": len(links) - 34}, *links[-29:]]


def _matched(row):
    return {"step": "matched", "reference": row.our_reference, "try_number": row.try_number}


def _asked(at, answers, **more):
    return {"step": "asked", "at": _written(at), "answers": answers} | more


def _written(at):
    """Write a time in UTC; SQLite forgets the zone."""
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC).isoformat()


def _read(seen):
    link = {"step": "read", "seen": seen.seen, "raw_status": seen.raw_status}
    if seen.gateway_transaction_id:
        link["transaction_id"] = seen.gateway_transaction_id
    return link


def _judged(seen):
    changed = seen.before != seen.after
    is_claim = seen.evidence == "claims"
    asks = seen.why == "claim_awaits_confirmation" or seen.evidence == "proves"
    link = {
        "step": "judged",
        "rule": f"{seen.before}>{seen.after}" if changed else seen.why,
        "why": seen.why,
        "before": seen.before,
        "after": seen.after,
        "given": seen.evidence,
        "asks": asks,
    }
    if changed:
        provable = (seen.before, seen.after) == ("pending", "paid")
        link["needed"] = "proves" if provable else "confirmed"
    elif is_claim and asks:
        link["needed"] = "confirmed"
    if seen.attention:
        link["attention"] = seen.attention
    return link
