from pathlib import Path

from tests.contract.sandbox.bench import Shop, listening
from tests.unit.sandbox.inprocess import Inside, inside


def story(sandbox: Inside) -> list[object]:
    """Tell a longer story and return everything that was answered and sent."""
    answers: list[object] = [
        sandbox.token("A-1"),
        sandbox.pay("A-2", "credit_card"),
        sandbox.pay("A-3", "indomaret"),
        sandbox.control("midtrans/A-1/deny"),
        sandbox.invoice("X-1"),
        sandbox.invoice("X-2", "BCA"),
        sandbox.invoice("X-3", "QRIS"),
    ]
    sandbox.advance(2 * 86_400)
    answers.append(sandbox.call("POST", "/midtrans/v2/A-2/refund", {"amount": 1_000}))
    sandbox.advance(60)
    answers.append(sandbox.call("GET", "/midtrans/v2/A-2/status"))
    answers.append(sandbox.call("GET", "/_sandbox/deliveries"))
    return answers


def test_one_seed_tells_one_story() -> None:
    told: list[list[object]] = []
    for seed in (5, 5, 6):
        with inside(seed=seed) as sandbox:
            told.append(story(sandbox))

    assert told[0] == told[1]
    assert told[0] != told[2]


def test_state_survives_a_restart_with_everything_that_was_on_its_way(tmp_path: Path) -> None:
    shop = Shop(answers=[503] * 4)
    with listening(shop) as url:
        settings = {
            "seed": 3,
            "state_file": str(tmp_path / "state.db"),
            "midtrans_notify_url": url,
            "xendit_notify_url": url,
        }
        with inside(**settings) as sandbox:
            token = sandbox.token("A-1")
            sandbox.pay("A-2", "gopay")
            sandbox.call("POST", "/midtrans/v2/A-2/refund", {"refund_key": "r", "amount": 1_000})
            paid = sandbox.invoice("X-1", "DANA")
            asked = {"invoice_id": paid["id"]}
            key = {"idempotency-key": "k"}
            refund = sandbox.call("POST", "/xendit/refunds", asked, **key)
            sandbox.control("flush")
            before = sandbox.call("GET", "/midtrans/v2/A-2/status")
            assert len(shop.received) == 4
        with inside(**settings) as sandbox:
            assert sandbox.call("GET", "/midtrans/v2/A-2/status") == before
            # What was refused with 503 is tried again, and both refunds end.
            sandbox.advance(1_000)
            again = sandbox.call("POST", "/xendit/refunds", asked, **key)
            used = sandbox.call("POST", "/midtrans/v2/A-2/refund", {"refund_key": "r"})
            sent = sandbox.call("GET", "/_sandbox/deliveries")["deliveries"]
            reopened = sandbox.control("midtrans/A-1/pay")
    assert (again["id"], again["status"]) == (refund["id"], "SUCCEEDED")
    assert used["status_code"] == "406"
    assert reopened["token"] == token
    assert sorted(one["event"] for one in sent) == [
        *("PAID", "partial_refund", "partial_refund", "pending"),
        *("refund.succeeded", "settlement"),
    ]
    assert {one["state"] for one in sent} == {"delivered"}
    assert sorted(len(one["attempts"]) for one in sent) == [1, 1, 2, 2, 2, 2]


def test_open_payments_still_expire_after_a_restart(tmp_path: Path) -> None:
    settings = {"seed": 3, "state_file": str(tmp_path / "state.db")}
    with inside(**settings) as sandbox:
        sandbox.pay("A-1", "bca_va", outcome="pending")
        invoice = sandbox.invoice("X-1")
        sandbox.advance(3_600)
    with inside(**settings) as sandbox:
        assert sandbox.call("GET", "/_sandbox/clock")["offset_s"] == 3_600
        sandbox.advance(86_400)

        assert sandbox.call("GET", "/midtrans/v2/A-1/status")["transaction_status"] == "expire"
        read = sandbox.call("GET", f"/xendit/v2/invoices/{invoice['id']}")
        assert read["status"] == "EXPIRED"


