"""Flask-Admin as it comes, over the orders table: what the back office is compared with."""

import flask_sqlalchemy
from flask import Flask
from flask_admin import Admin
from flask_admin.contrib.sqla import ModelView
from flask_admin.contrib.sqla.filters import FilterEqual
from flask_babel import Babel

from app.db.models import Base, Order
from tests.benchmarks.bench import Bench

PAGE_SIZE = 50


class OrdersAsTheyCome(ModelView):
    """The list that a few lines of configuration give: columns, search, one filter."""

    can_create = can_edit = can_delete = False
    can_view_details = True
    page_size = PAGE_SIZE
    named_filter_urls = True
    column_list = (
        *("number", "payment_status", "created_at", "customer_name", "gateway", "total_idr"),
        *("captured_idr", "refunded_idr", "payment_gateway_transaction_id"),
    )
    column_searchable_list = (
        *("number", "payment_gateway_transaction_id", "customer_email", "customer_phone"),
    )
    column_filters = (FilterEqual(Order.payment_status, "Status"),)
    column_default_sort = ("created_at", True)
    form_columns = ("customer_name",)


def make_stock_app(bench: Bench) -> Flask:
    """Return the application that serves it at ``/admin/order/``."""
    app = Flask("stock")
    app.config.update(SECRET_KEY="only-for-benchmarks", SQLALCHEMY_DATABASE_URI=bench.url)
    # It translates by flask-babel wherever that is installed.
    Babel(app)
    db = flask_sqlalchemy.SQLAlchemy(app, model_class=Base)
    admin = Admin(app, name="Stock")
    admin.add_view(OrdersAsTheyCome(Order, db, endpoint="order"))
    return app
