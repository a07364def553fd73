"""Codes of an authenticator app (RFC 6238): six digits, half a minute each, never twice."""

import hmac
from datetime import datetime
from typing import Final

import pyotp
import segno
from pyotp.hotp import HOTP
from pyotp.totp import TOTP
from sqlalchemy import update

from app.db.models import Staff
from app.db.session import Sessions

_STEP_S: Final = 30
_DIGITS: Final = 6
# One step to either side: clocks of telephones differ, and typing takes time (RFC 6238, 5.2).
_TOLERANCE: Final = 1


def new_secret() -> str:
    """Return a fresh secret of 160 bits, in base32."""
    return pyotp.random_base32()


def setup_address(secret: str, email: str, issuer: str) -> str:
    """Return the ``otpauth://`` address that an app reads from the picture."""
    return TOTP(secret).provisioning_uri(name=email, issuer_name=issuer)


def picture(address: str) -> str:
    """Return the address as a QR picture: inline SVG without styles, which the policy allows."""
    return segno.make(address, error="m").svg_inline(
        scale=5, border=3, dark="#000", light="#fff", svgclass="qr", lineclass=None, omitsize=False
    )


def counter_of(secret: str, typed: str, now: datetime) -> int | None:
    """Return the number of the half minute whose code was typed; None if it is none of these."""
    code = "".join(typed.split())
    if len(code) != _DIGITS or not code.isascii() or not code.isdigit():
        return None
    present = int(now.timestamp()) // _STEP_S
    one = HOTP(secret)
    near = range(present - _TOLERANCE, present + _TOLERANCE + 1)
    # No early end: how long it takes tells nothing.
    fits = [counter for counter in near if hmac.compare_digest(one.at(counter), code)]
    return max(fits, default=None)


def use_counter(sessions: Sessions, staff_id: int, counter: int) -> bool:
    """Spend a code; False if it, or a later one, was spent before.

    One statement decides, so that of two sessions with the same code one is refused.
    """
    statement = update(Staff).where(Staff.id == staff_id, Staff.totp_counter < counter)
    with sessions.begin() as session:
        spent = session.execute(statement.values(totp_counter=counter).returning(Staff.id))
        return spent.one_or_none() is not None
