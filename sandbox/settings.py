"""What one run of the sandbox was told on its command line."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

# Keys of nothing: they open only a sandbox that was started without keys of its own.
DEMO_MIDTRANS_SERVER_KEY: Final = "SB-Mid-server-lunas-demo"
DEMO_MIDTRANS_CLIENT_KEY: Final = "SB-Mid-client-lunas-demo"
DEMO_XENDIT_SECRET_KEY: Final = "xnd_development_lunas_demo"  # noqa: S105 - a demo key
DEMO_XENDIT_CALLBACK_TOKEN: Final = "lunas-demo-callback-token"  # noqa: S105 - a demo token


@dataclass(frozen=True, slots=True)
class Settings:
    """The sandbox's choices; delays are virtual seconds, URLs absolute."""

    host: str = "127.0.0.1"
    port: int = 8001
    state_file: str | None = None
    seed: int | None = None
    # A still clock starts here and moves only when told; None follows real time.
    still_clock_at: datetime | None = None
    public_url: str | None = None
    merchant_name: str = "Toko Lunas"
    # Deliveries above this number are forgotten, the oldest first, once they are finished.
    kept_deliveries: int = 5_000
    midtrans_server_key: str = DEMO_MIDTRANS_SERVER_KEY
    midtrans_client_key: str = DEMO_MIDTRANS_CLIENT_KEY
    midtrans_notify_url: str | None = None
    midtrans_401_inside_http_200: bool = False
    midtrans_refund_confirm_s: float = 5.0
    midtrans_jitter: bool = False
    xendit_secret_key: str = DEMO_XENDIT_SECRET_KEY
    xendit_callback_token: str = DEMO_XENDIT_CALLBACK_TOKEN
    xendit_notify_url: str | None = None
    xendit_expired_callbacks: bool = True
    xendit_refund_delay_s: float = 3.0
    # Which channels the account has switched on; None for all.
    xendit_channels: tuple[str, ...] | None = None
    # Refusals of refunds as the newer documentation names them, not as the SDK's.
    xendit_newer_refund_errors: bool = False
    # Calls per endpoint and virtual minute above which the answer is 429; None for no limit.
    xendit_rate_limit: int | None = None
