"""Why something happened or did not: one code each. The words are in ``reason_words``."""

from enum import StrEnum


class Why(StrEnum):
    """The reason for a change, for a non-change, or for a refusal."""

    # An order came into being or was tried again.
    ORDER_PLACED = "order_placed"
    NEW_ATTEMPT = "new_attempt"
    CHARGE_CREATED = "charge_created"
    CHARGE_REJECTED = "charge_rejected"
    CHARGE_UNKNOWN = "charge_unknown"
    CHARGE_UNREACHED = "charge_unreached"

    # The order's state changed.
    SHOPPER_PAID = "shopper_paid"
    FRAUD_REVIEW = "fraud_review"
    REVIEW_ACCEPTED = "review_accepted"
    REVIEW_DENIED = "review_denied"
    PAYMENT_DECLINED = "payment_declined"
    NOT_PAID_IN_TIME = "not_paid_in_time"
    CANCELLED_AT_GATEWAY = "cancelled_at_gateway"
    PAID_AFTER_CLOSE = "paid_after_close"
    TRIED_AFTER_CLOSE = "tried_after_close"
    PAYMENT_REVERSED = "payment_reversed"
    REFUNDED_IN_PART = "refunded_in_part"
    REFUNDED_IN_FULL = "refunded_in_full"
    REFUND_REVERSED = "refund_reversed"
    CHARGED_BACK = "charged_back"

    # The order's state stayed.
    STILL_WAITING = "still_waiting"
    NOTHING_AT_GATEWAY = "nothing_at_gateway"
    NOT_FOUND_AGAIN = "not_found_again"
    DECLINED_MAY_RETRY = "declined_may_retry"
    ALREADY_KNOWN = "already_known"
    STALE = "stale"
    ALREADY_CLOSED = "already_closed"
    AMOUNT_DIFFERS = "amount_differs"
    CURRENCY_DIFFERS = "currency_differs"
    PAID_TWICE = "paid_twice"
    REFUND_UNLISTED = "refund_unlisted"
    PARTLY_CHARGED_BACK = "partly_charged_back"
    UNKNOWN_TRANSITION = "unknown_transition"
    STEP_NOT_ALLOWED = "step_not_allowed"
    UNRECOGNISED_STATUS = "unrecognised_status"
    CONTRADICTS_EARLIER = "contradicts_earlier"
    CLAIM_AWAITS_CONFIRMATION = "claim_awaits_confirmation"
    POLLING_ENDED = "polling_ended"

    # What became of a notification.
    CLAIM_CONFIRMED = "claim_confirmed"
    PAYMENT_NOT_CONFIRMED = "payment_not_confirmed"
    CLAIM_NOT_CONFIRMED = "claim_not_confirmed"
    DUPLICATE = "duplicate"
    UNKNOWN_ORDER = "unknown_order"
    TEST_MESSAGE = "test_message"
    BAD_SIGNATURE = "bad_signature"
    MALFORMED = "malformed"
    TOO_LARGE = "too_large"
    GATEWAY_NOT_CONFIGURED = "gateway_not_configured"

    # Refund decisions.
    REFUNDABLE = "refundable"
    VOIDABLE = "voidable"
    MANUAL_ONLY = "manual_only"
    NOT_PAID = "not_paid"
    NOTHING_LEFT = "nothing_left"
    MORE_THAN_LEFT = "more_than_left"
    AMOUNT_NOT_POSITIVE = "amount_not_positive"
    AMOUNT_CHANGED = "amount_changed"
    PARTIAL_NOT_SUPPORTED = "partial_not_supported"
    SEVERAL_NOT_SUPPORTED = "several_not_supported"
    VOID_IS_FULL_ONLY = "void_is_full_only"
    REFUND_WINDOW_OVER = "refund_window_over"
    CLOSED_HOURS = "closed_hours"
    WHOLE_NOT_YET = "whole_not_yet"
    GATEWAY_REFUSED = "gateway_refused"
    ROUTE_CHANGED = "route_changed"
    METHOD_UNKNOWN = "method_unknown"
    TRANSACTION_UNCONFIRMED = "transaction_unconfirmed"
    REFUND_OPEN = "refund_open"
    IN_DISPUTE = "in_dispute"
    SAME_PERSON = "same_person"
    APPROVAL_EXPIRED = "approval_expired"
    REQUEST_CHANGED = "request_changed"
    WRONG_REFUND_STATE = "wrong_refund_state"
    REASON_MISSING = "reason_missing"
    ORDER_FROZEN = "order_frozen"
    ACCOUNT_INCOMPLETE = "account_incomplete"
    NOT_ALLOWED = "not_allowed"
    DAILY_LIMIT_REACHED = "daily_limit_reached"

    # Accounts of staff.
    OWN_ACCOUNT = "own_account"
    LAST_ADMIN = "last_admin"
    EMAIL_TAKEN = "email_taken"
    ACCOUNT_CLOSED = "account_closed"
    LAST_FACTOR = "last_factor"
    CODE_WRONG = "code_wrong"
    PASSKEY_REFUSED = "passkey_refused"
    NEW_PASSWORD_REFUSED = "new_password_refused"  # noqa: S105 - a reason, not a password.

    # Why a gateway may still refuse a refund that our rules allow.
    MAY_LACK_BALANCE = "may_lack_balance"
    MAY_BE_TOO_LATE = "may_be_too_late"
    MAY_DEPEND_ON_ACQUIRER = "may_depend_on_acquirer"
    MAY_DEPEND_ON_ISSUER = "may_depend_on_issuer"
    MAY_DEPEND_ON_QR_NETWORK = "may_depend_on_qr_network"
    MAY_NOT_COVER_INVOICES = "may_not_cover_invoices"
    BANK_REFUNDS_BY_FILE = "bank_refunds_by_file"

    # What became of a refund.
    REFUND_REQUESTED = "refund_requested"
    REFUND_APPROVED = "refund_approved"
    REFUND_REJECTED = "refund_rejected"
    REFUND_WITHDRAWN = "refund_withdrawn"
    REFUND_SENT = "refund_sent"
    REFUND_ACCEPTED = "refund_accepted"
    REFUND_SUCCEEDED = "refund_succeeded"
    REFUND_FAILED = "refund_failed"
    REFUND_UNKNOWN = "refund_unknown"
    REFUND_OUTSIDE = "refund_outside"
    REFUND_REROUTED = "refund_rerouted"
    REFUND_CONTRADICTED = "refund_contradicted"
    REFUND_TO_TRANSFER = "refund_to_transfer"
    REFUND_TRANSFERRED = "refund_transferred"
    RESTOCKED = "restocked"
    RESTOCKED_ALREADY = "restocked_already"
    LINES_CHANGED = "lines_changed"

    # Checkout.
    OUT_OF_STOCK = "out_of_stock"
    PRICE_CHANGED = "price_changed"
    ORDER_NOT_PAYABLE = "order_not_payable"
    PAGE_STILL_OPEN = "page_still_open"

    # Cancelling an unpaid order.
    CANCEL_ASKED = "cancel_asked"
    ORDER_IS_PAID = "order_is_paid"
    ORDER_IS_CLOSED = "order_is_closed"

    # Bulk runs.
    NOTHING_CHOSEN = "nothing_chosen"
    TOO_MANY_ROWS = "too_many_rows"
    TOTAL_MISTYPED = "total_mistyped"
    WRONG_RUN_STATE = "wrong_run_state"
    MANIFEST_CHANGED = "manifest_changed"
    TOO_MANY_FAILURES = "too_many_failures"
    RUN_STOPPED = "run_stopped"
    GATEWAY_SILENT = "gateway_silent"
    ROW_BROKEN = "row_broken"

    # Notes about an order.
    NOTE_EMPTY = "note_empty"
    NOTE_TOO_LONG = "note_too_long"

    # Goods and people.
    STOCK_SHORT = "stock_short"
    ATTENTION_RESOLVED = "attention_resolved"
    CLAIMED_BY_ANOTHER = "claimed_by_another"
    CALL_IS_OVER = "call_is_over"

    # What verification found, and what became of it.
    BOOKS_BROKEN = "books_broken"
    ORDER_RELEASED = "order_released"
    DRIFT_FOUND = "drift_found"
