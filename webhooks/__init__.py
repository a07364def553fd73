"""The notification endpoints: deliveries of the gateways, stored before they are acknowledged.

Imported by: the application.
Start with: ``endpoints.py``, then ``app/services/notifications.py``, which it calls.
"""

from webhooks.endpoints import make_blueprint

__all__ = ["make_blueprint"]
