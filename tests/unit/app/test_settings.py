from datetime import timedelta
from typing import Final

import pytest

from app.db.session import Timeouts
from app.gateways.breaker import BreakerRule
from app.settings import MidtransAccount, SettingsError, XenditAccount, load_settings

SANDBOX: Final = {
    "DATABASE_URL": "sqlite:///var/lunas.sqlite3",
    "SECRET_KEY": "0123456789abcdef-own",
    "PUBLIC_URL": "http://localhost:8000/",
    "MIDTRANS_SERVER_KEY": "SB-Mid-server-own",
    "MIDTRANS_CLIENT_KEY": "SB-Mid-client-own",
    "XENDIT_SECRET_KEY": "xnd_development_own",
    "XENDIT_CALLBACK_TOKEN": "callback-token-own",
}
_PRODUCTION: Final = {
    **SANDBOX,
    "DATABASE_URL": "postgresql+psycopg://db.example/lunas",
    "PUBLIC_URL": "https://shop.example",
    "MIDTRANS_ENV": "production",
    "MIDTRANS_SERVER_KEY": "Mid-server-own",
    "MIDTRANS_CLIENT_KEY": "Mid-client-own",
    "XENDIT_SECRET_KEY": "xnd_production_own",
}


def _without(*names: str) -> dict[str, str]:
    return {name: value for name, value in SANDBOX.items() if name not in names}


def _refusal(environ: dict[str, str]) -> str:
    with pytest.raises(SettingsError) as caught:
        load_settings(environ)
    return str(caught.value)


def _is_one_sentence(text: str) -> bool:
    return text[0].isupper() and text.endswith(".") and "\n" not in text and ". " not in text


def test_the_smallest_environment_gives_sandbox_accounts_and_usual_values():
    settings = load_settings(SANDBOX)

    assert settings.midtrans == MidtransAccount(
        server_key="SB-Mid-server-own",
        client_key="SB-Mid-client-own",
        core_url="https://api.sandbox.midtrans.com",
        snap_url="https://app.sandbox.midtrans.com/snap/v1",
        snap_js_url="https://app.sandbox.midtrans.com/snap/snap.js",
        is_production=False,
    )
    assert settings.xendit == XenditAccount(
        secret_key="xnd_development_own",
        callback_token="callback-token-own",
        url="https://api.xendit.co",
    )
    assert settings.public_url == "http://localhost:8000"
    assert settings.gateway_timeout_s == 10
    assert settings.breaker == BreakerRule(failures=5, pause_s=10)
    assert settings.payment_lifetime == timedelta(hours=24)
    assert settings.approval_threshold_idr == 1_000_000
    assert (settings.is_demo, settings.is_production) == (False, False)
    assert (settings.shop_name, settings.web_workers) == ("Toko Lunas", 1)


def test_every_value_may_be_set():
    settings = load_settings(
        {
            **SANDBOX,
            "DATABASE_URL": "postgresql+psycopg://db.example/lunas",
            "MIDTRANS_CORE_URL": "http://localhost:8001/midtrans/",
            "MIDTRANS_SNAP_URL": "http://localhost:8001/midtrans/snap/v1",
            "MIDTRANS_SNAP_JS_URL": "http://localhost:8001/midtrans/snap/snap.js",
            "XENDIT_URL": "http://localhost:8001/xendit",
            "GATEWAY_TIMEOUT_S": "2.5",
            "GATEWAY_BREAKER_FAILURES": "0",
            "GATEWAY_BREAKER_PAUSE_S": "60",
            "PAYMENT_LIFETIME_MINUTES": "30",
            "REFUND_APPROVAL_THRESHOLD_IDR": "0",
            "DEMO": "1",
            "SHOP_NAME": " Kopi Senja ",
            "WEB_CONCURRENCY": "4",
        }
    )

    assert settings.midtrans is not None
    assert settings.midtrans.core_url == "http://localhost:8001/midtrans"
    assert settings.midtrans.snap_url == "http://localhost:8001/midtrans/snap/v1"
    assert settings.midtrans.snap_js_url == "http://localhost:8001/midtrans/snap/snap.js"
    assert settings.xendit is not None
    assert settings.xendit.url == "http://localhost:8001/xendit"
    assert settings.gateway_timeout_s == 2.5
    assert settings.breaker == BreakerRule(failures=0, pause_s=60)
    assert settings.payment_lifetime == timedelta(minutes=30)
    assert settings.approval_threshold_idr == 0
    assert (settings.is_demo, settings.shop_name, settings.web_workers) == (True, "Kopi Senja", 4)


