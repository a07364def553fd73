"""Puts the sandbox into the situation of each published Xendit payload and compares."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.contract.sandbox.bench import XENDIT_KEY, Sandbox, Shop, sample
from tests.contract.sandbox.shapes import differences

Situation = Callable[[Sandbox, Shop, Any], Any]
_ECHOED = (
    *("items", "fees", "description", "payer_email", "customer", "metadata"),
    *("success_redirect_url", "failure_redirect_url", "customer_notification_preference"),
)


@dataclass(frozen=True)
class Case:
    """How to bring the situation about, and which fields may differ, with the reason."""

    situation: Situation
    apart: dict[str, str] = field(default_factory=dict[str, str])


def create(sandbox: Sandbox, _shop: Shop, published: Any) -> Any:
    given = {name: published[name] for name in _ECHOED if name in published}
    if "reminder_date" in published:
        given |= {"reminder_time": 1, "reminder_time_unit": "hours"}
    return sandbox.invoice(published["external_id"], published["amount"], **given)


def paid(channel: str, **payer: object) -> Situation:
    def callback(sandbox: Sandbox, shop: Shop, published: Any) -> Any:
        invoice = create(sandbox, shop, {**published, "amount": max(10_000, published["amount"])})
        body = {"channel": channel, **payer}
        sandbox.control("POST", f"xendit/{invoice['id']}/pay", body)
        sandbox.flush()
        return shop.bodies()[-1]

    return callback


def expired(sandbox: Sandbox, shop: Shop, published: Any) -> Any:
    ended = create(sandbox, shop, {**published, "amount": 150_000})
    sandbox.xendit("POST", f"/invoices/{ended['id']}/expire!")
    sandbox.flush()
    return shop.bodies()[-1]


def dashboard_test(sandbox: Sandbox, shop: Shop, _published: Any) -> Any:
    sandbox.control("POST", "deliveries/test", {"gateway": "xendit"})
    sandbox.flush()
    return shop.bodies()[-1]


def settled(sandbox: Sandbox, shop: Shop, published: Any) -> Any:
    invoice = create(sandbox, shop, published)
    sandbox.control("POST", f"xendit/{invoice['id']}/pay", {"channel": "BCA"})
    sandbox.advance(3 * 86_400)
    return sandbox.xendit("GET", f"/v2/invoices/{invoice['id']}").json()


def settled_list(sandbox: Sandbox, shop: Shop, published: Any) -> Any:
    for one in published:
        invoice = create(sandbox, shop, one)
        sandbox.control("POST", f"xendit/{invoice['id']}/pay", {"channel": "DANA"})
    sandbox.advance(4 * 86_400)
    external_id = published[0]["external_id"]
    return sandbox.xendit("GET", f"/v2/invoices?external_id={external_id}").json()


def expired_by_hand(sandbox: Sandbox, shop: Shop, published: Any) -> Any:
    invoice = create(sandbox, shop, published)
    for channel in ("MANDIRI", "ALFAMART"):
        sandbox.control("POST", f"xendit/{invoice['id']}/pick", {"channel": channel})
    return sandbox.xendit("POST", f"/invoices/{invoice['id']}/expire!").json()


def refused_invoice(**change: object) -> Situation:
    def answer(sandbox: Sandbox, _shop: Shop, _published: Any) -> Any:
        body = {"external_id": "X-1", "amount": 150_000, **change}
        return sandbox.xendit("POST", "/v2/invoices", body).json()

    return answer


def named(code: str, operation: str = "xendit.invoice.create") -> Situation:
    """An error that has no cause here: a fault rule names it."""

    def answer(sandbox: Sandbox, shop: Shop, published: Any) -> Any:
        match = {"operation": operation}
        sandbox.faults({"match": match, "effect": "refuse", "code": code, "times": 1})
        return refused_invoice()(sandbox, shop, published)

    return answer


def missing_invoice(sandbox: Sandbox, _shop: Shop, _published: Any) -> Any:
    return sandbox.xendit("GET", "/v2/invoices/6e86bc62165502ccd3c9dadf").json()


def wrong_key(path: str) -> Situation:
    def answer(sandbox: Sandbox, _shop: Shop, _published: Any) -> Any:
        return sandbox.request("GET", path, auth=("xnd_development_other", "")).json()

    return answer


def wrong_callback_url(sandbox: Sandbox, _shop: Shop, _published: Any) -> Any:
    return sandbox.xendit("POST", "/callback_urls/invoice", {"url": "nowhere"}).json()


def refunded(channel: str, **more: object) -> Situation:
    def answer(sandbox: Sandbox, _shop: Shop, _published: Any) -> Any:
        invoice = sandbox.paid_invoice("X-1", channel)
        return sandbox.xendit("POST", "/refunds", {"invoice_id": invoice["id"], **more}).json()

    return answer


def refund_callback(channel: str, **more: object) -> Situation:
    def callback(sandbox: Sandbox, shop: Shop, published: Any) -> Any:
        refunded(channel, **more)(sandbox, shop, published)
        sandbox.advance(10)
        return shop.bodies()[-1]

    return callback


def refund_list(sandbox: Sandbox, shop: Shop, published: Any) -> Any:
    invoice = sandbox.paid_invoice("X-1", "DANA")
    for _ in range(2):
        sandbox.xendit("POST", "/refunds", {"invoice_id": invoice["id"], "amount": 1_500})
    return sandbox.xendit("GET", "/refunds?limit=1").json()


def failed_refund(sandbox: Sandbox, shop: Shop, published: Any) -> Any:
    """Return a failed refund; the example shows only a part of the fields."""
    created = refunded("SHOPEEPAY", amount=20_302, **_GIVEN)(sandbox, shop, published)
    sandbox.advance(10)
    answer = sandbox.xendit("GET", f"/refunds/{created['id']}").json()
    return {name: answer[name] for name in published if name in answer}


def requested_refund(sandbox: Sandbox, _shop: Shop, published: Any) -> Any:
    """Send the published request, for a payment of ours, and return what came back of it."""
    invoice = sandbox.paid_invoice("X-1", "DANA")
    body = {**published, "invoice_id": invoice["id"], "currency": "IDR"}
    answer = sandbox.xendit("POST", "/refunds", body).json()
    return {name: answer[name] for name in published if name in answer}


def requested_invoice(sandbox: Sandbox, _shop: Shop, published: Any) -> Any:
    answer = sandbox.xendit("POST", "/v2/invoices", published).json()
    return {name: answer[name] for name in published if name in answer}


_OURS = {
    "data.country": "sent in captures, not in this example",
    "data.refund_method": "sent in captures, not in this example",
}
_GIVEN = {"reference_id": "ours", "reason": "CANCELLATION"}
_NO_PAY_LATER = {"available_paylaters[]": "that account had no pay-later channel"}
_ELSEWHERE = "a payment of another country's channel, which has no invoice"
CASES: dict[str, Case] = {
    "callback_dashboard_test_permata": Case(dashboard_test),
    "callback_expired_go": Case(expired),
    "callback_paid_bank_transfer_bca_2025": Case(paid("BCA")),
    "callback_paid_credit_card_odoo": Case(paid("CREDIT_CARD")),
    "callback_paid_ewallet_dana_2025": Case(paid("DANA")),
    "callback_paid_ewallet_dana_docs_2024": Case(paid("DANA")),
    "callback_paid_ewallet_linkaja_derived": Case(paid("LINKAJA")),
    "callback_paid_ewallet_ovo_derived": Case(paid("OVO", linked=True)),
    "callback_paid_ewallet_shopeepay_derived": Case(paid("SHOPEEPAY")),
    "callback_paid_qr_code_qris_go": Case(
        paid("QRIS", issuer="Ovo"),
        dict.fromkeys(
            (*("id", "user_id", "payment_id", "payment_method_id"), "payment_details.receipt_id"),
            "the example has placeholders instead of ids",
        ),
    ),
    "callback_paid_retail_outlet_alfamart": Case(
        paid("ALFAMART"), {"is_high": "not in this example, but in captures of other channels"}
    ),
    "callback_paid_retail_outlet_indomaret_derived": Case(paid("INDOMARET")),
    "callback_paid_retail_outlet_testmart_go": Case(paid("ALFAMART")),
    "error_401_invalid_api_key": Case(wrong_key("/xendit/v2/invoices")),
    "error_401_invalid_api_key_recorded": Case(wrong_key("/xendit/v2/invoices")),
    "error_403_access_suspended": Case(named("ACCESS_SUSPENDED")),
    "error_500_internal": Case(named("INTERNAL_SERVER_ERROR")),
    "error_callback_url_400_invalid_url": Case(wrong_callback_url),
    "error_invoice_400_invoice_duration": Case(refused_invoice(invoice_duration=0)),
    "error_invoice_400_maximum_amount": Case(
        refused_invoice(amount=6_000_000, payment_methods=["ALFAMART"])
    ),
    "error_invoice_400_unavailable_payment_method": Case(
        refused_invoice(payment_methods=["NO_SUCH_BANK"])
    ),
    "error_invoice_404_not_found_openapi": Case(named("INVOICE_NOT_FOUND_ERROR")),
    "error_invoice_404_not_found_recorded": Case(missing_invoice),
    "error_invoice_404_payment_code_unavailable": Case(named("PAYMENT_CODE_NOT_AVAILABLE_ERROR")),
    "error_refund_400_maximum_amount_reached": Case(refunded("DANA", amount=150_001)),
    "error_refund_403_unauthorized": Case(wrong_key("/xendit/refunds")),
    "error_refund_404_data_not_found": Case(
        lambda sandbox, _shop, _published: sandbox.xendit("GET", "/refunds/rfd-none").json()
    ),
    "invoice_create_request_docs_2024": Case(
        requested_invoice, {"invoice_duration": "shown as expiry_date"}
    ),
    "invoice_created_pending_docs_2024": Case(create, _NO_PAY_LATER),
    "invoice_created_pending_recorded_2023": Case(create, _NO_PAY_LATER),
    "invoice_pending_openapi_2023": Case(
        create,
        {
            "available_banks[].identity_amount": "in captures, not in this example",
            "available_direct_debits[]": "the amount is above their documented limit",
        },
    ),
    "invoice_expired_manual_2020": Case(
        expired_by_hand,
        {
            "available_banks[].bank_account_number": "only a picked bank has one since 2022",
            "available_retail_outlets[].payment_code": "until 2021; no longer in answers of 2023",
            "available_retail_outlets[].transfer_amount": "until 2021",
            "available_ewallets[]": "that account had no wallet",
            "available_qr_codes": "since 2022",
            "available_direct_debits": "since 2022",
            "available_paylaters": "since 2022",
        },
    ),
    "invoice_get_settled_bca_recorded_2023": Case(
        settled, {**_NO_PAY_LATER, "payment_id": "newer accounts carry it"}
    ),
    "invoice_list_duplicate_external_id_settled_2022": Case(
        settled_list,
        {
            "[].available_direct_debits[]": "that account had no direct debit",
            "[].available_paylaters[]": "that account had no pay-later channel",
            "[].ewallet_type": "newer accounts carry it",
        },
    ),
    "refund_card_succeeded_docs_2025": Case(
        refunded("CREDIT_CARD", **_GIVEN),
        {
            "payment_id": "the example has a placeholder",
            "payment_request_id": "payments of an invoice have none here",
            "invoice_id": "empty in the example; here it is the only handle",
            "country": "sent in captures, not in this example",
        },
    ),
    "refund_create_request_openapi": Case(
        requested_refund,
        {
            "payment_request_id": "payments of an invoice have none here",
        },
    ),
    "refund_failed_callback_derived": Case(
        refund_callback("DANA", amount=20_301, **_GIVEN),
        {
            "data.created": "microseconds, as in captures; the example was derived",
            "data.updated": "microseconds, as in captures; the example was derived",
            "data.refund_method": "sent in captures, not in this example",
        },
    ),
    "refund_failed_minimal_openapi": Case(
        failed_refund,
        {
            "payment_request_id": "payments of an invoice have none here",
            "refund_fee_amount": "no fees are imitated",
        },
    ),
    "refund_list_has_more": Case(
        refund_list, {"data[].invoice_id": "empty in the example; here it is the only handle"}
    ),
    "refund_pending_grabpay": Case(
        refunded("DANA"), {"invoice_id": "empty in the example; here it is the only handle"}
    ),
    "refund_succeeded_callback_dana_odoo": Case(
        refund_callback("DANA", reason="OTHERS"),
        {
            "data.id": "replaced in the example by its author",
            **dict.fromkeys(
                ("data.failure_code", "data.metadata", "data.refund_fee_amount"),
                "null here; left out in this capture",
            ),
        },
    ),
    "refund_succeeded_callback_docs": Case(
        refund_callback("DD_BRI", **_GIVEN),
        {
            **_OURS,
            "data.invoice_id": _ELSEWHERE,
            "data.created": "microseconds, as in captures",
            "data.updated": "microseconds, as in captures",
        },
    ),
}


@pytest.mark.parametrize("name", sorted(CASES))
def test_a_situation_sends_what_was_published(sandbox: Sandbox, shop: Shop, name: str) -> None:
    published, case = sample("xendit", name), CASES[name]

    sent = case.situation(sandbox, shop, published)

    assert differences(published, sent, apart=case.apart) == []


def test_the_suite_talks_with_the_key_of_the_program(sandbox: Sandbox) -> None:
    answer = sandbox.request("GET", "/xendit/v2/invoices", auth=(XENDIT_KEY, ""))

    assert answer.status_code == 200
