"""Midtrans: Snap pages, the Core API, and signed notifications."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from app.core.errors import (
    GatewayError,
    GatewayOutcomeUnknownError,
    GatewayRejectedError,
    GatewayUnavailableError,
    MalformedNotificationError,
)
from app.core.observations import Observation, ObservedRefund, Seen, Source
from app.core.ports import (
    Charge,
    ChargeRequest,
    ChargeSubject,
    KeyCheck,
    RawNotification,
    RefundAnswer,
    RefundRequest,
)
from app.core.states import GatewayName, RefundRoute, RefundState
from app.gateways.failures import KEYS_REFUSED, NOT_FOUND, ORDER, QUESTION, failure_of_field
from app.gateways.fields import Json, optional_text, text
from app.gateways.http import require_a_name, utc_now
from app.gateways.midtrans_reading import (
    nothing_known,
    read_notification_body,
    read_transaction,
)
from app.gateways.midtrans_requests import refund_body, snap_body
from app.gateways.midtrans_sdk import NAME, MidtransSdk, MidtransSettings
from app.gateways.midtrans_signature import SignedBody, signed_body

__all__ = ["MidtransGateway", "MidtransSettings"]

# Codes in the body of an answer (Midtrans docs, "Status code").
_DONE: Final = "200"
_REFUSED_BY_BANK: Final = "202"
_KEY_WAS_USED: Final = "406"
_WRONG_STATE: Final = "412"
_NO_FUNDS_LEFT: Final = "414"
_MAY_BE_ECHO: Final = frozenset({_KEY_WAS_USED, _WRONG_STATE, _NO_FUNDS_LEFT})
_HELD: Final = frozenset({Seen.AUTHORIZED, Seen.IN_REVIEW})
# After these the shopper may choose another method on the same Snap page.
_MAY_TRY_AGAIN: Final = frozenset(
    {Seen.NOTHING, Seen.DENIED, Seen.FAILED, Seen.EXPIRED, Seen.CANCELLED}
)
_PAGE_IS_GONE: Final = ("already canceled", "token not found")


@dataclass(frozen=True, slots=True)
class _Verdict:
    """How a refund call ended, before it is put together with what was asked."""

    state: RefundState
    code: str
    message: str
    provider_refund_id: str | None = None


class MidtransGateway:
    """The Midtrans side of ``app.core.ports.Gateway``."""

    def __init__(
        self, settings: MidtransSettings, *, now: Callable[[], datetime] = utc_now
    ) -> None:
        """Speak for one Midtrans account; ``now`` returns aware UTC."""
        self._settings = settings
        self._sdk = MidtransSdk(settings)
        self._now = now

    @property
    def name(self) -> GatewayName:
        """Which gateway this is."""
        return GatewayName.MIDTRANS

    def create_charge(self, request: ChargeRequest) -> Charge:
        """Open a Snap page. It may be opened again under its reference until a method is chosen."""
        raw = self._sdk.create_transaction(snap_body(request))
        try:
            return Charge(page_url=text(raw, "redirect_url"), token=text(raw, "token"))
        except ValueError as error:
            raise failure_of_field(NAME, error, ORDER) from None

    def find_charge(self, reference: str) -> Charge | None:  # noqa: ARG002 - part of the port.
        """Return None: Snap has no question for a page, and opening it again is harmless.

        A page whose token never reached us cannot have been used, and the new token replaces it
        (Midtrans docs, "Snap advanced feature").
        """
        return None

    def fetch_status(self, subject: ChargeSubject, *, source: Source) -> tuple[Observation, ...]:
        """Ask by the transaction's id, or else by our reference; NOTHING where neither is known."""
        # What the answer says was true at some moment after this one.
        asked_at = self._now()
        raw = self._look_up(subject)
        if raw is None:
            return (nothing_known(subject.reference, asked_at, source),)
        try:
            return (read_transaction(raw, source=source, observed_at=asked_at),)
        except ValueError as error:
            raise failure_of_field(NAME, error, QUESTION) from None

    def _look_up(self, subject: ChargeSubject) -> Json | None:
        require_a_name(subject)
        # Some methods are known by one of the two names only (Midtrans docs, "DANA").
        for known_id in filter(None, (subject.gateway_transaction_id, subject.reference)):
            try:
                return self._sdk.status(known_id)
            except GatewayRejectedError as refusal:
                if refusal.code != NOT_FOUND:
                    raise
        return None

    def close(self, subject: ChargeSubject) -> tuple[Observation, ...]:
        """Expire what is pending, cancel what is held or in review; what is paid stays paid.

        Where nothing waits any more the Snap page itself is ended, so that no other method can be
        chosen on it. A page on which a method was chosen refuses that, and lives to its deadline.
        """
        self._try_to(self._sdk.expire, _id_of(subject))
        seen = self._status_after(subject)
        if seen.seen in _HELD:
            self._try_to(self._sdk.cancel, seen.gateway_transaction_id or subject.reference)
            seen = self._status_after(subject)
        if seen.seen not in _MAY_TRY_AGAIN or not subject.token:
            return (seen,)
        ended = self._end_page(subject.token)
        # A method may have been chosen in between.
        return (replace(self._status_after(subject), page_ended=ended),)

    def _end_page(self, token: str) -> bool:
        """End an unused page; False if Midtrans refuses (Snap docs, "Cancel a session").

        Its refusals come without a code: one that was ended before, or never was, is ended too.
        """
        try:
            self._sdk.cancel_page(token)
        except GatewayRejectedError as refusal:
            if refusal.code == KEYS_REFUSED:
                raise
            return any(words in refusal.message.lower() for words in _PAGE_IS_GONE)
        return True

    def _try_to(self, act: Callable[[str], Json], known_id: str) -> None:
        """Act, unless there is nothing to act on or its state does not allow it."""
        try:
            act(known_id)
        except GatewayRejectedError as refusal:
            if refusal.code not in {NOT_FOUND, _WRONG_STATE}:
                raise

    def _status_after(self, subject: ChargeSubject) -> Observation:
        """Ask for the state after an action of ours, which may have worked even if we cannot."""
        try:
            (observation,) = self.fetch_status(subject, source=Source.API_ANSWER)
        except GatewayUnavailableError as error:
            raise GatewayOutcomeUnknownError(error.message, code=error.code) from None
        return observation

    def refund(self, request: RefundRequest) -> RefundAnswer:
        """Refund a settled payment, or cancel a captured one where the route is VOID.

        A repeated key never pays twice: Midtrans refuses it, and we look up what it did before.
        """
        if request.route is RefundRoute.VOID:
            return self._void(request)
        if request.route is not RefundRoute.REFUND:
            raise GatewayRejectedError("this refund does not go through Midtrans", code="route")
        try:
            raw = self._sdk.refund(_id_of(request.subject), refund_body(request))
        except GatewayRejectedError as refusal:
            return self._answer_to_refusal(request, refusal)
        return self._answer(request, _refund_verdict(raw, request))

    def _void(self, request: RefundRequest) -> RefundAnswer:
        try:
            raw = self._sdk.cancel(_id_of(request.subject))
        except GatewayRejectedError as refusal:
            return self._answer_to_refusal(request, refusal)
        return self._answer(request, _void_verdict(raw))

    def _answer_to_refusal(
        self, request: RefundRequest, refusal: GatewayRejectedError
    ) -> RefundAnswer:
        """Tell a no from an echo of an earlier try of this very refund, whose answer was lost.

        After a full refund went through, its repetition is refused for the payment's new state.
        """
        if refusal.code not in _MAY_BE_ECHO:
            raise refusal
        found = self._found(request)
        if found is None and refusal.code != _KEY_WAS_USED:
            raise refusal
        if found is None or found.amount_idr != request.amount_idr:
            raise GatewayOutcomeUnknownError(refusal.message, code=refusal.code) from None
        verdict = _Verdict(found.state, refusal.code, refusal.message, found.provider_refund_id)
        return self._answer(request, verdict)

    def _found(self, request: RefundRequest) -> ObservedRefund | None:
        """Look a refund up after a call that may have booked it: no answer is no evidence."""
        try:
            return self.find_refund(request)
        except GatewayError as error:
            raise GatewayOutcomeUnknownError(error.message, code=error.code) from None

    def _answer(self, request: RefundRequest, verdict: _Verdict) -> RefundAnswer:
        failed = verdict.state is RefundState.FAILED
        return RefundAnswer(
            refund=ObservedRefund(
                amount_idr=request.amount_idr,
                state=verdict.state,
                key=request.key,
                provider_refund_id=verdict.provider_refund_id,
                failure_code=verdict.code if failed else "",
            ),
            message=verdict.message,
            code=verdict.code,
            observation=self._observation_if_any(request.subject),
        )

    def _observation_if_any(self, subject: ChargeSubject) -> Observation | None:
        """Ask for the state after a refund; the refund's own answer stands without it."""
        try:
            return self._status_after(subject)
        except GatewayError:
            return None

    def find_refund(self, request: RefundRequest) -> ObservedRefund | None:
        """Look in the transaction's list of refunds, or whether a VOID was carried out."""
        (observation,) = self.fetch_status(request.subject, source=Source.API_ANSWER)
        if not _is_about(request.subject, observation):
            raise GatewayUnavailableError("Midtrans does not find the payment", code=NOT_FOUND)
        if request.route is RefundRoute.VOID:
            return _voided(request, observation)
        return next((r for r in observation.refunds if r.key == request.key), None)

    def authenticate(self, delivery: RawNotification) -> None:
        """Check the signature; BadSignatureError, MalformedNotificationError (no JSON object)."""
        self._signed(delivery)

    def read_notification(self, delivery: RawNotification) -> Observation:
        """Authenticate and read a notification; its refunds and its status are claims."""
        signed = self._signed(delivery)
        try:
            observation = read_notification_body(signed.raw, delivery.received_at)
        except ValueError as error:
            raise MalformedNotificationError(f"not a Midtrans notification: {error}") from None
        return replace(observation, by_previous_key=signed.by_previous_key)

    def _signed(self, delivery: RawNotification) -> SignedBody:
        keys = self._settings
        return signed_body(delivery.body, keys.server_key, keys.previous_server_key)

    def check_keys(self) -> KeyCheck:
        """Ask for a transaction that cannot exist: only the right key learns that it does not."""
        world = "production" if self._settings.is_production else "sandbox"
        try:
            self._sdk.status(f"lunas-key-check-{secrets.token_hex(8)}")
        except GatewayRejectedError as refusal:
            if refusal.code != NOT_FOUND:
                return KeyCheck(accepted=False, words=_words_of_refusal(refusal, world))
        except GatewayError as error:
            words = f"Midtrans ({world}) cannot be asked now: {error.message}."
            return KeyCheck(accepted=False, words=words)
        return KeyCheck(accepted=True, words=f"Midtrans ({world}) accepts the server key.")


