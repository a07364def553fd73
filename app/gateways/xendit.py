"""Xendit: hosted invoices, refunds by invoice, and callbacks with a shared token."""

import hmac
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Final

from app.core.errors import (
    BadSignatureError,
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
from app.gateways.failures import KEYS_REFUSED, ORDER, QUESTION, Doubt, failure_of_field
from app.gateways.fields import Json, as_object, as_objects, parse_json, text
from app.gateways.http import require_a_name, utc_now
from app.gateways.xendit_reading import (
    nothing_known,
    read_invoice,
    read_notification_body,
    read_refund,
    with_refunds,
)
from app.gateways.xendit_requests import invoice_body, refund_body
from app.gateways.xendit_sdk import NAME, XenditSdk, XenditSettings

__all__ = ["XenditGateway", "XenditSettings"]

_TOKEN: Final = "x-callback-token"  # noqa: S105 - a header's name.
_WEBHOOK_ID: Final = "webhook-id"
_NOT_FOUND: Final = frozenset({"INVOICE_NOT_FOUND_ERROR", "DATA_NOT_FOUND", "404"})
_NOT_PENDING: Final = "PENDING invoice"
_KEY_WAS_USED: Final = frozenset({"DUPLICATE_ERROR", "IDEMPOTENCY_ERROR"})
# Refusals of the moment: nothing was done, and the same refund may be asked for again later.
_LATER: Final = frozenset({"REFUND_IN_PROGRESS", "TEMPORARILY_UNAVAILABLE", "CHANNEL_UNAVAILABLE"})
_MOST_PAGES: Final = 50


class XenditGateway:
    """The Xendit side of ``app.core.ports.Gateway``."""

    def __init__(self, settings: XenditSettings, *, now: Callable[[], datetime] = utc_now) -> None:
        """Speak for one Xendit account; ``now`` returns aware UTC."""
        self._settings = settings
        self._sdk = XenditSdk(settings)
        self._now = now

    @property
    def name(self) -> GatewayName:
        """Which gateway this is."""
        return GatewayName.XENDIT

    def create_charge(self, request: ChargeRequest) -> Charge:
        """Create an invoice. Each call makes another one: ask ``find_charge`` after any doubt."""
        return _charge(self._sdk.create_invoice(invoice_body(request, self._now())), ORDER)

    def find_charge(self, reference: str) -> Charge | None:
        """Return the invoice that an earlier call made, a paid one first, else the newest open one.

        None if there is none, or only expired ones: another may be created.
        """
        asked_at = self._now()
        listed = self._by_reference(reference)
        seen = [self._read(raw, Source.API_ANSWER, asked_at).seen for raw in listed]
        for wanted in (Seen.PAID, Seen.PENDING):
            if wanted in seen:
                return _charge(listed[seen.index(wanted)], QUESTION)
        return None

    def fetch_status(self, subject: ChargeSubject, *, source: Source) -> tuple[Observation, ...]:
        """Ask for the invoice by its id, or else for every invoice under our reference.

        Refunds are asked for too, because an invoice does not show them.
        """
        # What the answer says was true at some moment after this one.
        asked_at = self._now()
        invoices = self._look_up(subject)
        if not invoices:
            return (nothing_known(subject.reference, asked_at, source),)
        return tuple(self._observe(raw, source, asked_at) for raw in invoices)

    def _look_up(self, subject: ChargeSubject) -> tuple[Json, ...]:
        """Read every invoice under our reference: a lost answer may have left more than one."""
        require_a_name(subject)
        listed = self._by_reference(subject.reference)
        invoice_id = _invoice_id(subject)
        if listed or not invoice_id:
            return listed
        try:
            return (self._sdk.invoice(invoice_id),)
        except GatewayRejectedError as refusal:
            if refusal.code not in _NOT_FOUND:
                raise
        return ()

    def _by_reference(self, reference: str) -> tuple[Json, ...]:
        # An empty filter is none: Xendit would list the invoices of all orders.
        if not reference:
            return ()
        listed = self._sdk.invoices(external_id=reference)
        return tuple(raw for raw in listed if raw.get("external_id") == reference)

    def _observe(self, raw: Json, source: Source, asked_at: datetime) -> Observation:
        observation = self._read(raw, source, asked_at)
        if observation.seen is not Seen.PAID:
            return observation
        return with_refunds(observation, self._refunds_of(observation.provider_reference or ""))

    def _read(self, raw: Json, source: Source, asked_at: datetime) -> Observation:
        try:
            return read_invoice(raw, source=source, observed_at=asked_at)
        except ValueError as error:
            raise failure_of_field(NAME, error, QUESTION) from None

    def _refunds_of(self, invoice_id: str) -> tuple[ObservedRefund, ...]:
        """Read all pages of an invoice's refunds."""
        found: list[ObservedRefund] = []
        after_id: str | None = None
        for _ in range(_MOST_PAGES):
            page = self._refunds_page(invoice_id, after_id)
            try:
                refunds = [read_refund(raw) for raw in as_objects(page.get("data"))]
            except ValueError as error:
                raise failure_of_field(NAME, error, QUESTION) from None
            found += refunds
            if page.get("has_more") is not True or not refunds:
                return tuple(found)
            after_id = refunds[-1].provider_refund_id
        raise GatewayUnavailableError("Xendit's list of refunds has no end", code="unreadable")

    def _refunds_page(self, invoice_id: str, after_id: str | None) -> Json:
        try:
            return self._sdk.refunds_page(invoice_id, after_id=after_id)
        except GatewayRejectedError as refusal:
            if refusal.code not in _NOT_FOUND:
                raise
            return {}

    def close(self, subject: ChargeSubject) -> tuple[Observation, ...]:
        """Expire every open invoice under our reference; what is paid stays paid.

        A lost answer may have left more than one.
        """
        for observation in self.fetch_status(subject, source=Source.API_ANSWER):
            if observation.seen is Seen.PENDING:
                self._expire(observation.provider_reference or "")
        try:
            return self.fetch_status(subject, source=Source.API_ANSWER)
        except GatewayUnavailableError as error:
            raise GatewayOutcomeUnknownError(error.message, code=error.code) from None

    def _expire(self, invoice_id: str) -> None:
        try:
            self._sdk.expire(invoice_id)
        except GatewayRejectedError as refusal:
            if refusal.code not in _NOT_FOUND and _NOT_PENDING not in refusal.message:
                raise

    def refund(self, request: RefundRequest) -> RefundAnswer:
        """Ask Xendit for a refund of an invoice; most channels accept now and tell the end later.

        A repeated key never pays twice: Xendit replays its first answer.
        """
        invoice_id = _invoice_id(request.subject)
        if request.route is not RefundRoute.REFUND or not invoice_id:
            raise GatewayRejectedError("this refund does not go through Xendit", code="route")
        try:
            raw = self._sdk.create_refund(refund_body(invoice_id, request), key=request.key)
        except GatewayRejectedError as refusal:
            return self._answer_to_refusal(request, refusal)
        except GatewayOutcomeUnknownError as failure:
            # Xendit says so with a 503, which elsewhere leaves everything open.
            if failure.code in _LATER:
                raise GatewayUnavailableError(failure.message, code=failure.code) from None
            raise
        return self._answer(request, _booked(raw, request), _status_of(raw))

    def _answer_to_refusal(
        self, request: RefundRequest, refusal: GatewayRejectedError
    ) -> RefundAnswer:
        """Tell a no from an echo of an earlier try of this very refund, whose answer was lost."""
        if refusal.code == KEYS_REFUSED:
            raise refusal
        found = self._found(request)
        if found is not None and found.amount_idr == request.amount_idr:
            return self._answer(request, found, refusal.code)
        if found is not None or refusal.code in _KEY_WAS_USED:
            raise GatewayOutcomeUnknownError(refusal.message, code=refusal.code) from None
        if refusal.code in _LATER:
            raise GatewayUnavailableError(refusal.message, code=refusal.code) from None
        raise refusal

    def _found(self, request: RefundRequest) -> ObservedRefund | None:
        """Look a refund up after a call that may have booked it: no answer is no evidence."""
        try:
            return self.find_refund(request)
        except GatewayError as error:
            raise GatewayOutcomeUnknownError(error.message, code=error.code) from None

    def _answer(self, request: RefundRequest, refund: ObservedRefund, code: str) -> RefundAnswer:
        words = f"Refund {refund.provider_refund_id}: {code}"
        message = f"{words} ({refund.failure_code})" if refund.failure_code else words
        return RefundAnswer(refund, message, code, self._observation_if_any(request.subject))

    def _observation_if_any(self, subject: ChargeSubject) -> Observation | None:
        """Ask for the state after a refund; the refund's own answer stands without it."""
        try:
            return self.fetch_status(subject, source=Source.API_ANSWER)[0]
        except GatewayError:
            return None

    def find_refund(self, request: RefundRequest) -> ObservedRefund | None:
        """Look for our key among the invoice's refunds; one that failed only if it is alone."""
        invoice_id = _invoice_id(request.subject)
        if not invoice_id:
            raise GatewayRejectedError("a Xendit refund is known by its invoice only", code="route")
        ours = [r for r in self._refunds_of(invoice_id) if r.key == request.key]
        alive = [refund for refund in ours if refund.state is not RefundState.FAILED]
        return next(iter(alive or ours), None)

    def authenticate(self, delivery: RawNotification) -> None:
        """Compare the callback token; BadSignatureError. It says nothing about the body."""
        self._is_by_previous_token(delivery)

    def _is_by_previous_token(self, delivery: RawNotification) -> bool:
        """Tell which token came, the one in force or the one it replaced; BadSignatureError."""
        sent = delivery.headers.get(_TOKEN, "").encode(errors="replace")
        # Both are compared always: it costs the same whichever fits.
        fits_now = _fits(sent, self._settings.callback_token)
        fits_previous = _fits(sent, self._settings.previous_callback_token)
        if not fits_now | fits_previous:
            raise BadSignatureError("the callback token is missing or wrong")
        return not fits_now

    def read_notification(self, delivery: RawNotification) -> Observation:
        """Authenticate and read an invoice or refund callback; everything in it is a claim."""
        by_previous = self._is_by_previous_token(delivery)
        try:
            observation = read_notification_body(
                as_object(parse_json(delivery.body)),
                webhook_id=delivery.headers.get(_WEBHOOK_ID, ""),
                received_at=delivery.received_at,
            )
        except ValueError as error:
            raise MalformedNotificationError(f"not a Xendit callback: {error}") from None
        return replace(observation, by_previous_key=by_previous)

    def check_keys(self) -> KeyCheck:
        """Ask for one invoice: only the right key may."""
        try:
            self._sdk.invoices(limit=1.0)
        except GatewayRejectedError as refusal:
            reason = f"{refusal.code} {refusal.message.rstrip('.')}"
            advice = ": check XENDIT_SECRET_KEY" if refusal.code == KEYS_REFUSED else ""
            return KeyCheck(
                accepted=False, words=f"Xendit refuses the secret key ({reason}){advice}."
            )
        except GatewayError as error:
            return KeyCheck(accepted=False, words=f"Xendit cannot be asked now: {error.message}.")
        return KeyCheck(accepted=True, words="Xendit accepts the secret key.")


def _fits(sent: bytes, token: str) -> bool:
    # An unset token must not open the door to messages without one.
    return bool(token) & hmac.compare_digest(sent, token.encode())


def _charge(raw: Json, doubt: Doubt) -> Charge:
    try:
        return Charge(page_url=text(raw, "invoice_url"), provider_reference=text(raw, "id"))
    except ValueError as error:
        raise failure_of_field(NAME, error, doubt) from None


def _invoice_id(subject: ChargeSubject) -> str | None:
    return subject.provider_reference or subject.gateway_transaction_id


def _status_of(raw: Json) -> str:
    return str(raw.get("status") or "").upper()


def _booked(raw: Json, request: RefundRequest) -> ObservedRefund:
    """Read the answer to a refund; one about another refund, or in new words, is a doubt."""
    try:
        refund = read_refund(raw)
    except ValueError as error:
        raise failure_of_field(NAME, error, ORDER) from None
    ours = refund.key in {None, request.key} and refund.amount_idr == request.amount_idr
    if refund.state is RefundState.UNKNOWN or not ours:
        raise GatewayOutcomeUnknownError("Xendit's answer does not fit the refund")
    return refund
