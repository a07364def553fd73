"""Every error that Xendit's documentation names: HTTP status and message by ``error_code``.

Sources: Xendit's OpenAPI files of invoices and refunds, and the API reference pages
"Create an invoice" and "Create a refund".
"""

from typing import Final

from sandbox.answers import Reply
from sandbox.wire import JsonObject, as_object

_BAD: Final = 400
_FORBIDDEN: Final = 403
_MISSING: Final = 404
_CONFLICT: Final = 409
_BROKEN: Final = 500
_UNAVAILABLE: Final = 503

_NAMED: Final[dict[str, tuple[int, str]]] = {
    "API_VALIDATION_ERROR": (_BAD, "There was an error with the format submitted to the server."),
    "INVALID_JSON_FORMAT": (_BAD, "The request body is not valid JSON"),
    "INVALID_URL_FORMAT": (_BAD, "You have provided an invalid URL format"),
    # Invoices.
    "MINIMAL_TRANSFER_AMOUNT_ERROR": (_BAD, "The amount is below the minimum of this payment"),
    "MAXIMUM_TRANSFER_AMOUNT_ERROR": (_BAD, "The amount is above the maximum of this payment"),
    "NO_COLLECTION_METHODS_ERROR": (
        _BAD,
        "Your account has no payment methods configured (virtual account, credit card)",
    ),
    "UNAVAILABLE_PAYMENT_METHOD_ERROR": (
        _BAD,
        "The payment method choices did not match with the available one on this business",
    ),
    "EMAIL_FORMAT_ERROR": (_BAD, "The email format is invalid"),
    "UNSUPPORTED_CURRENCY": (_BAD, "The currency is not configured for this account"),
    "MISMATCH_CURRENCY_ERROR": (_BAD, "The currency differs from that of the payment method"),
    "INVALID_REMINDER_TIME": (_BAD, "The reminder must come before the invoice expires"),
    "INVOICE_AMOUNT_MISMATCHED_CLOSED_VA_EXPECTED_AMOUNT": (
        _BAD,
        "The invoice amount differs from the expected amount of the closed virtual account",
    ),
    "INVOICE_NOT_FOUND_ERROR": (_MISSING, "Invoice not found."),
    "CALLBACK_VIRTUAL_ACCOUNT_NOT_FOUND_ERROR": (
        _MISSING,
        "Could not find the callback virtual account",
    ),
    "UNIQUE_ACCOUNT_NUMBER_UNAVAILABLE_ERROR": (
        _MISSING,
        "There is no unique account number available",
    ),
    "PAYMENT_CODE_NOT_AVAILABLE_ERROR": (
        _MISSING,
        "No more vacant space for convenience store code",
    ),
    # Refunds, as the generation of the official SDK knows them.
    "INELIGIBLE_TRANSACTION": (_BAD, "The transaction cannot be refunded in its present state."),
    "INSUFFICIENT_BALANCE": (_BAD, "Your balance is not enough for this refund."),
    "MAXIMUM_REFUND_AMOUNT_REACHED": (
        _BAD,
        "Error because the provided amount is greater than the allowed refund amount.",
    ),
    "PARTIAL_REFUND_NOT_SUPPORTED": (_BAD, "Partial refund is not supported for this channel."),
    "REFUND_NOT_SUPPORTED": (_BAD, "Refund is not supported for this channel."),
    "TRANSACTION_NOT_FOUND": (_BAD, "The transaction could not be found."),
    "REFUND_IN_PROGRESS": (_BAD, "Another refund of this transaction is being processed."),
    "DATA_NOT_FOUND": (_MISSING, "Data not found"),
    "DUPLICATE_ERROR": (
        _CONFLICT,
        "Idempotency key was used with another request. Please use a new key.",
    ),
    "IDEMPOTENCY_ERROR": (_CONFLICT, "A request with this idempotency key is being processed."),
    "UNAUTHORIZED": (_FORBIDDEN, "No valid API key provided"),
    "CHANNEL_UNAVAILABLE": (_UNAVAILABLE, "The channel is not available at the moment."),
    "OTP_DELIVERY_ERROR": (_UNAVAILABLE, "The one-time password could not be delivered."),
    # Refunds, only in the newer documentation.
    "INVALID_VALUE_ERROR": (_BAD, "A value of the request is not valid."),
    "REFUND_AMOUNT_EXCEEDED": (_BAD, "The amount is greater than what is left to refund."),
    "TEMPORARILY_UNAVAILABLE": (_BAD, "The refund is temporarily unavailable."),
    "INELIGIBLE_TRANSACTION_STATUS": (_BAD, "The status of the transaction allows no refund."),
    "PARTIAL_REFUND_COUNTS_EXCEEDED": (_BAD, "No further partial refund is possible."),
    "SKIP_3DS_FORBIDDEN": (_FORBIDDEN, "The account may not skip 3-D Secure."),
    "INVALID_MERCHANT_SETTINGS": (_FORBIDDEN, "The merchant settings do not allow refunds."),
    # Any call.
    "INVALID_API_KEY": (401, "Your API key is invalid"),
    "REQUEST_FORBIDDEN_ERROR": (
        _FORBIDDEN,
        "API key in use does not have necessary permissions to perform the request.",
    ),
    "ACCESS_SUSPENDED": (
        _FORBIDDEN,
        (
            "Access to API has been suspended temporarily due to indication of fraudulent "
            "activities. If you believe this is inaccurate, kindly contact our Customer Success "
            "for resolution."
        ),
    ),
    "RATE_LIMIT_EXCEEDED": (429, "You have exceeded the rate limit. Please try again later."),
    "SERVER_ERROR": (_BROKEN, "Error processing the request. Please try again later."),
    # The misspelling is in the published example.
    "INTERNAL_SERVER_ERROR": (_BROKEN, "Something unxpected happened."),
}
# The same condition under the name, or with the HTTP status, of the newer documentation.
_NEWER: Final = {
    "INELIGIBLE_TRANSACTION": (_BAD, "INELIGIBLE_TRANSACTION_STATUS"),
    "MAXIMUM_REFUND_AMOUNT_REACHED": (_BAD, "REFUND_AMOUNT_EXCEEDED"),
    "REFUND_NOT_SUPPORTED": (_FORBIDDEN, "REFUND_NOT_SUPPORTED"),
    "PARTIAL_REFUND_NOT_SUPPORTED": (_FORBIDDEN, "PARTIAL_REFUND_NOT_SUPPORTED"),
}
NAMES: Final = tuple(_NAMED)
# (field, message, Joi type) of one entry in a validation error.
Problem = tuple[str, str, str]


def error(code: str, message: str) -> JsonObject:
    """Return an error body."""
    return {"error_code": code, "message": message}


def validation_error(problems: list[Problem]) -> Reply:
    """Answer ``API_VALIDATION_ERROR`` with one entry per problem."""
    refusal = named_error("API_VALIDATION_ERROR")
    entries = [
        {
            "field": [field],
            "location": "body",
            "messages": [f'"{field}" {message}'],
            "types": [kind],
        }
        for field, message, kind in problems
    ]
    return Reply(refusal.http_status, {**as_object(refusal.body), "errors": entries})


def named_error(code: str, http_status: int | None = None) -> Reply:
    """Answer with a documented error; a name that no page has is a 400 of that name."""
    usual_status, message = _NAMED.get(code, (_BAD, "The request was refused."))
    return Reply(http_status or usual_status, error(code, message))


def in_newer_words(refusal: Reply, code: str) -> Reply:
    """Return a refusal of a refund as the newer documentation names it."""
    if code not in _NEWER:
        return refusal
    http_status, name = _NEWER[code]
    return named_error(name, http_status)
