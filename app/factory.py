"""Assembles the Flask application."""

import sys
from pathlib import Path
from typing import Any, Final

import flask_sqlalchemy
from flask import Flask, request
from flask_migrate import Migrate
from sqlalchemy import Engine
from werkzeug.middleware.proxy_fix import ProxyFix

import admin
import webhooks
from app import api
from app.answer_headers import head_every_answer
from app.commands import register_commands
from app.db.migrations import FOLDER
from app.db.models import Base
from app.db.session import make_engine
from app.host_check import HostCheck
from app.program_logs import start_logging
from app.settings import Settings, SettingsError, load_settings
from app.telemetry.logs import is_set_up
from app.telemetry.web import watch_requests
from app.wiring import build_desk

_MOST_BYTES: Final = 1024 * 1024


class Database(flask_sqlalchemy.SQLAlchemy):
    """Flask-SQLAlchemy on the engine that the services use, with the same care for SQLite."""

    def __init__(self, app: Flask, settings: Settings) -> None:
        """Reach the database of these settings for this application."""
        self._settings = settings
        super().__init__(app, model_class=Base)

    def _make_engine(self, bind_key: str | None, options: dict[str, Any], app: Flask) -> Engine:
        del bind_key, options, app
        return make_engine(self._settings.database_url, timeouts=self._settings.timeouts)


class WebApplication(Flask):
    """Flask, which tells a failed request by its route: a path may hold anything."""

    def log_exception(self, exc_info: Any) -> None:
        """Write the line of a request that ended in an error of ours."""
        rule = request.url_rule
        where = {"method": request.method, "route": rule.rule if rule else "none"}
        self.logger.error("a request failed", exc_info=exc_info, extra=where)


def create_app(settings: Settings | None = None) -> Flask:
    """Return the web application: shop, API, notification endpoints and back office.

    Without settings it reads the environment, and a wrong setting ends the process with one
    sentence and exit code 2.
    """
    settings = settings or _settings_or_exit()
    app = WebApplication("lunas", static_folder=None, root_path=str(Path(__file__).parent))
    app.config.from_mapping(
        SECRET_KEY=settings.secret_key,
        # Read with the first that fits, written with the one in force.
        SECRET_KEY_FALLBACKS=[settings.previous_secret_key] * bool(settings.previous_secret_key),
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        # No form and no cart comes near it; notifications have a smaller limit of their own.
        MAX_CONTENT_LENGTH=_MOST_BYTES,
    )
    if settings.trusted_proxies:
        # Else every shopper would come from the proxy's address.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.trusted_proxies, x_proto=0)
    # Registered first, so that it runs last: it fills in what no part has said.
    head_every_answer(app, is_https=settings.public_url.startswith("https://"))
    app.wsgi_app = HostCheck(app.wsgi_app, settings.allowed_hosts)
    db = Database(app, settings)
    Migrate(app, db, directory=str(FOLDER), render_as_batch=True)
    with app.app_context():
        desk = build_desk(settings, db.engine)
    without_session = (webhooks.make_blueprint(desk), api.make_blueprint(desk, settings))
    more = (api.make_reference(), api.make_meters(desk, settings), api.make_storefront(settings))
    for blueprint in (*without_session, *more):
        app.register_blueprint(blueprint)
    api.answer_stray_requests(app)
    admin.install(app, db, desk)
    for blueprint in without_session:
        # They read no cookie, so there is no session that another site could ride on.
        app.extensions["csrf"].exempt(blueprint)
    register_commands(app, desk, settings)
    app.extensions["lunas"] = desk
    watch_requests(app, behind_proxy=settings.trusted_proxies > 0)
    return app


def _settings_or_exit() -> Settings:
    try:
        settings = load_settings()
    except SettingsError as error:
        sys.stderr.write(f"lunas: {error}\n")
        raise SystemExit(2) from None
    # The web server has set its lines up before it comes here.
    if not is_set_up():
        start_logging(settings, "command")
    return settings
