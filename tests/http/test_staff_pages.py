"""Administrators look after people; everybody looks after their own account."""

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.db.models import Role, Staff, StaffSession
from tests.http.back_office import Browser, Page, audit, office
from tests.http.newcomer import EMAIL, SECRET_WORDS, Newcomer
from tests.world import PASSWORD, World

__all__ = ["office"]

NEW = {"name": "Ani Lestari", "email": " Ani@Toko.example ", "role": "refunder", "limit": ""}


def staff_row(shop: World, email: str) -> Staff:
    with shop.session() as session:
        row = session.scalars(select(Staff).where(Staff.email == email)).one()
        row.role.name  # noqa: B018 - loaded here, because the session ends.
        return row


def new_form(boss: Browser) -> Page:
    return boss.page("/admin/staff/new")


def test_a_new_person_gets_a_link_that_is_shown_once(office: Flask, shop: World) -> None:
    boss = Browser(office, "admin")

    answer = boss.submit(new_form(boss).form("/staff/new"), **NEW)

    link = answer.text.split("/admin/welcome/")[1].split()[0]
    row = staff_row(shop, EMAIL)
    assert (row.name, row.role.name, row.is_demo, row.active) == (
        "Ani Lestari",
        "refunder",
        False,
        True,
    )
    assert row.daily_refund_limit_idr is None
    assert link not in str(row.link_hash)
    assert office.test_client().get(f"/admin/welcome/{link}").status_code == 200
    assert link not in boss.get(f"/admin/staff/{row.id}").text
    assert audit(shop, boss.email) == [("add_staff", True, "")]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"email": "no address"}, "Write an e-mail address."),
        ({"email": "a@b@c.example"}, "Write an e-mail address."),
        ({"name": " \x00 "}, "Write the person's name."),
        ({"name": "x" * 121}, "Write the person's name."),
        ({"role": "root"}, "Choose one of the roles."),
        ({"role": ""}, "Choose one of the roles."),
        ({"limit": "-5"}, "Write the amount in rupiah"),
        ({"limit": "9" * 30}, "Write the amount in rupiah"),
    ],
)
def test_a_person_who_cannot_be_is_sent_back_with_the_reason(
    office: Flask, shop: World, typed: dict[str, str], words: str
) -> None:
    boss = Browser(office, "admin")

    answer = boss.send(new_form(boss).form("/staff/new"), **(NEW | typed))

    assert answer.status_code == 422
    assert words in Page(answer.text).text
    assert count(shop) == 7
    assert audit(shop, boss.email) == []


def count(shop: World) -> int:
    with shop.session() as session:
        return session.scalar(select(func.count()).select_from(Staff)) or 0


def test_an_email_is_somebodys_once(office: Flask, shop: World) -> None:
    boss = Browser(office, "admin")

    answer = boss.send(new_form(boss).form("/staff/new"), **(NEW | {"email": boss.email}))

    assert answer.status_code == 422
    assert "There is an account with this e-mail already." in answer.text
    assert count(shop) == 7
    assert audit(shop, boss.email) == [("add_staff", False, "email_taken")]


def test_a_new_role_holds_at_the_next_click(office: Flask, shop: World) -> None:
    boss, viewer = Browser(office, "admin"), Browser(office, "viewer")
    page = boss.page(f"/admin/staff/{viewer.staff_id}")
    assert viewer.get("/admin/audit/").status_code == 403

    boss.submit(page.form("/role"), role="auditor")

    assert viewer.get("/admin/audit/").status_code == 200
    assert audit(shop, boss.email) == [("change_role_to_auditor", True, "")]


def test_a_role_altered_in_the_database_grants_nothing(office: Flask, shop: World) -> None:
    viewer = Browser(office, "viewer")
    with shop.desk.sessions.begin() as session:
        role = session.scalars(select(Role).where(Role.name == "viewer")).one()
        role.rights = ["view", "refund", "manage_staff", "view_audit"]

    assert viewer.get("/admin/audit/").status_code == 403


def test_nobody_changes_their_own_account_not_even_by_a_direct_post(
    office: Flask, shop: World
) -> None:
    boss = Browser(office, "admin")
    address = f"/admin/staff/{boss.staff_id}"
    page = boss.page(address)

    assert not any(page.has_form(end) for end in ("/role", "/limit", "/close"))
    boss.post(f"{address}/role", role="finance")
    boss.post(f"{address}/limit", limit="1")
    boss.post(f"{address}/close")

    row = staff_row(shop, boss.email)
    assert (row.role.name, row.active) == ("admin", True)
    assert [(done, why) for _, done, why in audit(shop, boss.email)] == [(False, "own_account")] * 3


