"""Codes, recovery codes, sealed secrets, passwords and device names: what needs no database."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask_babel import Babel
from pyotp.totp import TOTP

from admin.gate import totp
from admin.gate.devices import device_name
from admin.gate.passkeys import Site, passkey_site
from admin.gate.passwords import refuse_password
from admin.gate.recovery import is_code
from admin.gate.sealing import SealBrokenError, SealKeys, Unsealed, derived_key, seal, unseal
from tests.unit.admin.moments import NOW

# RFC 6238, appendix B: the seed "12345678901234567890", in base32.
SEED = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
KEY = "a-secret-key-of-the-settings"


def code(offset_s: int = 0) -> str:
    return TOTP(SEED).at(NOW + timedelta(seconds=offset_s))


def counter(offset_s: int = 0) -> int:
    return int((NOW + timedelta(seconds=offset_s)).timestamp()) // 30


@pytest.mark.parametrize("offset_s", [-30, 0, 30])
def test_the_code_of_this_half_minute_and_of_its_neighbours_fits(offset_s: int) -> None:
    assert totp.counter_of(SEED, code(offset_s), NOW) == counter(offset_s)


@pytest.mark.parametrize("offset_s", [-90, -60, 60, 90])
def test_an_older_or_later_code_does_not(offset_s: int) -> None:
    assert totp.counter_of(SEED, code(offset_s), NOW) is None


def test_blanks_in_a_code_do_not_matter() -> None:
    assert totp.counter_of(SEED, f" {code()[:3]} {code()[3:]}\n", NOW) == counter()


@pytest.mark.parametrize(
    "typed",
    ["", "12345", "1234567", "abcdef", "\x00" * 6, "\u0967" * 6, "\uff11" * 6, "-12345"],
)
def test_what_is_no_code_never_fits(typed: str) -> None:
    assert totp.counter_of(SEED, typed, NOW) is None


def test_the_picture_is_plain_svg_that_the_page_policy_allows() -> None:
    address = totp.setup_address(SEED, "dewi@toko.example", "Lunas")
    picture = totp.picture(address)

    assert address.startswith("otpauth://totp/Lunas:dewi%40toko.example?secret=" + SEED)
    assert picture.startswith("<svg")
    assert "style" not in picture
    assert "http" not in re.sub(r'xmlns="[^"]*"', "", picture)


def test_a_secret_opens_only_for_its_person_and_under_its_key() -> None:
    sealed = seal(SealKeys(KEY), 7, SEED)

    assert SEED not in sealed
    assert unseal(SealKeys(KEY), 7, sealed) == Unsealed(SEED)
    assert seal(SealKeys(KEY), 7, SEED) != sealed
    for key, person, text in [
        (KEY, 8, sealed),
        (KEY, 77, sealed),
        (KEY + "x", 7, sealed),
        (KEY, 7, sealed[:-4] + "AAA="),
        (KEY, 7, ""),
        (KEY, 7, "ä"),
    ]:
        with pytest.raises(SealBrokenError):
            unseal(SealKeys(key), person, text)


def test_while_the_key_is_replaced_both_open_and_only_the_new_one_seals() -> None:
    old = seal(SealKeys("old"), 7, SEED)
    both = SealKeys("new", "old")

    assert unseal(both, 7, old) == Unsealed(SEED, is_stale=True)
    assert unseal(SealKeys("new"), 7, seal(both, 7, SEED)) == Unsealed(SEED)
    for keys, person in ((SealKeys("new"), 7), (SealKeys("new", "third"), 7), (both, 8)):
        with pytest.raises(SealBrokenError):
            unseal(keys, person, old)
    assert {"new", "old", SEED} & set(repr((both, Unsealed(SEED))).split("'")) == set()


def test_keys_for_different_purposes_differ() -> None:
    assert len({derived_key(KEY, b"one"), derived_key(KEY, b"two"), KEY.encode()}) == 3


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("https://toko.example", Site("toko.example", "https://toko.example")),
        ("https://toko.example:8443", Site("toko.example", "https://toko.example:8443")),
        ("http://localhost:8000", Site("localhost", "http://localhost:8000")),
        ("http://toko.example", None),
        ("http://127.0.0.1:8000", None),
        ("https://192.0.2.1", None),
        ("https://[::1]:8000", None),
        ("http://localhost.evil.example", None),
    ],
)
def test_passkeys_work_only_where_browsers_allow_them(url: str, site: Site | None) -> None:
    assert passkey_site(url) == site


@pytest.fixture
def in_english() -> Flask:
    app = Flask(__name__)
    Babel(app, default_locale="en")
    return app


@pytest.mark.parametrize(
    ("password", "taken"),
    [
        ("kuda baterai staples benar", True),
        ("twelve chars", True),
        ("eleven char", False),
        ("x" * 201, False),
        ("aaaabbbbaaaabbbb", False),
        ("dewi-dewi-dewi-1", False),
        ("MY-DEWI-password", False),
    ],
)
def test_long_passwords_are_taken_and_easy_ones_are_not(
    in_english: Flask, password: str, taken: bool
) -> None:
    with in_english.test_request_context():
        assert (refuse_password(password, "dewi@toko.example") == "") is taken


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0 Safari/537.36", "Chrome · Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge · Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/604.1", "Safari · iPhone"),
        ("Mozilla/5.0 (Android 14; Mobile; rv:130.0) Firefox/130.0", "Firefox · Android"),
        ("curl/8.5", "Unknown device"),
        ("", "Unknown device"),
    ],
)
def test_browsers_are_called_what_people_call_them(
    in_english: Flask, user_agent: str, name: str
) -> None:
    with in_english.test_request_context():
        assert device_name(user_agent) == name


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("ABCD-2345-EFGH-6789", True),
        ("ABCD-2345-EFGH", False),
        ("<b>D-2345-EFGH-6789", False),
        ("ABCD-2345-EFGH-6789\n", False),
    ],
)
def test_only_what_looks_like_a_code_is_sent_back_as_a_file(text: str, fits: bool) -> None:
    assert is_code(text) is fits