def _words_of_refusal(refusal: GatewayRejectedError, world: str) -> str:
    advice = ": check MIDTRANS_SERVER_KEY and MIDTRANS_ENV" if refusal.code == KEYS_REFUSED else ""
    reason = f"{refusal.code} {refusal.message.rstrip('.')}"
    return f"Midtrans ({world}) refuses the server key ({reason}){advice}."


def _id_of(subject: ChargeSubject) -> str:
    return subject.gateway_transaction_id or subject.reference


def _message(raw: Json) -> str:
    return str(raw.get("status_message") or "")


def _refund_verdict(raw: Json, request: RefundRequest) -> _Verdict:
    """Judge an answer that is no error to the SDK (Midtrans docs, "Refund transaction").

    202 is a clear no of the bank; any other code than 200 tells us nothing.
    """
    try:
        code = text(raw, "status_code")
        key = optional_text(raw, "refund_key")
        provider_refund_id = optional_text(raw, "refund_chargeback_id") or optional_text(
            raw, "refund_chargeback_uuid"
        )
    except ValueError as error:
        raise failure_of_field(NAME, error, ORDER) from None
    if code == _REFUSED_BY_BANK:
        return _Verdict(RefundState.FAILED, code, _message(raw))
    if code != _DONE or key not in {None, request.key}:
        raise GatewayOutcomeUnknownError(_message(raw) or "not confirmed", code=code)
    return _Verdict(RefundState.SUCCEEDED, code, _message(raw), provider_refund_id)


def _void_verdict(raw: Json) -> _Verdict:
    code = str(raw.get("status_code") or "")
    if code != _DONE:
        raise GatewayOutcomeUnknownError("the cancellation was not confirmed", code=code)
    return _Verdict(RefundState.SUCCEEDED, code, _message(raw))


def _is_about(subject: ChargeSubject, observation: Observation) -> bool:
    """Tell whether this is the very transaction: by reference another one may be found."""
    asked_for = subject.gateway_transaction_id
    found = observation.gateway_transaction_id
    return found is not None and asked_for in {None, found}


def _voided(request: RefundRequest, observation: Observation) -> ObservedRefund | None:
    if observation.seen is not Seen.CANCELLED:
        return None
    return ObservedRefund(request.amount_idr, RefundState.SUCCEEDED, key=request.key)
