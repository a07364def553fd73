"""Observations as they are stored: everything a decision rested on, so that it can be made again.

What was said is in columns where people search for it, the rest in ``details``. What else was known
when it was heard, and does not follow from the observations before it, is kept as ``rests_on``:
the attempts that were there, and where the refunds stood.
"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from app.core.facts import AttemptFact, OrderFacts, RefundFact
from app.core.money import Rupiah
from app.core.observations import Instrument, Observation, ObservedRefund, PayCode
from app.core.replay import Grounds
from app.core.states import GatewayName, RefundRoute, RefundState
from app.core.transitions import Decision
from app.db.models import StoredObservation

_RESTS_ON = "rests_on"


def observation_row(said: Observation, made: Decision, facts: OrderFacts) -> StoredObservation:
    """Return the row of an observation, its decision, and the facts that this was made on."""
    return StoredObservation(
        source=said.source,
        gateway=said.gateway,
        reference=said.reference,
        gateway_transaction_id=said.gateway_transaction_id,
        seen=said.seen,
        raw_status=said.raw_status[:60],
        amount_idr=said.amount_idr,
        method=said.method,
        details=_details(said) | {_RESTS_ON: _grounds(facts)},
        observed_at=said.observed_at,
        evidence=made.evidence,
        why=made.why.value,
        before=made.before,
        after=made.after,
        attention=made.attention.value if made.attention else None,
    )


def read_observation(row: StoredObservation) -> Observation:
    """Return what was said, exactly as it was when it was decided about."""
    details = row.details
    code = details.get("pay_code")
    return Observation(
        gateway=row.gateway,
        reference=row.reference,
        seen=row.seen,
        source=row.source,
        observed_at=row.observed_at,
        raw_status=row.raw_status,
        amount_idr=_rupiah(row.amount_idr),
        currency=details["currency"],
        gateway_transaction_id=row.gateway_transaction_id,
        provider_reference=details["provider_reference"],
        method=row.method,
        pay_code=None if code is None else PayCode(code["kind"], code["label"], code["number"]),
        paid_at=_moment(details["paid_at"]),
        fee_idr=_rupiah(details.get("fee_idr")),
        refunds=tuple(_read_listed(listed) for listed in details["refunds"]),
        signature_proves_payment=details["signature_proves_payment"],
        page_ended=details.get("page_ended", False),
        instrument=_read_instrument(details.get("instrument")),
        is_test=details.get("is_test", False),
        dedupe_key=details.get("dedupe_key", ""),
    )


def read_grounds(row: StoredObservation) -> Grounds | None:
    """Return what else the decision rested on; None if it was stored before that was kept."""
    stored = row.details.get(_RESTS_ON)
    if stored is None:
        return None
    return Grounds(
        attempts=tuple(_read_attempt(one) for one in stored["attempts"]),
        refunds=tuple(_read_refund(one) for one in stored["refunds"]),
        cancel_asked=stored.get("cancel_asked", False),
    )


def _details(said: Observation) -> dict[str, object]:
    code = said.pay_code
    return {
        "currency": said.currency,
        "paid_at": _written(said.paid_at),
        "fee_idr": said.fee_idr,
        "provider_reference": said.provider_reference,
        "signature_proves_payment": said.signature_proves_payment,
        "page_ended": said.page_ended,
        "instrument": said.instrument and asdict(said.instrument),
        "is_test": said.is_test,
        "dedupe_key": said.dedupe_key,
        "pay_code": code and {"kind": code.kind, "label": code.label, "number": code.number},
        "refunds": [_listed(refund) for refund in said.refunds],
    }


def _listed(refund: ObservedRefund) -> dict[str, object]:
    return {
        "key": refund.key,
        "provider_refund_id": refund.provider_refund_id,
        "amount_idr": refund.amount_idr,
        "state": refund.state.value,
        "bank_confirmed_at": _written(refund.bank_confirmed_at),
        "failure_code": refund.failure_code,
    }


def _read_listed(stored: Mapping[str, Any]) -> ObservedRefund:
    return ObservedRefund(
        amount_idr=Rupiah(stored["amount_idr"]),
        state=RefundState(stored["state"]),
        key=stored["key"],
        provider_refund_id=stored["provider_refund_id"],
        bank_confirmed_at=_moment(stored.get("bank_confirmed_at")),
        failure_code=stored.get("failure_code", ""),
    )


def _grounds(facts: OrderFacts) -> dict[str, object]:
    return {
        "attempts": [
            {
                "reference": attempt.reference,
                "gateway": attempt.gateway.value,
                "expires_at": _written(attempt.expires_at),
                "dead": attempt.dead,
                "rejected": attempt.rejected,
            }
            for attempt in facts.attempts
        ],
        "refunds": [
            {
                "key": refund.key,
                "gateway_transaction_id": refund.gateway_transaction_id,
                "amount_idr": refund.amount_idr,
                "state": refund.state.value,
                "route": refund.route.value,
            }
            for refund in facts.refunds
        ],
        "cancel_asked": facts.cancel_asked,
    }


def _read_attempt(stored: Mapping[str, Any]) -> AttemptFact:
    return AttemptFact(
        reference=stored["reference"],
        gateway=GatewayName(stored["gateway"]),
        expires_at=datetime.fromisoformat(stored["expires_at"]),
        dead=stored["dead"],
        rejected=stored["rejected"],
    )


def _read_refund(stored: Mapping[str, Any]) -> RefundFact:
    return RefundFact(
        key=stored["key"],
        gateway_transaction_id=stored["gateway_transaction_id"],
        amount_idr=Rupiah(stored["amount_idr"]),
        state=RefundState(stored["state"]),
        route=RefundRoute(stored.get("route", RefundRoute.REFUND)),
    )


def _read_instrument(stored: Mapping[str, Any] | None) -> Instrument | None:
    return None if stored is None else Instrument(**stored)


def _rupiah(stored: int | None) -> Rupiah | None:
    return None if stored is None else Rupiah(stored)


def _written(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _moment(stored: str | None) -> datetime | None:
    return datetime.fromisoformat(stored) if stored else None
