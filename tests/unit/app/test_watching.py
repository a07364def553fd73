import pytest

from app.settings import SettingsError, load_settings
from app.telemetry.logs import LogStyle
from app.watching import MeterDoor
from tests.unit.app.test_settings import SANDBOX

TOKEN = "0123456789abcdef"


def test_by_default_lines_suit_who_reads_them_and_no_meter_is_told() -> None:
    settings = load_settings(SANDBOX)

    assert settings.log_style == LogStyle("auto", "INFO")
    assert settings.meter_door == MeterDoor("", "127.0.0.1", 0)


def test_every_setting_is_taken_over() -> None:
    settings = load_settings(
        {
            **SANDBOX,
            "LOG_FORMAT": "JSON",
            "LOG_LEVEL": "debug",
            "METRICS_TOKEN": TOKEN,
            "METRICS_ADDRESS": "10.0.0.5",
            "METRICS_PORT": "9108",
        }
    )

    assert settings.log_style == LogStyle("json", "DEBUG")
    assert settings.meter_door == MeterDoor(TOKEN, "10.0.0.5", 9108)
    assert TOKEN not in repr(settings)


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("LOG_FORMAT", "xml", "LOG_FORMAT must be auto, json or console."),
        ("LOG_LEVEL", "loud", "LOG_LEVEL must be DEBUG, INFO, WARNING or ERROR."),
        ("METRICS_TOKEN", "short", "METRICS_TOKEN is too short; use at least 16 characters."),
        ("METRICS_PORT", "0", "METRICS_PORT must be a number from 1 to 65535."),
        ("METRICS_PORT", "65536", "METRICS_PORT must be a number from 1 to 65535."),
        ("METRICS_PORT", "http", "METRICS_PORT must be a number from 1 to 65535."),
        (
            "METRICS_PORT",
            "9108",
            "METRICS_PORT needs METRICS_TOKEN; set it to what Prometheus will send.",
        ),
    ],
)
def test_a_wrong_setting_is_named_in_one_sentence(name: str, value: str, sentence: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings({**SANDBOX, name: value})

    assert str(caught.value) == sentence


def test_the_secrets_are_all_those_that_the_environment_holds() -> None:
    url = "postgresql+psycopg://lunas:geheim@db.example/lunas"
    settings = load_settings({**SANDBOX, "DATABASE_URL": url, "METRICS_TOKEN": TOKEN})

    assert set(settings.secrets) == {
        SANDBOX["SECRET_KEY"],
        "geheim",
        TOKEN,
        SANDBOX["MIDTRANS_SERVER_KEY"],
        SANDBOX["XENDIT_SECRET_KEY"],
        SANDBOX["XENDIT_CALLBACK_TOKEN"],
    }
