"""What somebody does who has seen a genuine notification: forge, exchange, replay."""

from __future__ import annotations

import json
import random
import uuid
from dataclasses import replace
from typing import Any

from tests.simulation.stage import Stage
from tests.simulation.violation import require

_MIDTRANS_STATES = (
    *("settlement", "capture", "deny", "expire", "cancel", "refund", "partial_refund"),
    *("chargeback", "pending", "never_heard_of"),
)
_XENDIT_STATES = ("PAID", "SETTLED", "EXPIRED", "PENDING", "NEVER_HEARD_OF")


def forge(stage: Stage, dice: random.Random) -> str | None:
    """Send a genuine body under a wrong signature or token."""
    if not stage.mailbag.posted:
        return None
    stage.mailbag.hand_over_forged(dice.choice(stage.mailbag.posted))
    return None


def replay(stage: Stage, dice: random.Random) -> str | None:
    """Send an old notification again, as it was."""
    if not stage.mailbag.posted:
        return None
    letter = dice.choice(stage.mailbag.posted)
    stage.boundaries.counts["delivery: replayed"] += 1
    return f"stranger replays an old notification: {stage.mailbag.hand_over(letter)}"


def exchange(stage: Stage, dice: random.Random) -> str | None:
    """Send a genuine notification with something exchanged that no signature covers."""
    if not stage.mailbag.posted:
        return None
    letter = dice.choice(stage.mailbag.posted)
    body: dict[str, Any] = json.loads(letter.body)
    words = _exchange_xendit(body, dice) if letter.is_xendit else _exchange_midtrans(body, dice)
    stage.boundaries.counts["delivery: exchanged"] += 1
    changed = replace(letter, body=json.dumps(body))
    status = stage.mailbag.hand_over(changed)
    require(status in {200, 400, None}, "an exchanged message is stored or malformed", status)
    return f"stranger exchanges {words} in a genuine notification: {status}"


def _exchange_midtrans(body: dict[str, Any], dice: random.Random) -> str:
    if dice.random() < 0.3:
        body["transaction_id"] = str(uuid.UUID(int=dice.getrandbits(128), version=4))
        return "the transaction id"
    body["transaction_status"] = dice.choice(_MIDTRANS_STATES)
    if dice.random() < 0.5:
        body["fraud_status"] = dice.choice(("accept", "challenge"))
    return f"the status for {body['transaction_status']}"


def _exchange_xendit(body: dict[str, Any], dice: random.Random) -> str:
    if "event" in body:
        state = dice.choice(("succeeded", "failed"))
        body["event"], body["data"]["status"] = f"refund.{state}", state.upper()
        return f"the refund's status for {state}"
    if dice.random() < 0.2:
        body["amount"] = body["paid_amount"] = 1
        return "the amount"
    body["status"] = dice.choice(_XENDIT_STATES)
    return f"the status for {body['status']}"