def test_ids_do_not_repeat_after_a_restart_with_the_same_seed(tmp_path: Path) -> None:
    settings = {"seed": 3, "state_file": str(tmp_path / "state.db")}
    tokens: list[str] = []
    for order_id in ("A-1", "A-2"):
        with inside(**settings) as sandbox:
            tokens.append(sandbox.token(order_id))

    assert tokens[0] != tokens[1]


def test_reset_forgets_everything_but_the_time(tmp_path: Path) -> None:
    settings = {"seed": 3, "state_file": str(tmp_path / "state.db")}
    with inside(**settings) as sandbox:
        sandbox.pay("A-1", "gopay")
        sandbox.invoice("X-1", "DANA")
        sandbox.advance(60)
        sandbox.control("reset")
        state = sandbox.call("GET", "/_sandbox/state")
        assert (state["transactions"], state["invoices"], state["tokens"]) == ([], [], [])
        assert sandbox.call("GET", "/_sandbox/deliveries")["deliveries"] == []
        # Plans of forgotten payments are gone with them.
        sandbox.advance(7 * 86_400)
        assert sandbox.call("GET", "/_sandbox/deliveries")["deliveries"] == []
    with inside(**settings) as sandbox:
        assert sandbox.call("GET", "/_sandbox/state")["transactions"] == []
        assert sandbox.call("GET", "/_sandbox/clock")["offset_s"] == 60 + 7 * 86_400


def test_reset_takes_the_time_back_where_it_is_asked_to(tmp_path: Path) -> None:
    settings = {"seed": 3, "state_file": str(tmp_path / "state.db")}
    with inside(**settings) as sandbox:
        began = sandbox.call("GET", "/_sandbox/clock")
        sandbox.pay("A-1", "gopay")
        sandbox.advance(7 * 86_400)
        assert "clock" in sandbox.call("POST", "/_sandbox/reset", {"clock": "yes"})["error"]
        assert sandbox.call("GET", "/_sandbox/state")["transactions"] != []
        sandbox.control("reset", {"clock": True})
        assert sandbox.call("GET", "/_sandbox/clock") == began
        assert sandbox.call("GET", "/_sandbox/state")["transactions"] == []
    with inside(**settings) as sandbox:
        assert sandbox.call("GET", "/_sandbox/clock") == began


def test_finished_deliveries_are_forgotten_even_behind_one_that_waits() -> None:
    shop = Shop(answers=[503])
    with (
        listening(shop) as url,
        inside(seed=3, kept_deliveries=10, xendit_notify_url=url) as sandbox,
    ):
        for number in range(30):
            sandbox.invoice(f"X-{number}", "BCA")
            sandbox.control("flush")
        kept = sandbox.call("GET", "/_sandbox/deliveries")["deliveries"]

    assert [one["reference"] for one in kept[:9]] == [f"X-{n}" for n in range(29, 20, -1)]
    assert (kept[-1]["reference"], kept[-1]["state"]) == ("X-0", "waiting")
    assert len(kept) == 10


def test_the_settings_of_the_xendit_account_survive_a_restart(tmp_path: Path) -> None:
    shop = Shop()
    settings = {"seed": 3, "state_file": str(tmp_path / "state.db")}
    with listening(shop) as url:
        with inside(**settings) as sandbox:
            sandbox.call("POST", "/xendit/callback_urls/invoice", {"url": url})
            invoice = sandbox.invoice("X-1")
            body = {"channel": "OVO", "linked": True}
            sandbox.control(f"xendit/{invoice['id']}/pay", body)
            sandbox.control("flush")
        with inside(**settings) as sandbox:
            sandbox.invoice("X-2", "DANA")
            sandbox.control("flush")
            refund = sandbox.call("POST", "/xendit/refunds", {"invoice_id": invoice["id"]})

    assert [body["external_id"] for body in shop.bodies()] == ["X-1", "X-2"]
    # Only a linked wallet can be refunded: the link was kept.
    assert refund["status"] == "PENDING"
