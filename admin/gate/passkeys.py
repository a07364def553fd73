"""Passkeys (WebAuthn): made and used with the device's own lock, also one built into the computer.

Each question is kept in the database and answered once. The address that passkeys belong to comes
from the settings and never from the request, which a stranger may have written.
"""

import ipaddress
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session, joinedload
from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from app.db.models import Passkey, PasskeyChallenge, Staff
from app.db.session import Sessions

ANSWER_WITHIN: Final = timedelta(minutes=5)
MOST_PER_PERSON: Final = 10
_LONGEST_ANSWER: Final = 16_384


@dataclass(frozen=True, slots=True)
class Site:
    """The address that passkeys belong to: its host name and its origin."""

    host: str
    origin: str


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose passkey is made; ``handle`` names the person to their device and to nobody else."""

    staff_id: int
    email: str
    name: str
    handle: bytes


def passkey_site(public_url: str) -> Site | None:
    """Return where passkeys work; None without https and a host name, as browsers demand.

    ``localhost`` is the one exception that browsers make; a bare IP address is none.
    """
    parts = urlsplit(public_url)
    host = parts.hostname or ""
    is_safe = parts.scheme == "https" or host == "localhost"
    if not is_safe or _is_address(host):
        return None
    return Site(host, f"{parts.scheme}://{parts.netloc}")


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def ask_to_make(sessions: Sessions, site: Site, owner: Owner, purpose: str, now: datetime) -> str:
    """Return the question, as JSON, with which a browser makes a passkey of this person."""
    with sessions.begin() as session:
        known = _credentials(session, owner.staff_id)
    options = generate_registration_options(
        rp_id=site.host,
        rp_name="Lunas",
        user_id=owner.handle,
        user_name=owner.email,
        user_display_name=owner.name,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=known,
    )
    _keep(sessions, options.challenge, purpose, now)
    return options_to_json(options)


def ask_to_prove(
    sessions: Sessions, site: Site, staff_id: int | None, purpose: str, now: datetime
) -> str:
    """Return the question, as JSON, that a passkey answers; without a person any passkey may."""
    with sessions.begin() as session:
        allowed = None if staff_id is None else _credentials(session, staff_id)
    options = generate_authentication_options(
        rp_id=site.host,
        allow_credentials=allowed,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    _keep(sessions, options.challenge, purpose, now)
    return options_to_json(options)


def add_passkey(sessions: Sessions, site: Site, new: Passkey, answer: str, purpose: str) -> bool:
    """Keep the passkey that the browser made; ``new`` names its owner, its name and the time.

    False if the answer is not one to our open question, or there are too many already.
    """
    challenge = _take(sessions, answer, purpose, new.created_at)
    if challenge is None:
        return False
    try:
        made = verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError):
        return False
    new.credential_id = bytes_to_base64url(made.credential_id)
    new.public_key = made.credential_public_key
    new.sign_count = made.sign_count
    return _insert(sessions, new)


def _insert(sessions: Sessions, row: Passkey) -> bool:
    with sessions.begin() as session:
        mine = passkeys_of(session, row.staff_id)
        taken = select(Passkey.id).where(Passkey.credential_id == row.credential_id)
        if len(mine) >= MOST_PER_PERSON or session.scalar(taken) is not None:
            return False
        session.add(row)
    return True


def find_prover(
    sessions: Sessions, site: Site, answer: str, purpose: str, now: datetime
) -> Staff | None:
    """Return the active person whose passkey answers the question; None if none does.

    The device has checked the person itself (fingerprint, face or PIN), so this counts as two
    factors. A use counter that does not grow betrays a copied key, which is refused.
    """
    challenge = _take(sessions, answer, purpose, now)
    if challenge is None:
        return None
    with sessions.begin() as session:
        passkey = _passkey_in(session, answer)
        if passkey is None or not passkey.staff.active:
            return None
        count = _verified_count(passkey, site, answer, challenge)
        if count is None:
            return None
        # Only over the count that was judged: of two answers at once one counts.
        used = update(Passkey).where(
            Passkey.id == passkey.id, Passkey.sign_count == passkey.sign_count
        )
        used = used.values(sign_count=count, last_used_at=now).returning(Passkey.id)
        used = used.execution_options(synchronize_session=False)
        return None if session.execute(used).one_or_none() is None else passkey.staff


def _verified_count(passkey: Passkey, site: Site, answer: str, challenge: bytes) -> int | None:
    try:
        verified = verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError):
        return None
    return verified.new_sign_count


def passkeys_of(session: Session, staff_id: int) -> list[Passkey]:
    """Return a person's passkeys, the oldest first."""
    query = select(Passkey).where(Passkey.staff_id == staff_id).order_by(Passkey.id)
    return list(session.scalars(query))


def _passkey_in(session: Session, answer: str) -> Passkey | None:
    credential_id = str(_parsed(answer).get("id"))
    query = select(Passkey).where(Passkey.credential_id == credential_id)
    query = query.options(joinedload(Passkey.staff).joinedload(Staff.role))
    return session.scalars(query).one_or_none()


def _credentials(session: Session, staff_id: int) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(id=base64url_to_bytes(passkey.credential_id))
        for passkey in passkeys_of(session, staff_id)
    ]


def _keep(sessions: Sessions, challenge: bytes, purpose: str, now: datetime) -> None:
    row = PasskeyChallenge(
        challenge=bytes_to_base64url(challenge), purpose=purpose, expires_at=now + ANSWER_WITHIN
    )
    with sessions.begin() as session:
        session.add(row)


def _take(sessions: Sessions, answer: str, purpose: str, now: datetime) -> bytes | None:
    """Return the question that this answers and forget it; None if it is not open, or another's."""
    challenge = _challenge_in(answer)
    if not challenge:
        return None
    taken = delete(PasskeyChallenge).where(
        PasskeyChallenge.challenge == challenge,
        PasskeyChallenge.purpose == purpose,
        PasskeyChallenge.expires_at > now,
    )
    with sessions.begin() as session:
        found = session.execute(taken.returning(PasskeyChallenge.challenge)).one_or_none()
    return None if found is None else base64url_to_bytes(challenge)


def _challenge_in(answer: str) -> str:
    """Return the challenge that the browser says it answered; empty if the answer is none."""
    try:
        sealed = str(_parsed(answer)["response"]["clientDataJSON"])
        said = json.loads(base64url_to_bytes(sealed))
        challenge = str(said["challenge"])
    except (ValueError, KeyError, TypeError):
        return ""
    return challenge if challenge.isascii() and challenge.isprintable() else ""


def _parsed(answer: str) -> dict[str, Any]:
    if len(answer) > _LONGEST_ANSWER:
        return {}
    try:
        parsed = json.loads(answer)
    except (ValueError, RecursionError):
        return {}
    return parsed if isinstance(parsed, dict) else {}
