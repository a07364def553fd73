"""Whether everything is set up so that payments are heard of, and what to do where it is not."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from flask_babel import gettext
from sqlalchemy import bindparam, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from admin.figures.jobs import heartbeats
from admin.figures.of_now import read_heard
from admin.figures.previous_keys import last_needed
from admin.formats import ago
from admin.gate.resealing import count_seals, seal_keys
from app.core.errors import BadSignatureError, NotificationError
from app.core.mails import MailState
from app.core.ports import RawNotification
from app.core.reasons import Why
from app.core.states import GatewayName, NotificationState
from app.db.models import Mail, Notification
from app.gateways.probe import Probe, probe
from app.services.desk import Desk

NOTIFICATION_PATH: Final = "/api/payments/notification"
_PATIENCE_S: Final = 5
# Beyond it, signed times and deadlines begin to disagree.
_MOST_SKEW: Final = timedelta(seconds=30)
_POST_ONLY: Final = 405
_LATELY: Final = timedelta(days=7)
# Given up, or tried without success and still to be sent.
_TROUBLED_MAILS: Final = select(func.count()).where(
    Mail.created_at > bindparam("since"),
    (Mail.state == MailState.GIVEN_UP) | ((Mail.state == MailState.WAITING) & (Mail.tries > 0)),
)


class Result(StrEnum):
    """How one part stands."""

    GOOD = "good"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the set-up: how it stands, what was found, and what to do if it is not good."""

    name: str
    title: str
    result: Result
    found: str
    advice: str = ""
    gateway: GatewayName | None = None


def run_self_test(desk: Desk) -> list[Part]:
    """Try every part of the set-up; nothing of a key is in the answer, and nothing is changed."""
    parts = [_address(desk)]
    for name in desk.gateways:
        parts += [_keys(desk, name), _authenticity(desk, name), _clock(desk, name)]
    with desk.reads() as session:
        parts += [_heard(session, name) for name in desk.gateways]
        parts += _previous_keys(desk, session)
        parts += [_jobs(session), _mail(desk, session)]
    return [*parts, _database(desk)]


def _address(desk: Desk) -> Part:
    url = desk.policy.public_url + NOTIFICATION_PATH
    title = gettext("Notification URL")
    if desk.policy.is_production and not url.startswith("https://"):
        return Part(
            "address",
            title,
            Result.BAD,
            gettext("%(url)s is not https.", url=url),
            gettext("Set PUBLIC_URL to the https address of the shop."),
        )
    answer = probe(url, timeout_s=_PATIENCE_S)
    if answer.status == _POST_ONLY and '"post_only"' in answer.body.replace(" ", ""):
        found = gettext("%(url)s leads here. Enter it at each gateway.", url=url)
        return Part("address", title, Result.GOOD, found)
    return Part(
        "address",
        title,
        Result.BAD,
        gettext("%(url)s does not lead here (%(words)s).", url=url, words=_said(answer)),
        gettext(
            "Check PUBLIC_URL, the name in DNS, the certificate, and that the proxy passes this "
            "path on without a redirect."
        ),
    )


def _said(answer: Probe) -> str:
    return answer.error or f"HTTP {answer.status}"


def _keys(desk: Desk, name: GatewayName) -> Part:
    check = desk.gateway(name).check_keys()
    title = gettext("Keys")
    if check.accepted:
        return Part("keys", title, Result.GOOD, gettext("The gateway accepts them."), "", name)
    advice = gettext(
        "Copy the keys again from the gateway's dashboard, of the same environment (sandbox or "
        "production), and start the program again."
    )
    return Part("keys", title, Result.BAD, check.words, advice, name)


def _authenticity(desk: Desk, name: GatewayName) -> Part:
    """Try that a forged message is refused: an empty token would let everything in."""
    forged = RawNotification(
        headers={"x-callback-token": secrets.token_hex(8)},
        body=b'{"order_id":"x","status_code":"200","gross_amount":"1.00","signature_key":"x"}',
        received_at=desk.clock(),
    )
    title = gettext("Token or signature key")
    try:
        desk.gateway(name).authenticate(forged)
    except BadSignatureError:
        found = gettext("It is set: a forged message was refused.")
        return Part("token", title, Result.GOOD, found, "", name)
    except NotificationError as error:
        return Part("token", title, Result.BAD, type(error).__name__, _token_advice(), name)
    found = gettext("A forged message was let in.")
    return Part("token", title, Result.BAD, found, _token_advice(), name)


def _token_advice() -> str:
    return gettext("Set XENDIT_CALLBACK_TOKEN and MIDTRANS_SERVER_KEY and start the program again.")


def _clock(desk: Desk, name: GatewayName) -> Part:
    answer = probe(desk.policy.gateway_urls.get(name, ""), timeout_s=_PATIENCE_S)
    title = gettext("Clock")
    if answer.date is None:
        found = gettext("The gateway did not tell its time (%(words)s).", words=_said(answer))
        advice = gettext("Check that this machine may reach the gateway.")
        return Part("clock", title, Result.WARN, found, advice, name)
    skew = abs(desk.clock() - answer.date)
    found = gettext("%(seconds)s s apart from the gateway.", seconds=int(skew.total_seconds()))
    if skew <= _MOST_SKEW:
        return Part("clock", title, Result.GOOD, found, "", name)
    advice = gettext("Let this machine set its clock by NTP.")
    return Part("clock", title, Result.BAD, found, advice, name)


