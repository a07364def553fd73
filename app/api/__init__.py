"""The JSON API of the storefront, and the storefront's own pages."""

from app.api.routes import make_blueprint
from app.api.storefront import make_storefront

__all__ = ["make_blueprint", "make_storefront"]
