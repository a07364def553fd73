"""Builds the working parts from the settings: gateways, sessions, clock."""

from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import Engine

from app.core.ports import Gateway
from app.core.states import GatewayName
from app.db.session import make_reads, make_sessions
from app.gateways.midtrans import MidtransGateway
from app.gateways.midtrans_sdk import MidtransSettings
from app.gateways.watched import WatchedGateway
from app.gateways.xendit import XenditGateway
from app.gateways.xendit_sdk import XenditSettings
from app.mail_settings import MailWay
from app.post.mailman import MailmanPost
from app.services.desk import Desk, Policy
from app.settings import Settings


def utc_now() -> datetime:
    """Return the time, aware, in UTC."""
    return datetime.now(UTC)


def build_desk(
    settings: Settings, engine: Engine, *, clock: Callable[[], datetime] = utc_now
) -> Desk:
    """Put the desk together; ``clock`` returns aware UTC, also for the gateways' adapters."""
    return Desk(
        sessions=make_sessions(engine),
        reads=make_reads(engine),
        gateways=build_gateways(settings, clock),
        clock=clock,
        policy=Policy(
            public_url=settings.public_url,
            payment_lifetime=settings.payment_lifetime,
            approval_threshold_idr=settings.approval_threshold_idr,
            shop_name=settings.shop_name,
            admits_demo_staff=settings.is_demo,
            is_production=settings.is_production,
            sends_mails=settings.mail.way is MailWay.SMTP,
            gateway_urls=_gateway_urls(settings),
            with_previous_key=_with_previous_key(settings),
        ),
        post=MailmanPost(settings.mail, settings.shop_name),
    )


def _gateway_urls(settings: Settings) -> dict[GatewayName, str]:
    urls: dict[GatewayName, str] = {}
    if settings.midtrans is not None:
        urls[GatewayName.MIDTRANS] = settings.midtrans.core_url
    if settings.xendit is not None:
        urls[GatewayName.XENDIT] = settings.xendit.url
    return urls


def _with_previous_key(settings: Settings) -> frozenset[GatewayName]:
    midtrans, xendit = settings.midtrans, settings.xendit
    previous = {
        GatewayName.MIDTRANS: midtrans.previous_server_key if midtrans else "",
        GatewayName.XENDIT: xendit.previous_callback_token if xendit else "",
    }
    return frozenset(name for name, key in previous.items() if key)


def build_gateways(settings: Settings, clock: Callable[[], datetime]) -> dict[GatewayName, Gateway]:
    """Return the gateways that have keys, each under watch, the default one first."""
    adapters = _adapters(settings, clock)
    return {name: WatchedGateway(one, settings.breaker) for name, one in adapters.items()}


def _adapters(settings: Settings, clock: Callable[[], datetime]) -> dict[GatewayName, Gateway]:
    gateways: dict[GatewayName, Gateway] = {}
    if settings.midtrans is not None:
        gateways[GatewayName.MIDTRANS] = MidtransGateway(
            MidtransSettings(
                server_key=settings.midtrans.server_key,
                client_key=settings.midtrans.client_key,
                core_url=settings.midtrans.core_url,
                snap_url=settings.midtrans.snap_url,
                is_production=settings.midtrans.is_production,
                timeout_s=settings.gateway_timeout_s,
                previous_server_key=settings.midtrans.previous_server_key,
            ),
            now=clock,
        )
    if settings.xendit is not None:
        gateways[GatewayName.XENDIT] = XenditGateway(
            XenditSettings(
                secret_key=settings.xendit.secret_key,
                callback_token=settings.xendit.callback_token,
                url=settings.xendit.url,
                timeout_s=settings.gateway_timeout_s,
                previous_callback_token=settings.xendit.previous_callback_token,
            ),
            now=clock,
        )
    return gateways