@pytest.mark.parametrize(
    ("missing", "kept"),
    [
        (("MIDTRANS_SERVER_KEY", "MIDTRANS_CLIENT_KEY"), "xendit"),
        (("XENDIT_SECRET_KEY", "XENDIT_CALLBACK_TOKEN"), "midtrans"),
    ],
)
def test_one_gateway_is_enough(missing: tuple[str, ...], kept: str):
    settings = load_settings(_without(*missing))

    accounts = {"midtrans": settings.midtrans, "xendit": settings.xendit}
    assert [name for name, account in accounts.items() if account is not None] == [kept]


@pytest.mark.parametrize("blank", [None, "", "   "])
@pytest.mark.parametrize(
    "name",
    ["DATABASE_URL", "SECRET_KEY", "PUBLIC_URL", "MIDTRANS_CLIENT_KEY", "XENDIT_CALLBACK_TOKEN"],
)
def test_a_missing_setting_is_named_in_one_sentence(name: str, blank: str | None):
    environ = _without(name) if blank is None else {**SANDBOX, name: blank}

    refusal = _refusal(environ)

    assert refusal.startswith(f"{name} is not set; set it to ")
    assert _is_one_sentence(refusal)


def test_no_gateway_at_all_is_refused_with_the_names_of_the_keys():
    refusal = _refusal(_without("MIDTRANS_SERVER_KEY", "XENDIT_SECRET_KEY"))

    for name in SANDBOX:
        if name.startswith(("MIDTRANS", "XENDIT")):
            assert name in refusal
    assert _is_one_sentence(refusal)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("DATABASE_URL", "not an address", "is not a database address"),
        ("DATABASE_URL", "mysql://db.example/lunas", "uses mysql"),
        ("DATABASE_URL", "postgresql://db.example/lunas", "uses postgresql;"),
        ("SECRET_KEY", "x" * 15, "is too short"),
        ("PUBLIC_URL", "shop.example", "must be an address"),
        ("PUBLIC_URL", "ftp://shop.example", "must be an address"),
        ("PUBLIC_URL", "https://", "must be an address"),
        ("MIDTRANS_ENV", "live", "must be sandbox or production"),
        ("MIDTRANS_ENV", "production", "make them agree"),
        ("MIDTRANS_SERVER_KEY", "Mid-server-own", "make them agree"),
        ("MIDTRANS_CORE_URL", "api.midtrans.com", "must be an address"),
        ("MIDTRANS_SNAP_URL", "/snap/v1", "must be an address"),
        ("MIDTRANS_SNAP_JS_URL", "javascript:alert(1)", "must be an address"),
        ("XENDIT_URL", "file:///etc/passwd", "must be an address"),
        ("GATEWAY_TIMEOUT_S", "soon", "must be a number, not 'soon'"),
        ("GATEWAY_TIMEOUT_S", "0.9", "must lie between 1 and 60"),
        ("GATEWAY_TIMEOUT_S", "61", "must lie between 1 and 60"),
        ("GATEWAY_TIMEOUT_S", "nan", "must lie between 1 and 60"),
        ("GATEWAY_TIMEOUT_S", "inf", "must lie between 1 and 60"),
        ("PAYMENT_LIFETIME_MINUTES", "4", "must lie between 5 and 10080"),
        ("PAYMENT_LIFETIME_MINUTES", "10081", "must lie between 5 and 10080"),
        ("REFUND_APPROVAL_THRESHOLD_IDR", "-1", "must lie between 0 and 1e+12"),
        ("REFUND_APPROVAL_THRESHOLD_IDR", "1.000.000", "must be a number, not '1.000.000'"),
        ("WEB_CONCURRENCY", "0", "must lie between 1 and 64"),
        ("WEB_CONCURRENCY", "2", "must be 1 with SQLite"),
    ],
)
def test_a_wrong_setting_is_named_in_one_sentence(name: str, value: str, said: str):
    refusal = _refusal({**SANDBOX, name: value})

    assert name in refusal
    assert said in refusal
    assert _is_one_sentence(refusal)


