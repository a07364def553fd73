from datetime import datetime
from typing import Any

import pytest
import xendit

from tests.contract.sandbox.bench import TOKEN, XENDIT_KEY, Sandbox, Shop, sample, xendit_sdk

REQUIRED = {
    *("external_id", "user_id", "status", "merchant_name", "merchant_profile_picture_url"),
    *("amount", "expiry_date", "invoice_url", "available_banks", "available_retail_outlets"),
    *("available_ewallets", "available_qr_codes", "available_direct_debits"),
    *("available_paylaters", "should_send_email", "created", "updated"),
}


def test_the_sdk_creates_reads_and_expires(sandbox: Sandbox) -> None:
    with xendit_sdk(sandbox) as (invoices, _):
        created = invoices.create_invoice({"external_id": "X-1", "amount": 150_000})
        read = invoices.get_invoice_by_id(created.id)
        ended = invoices.expire_invoice(created.id)
        listed = invoices.get_invoices(external_id="X-1", statuses=["EXPIRED"], limit=10.0)

    assert str(created.status) == "PENDING"
    assert read.id == created.id
    assert str(ended.status) == "EXPIRED"
    assert [one.id for one in listed] == [created.id]


def test_the_sdk_reports_an_unknown_invoice(sandbox: Sandbox) -> None:
    with (
        xendit_sdk(sandbox) as (invoices, _),
        pytest.raises(xendit.XenditSdkException) as caught,
    ):
        invoices.get_invoice_by_id("6e86bc62165502ccd3c9dadf")

    assert caught.value.status == "404"
    assert caught.value.rawResponse == sample("xendit", "error_invoice_404_not_found_recorded")


@pytest.mark.parametrize("path", ["/v2/invoices", "/v2/invoices/"])
def test_a_new_invoice_has_the_recorded_fields(sandbox: Sandbox, path: str) -> None:
    answer = sandbox.xendit("POST", path, {"external_id": "X-1", "amount": 100_000.0})

    body = answer.json()
    recorded = sample("xendit", "invoice_created_pending_recorded_2023")
    assert answer.status_code == 200
    assert {key: type(value) for key, value in body.items()} == {
        key: type(value) for key, value in recorded.items()
    }
    assert body["amount"] == 100_000
    assert isinstance(body["amount"], int)
    bank, recorded_bank = body["available_banks"][0], recorded["available_banks"][0]
    assert set(bank) == set(recorded_bank)


def test_every_field_that_the_sdk_requires_is_there_in_every_state(sandbox: Sandbox) -> None:
    expired = sandbox.invoice("X-1")
    sandbox.xendit("POST", f"/invoices/{expired['id']}/expire!")
    paid = sandbox.paid_invoice("X-2", "BCA")
    settled = sandbox.paid_invoice("X-3", "DANA")
    sandbox.control("POST", f"xendit/{settled['id']}/settle")
    pending = sandbox.invoice("X-4")

    read = [
        sandbox.xendit("GET", f"/v2/invoices/{one['id']}").json()
        for one in (expired, paid, settled, pending)
    ]

    assert [one["status"] for one in read] == ["EXPIRED", "PAID", "SETTLED", "PENDING"]
    for one in read:
        assert set(one) >= REQUIRED
        assert all(one[name] is not None for name in REQUIRED)


def test_what_was_given_comes_back(sandbox: Sandbox) -> None:
    request = sample("xendit", "invoice_create_request_docs_2024")
    answered = sample("xendit", "invoice_created_pending_docs_2024")

    body = sandbox.xendit("POST", "/v2/invoices", request).json()

    given = ("external_id", "amount", "description", "customer", "items", "metadata", "currency")
    assert {key: body[key] for key in given} == {key: answered[key] for key in given}
    assert body["success_redirect_url"] == answered["success_redirect_url"]
    expiry, created = (datetime.fromisoformat(body[key]) for key in ("expiry_date", "created"))
    assert 86_399 <= (expiry - created).total_seconds() < 86_400


def test_only_a_picked_bank_has_a_number(sandbox: Sandbox) -> None:
    invoice = sandbox.invoice("X-1")

    def numbers() -> dict[str, str]:
        banks = sandbox.xendit("GET", f"/v2/invoices/{invoice['id']}").json()["available_banks"]
        return {
            bank["bank_code"]: bank["bank_account_number"]
            for bank in banks
            if "bank_account_number" in bank
        }

    assert numbers() == {}
    picked = sandbox.request(
        "POST", f"/xendit/web/{invoice['id']}/pick", json={"channel": "BCA"}
    ).json()
    assert numbers() == {"BCA": picked["numbers"]["BCA"]}


