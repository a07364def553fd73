"""Secrets stay hidden, however the message is made."""

import pytest

from admin.formats import masked_body, masked_headers, pretty_body


@pytest.mark.parametrize(
    "body",
    [
        b'{"order_id": "LN-1", "signature_key": "s3cr3t"}',
        b'{"order_id":"LN-1","Signature_Key":"s3cr3t"}',
        b'{"nested": [{"saved_token_id": "s3cr3t"}]}',
        b'{"signature_key": "s3cr3t',  # Cut off on its way.
        b"order_id=LN-1&signature_key=s3cr3t&x=1",
        b"signature_key: s3cr3t\n",
        b'{"signature_key": ["a", "s3cr3t"]}',
        b'{"token": {"x": "s3cr3t"}}',
        b'{"signature_key": "a\\"s3cr3t"}',
        b"\xff\x00{'token': 's3cr3t'}",
    ],
)
def test_a_secret_is_hidden_in_every_shape_of_message(body: bytes) -> None:
    assert "s3cr3t" not in masked_body(body)
    assert "s3cr3t" not in (pretty_body(body) or "")


def test_what_is_no_secret_stays_readable() -> None:
    body = b'{"order_id": "LN-1", "transaction_status": "settlement", "amount": 10}'

    assert masked_body(body) == body.decode()
    assert pretty_body(body) is not None
    assert '"transaction_status": "settlement"' in str(pretty_body(body))


@pytest.mark.parametrize("body", [b"", b"<html>", b"\xff\xfe", b"[" * 60_000])
def test_what_is_no_json_has_no_pretty_form(body: bytes) -> None:
    assert pretty_body(body) is None


def test_the_token_in_the_headers_is_hidden() -> None:
    headers = {"X-Callback-Token": "s3cr3t", "content-type": "application/json"}

    assert masked_headers(headers) == {
        "X-Callback-Token": "••••••",
        "content-type": "application/json",
    }