_PREVIOUS = {
    "SECRET_KEY_PREVIOUS": "0123456789abcdef-before",
    "MIDTRANS_SERVER_KEY_PREVIOUS": "SB-Mid-server-before",
    "XENDIT_CALLBACK_TOKEN_PREVIOUS": "token-before",
}


def test_previous_keys_stand_beside_those_in_force_and_are_not_shown():
    settings = load_settings(SANDBOX | _PREVIOUS)

    assert settings.midtrans is not None
    assert settings.xendit is not None
    previous = (
        settings.previous_secret_key,
        settings.midtrans.previous_server_key,
        settings.xendit.previous_callback_token,
    )
    assert previous == tuple(_PREVIOUS.values())
    assert not any(key in repr(settings) for key in previous)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("SECRET_KEY_PREVIOUS", "short", "is too short"),
        ("SECRET_KEY_PREVIOUS", SANDBOX["SECRET_KEY"], "is the same as SECRET_KEY"),
        ("MIDTRANS_SERVER_KEY_PREVIOUS", "Mid-server-before", "make them agree"),
        ("MIDTRANS_SERVER_KEY_PREVIOUS", SANDBOX["MIDTRANS_SERVER_KEY"], "is the same as"),
        ("XENDIT_CALLBACK_TOKEN_PREVIOUS", SANDBOX["XENDIT_CALLBACK_TOKEN"], "is the same as"),
    ],
)
def test_a_wrong_previous_key_is_named_in_one_sentence(name: str, value: str, said: str):
    refusal = _refusal({**SANDBOX, name: value})

    assert refusal.startswith(name)
    assert said in refusal
    assert _is_one_sentence(refusal)


@pytest.mark.parametrize(
    ("missing", "previous"),
    [
        ("MIDTRANS_SERVER_KEY", "MIDTRANS_SERVER_KEY_PREVIOUS"),
        ("XENDIT_CALLBACK_TOKEN", "XENDIT_CALLBACK_TOKEN_PREVIOUS"),
    ],
)
def test_a_previous_key_without_one_in_force_is_refused(missing: str, previous: str):
    refusal = _refusal(_without(missing) | {previous: _PREVIOUS[previous]})

    assert refusal == f"{previous} is set without {missing}; set that one too."


def test_a_sandbox_key_lets_nothing_in_beside_production_keys():
    refusal = _refusal(_PRODUCTION | {"MIDTRANS_SERVER_KEY_PREVIOUS": "SB-Mid-server-before"})

    assert "MIDTRANS_SERVER_KEY_PREVIOUS is a sandbox key" in refusal


def test_a_demo_token_is_refused_as_a_previous_one_too():
    demo = {"XENDIT_CALLBACK_TOKEN_PREVIOUS": "lunas-demo-callback-token"}

    assert "demo key" in _refusal(_PRODUCTION | demo)


def test_a_refusal_does_not_repeat_a_secret():
    refusals = [
        _refusal({**SANDBOX, "SECRET_KEY": "tooshort"}),
        _refusal({**SANDBOX, "MIDTRANS_SERVER_KEY": "Mid-server-own"}),
        _refusal({**SANDBOX, "DATABASE_URL": "mysql://user:hidden@db.example/lunas"}),
    ]

    for secret in ("tooshort", "Mid-server-own", "hidden"):
        assert not any(secret in refusal for refusal in refusals)


@pytest.mark.parametrize("environ", [SANDBOX, _PRODUCTION])
def test_secrets_are_not_shown_with_the_settings(environ: dict[str, str]):
    shown = repr(load_settings(environ))

    secret = ("SECRET_KEY", "MIDTRANS_SERVER_KEY", "XENDIT_SECRET_KEY", "XENDIT_CALLBACK_TOKEN")
    assert [name for name in secret if environ[name] in shown] == []
    assert environ["MIDTRANS_CLIENT_KEY"] in shown


