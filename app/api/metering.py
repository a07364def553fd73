"""``/metrics``: what Prometheus reads, for whoever shows the token."""

from flask import Blueprint, Response, request

from app.exposition import CONTENT_TYPE, Exposition
from app.services.desk import Desk
from app.settings import Settings


def make_meters(desk: Desk, settings: Settings) -> Blueprint:
    """Return the page of meters; without a token in the settings it does not exist."""
    blueprint = Blueprint("meters", __name__)
    exposition = Exposition(desk, settings.meter_door.token)

    @blueprint.get("/metrics")
    def metrics() -> Response:
        """Tell the meters to whoever shows the token."""
        if not exposition.is_offered:
            return Response(status=404)
        if not exposition.admits(request.headers.get("Authorization", "")):
            return Response(status=401, headers={"WWW-Authenticate": "Bearer"})
        page = Response(exposition.page(), content_type=CONTENT_TYPE)
        page.headers["Cache-Control"] = "no-store"
        return page

    return blueprint
