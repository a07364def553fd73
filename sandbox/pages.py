"""What both hosted payment pages share: headers, QR pictures, request bodies."""

import io
from typing import Final

import segno
from flask import Response, request

from sandbox.intake import BodyProblem, read_object
from sandbox.wire import JsonObject

MAX_BODY_BYTES: Final = 16_384
# The pages may be framed by any shop; they load nothing from anywhere else.
_CSP: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors *"
)


def with_page_headers(response: Response) -> Response:
    """Forbid everything from elsewhere and every cache."""
    response.headers["Content-Security-Policy"] = _CSP
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def qr_response(text: str) -> Response:
    """Return ``text`` as a QR code picture (SVG), drawn here."""
    picture = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        picture, kind="svg", scale=8, border=2, dark="#101828", light="#ffffff", xmldecl=False
    )
    return Response(picture.getvalue(), content_type="image/svg+xml")


def qr_text(reference: str, merchant_name: str, amount: int) -> str:
    """Return the text inside the QR picture: shaped like QRIS, payable nowhere."""
    token = reference.replace("-", "")[:24]
    name = merchant_name[:25]
    return (
        "000201010212"
        f"26{len(token) + 26:02d}0018ID.LUNAS.SANDBOX02{len(token):02d}{token}"
        f"52045399530336054{len(str(amount)):02d}{amount}"
        f"5802ID59{len(name):02d}{name}6007JAKARTA"
    )


def page_body() -> JsonObject:
    """Return the JSON object that the page's script sent, or an empty one."""
    body = read_object(MAX_BODY_BYTES)
    return {} if isinstance(body, BodyProblem) else body


def page_language() -> str:
    """Return ``en`` or ``id`` (the default) by the query string."""
    return "en" if request.args.get("language", "").lower().startswith("en") else "id"
