"""The desk's cookie: its signature says that it is ours, and never how long it is good."""

from flask import Flask, Request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from itsdangerous import BadSignature


class AgelessCookies(SecureCookieSessionInterface):
    """Cookies without an age of their own: what they name ends in the database, by its rows.

    Flask's own refuse what was signed in the future, be it by a second: whoever signed in at one
    web process would be signed out by the next one whose clock is a moment behind.
    """

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Return what the cookie holds; empty if there is none, or none that we signed."""
        serializer = self.get_signing_serializer(app)
        cookie = request.cookies.get(self.get_cookie_name(app))
        if serializer is None or not cookie:
            return super().open_session(app, request)
        try:
            return self.session_class(serializer.loads(cookie))
        except BadSignature:
            return self.session_class()