def _heard(session: Session, name: GatewayName) -> Part:
    """Tell whether a genuine message ever came, and whether forged or wrong ones came since."""
    title = gettext("Genuine notification")
    [last] = read_heard(session, (name,))
    refused = _last_refused(session, name)
    if last.at is not None:
        found = gettext("The last one came %(ago)s.", ago=ago(last.at))
        return Part("heard", title, Result.GOOD, found, "", name)
    if refused is not None:
        found = gettext(
            "Messages came (notification #%(id)s), but none had a right signature or token.",
            id=refused,
        )
        advice = gettext("The key or token here is not the one of the account that sends.")
        return Part("heard", title, Result.BAD, found, advice, name)
    found = gettext("None has ever come.")
    advice = gettext(
        "Enter the notification URL at the gateway and send a test notification from its dashboard."
    )
    return Part("heard", title, Result.WARN, found, advice, name)


def _last_refused(session: Session, name: GatewayName) -> int | None:
    query = select(Notification.id).where(
        Notification.gateway == name,
        Notification.state == NotificationState.REFUSED,
        Notification.verdict == Why.BAD_SIGNATURE.value,
    )
    return session.scalars(query.order_by(Notification.id.desc()).limit(1)).first()


def _previous_keys(desk: Desk, session: Session) -> list[Part]:
    """Remind of keys that were replaced and still open doors."""
    gateways = [name for name in desk.gateways if name in desk.policy.with_previous_key]
    parts = [_previous_of_gateway(session, name) for name in gateways]
    return [*parts, _previous_secret(session)] if seal_keys().previous else parts


def _previous_of_gateway(session: Session, name: GatewayName) -> Part:
    title, needed = gettext("Previous key"), last_needed(session, name)
    if needed.last_at is None:
        found = gettext(
            "It is still set, and none of the last %(count)s messages needed it.",
            count=needed.looked_at,
        )
        advice = gettext("Once the new one has been in use for two days, unset the previous one.")
        return Part("previous_key", title, Result.WARN, found, advice, name)
    found = gettext(
        "It is still set; the last message that needed it came %(ago)s.", ago=ago(needed.last_at)
    )
    advice = gettext("Keep it until no message needs it any more, then unset it.")
    return Part("previous_key", title, Result.WARN, found, advice, name)


def _previous_secret(session: Session) -> Part:
    title, count = gettext("Previous key of sessions"), count_seals(session, seal_keys())
    found = gettext("It is still set; %(count)s second factors need it.", count=count.stale)
    advice = gettext("Run lunas keys reseal, wait for a working day, then unset it.")
    return Part("previous_secret", title, Result.WARN, found, advice)


def _jobs(session: Session) -> Part:
    title, beats = gettext("Jobs"), heartbeats(session)
    silent = [beat.job for beat in beats if not beat.is_alive]
    if beats and not silent:
        return Part("jobs", title, Result.GOOD, gettext("All of them run."))
    found = (
        gettext("Silent: %(jobs)s.", jobs=", ".join(silent)) if silent else gettext("None runs.")
    )
    advice = gettext("Start the job process: python -m jobs.")
    return Part("jobs", title, Result.BAD, found, advice)


def _database(desk: Desk) -> Part:
    """Write a row and take it back: a full disk or a read-only database shows here."""
    title = gettext("Database")
    try:
        with desk.sessions() as session:
            session.add(
                Notification(
                    state=NotificationState.REFUSED,
                    verdict="self_test",
                    chain=[],
                    headers={},
                    body=b"",
                    body_size=0,
                    received_at=desk.clock(),
                    tries=0,
                )
            )
            session.flush()
            session.rollback()
    except SQLAlchemyError as error:
        advice = gettext("Check the disk and the rights of the database's user.")
        return Part("database", title, Result.BAD, type(error).__name__, advice)
    return Part("database", title, Result.GOOD, gettext("It can be written."))


def _mail(desk: Desk, session: Session) -> Part:
    title = gettext("Mail")
    if not desk.policy.sends_mails:
        found = gettext("Receipts and refund mails are written down here and sent to nobody.")
        advice = gettext("Set MAIL_BACKEND=smtp and its server, so that shoppers get their mails.")
        result = Result.WARN if desk.policy.is_production else Result.GOOD
        return Part("mail", title, result, found, advice if result is Result.WARN else "")
    troubled = session.scalar(_TROUBLED_MAILS, {"since": desk.clock() - _LATELY})
    if troubled:
        found = gettext("%(count)s mails of the last week could not be sent.", count=troubled)
        advice = gettext("Check address, name and password of the mail server in the settings.")
        return Part("mail", title, Result.BAD, found, advice)
    return Part("mail", title, Result.GOOD, gettext("No mail of the last week is held up."))