def test_a_paid_transfer_reads_as_recorded(sandbox: Sandbox) -> None:
    paid = sandbox.paid_invoice("X-1", "BCA")
    sandbox.advance(3 * 86_400)

    body = sandbox.xendit("GET", f"/v2/invoices/{paid['id']}").json()

    recorded = sample("xendit", "invoice_get_settled_bca_recorded_2023")
    optional = {"success_redirect_url", "failure_redirect_url"}
    assert set(body) - {"payment_id"} == set(recorded) - optional
    assert body["status"] == "SETTLED"
    assert body["payment_destination"] in str(body["available_banks"])
    # Settlement of a transfer leaves ``updated`` at the moment of payment.
    assert body["updated"] == paid["updated"]


def test_external_ids_may_repeat_and_list_newest_first(sandbox: Sandbox) -> None:
    ids = [sandbox.invoice("X-1")["id"] for _ in range(3)]
    sandbox.invoice("X-2")

    listed = sandbox.xendit("GET", "/v2/invoices?external_id=X-1").json()
    older = sandbox.xendit("GET", f"/v2/invoices?external_id=X-1&last_invoice={ids[2]}").json()

    assert [one["id"] for one in listed] == ids[::-1]
    assert [one["id"] for one in older] == [ids[1], ids[0]]
    assert sandbox.xendit("GET", "/v2/invoices?external_id=none").json() == []


@pytest.mark.parametrize("query", ["statuses=PAID", 'statuses=["PAID"]', "statuses[]=PAID"])
def test_list_filters_are_taken_in_every_spelling(sandbox: Sandbox, query: str) -> None:
    sandbox.invoice("X-1")
    paid = sandbox.paid_invoice("X-2", "DANA")

    listed = sandbox.xendit("GET", f"/v2/invoices?{query}&limit=10.0").json()

    assert [one["id"] for one in listed] == [paid["id"]]


@pytest.mark.parametrize("path", ["/invoices/{}/expire!", "/invoices/{}/expire%21"])
def test_expiry_pulls_the_date_back_and_is_final(sandbox: Sandbox, shop: Shop, path: str) -> None:
    invoice = sandbox.invoice("X-1", description="Invoice Demo #123")
    sandbox.advance(60)

    ended = sandbox.xendit("POST", path.format(invoice["id"])).json()
    again = sandbox.xendit("POST", path.format(invoice["id"]))
    sandbox.flush()

    assert ended["status"] == "EXPIRED"
    assert ended["expiry_date"] == ended["updated"]
    assert again.status_code == 404
    assert again.json()["message"] == f"Could not find and update PENDING invoice {invoice['id']}"
    published = sample("xendit", "callback_expired_go")
    optional = {"success_redirect_url", "failure_redirect_url"}
    assert set(shop.bodies()[0]) == set(published) - optional


def test_an_invoice_expires_by_itself(sandbox: Sandbox, shop: Shop) -> None:
    invoice = sandbox.invoice("X-1", invoice_duration=600.0)

    sandbox.advance(601)

    assert [body["status"] for body in shop.bodies()] == ["EXPIRED"]
    late = sandbox.control("POST", f"xendit/{invoice['id']}/pay", {"late": True, "channel": "QRIS"})
    assert late["status"] == "PAID"


@pytest.mark.parametrize(
    ("name", "channel"),
    [
        ("callback_paid_bank_transfer_bca_2025", "BCA"),
        ("callback_paid_ewallet_dana_2025", "DANA"),
        ("callback_paid_ewallet_ovo_derived", "OVO"),
        ("callback_paid_qr_code_qris_go", "QRIS"),
        ("callback_paid_retail_outlet_alfamart", "ALFAMART"),
        ("callback_paid_credit_card_odoo", "CREDIT_CARD"),
    ],
)
def test_a_payment_calls_back_as_published(
    sandbox: Sandbox, shop: Shop, name: str, channel: str
) -> None:
    published = sample("xendit", name)
    given: dict[str, Any] = {
        key: published[key]
        for key in ("items", "fees", "description", "payer_email")
        if key in published
    }
    urls = {key: published[key] for key in published if key.endswith("_redirect_url")}
    invoice = sandbox.invoice("X-1", published["amount"] + 10_000, **given, **urls)
    sandbox.control("POST", f"xendit/{invoice['id']}/pay", {"channel": channel})
    sandbox.flush()

    body = shop.received[-1].body

    # Older captures lack is_high; everything else is the same set with the same types.
    assert {key: type(body[key]) for key in body if key != "is_high"} == {
        key: type(published[key]) for key in published if key != "is_high"
    }
    for key in ("status", "payment_method", "payment_channel", "currency"):
        assert body[key] == published[key]
    assert shop.received[-1].headers["x-callback-token"] == TOKEN