def test_a_limit_is_set_shown_and_taken_back(office: Flask, shop: World) -> None:
    boss, refunder = Browser(office, "admin"), Browser(office, "refunder")
    address = f"/admin/staff/{refunder.staff_id}"

    shown = boss.submit(boss.page(address).form("/limit"), limit="Rp 250.000").text
    wrong = boss.submit(boss.page(address).form("/limit"), limit="1,5").text
    assert "at most Rp 250.000 their own limit; the role says Rp 10.000.000" in shown
    assert "Write the amount in rupiah" in wrong
    assert staff_row(shop, refunder.email).daily_refund_limit_idr == 250_000
    assert "left today: Rp 250.000" in refunder.page("/admin/account/").text
    boss.submit(boss.page(address).form("/limit"), limit="")

    assert staff_row(shop, refunder.email).daily_refund_limit_idr is None
    assert audit(shop, boss.email) == [
        ("set_limit_250000", True, ""),
        ("set_limit_of_role", True, ""),
    ]


def test_a_closed_account_is_out_everywhere_until_it_is_opened_again(
    office: Flask, shop: World
) -> None:
    boss, viewer = Browser(office, "admin"), Browser(office, "viewer")
    address = f"/admin/staff/{viewer.staff_id}"

    boss.submit(boss.page(address).form("/close"))
    assert viewer.get("/admin/").status_code == 302
    assert not boss.page(address).has_form("/close")
    boss.submit(boss.page(address).form("/reopen"))

    assert viewer.get("/admin/").status_code == 302  # The old session does not come back.
    assert Browser(office, "viewer").get("/admin/").status_code == 200


def test_a_lost_telephone_means_no_page_before_a_new_factor(office: Flask, shop: World) -> None:
    ani, boss = Newcomer(office, shop), Browser(office, "admin")
    ani.arrive()
    address = f"/admin/staff/{ani.staff_id}"
    assert "Authenticator app" in boss.page(address).text

    boss.submit(boss.page(address).form("/reset-factors"))

    assert not ani.is_in()
    ani.other_browser()
    answer = ani.give_password()
    assert ani.client.get(answer.location).location.startswith("/admin/set-up")


def test_a_new_link_ends_password_and_sessions(office: Flask, shop: World) -> None:
    ani, boss = Newcomer(office, shop), Browser(office, "admin")
    ani.arrive()

    answer = boss.submit(boss.page(f"/admin/staff/{ani.staff_id}").form("/link"))

    assert not ani.is_in()
    assert ani.give_password().status_code == 401
    ani.link = answer.text.split("/admin/welcome/")[1].split()[0]
    assert ani.choose_password("another pass phrase of mine").status_code == 302
    ani.give_password("another pass phrase of mine")
    # The second factor stays: a link alone opens nothing.
    assert not ani.is_in()
    assert ani.prove(proof_code=ani.now_code()).status_code == 302


def test_unknown_people_are_not_found(office: Flask) -> None:
    boss = Browser(office, "admin")

    assert boss.get("/admin/staff/99999").status_code == 404
    assert boss.post("/admin/staff/99999/close").status_code == 404


# One's own account.


def test_sessions_are_listed_the_present_one_marked_and_ended_one_by_one_or_all(
    office: Flask, shop: World
) -> None:
    here, there, third = (Browser(office, "viewer") for _ in range(3))
    page = here.page("/admin/account/")
    assert page.text.count("this browser") == 1
    ends = [form for form in page.forms if form.action.endswith("/end")]
    assert len(ends) == 2

    here.submit(ends[-1])
    assert [b.get("/admin/").status_code for b in (here, there, third)].count(200) == 2
    here.submit(here.page("/admin/account/").form("/sessions/end-others"))

    assert [b.get("/admin/").status_code for b in (here, there, third)] == [200, 302, 302]


def test_a_colleagues_session_is_not_mine_to_end(office: Flask, shop: World) -> None:
    mine, theirs = Browser(office, "viewer"), Browser(office, "finance")
    with shop.session() as session:
        query = select(StaffSession.id).where(StaffSession.staff_id == theirs.staff_id)
        session_id = session.scalars(query).one()

    answer = mine.post(f"/admin/account/sessions/{session_id}/end")

    assert answer.status_code == 404
    assert theirs.get("/admin/").status_code == 200


