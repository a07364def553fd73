"""Every published Midtrans error, compared with ours in the same situation."""

from collections.abc import Callable
from typing import Any

import pytest
import requests

from tests.contract.sandbox.bench import SERVER_KEY, Sandbox, running, sample
from tests.contract.sandbox.coverage_midtrans import COVERED
from tests.contract.sandbox.midtrans_scenes import on_page, order, settled_card
from tests.contract.sandbox.shapes import differences
from tests.unit.sandbox.inprocess import inside

Answer = tuple[int, Any]
WRONG = ("SB-Mid-server-wrong", "")


def told(answer: requests.Response) -> Answer:
    return answer.status_code, answer.json()


def core(sandbox: Sandbox, method: str, path: str, body: object = None) -> Answer:
    auth = (SERVER_KEY, "")
    return told(sandbox.request(method, f"/midtrans/v2/{path}", json=body, auth=auth))


def wrong_core_key(sandbox: Sandbox) -> Answer:
    return told(sandbox.request("POST", "/midtrans/v2/A-1/cancel", auth=WRONG))


def wrong_core_key_as_of_2014(_sandbox: Sandbox) -> Answer:
    with running("--midtrans-401-inside-http-200") as (older, _):
        return told(older.request("GET", "/midtrans/v2/A-1/status", auth=WRONG))


def wrong_path(sandbox: Sandbox) -> Answer:
    return core(sandbox, "GET", "A-1/statuses")


def unknown_order(sandbox: Sandbox) -> Answer:
    return core(sandbox, "GET", "A-1/status")


def refund_before_settlement(sandbox: Sandbox) -> Answer:
    sandbox.paid_order("A-1", "credit_card")
    return core(sandbox, "POST", "A-1/refund", {"refund_key": "r-1"})


def same_refund_key(sandbox: Sandbox) -> Answer:
    settled_card(sandbox, "A-1")
    core(sandbox, "POST", "A-1/refund", {"refund_key": "r-1", "amount": 1})
    return core(sandbox, "POST", "A-1/refund", {"refund_key": "r-1", "amount": 1})


def too_large_a_refund(sandbox: Sandbox) -> Answer:
    settled_card(sandbox, "A-1")
    return core(sandbox, "POST", "A-1/refund", {"amount": 150_001})


def lines_that_do_not_add_up(sandbox: Sandbox) -> Answer:
    body = order("A-1", "", item_details=[{"name": "x", "price": 1, "quantity": 1}])
    return told(sandbox.snap_call(body))


def used_order_id(sandbox: Sandbox) -> Answer:
    sandbox.paid_order("A-1", "qris")
    return told(sandbox.snap_call(order("A-1", "")))


def wrong_snap_key(sandbox: Sandbox) -> Answer:
    path = "/midtrans/snap/v1/transactions"
    return told(sandbox.request("POST", path, json=order("A-1", ""), auth=WRONG))


def canceled_twice(sandbox: Sandbox) -> Answer:
    cancel_session(sandbox, token := sandbox.token("A-1"))
    return cancel_session(sandbox, token)


def canceled_too_late(sandbox: Sandbox) -> Answer:
    token = sandbox.token("A-1")
    sandbox.pay("A-1", "qris", outcome="pending")
    return cancel_session(sandbox, token)


def cancel_session(sandbox: Sandbox, token: str) -> Answer:
    path = f"/midtrans/snap/v1/transactions/{token}/cancel"
    return told(sandbox.request("POST", path, auth=(SERVER_KEY, "")))


def paid_in_another_window(sandbox: Sandbox) -> Answer:
    token = sandbox.token("A-1")
    sandbox.pay("A-1", "qris")
    answer = on_page(sandbox, token, "charge", {"method": "bca_va"})
    return answer.status_code, answer.json()["result"]


def own_mistake(_sandbox: Sandbox) -> Answer:
    def fail(*_arguments: object) -> None:
        raise RuntimeError("a mistake in the sandbox itself")

    with inside() as sandbox:
        snap: Any = sandbox.world.midtrans.snap
        snap.create = fail
        auth = (sandbox.world.settings.midtrans_server_key, "")
        path = "/midtrans/snap/v1/transactions"
        answer = sandbox.client.post(path, json=order("A-1", ""), auth=auth)
        return answer.status_code, answer.json


CASES: dict[str, tuple[Callable[[Sandbox], Answer], int]] = {
    "error_core_401_current_docs": (wrong_core_key, 401),
    "error_core_401_recorded": (wrong_core_key_as_of_2014, 200),
    "error_core_404_resource_not_found": (wrong_path, 404),
    "error_core_404_transaction_doesnt_exist_recorded": (unknown_order, 200),
    "error_core_412_refund_not_settled_recorded": (refund_before_settlement, 200),
    "error_refund_406_duplicate_key": (same_refund_key, 200),
    "error_refund_414_invalid_amount": (too_large_a_refund, 200),
    "error_snap_400_gross_amount_mismatch": (lines_that_do_not_add_up, 400),
    "error_snap_400_order_id_used": (used_order_id, 400),
    "error_snap_401": (wrong_snap_key, 401),
    "error_snap_500": (own_mistake, 500),
    "error_snap_session_already_canceled": (canceled_twice, 400),
    "error_snap_session_in_progress": (canceled_too_late, 400),
    "error_snapjs_406": (paid_in_another_window, 409),
}


@pytest.mark.parametrize("name", CASES)
def test_a_published_error_is_given_field_by_field(sandbox: Sandbox, name: str) -> None:
    scene, http_status = CASES[name]
    document = sample("midtrans", name)

    given_status, given = scene(sandbox)

    assert differences(document, given) == []
    assert given_status == http_status
    assert without_id(given) == without_id(document)


def without_id(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name != "id"}


def test_the_table_names_exactly_these_samples() -> None:
    here = f"{__name__.split('.')[-1]}.py"

    assert {name for name, test in COVERED.items() if test.startswith(here)} == set(CASES)
