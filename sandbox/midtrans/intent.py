"""What is to be paid, from whichever of the two APIs it came."""

from dataclasses import dataclass

from sandbox.midtrans.records import SnapSession
from sandbox.wire import JsonObject, as_object, as_text, whole_number


@dataclass(frozen=True, slots=True)
class NotifyUrls:
    """Addresses that a request's headers named, at most three of each kind."""

    override: list[str]
    append: list[str]


@dataclass(frozen=True, slots=True)
class Intent:
    """One order as a shop asked for it; ``token`` is empty without a Snap page."""

    order_id: str
    gross_amount: int
    request: JsonObject
    urls: NotifyUrls
    token: str = ""


def snap_intent(session: SnapSession, chosen: JsonObject) -> Intent:
    """Return what a Snap page pays; ``chosen`` adds what the payer entered there."""
    return Intent(
        session.order_id,
        session.gross_amount,
        session.request | chosen,
        NotifyUrls(session.override_urls, session.append_urls),
        session.token,
    )


def core_intent(request: JsonObject, urls: NotifyUrls) -> Intent:
    """Return what ``POST /v2/charge`` asks for; the request has passed its checks."""
    details = as_object(request["transaction_details"])
    amount = whole_number(details["gross_amount"]) or 0
    return Intent(as_text(details["order_id"]), amount, request, urls)
