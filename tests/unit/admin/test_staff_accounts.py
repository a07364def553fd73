"""Passwords and roles."""

import json
from pathlib import Path

from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

import app.demo
from admin.gate.passwords import hash_password, verify_password
from admin.people.role_words import role_words
from admin.people.staff_accounts import ensure_demo_staff, ensure_roles
from app.core.rights import ROLES, Right
from app.db.models import Base, Role, Staff
from tests.unit.admin.moments import NOW

DEMO = Path(app.demo.__file__).parent / "staff.json"


def session() -> Session:
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    return Session(engine)


def test_only_the_right_password_fits_and_each_hash_differs() -> None:
    first, second = hash_password("rahasia"), hash_password("rahasia")

    assert first != second
    assert first.startswith("$argon2id$")
    assert verify_password(first, "rahasia")
    assert not verify_password(first, "Rahasia")
    assert not verify_password("damaged", "rahasia")


def test_roles_are_brought_in_line_and_never_doubled() -> None:
    with session() as db:
        ensure_roles(db)["viewer"].rights = ["view", "refund"]
        ensure_roles(db)

        stored = {role.name: set(role.rights) for role in db.scalars(select(Role))}

    assert stored == {name: {right.value for right in rights} for name, rights in ROLES.items()}


def test_every_role_is_described() -> None:
    assert all(role_words(role) for role in ROLES)
    assert role_words("unknown") == ""


def test_who_hands_out_rights_moves_no_money() -> None:
    money = {Right.REFUND, Right.APPROVE_REFUND, Right.TRANSFER}

    assert not ROLES["admin"] & money
    assert not ROLES["auditor"] & money
    assert all(Right.VIEW in rights for rights in ROLES.values())


def test_demo_people_can_sign_in_and_are_added_once() -> None:
    rows = json.loads(DEMO.read_text(encoding="utf-8"))
    with session() as db:
        ensure_demo_staff(db, rows, NOW)
        before = {staff.email: staff.password_hash for staff in db.scalars(select(Staff))}
        ensure_demo_staff(db, rows, NOW)
        people = db.scalars(select(Staff)).all()

        assert len(people) == len(rows) >= 4
        assert {staff.email: staff.password_hash for staff in people} == before
        assert all(staff.is_demo and staff.created_at == NOW for staff in people)
        assert all(verify_password(before[row["email"]], row["password"]) for row in rows)
        assert {staff.role.name for staff in people} <= ROLES.keys()