def test_production_keys_move_real_money():
    settings = load_settings(_PRODUCTION)

    assert settings.is_production is True
    assert settings.midtrans is not None
    assert settings.midtrans.core_url == "https://api.midtrans.com"
    assert settings.midtrans.snap_url == "https://app.midtrans.com/snap/v1"
    assert settings.midtrans.snap_js_url == "https://app.midtrans.com/snap/snap.js"


@pytest.mark.parametrize("missing", ["MIDTRANS_SERVER_KEY", "XENDIT_SECRET_KEY"])
def test_one_production_account_is_enough_to_move_real_money(missing: str):
    environ = {name: value for name, value in _PRODUCTION.items() if name != missing}

    assert load_settings(environ).is_production is True


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("DEMO", "1", "DEMO=1 is refused"),
        ("PUBLIC_URL", "http://shop.example", "PUBLIC_URL and every gateway address"),
        ("MIDTRANS_CORE_URL", "http://localhost:8001/midtrans", "must begin with https://"),
        ("MIDTRANS_SNAP_URL", "http://localhost:8001/snap", "must begin with https://"),
        ("MIDTRANS_SNAP_JS_URL", "http://localhost:8001/snap.js", "must begin with https://"),
        ("XENDIT_URL", "http://localhost:8001/xendit", "must begin with https://"),
        ("MIDTRANS_CLIENT_KEY", "SB-Mid-client-lunas-demo", "demo key"),
        ("XENDIT_CALLBACK_TOKEN", "lunas-demo-callback-token", "demo key"),
        ("XENDIT_SECRET_KEY", "xnd_development_lunas_demo", "demo key"),
        ("XENDIT_SECRET_KEY", "xnd_development_own", "must both be production keys"),
        ("MIDTRANS_SERVER_KEY", "SB-Mid-server-own", "make them agree"),
        ("MIDTRANS_ENV", "sandbox", "make them agree"),
    ],
)
def test_production_refuses_whatever_belongs_to_a_trial(name: str, value: str, said: str):
    refusal = _refusal({**_PRODUCTION, name: value})

    assert said in refusal
    assert _is_one_sentence(refusal)


@pytest.mark.parametrize("demo", ["", "0", "true"])
def test_only_demo_1_is_a_demonstration(demo: str):
    assert load_settings({**SANDBOX, "DEMO": demo}).is_demo is False


def test_limits_and_proxies_are_read_and_checked() -> None:
    settings = load_settings(SANDBOX | {"TRUSTED_PROXIES": "2"})
    assert (settings.trusted_proxies, settings.rate_limits.storage) == (2, "memory")

    for wrong in ({"TRUSTED_PROXIES": "-1"}, {"RATE_LIMIT_CHECKOUT_PER_ADDRESS": "a lot"}):
        refusal = _refusal(SANDBOX | wrong)
        assert next(iter(wrong)) in refusal
        assert _is_one_sentence(refusal)


def test_timeouts_of_the_database_are_read_and_checked() -> None:
    assert load_settings(SANDBOX).timeouts == Timeouts(lock_s=5, statement_s=15, idle_s=60)
    own = {
        "LOCK_TIMEOUT_S": "2.5",
        "STATEMENT_TIMEOUT_S": "7",
        "IDLE_TRANSACTION_TIMEOUT_S": "9",
    }
    assert load_settings(SANDBOX | own).timeouts == Timeouts(2.5, 7, 9)
    for name, value in (
        ("LOCK_TIMEOUT_S", "0"),
        ("LOCK_TIMEOUT_S", "15"),
        ("STATEMENT_TIMEOUT_S", "soon"),
        ("IDLE_TRANSACTION_TIMEOUT_S", "1"),
    ):
        said = _refusal(SANDBOX | {name: value})
        assert name in said
        assert _is_one_sentence(said.replace("0.1", "0"))
