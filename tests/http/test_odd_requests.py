"""Every route of the back office, found in the URL map, answers odd input without breaking."""

from collections.abc import Iterator
from itertools import product
from typing import Final
from urllib.parse import quote

import pytest
from flask import Flask
from werkzeug.routing import Rule

from app.core.states import GatewayName
from tests.http.back_office import Browser, Page, office
from tests.http.test_admin_rights import everything
from tests.world import World

__all__ = ["office"]

ODD_NUMBERS: Final = ("0", "2147483647", "2147483648", "9" * 20, "9" * 400)
ODD_TEXTS: Final = (
    "%00",
    "%FF%FE",
    "%F0%9F%92%A9",
    "x" * 4000,
    "LN-0000000000",
    "-1",
    quote("'\"<script>", safe=""),
    "%0d%0aSet-Cookie:x=1",
)
ODD_QUERIES: Final = (
    "page=-1&older=-1&newer=99999999999999999999",
    "search=%00&search=%FF&next=%00",
    "search=" + "9" * 4000,
    "search[]=1&search[x]=2&status[]=paid&state=&active=maybe&done=%00",
    "from=0000-00-00&to=%FF&sort=1&desc=x&page_size=-1",
    "next=//evil.example&next[]=x&route=manual%00",
    "%00=%00&%FF=%FF&=&&&",
)
ODD_BODIES: Final[tuple[tuple[bytes, str], ...]] = (
    (b"", "application/x-www-form-urlencoded"),
    (b"amount=%00&reason=%00&code=%00&proof_code=%00&role=%00&limit=%00&email=%00&name=%00", ""),
    (b"amount=\xff\xfe&name=\xff&reason=%ff%fe&password=%ff&answer=%ff&proof_passkey=%ff", ""),
    (b"role=admin&role=viewer&amount[]=1&amount=1&amount=2&codes=&codes=x&form_key=", ""),
    (b"reason=" + b"x" * 60_000 + b"&form_key=" + b"k" * 9_000 + b"&limit=" + b"9" * 9_000, ""),
    (b'{"amount": [1, 2], "role": null}', "application/json"),
    (b"--x\r\nbroken", "multipart/form-data; boundary=x"),
    (b"proof_passkey=%7B%22response%22%3A%5B%5D%7D&answer=%5B%5D&expected_idr=1e9", ""),
)


def rules(app: Flask, method: str) -> list[Rule]:
    found = [r for r in app.url_map.iter_rules() if r.rule.startswith("/admin")]
    return [r for r in found if method in (r.methods or set())]


def odd_addresses(rule: Rule) -> Iterator[str]:
    """Yield the rule's addresses with every argument odd; a rule without arguments as it is."""
    text = rule.rule
    arguments = sorted(rule.arguments)
    choices = [ODD_NUMBERS if f"<int:{name}>" in text else ODD_TEXTS for name in arguments]
    for values in product(*choices):
        address = text
        for name, value in zip(arguments, values, strict=True):
            for converter in ("int:", "path:", ""):
                address = address.replace(f"<{converter}{name}>", value)
        yield address


@pytest.mark.parametrize("role", ["admin", "finance"])
def test_every_page_with_every_odd_argument_and_query(office: Flask, role: str) -> None:
    staff = Browser(office, role)
    office.config["PROPAGATE_EXCEPTIONS"] = False
    broken: list[tuple[str, int]] = []
    tried = 0

    for rule in rules(office, "GET"):
        addresses = list(odd_addresses(rule))
        queries = [f"{addresses[0]}?{query}" for query in ODD_QUERIES]
        for address in (*addresses, *queries):
            tried += 1
            code = staff.client.get(address).status_code
            broken += [(address[:200], code)] if code >= 500 else []

    assert broken == []
    assert tried > 150


@pytest.mark.parametrize("role", ["admin", "finance"])
def test_every_write_with_every_odd_argument_and_body_changes_nothing(
    office: Flask, shop: World, role: str
) -> None:
    page = shop.checkout(GatewayName.MIDTRANS)
    before = everything(shop, page)
    office.config["PROPAGATE_EXCEPTIONS"] = False
    broken: list[tuple[str, int, int]] = []
    spared = {"desk.sign_out", "account.password", "account.codes"}

    for rule in rules(office, "POST"):
        if rule.endpoint in spared:
            continue
        staff = Browser(office, role)
        headers = {"X-CSRFToken": staff.token()}
        address = next(iter(odd_addresses(rule)))
        for n, (body, kind) in enumerate(ODD_BODIES):
            answer = staff.client.post(
                address,
                data=body,
                content_type=kind or "application/x-www-form-urlencoded",
                headers=headers,
            )
            broken += [(address[:200], n, answer.status_code)] if answer.status_code >= 500 else []
        for odd in odd_addresses(rule):
            code = staff.client.post(odd, headers=headers).status_code
            broken += [(odd[:200], -1, code)] if code >= 500 else []

    assert broken == []
    assert everything(shop, page) == before


@pytest.mark.parametrize(
    ("language", "title"), [("en", "This is too large"), ("id", "Ini terlalu besar")]
)
@pytest.mark.parametrize("address", ["/admin/login", "/admin/logout"])
def test_a_body_that_is_too_large_gets_a_page_of_the_house(
    office: Flask, language: str, title: str, address: str
) -> None:
    staff = Browser(office, "support", language)
    staff.get("/admin/")

    answer = staff.client.post(address, data=b"x=" + b"x" * 2_000_000)

    page = Page(answer.text)
    assert (answer.status_code, answer.mimetype) == (413, "text/html")
    assert title in page.text
    assert "1 MB" in page.text
    # The house: its styles, and the way back into it.
    assert any(tag == "link" and "stylesheet" in str(one.get("rel")) for tag, one in page.tags)


def test_elsewhere_a_body_that_is_too_large_is_no_matter_of_the_back_office(office: Flask) -> None:
    answer = office.test_client().post("/api/payments/create-transaction", data=b"x" * 2_000_000)

    assert (answer.status_code, answer.mimetype) == (413, "application/problem+json")
