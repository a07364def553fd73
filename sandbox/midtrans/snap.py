"""Snap tokens: created, replaced, canceled, expired."""

from datetime import datetime
from typing import Final

from sandbox.clock import iso_millis
from sandbox.engine import Engine
from sandbox.midtrans.book import Book
from sandbox.midtrans.expiry import page_expiry
from sandbox.midtrans.intent import NotifyUrls
from sandbox.midtrans.method_record import Method
from sandbox.midtrans.methods import enabled_methods
from sandbox.midtrans.records import SessionState, SnapSession
from sandbox.midtrans.snap_request import snap_errors
from sandbox.wire import JsonObject, as_list, as_object, as_text, whole_number

# The three wordings of one refusal: today's docs, and by the request's Accept-Language.
_ORDER_USED: Final = {
    "": "transaction_details.order_id has been paid and utilized, please use another order ID",
    "en": "transaction_details.order_id has already been taken",
    "id": "transaction_details.order_id sudah digunakan",
}


def snap_refusal(*messages: str) -> JsonObject:
    """Return an error body of the Snap API."""
    return {"error_messages": list(messages)}


class Snap:
    """Issues and ends Snap tokens; used under the engine's lock."""

    def __init__(self, engine: Engine, book: Book) -> None:
        """Plan again when the open tokens of the state file end."""
        self._engine = engine
        self._book = book
        for session in book.sessions.values():
            self._plan(session)

    def create(
        self, request: JsonObject, urls: NotifyUrls, language: str = ""
    ) -> SnapSession | JsonObject:
        """Return a new session, or the body of the 400 answer in ``language`` (en, id).

        The same order_id may come again until a method is confirmed: the new token
        takes over and the old one stops working (Midtrans docs, "Advanced feature").
        """
        if errors := snap_errors(request):
            return snap_refusal(*errors)
        details = as_object(request["transaction_details"])
        order_id = as_text(details["order_id"])
        if self._book.attempts(order_id):
            refused = snap_refusal(_ORDER_USED[language])
            return refused | ({"locale": language} if language else {})
        self._replace(self._book.latest_session(order_id))
        now = self._engine.clock.now()
        session = SnapSession(
            token=self._engine.ids.uuid(),
            order_id=order_id,
            gross_amount=whole_number(details["gross_amount"]) or 0,
            created_at=now,
            page_expires_at=page_expiry(request, now),
            request=request,
            override_urls=urls.override,
            append_urls=urls.append,
        )
        self._book.save_session(session)
        self._plan(session)
        return session

    def cancel(self, token: str) -> JsonObject:
        """Cancel a token that nobody has used yet (docs, "Cancel a Snap session")."""
        session = self._book.sessions.get(token)
        if session is None or session.state == SessionState.REPLACED:
            return snap_refusal("token not found")
        if session.state in {SessionState.CANCELED, SessionState.EXPIRED}:
            return snap_refusal("token already canceled")
        if session.state == SessionState.CONFIRMED:
            return snap_refusal("Transaction is on progress")
        session.state = SessionState.CANCELED
        session.canceled_at = self._engine.clock.now()
        self._book.save_session(session)
        return {"canceled_at": iso_millis(session.canceled_at)}

    def expire(self, session: SnapSession) -> None:
        """End an unused token; this sends no notification (docs, same page)."""
        if session.state == SessionState.OPEN:
            session.state = SessionState.EXPIRED
            self._book.save_session(session)

    def _replace(self, old: SnapSession | None) -> None:
        if old and old.state == SessionState.OPEN:
            old.state = SessionState.REPLACED
            self._book.save_session(old)

    def _plan(self, session: SnapSession) -> None:
        if session.state == SessionState.OPEN:
            self._engine.timers.plan(session.page_expires_at, lambda _: self._when_over(session))

    def _when_over(self, session: SnapSession) -> None:
        if self._book.sessions.get(session.token) is session:
            self.expire(session)


def methods_of(session: SnapSession) -> list[Method]:
    """Return the methods that the session's page offers.

    Pay-later methods need lines and a customer, and are left out without them.
    """
    codes = session.request.get("enabled_payments")
    chosen = None if codes is None else [as_text(code) for code in as_list(codes)]
    methods = enabled_methods(chosen)
    return [method for method in methods if all(session.request.get(part) for part in method.needs)]


def is_usable(session: SnapSession, now: datetime) -> bool:
    """Whether the page still lets the payer choose a method."""
    if session.state == SessionState.CONFIRMED:
        return now < session.page_expires_at
    return session.state == SessionState.OPEN and now < session.page_expires_at


def finish_url(session: SnapSession) -> str:
    """Return ``callbacks.finish`` or an empty string."""
    return as_text(as_object(session.request.get("callbacks")).get("finish"))
