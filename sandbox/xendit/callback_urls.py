"""``POST /callback_urls/{type}``: where the shop wants its callbacks."""

from typing import Final
from urllib.parse import urlsplit

from sandbox.answers import Reply
from sandbox.wire import JsonObject, as_object, as_text
from sandbox.xendit.bodies import USER_ID
from sandbox.xendit.book import Book
from sandbox.xendit.errors import named_error
from sandbox.xendit.invoices import INVOICE_CALLBACKS
from sandbox.xendit.refunds import REFUND_CALLBACKS

# Xendit docs, "Set callback URL"; only the first two ever have something to send here.
_KINDS: Final = frozenset(
    {
        *(INVOICE_CALLBACKS, REFUND_CALLBACKS, "fva_status", "fva_paid", "ro_fpc_paid"),
        *("ewallet", "qr_code", "payment_succeeded", "disbursement", "batch_disbursement"),
    }
)
_LONGEST: Final = 2_000


def set_callback_url(book: Book, kind: str, body: JsonObject, token: str) -> Reply:
    """Keep a callback URL, or answer ``INVALID_URL_FORMAT``.

    The real gateway wants public HTTPS; here any address will do, since the shop runs
    on the same machine.
    """
    if kind not in _KINDS:
        return named_error("DATA_NOT_FOUND")
    url = as_text(body.get("url"))
    if problem := _problem_of(url):
        refusal = named_error("INVALID_URL_FORMAT")
        return Reply(refusal.http_status, {**as_object(refusal.body), "errors": [problem]})
    book.save_callback_url(kind, url)
    return Reply(
        200,
        {
            "status": "SUCCESSFUL",
            "user_id": USER_ID,
            "url": url,
            "environment": "TEST",
            "callback_token": token,
        },
    )


def _problem_of(url: str) -> str:
    try:
        parts = urlsplit(url)
        is_address = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        is_address = False
    if is_address and url.isprintable() and " " not in url and len(url) <= _LONGEST:
        return ""
    return "url must be an address that begins with http:// or https://"
