"""Fills an empty database with the demonstration shop; safe to repeat."""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from admin.people.staff_accounts import ensure_demo_staff
from app.db.models import Product
from app.db.session import Sessions

_HERE: Final = Path(__file__).parent


def seed_demo(sessions: Sessions, now: datetime) -> None:
    """Add what is missing of the demo catalogue and the demo staff; existing rows stay."""
    with sessions.begin() as session:
        _ensure_products(session, _read("catalogue.json"))
        ensure_demo_staff(session, _read("staff.json"), now)


def _read(name: str) -> list[dict[str, Any]]:
    return json.loads((_HERE / name).read_text(encoding="utf-8"))


def _ensure_products(session: Session, rows: list[dict[str, Any]]) -> None:
    known = set(session.scalars(select(Product.sku)))
    session.add_all(_product(row) for row in rows if row["sku"] not in known)


def _product(row: Mapping[str, Any]) -> Product:
    return Product(
        sku=row["sku"],
        name_id=row["name_id"],
        name_en=row["name_en"],
        description_id=row["description_id"],
        description_en=row["description_en"],
        price_idr=row["price_idr"],
        on_hand=row["stock"],
        reserved=0,
        image=row["image"],
        active=True,
    )
