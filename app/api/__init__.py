"""The JSON API of the storefront, and the storefront's own pages.

Imported by: the application, and the command that writes the API's document.
Start with: ``routes.py``, then ``answers.py`` and ``problems.py`` (what it says, well or ill).
"""

from app.api.addressing import answer_stray_requests
from app.api.metering import make_meters
from app.api.reference import make_reference
from app.api.routes import make_blueprint
from app.api.storefront import make_storefront

__all__ = [
    "answer_stray_requests",
    "make_blueprint",
    "make_meters",
    "make_reference",
    "make_storefront",
]