def test_a_session_ends_after_thirty_idle_minutes_and_a_live_page_does_not_keep_it(
    office: Flask, shop: World
) -> None:
    at_work, away = Browser(office, "viewer"), Browser(office, "viewer")
    for _ in range(3):
        shop.clock.advance(10 * 60)
        at_work.get("/admin/orders/")
        away.get("/admin/refunds/1/live")

    assert at_work.get("/admin/").status_code == 200
    assert away.get("/admin/").status_code == 302


def test_signing_out_ends_the_session_on_the_server_too(office: Flask, shop: World) -> None:
    staff = Browser(office, "viewer")
    with staff.client.session_transaction() as cookie:
        token = cookie["_user_id"]
    staff.send(staff.page("/admin/").form("/admin/logout"))

    with staff.client.session_transaction() as cookie:
        cookie["_user_id"] = token

    assert staff.get("/admin/").status_code == 302


def test_a_changed_password_signs_the_other_browsers_out(office: Flask, shop: World) -> None:
    here, there = Browser(office, "viewer"), Browser(office, "viewer")
    form = here.page("/admin/account/").form("/password")

    for present, new in ((PASSWORD, "short"), ("wrong", SECRET_WORDS)):
        assert "is wrong, or the new one" in here.submit(form, present=present, new=new).text
    assert there.get("/admin/").status_code == 200
    here.submit(form, present=PASSWORD, new=SECRET_WORDS)

    assert [b.get("/admin/").status_code for b in (here, there)] == [200, 302]
    assert audit(shop, here.email)[-1] == ("change_password", True, "")


def test_an_app_is_replaced_and_new_codes_end_the_old_ones(office: Flask, shop: World) -> None:
    ani = Newcomer(office, shop)
    ani.arrive()
    page = ani.page("/admin/account/app")
    before = ani.row().totp_sealed
    ani.secret = page.text.split("Type this key into the app: ")[1].split(" Type the")[0]
    ani.secret = ani.secret.replace(" ", "")

    ani.send(ani.form_with(page, "code"), code=ani.now_code())
    codes = Page(ani.send(ani.page("/admin/account/").form("/account/codes")).text)

    assert ani.row().totp_sealed != before
    fresh = [v["value"] for _, v in codes.tags if v.get("name") == "codes"]
    assert len(set(fresh) - set(ani.codes)) == 10
    ani.other_browser()
    ani.give_password()
    assert ani.prove(proof_recovery=ani.codes[0]).status_code == 401
    assert ani.prove(proof_recovery=fresh[0] or "").status_code == 302
    ani.post("/admin/account/app/remove")
    assert ani.row().totp_sealed is not None
    assert audit(shop, EMAIL)[-1] == ("remove_app", False, "last_factor")


# The command line.


def test_the_first_account_comes_from_the_command_line(office: Flask, shop: World) -> None:
    run = office.test_cli_runner().invoke
    add = ["lunas", "staff", "add", "Boss@Toko.example", "--name", "Boss", "--role", "admin"]

    first, again = run(args=add), run(args=add)
    odd = run(args=["lunas", "staff", "add", "nobody", "--name", "X", "--role", "admin"])
    role = run(args=["lunas", "staff", "add", "a@b.example", "--name", "X", "--role", "root"])

    assert (first.exit_code, again.exit_code, odd.exit_code, role.exit_code) == (0, 1, 1, 2)
    assert "There is an account with this e-mail already." in again.output
    link = first.output.split("/admin/welcome/")[1].strip()
    assert office.test_client().get(f"/admin/welcome/{link}").status_code == 200
    listed = run(args=["lunas", "staff", "list"]).output
    assert "boss@toko.example  admin  open\n" in listed
    assert "viewer@toko.example  viewer  open  demo\n" in listed
    assert audit(shop, "command line") == [("add_staff", True, "")]


def test_the_command_line_lets_somebody_start_anew(office: Flask, shop: World) -> None:
    ani = Newcomer(office, shop)
    ani.arrive()
    run = office.test_cli_runner().invoke

    done = run(args=["lunas", "staff", "reset", EMAIL.upper()])
    unknown = run(args=["lunas", "staff", "reset", "nobody@toko.example"])

    assert (done.exit_code, unknown.exit_code) == (0, 1)
    assert not ani.is_in()
    assert (ani.row().totp_sealed, ani.row().password_hash) == (None, "!")
    ani.link = done.output.split("/admin/welcome/")[1].strip()
    ani.arrive()
    assert ani.is_in()
