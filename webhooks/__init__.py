"""The notification endpoints: deliveries of the gateways, stored before they are acknowledged."""

from webhooks.endpoints import make_blueprint

__all__ = ["make_blueprint"]