def test_the_dashboard_test_message_is_of_nobody(sandbox: Sandbox, shop: Shop) -> None:
    sandbox.control("POST", "deliveries/test", {"gateway": "xendit"})
    sandbox.flush()

    [body] = shop.bodies()
    assert set(body) == set(sample("xendit", "callback_dashboard_test_permata"))
    assert sandbox.xendit("GET", f"/v2/invoices/{body['id']}").status_code == 404


def test_the_test_mode_endpoints_pay_by_number(sandbox: Sandbox) -> None:
    invoice = sandbox.invoice("X-1")
    picked = sandbox.control("POST", f"xendit/{invoice['id']}/pick", {"channel": "BCA"})
    body = {
        "bank_code": "BCA",
        "bank_account_number": int(picked["numbers"]["BCA"]),
        "transfer_amount": 149_999,
    }

    wrong = sandbox.xendit("POST", "/pool_virtual_accounts/simulate_payment", body)
    right = sandbox.xendit(
        "POST", "/pool_virtual_accounts/simulate_payment", {**body, "transfer_amount": 150_000}
    )

    assert (wrong.status_code, right.status_code) == (400, 200)
    assert sandbox.xendit("GET", f"/v2/invoices/{invoice['id']}").json()["status"] == "PAID"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"external_id": None}, "API_VALIDATION_ERROR"),
        ({"external_id": 12}, "API_VALIDATION_ERROR"),
        ({"amount": "150000"}, "API_VALIDATION_ERROR"),
        ({"amount": 0}, "API_VALIDATION_ERROR"),
        ({"invoice_duration": 0}, "API_VALIDATION_ERROR"),
        ({"payer_email": "nobody"}, "EMAIL_FORMAT_ERROR"),
        ({"currency": "PHP"}, "UNSUPPORTED_CURRENCY"),
        ({"payment_methods": ["BCA", "NO_SUCH_BANK"]}, "UNAVAILABLE_PAYMENT_METHOD_ERROR"),
        ({"payment_methods": ["ALFAMART"], "amount": 500}, "MINIMAL_TRANSFER_AMOUNT_ERROR"),
        ({"payment_methods": ["ALFAMART"], "amount": 9e6}, "MAXIMUM_TRANSFER_AMOUNT_ERROR"),
    ],
)
def test_a_wrong_request_is_refused_by_name(
    sandbox: Sandbox, change: dict[str, object], code: str
) -> None:
    answer = sandbox.xendit("POST", "/v2/invoices", {"external_id": "X", "amount": 5e4, **change})

    assert answer.status_code == 400
    assert answer.json()["error_code"] == code
    assert sandbox.control("GET", "state")["invoices"] == []


def test_a_validation_error_has_the_published_shape(sandbox: Sandbox) -> None:
    body = {"external_id": "X-1", "amount": 50_000, "invoice_duration": 0}

    answer = sandbox.xendit("POST", "/v2/invoices", body)

    assert answer.json() == sample("xendit", "error_invoice_400_invoice_duration")


def test_keys_are_checked(sandbox: Sandbox) -> None:
    path = "/xendit/v2/invoices"
    wrong = sandbox.request("GET", path, auth=("xnd_development_other", ""))
    empty = sandbox.request("GET", path, headers={"Authorization": "Basic Og=="})
    right = sandbox.request("GET", path, auth=(XENDIT_KEY, ""))

    assert (wrong.status_code, wrong.json()) == (401, sample("xendit", "error_401_invalid_api_key"))
    assert (empty.status_code, empty.json()["error_code"]) == (400, "API_VALIDATION_ERROR")
    assert right.status_code == 200
