"""Xendit: which test compares which published sample, and why some are not compared."""

from typing import Final

from tests.contract.sandbox.test_xendit_samples import CASES

_TEST: Final = "test_xendit_samples.py::test_a_situation_sends_what_was_published"
COVERED: Final[dict[str, str]] = dict.fromkeys(CASES, _TEST)
DEVIATIONS: Final = {
    "error_409_duplicate_external_id_qr_recorded": (
        "of the stand-alone QR product; invoices allow duplicates of external_id"
    ),
    "invoice_pending_2020_va_numbers": (
        "the shape of 2020, with a number for every bank at once; since 2022 only a picked bank "
        "has one, and the six available_* arrays are always there"
    ),
    "refund_succeeded_callback_double_nested_docs": (
        "the documentation wraps the envelope twice by mistake; captures show it once"
    ),
    "refund_v3_get_succeeded": "of the v3 API, which the official SDK cannot call",
}
