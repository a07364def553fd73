"""Two at once at the gate: a code, a recovery code, a link and the last admin count once."""

from datetime import datetime, timedelta

import pytest
from pyotp.totp import TOTP
from sqlalchemy import func, select

from admin.gate import totp
from admin.gate.desk_sessions import (
    Browser,
    find_session,
    open_session,
)
from admin.gate.enrolment import Enrolling, new_codes, remove_app, secret_to_set_up, set_up_app
from admin.gate.factors import Outcome, Proof, Prover, check_proof
from admin.gate.links import use_link
from admin.gate.passwords import verify_password
from admin.gate.recovery import replace_codes, use_code
from admin.gate.sealing import SealKeys
from admin.gate.sign_in import fits_password
from admin.gate.throttle import CODE, Limit, forget_tries, give_back, take_try
from admin.people.staff_accounts import (
    NewPerson,
    add_person,
    change_role,
    close_account,
    new_link,
    reopen_account,
    reset_factors,
)
from app.core.errors import NotFoundError, RefusedError
from app.core.reasons import Why
from app.db.models import Passkey, RecoveryCode, SessionStage, Staff, StaffSession
from tests.integration.test_races import all_at_once
from tests.world import PASSWORD, PEOPLE, World

_THREADS = 6
KEY = "only-for-tests-0123456789"
HERE = Browser("127.0.0.1", "tests")
LIMIT = Limit("test", 3, timedelta(minutes=15))


@pytest.fixture
def ani(world: World) -> int:
    """Provide a real person, who is no demo: e-mail, one-time link, no second factor yet."""
    new = NewPerson("ani@toko.example", "Ani Lestari", "finance")
    return add_person(world.desk.sessions, new, world.clock())[0]


def half(world: World, staff_id: int) -> tuple[str, int]:
    """Return the token and the id of a new half session."""
    with world.desk.sessions.begin() as session:
        token = open_session(session, staff_id, SessionStage.HALF, HERE, world.clock())
    with world.session() as session:
        row = find_session(session, token, SessionStage.HALF, world.clock())
        assert row is not None
        return token, row.id


def with_app(world: World, staff_id: int) -> tuple[str, list[str]]:
    """Set up an app and return its secret and the recovery codes."""
    secret, _, codes = confirmed_app(world, staff_id)
    return secret, codes


def confirmed_app(world: World, staff_id: int) -> tuple[str, str, list[str]]:
    """Set up an app and return its secret, the code that confirmed it, and the recovery codes."""
    _, session_id = half(world, staff_id)
    who = Enrolling(staff_id, session_id, SealKeys(KEY))
    secret = secret_to_set_up(world.desk.sessions, who)
    code = TOTP(secret).at(world.clock())
    return secret, code, set_up_app(world.desk.sessions, who, code, world.clock())


def prover(staff_id: int) -> Prover:
    return Prover(staff_id, "ani@toko.example", "prove:1", None, SealKeys(KEY))


def person(world: World, staff_id: int) -> Staff:
    with world.session() as session:
        return session.get_one(Staff, staff_id)


def test_one_code_used_by_many_at_once_opens_one_door(world: World, ani: int) -> None:
    _secret, _ = with_app(world, ani)
    world.clock.advance(60)
    counter = int(world.clock().timestamp()) // 30

    spent = all_at_once(*[lambda: totp.use_counter(world.desk.sessions, ani, counter)] * _THREADS)

    assert sorted(spent) == [False] * (_THREADS - 1) + [True]


def test_a_code_is_never_good_twice_and_the_one_that_set_up_the_app_neither(
    world: World, ani: int
) -> None:
    secret, set_up_with, _ = confirmed_app(world, ani)
    assert check_proof(world.desk, prover(ani), Proof(code=set_up_with)) is Outcome.WRONG

    world.clock.advance(60)
    fresh = Proof(code=TOTP(secret).at(world.clock()))
    assert check_proof(world.desk, prover(ani), fresh) is Outcome.RIGHT
    assert check_proof(world.desk, prover(ani), fresh) is Outcome.WRONG

    earlier = Proof(code=TOTP(secret).at(world.clock() - timedelta(seconds=30)))
    assert check_proof(world.desk, prover(ani), earlier) is Outcome.WRONG


def test_a_recovery_code_used_by_many_at_once_opens_one_door(world: World, ani: int) -> None:
    with world.desk.sessions.begin() as session:
        code, *others = replace_codes(session, ani)

    spent = all_at_once(
        *[lambda: use_code(world.desk.sessions, ani, code, world.clock())] * _THREADS
    )

    assert sorted(spent) == [False] * (_THREADS - 1) + [True]
    assert use_code(world.desk.sessions, ani, others[0].lower().replace("-", " "), world.clock())


def test_a_recovery_code_is_of_one_person_and_of_the_latest_set(world: World, ani: int) -> None:
    with world.desk.sessions.begin() as session:
        old = replace_codes(session, ani)
        new = replace_codes(session, ani)
    other = world.staff_id("viewer")

    assert not use_code(world.desk.sessions, ani, old[0], world.clock())
    assert not use_code(world.desk.sessions, other, new[0], world.clock())
    assert use_code(world.desk.sessions, ani, new[0], world.clock())
    with world.session() as session:
        hashes = session.scalars(select(RecoveryCode.code_hash)).all()
        assert len(hashes) == 10
        assert not {c.replace("-", "") for c in new} & set(hashes)


def test_parallel_tries_get_no_more_than_the_limit(world: World) -> None:
    now = world.clock()

    looked_at = all_at_once(*[lambda: take_try(world.desk.sessions, LIMIT, "x", now)] * _THREADS)

    assert looked_at.count(True) == LIMIT.most


def test_a_lock_ends_after_its_time_and_tries_meanwhile_do_not_prolong_it(world: World) -> None:
    now = world.clock()
    sessions = world.desk.sessions

    first = [take_try(sessions, LIMIT, "x", now) for _ in range(4)]
    late = take_try(sessions, LIMIT, "x", now + timedelta(minutes=14, seconds=59))
    over = take_try(sessions, LIMIT, "x", now + timedelta(minutes=15))

    assert (first, late, over) == ([True, True, True, False], False, True)


def test_a_slow_guesser_is_counted_too(world: World) -> None:
    at = [world.clock() + timedelta(minutes=14 * n) for n in range(4)]

    assert [take_try(world.desk.sessions, LIMIT, "x", now) for now in at] == [True] * 3 + [False]


def test_one_right_try_gives_back_one_and_forgetting_gives_back_all(world: World) -> None:
    now, sessions = world.clock(), world.desk.sessions
    for _ in range(3):
        take_try(sessions, LIMIT, "x", now)

    give_back(sessions, LIMIT, "x")
    assert [take_try(sessions, LIMIT, "x", now) for _ in range(2)] == [True, False]
    forget_tries(sessions, LIMIT, "x")
    assert take_try(sessions, LIMIT, "x", now)
    assert take_try(sessions, LIMIT, "somebody else", now)


def test_five_wrong_codes_lock_the_second_door_even_for_the_right_one(
    world: World, ani: int
) -> None:
    secret, codes = with_app(world, ani)
    world.clock.advance(60)
    right = TOTP(secret).at(world.clock())
    wrong = f"{(int(right) + 1) % 10**6:06d}"
    outcomes = [check_proof(world.desk, prover(ani), Proof(code=wrong)) for _ in range(5)]

    assert set(outcomes) <= {Outcome.WRONG}
    assert check_proof(world.desk, prover(ani), Proof(code=right)) is Outcome.TOO_MANY
    # Each kind of proof counts for itself: the recovery codes are still there.
    assert check_proof(world.desk, prover(ani), Proof(recovery=codes[0])) is Outcome.RIGHT
    world.clock.advance(CODE.lasts.total_seconds())
    again = Proof(code=TOTP(secret).at(world.clock()))
    assert check_proof(world.desk, prover(ani), again) is Outcome.RIGHT


def test_a_password_proves_nothing_where_a_second_factor_must_be(world: World, ani: int) -> None:
    assert check_proof(world.desk, prover(ani), Proof(password=PASSWORD)) is Outcome.WRONG

    demo = world.staff_id("viewer")
    asked = Prover(demo, PEOPLE["viewer"], "prove:1", None, SealKeys(KEY))
    assert check_proof(world.desk, asked, Proof(password=PASSWORD)) is Outcome.RIGHT
    with_app(world, demo)
    assert check_proof(world.desk, asked, Proof(password=PASSWORD)) is Outcome.WRONG


def test_an_app_sealed_under_another_key_opens_nothing(world: World, ani: int) -> None:
    secret, codes = with_app(world, ani)
    world.clock.advance(60)
    changed = Prover(
        ani, "ani@toko.example", "prove:1", None, SealKeys("another-key-of-the-settings")
    )

    code = Proof(code=TOTP(secret).at(world.clock()))
    assert check_proof(world.desk, changed, code) is Outcome.WRONG
    assert check_proof(world.desk, changed, Proof(recovery=codes[0])) is Outcome.RIGHT


# One-time links.


def test_a_link_sets_one_password_however_many_use_it_at_once(world: World, ani: int) -> None:
    token = new_link(world.desk.sessions, ani, world.clock())
    passwords = [f"kuda baterai staples {n}" for n in range(3)]

    used = all_at_once(
        *[lambda p=p: use_link(world.desk.sessions, token, p, world.clock()) for p in passwords]
    )

    assert sorted(map(str, used)) == sorted([str(ani), "None", "None"])
    chosen = passwords[used.index(ani)]
    fits = [verify_password(person(world, ani).password_hash, p) for p in passwords]
    assert [p for p, fit in zip(passwords, fits, strict=True) if fit] == [chosen]


def test_a_link_ends_after_48_hours_with_a_newer_one_and_with_the_account(
    world: World, ani: int
) -> None:
    def use(token: str, now: datetime) -> int | None:
        return use_link(world.desk.sessions, token, "kuda baterai staples", now)

    old = new_link(world.desk.sessions, ani, world.clock())
    new = new_link(world.desk.sessions, ani, world.clock())
    assert use(old, world.clock()) is None
    assert use(new, world.clock() + timedelta(hours=48)) is None
    close_account(world.desk.sessions, ani, by=world.staff_id("admin"))
    assert use(new, world.clock()) is None
    with pytest.raises(RefusedError) as refusal:
        new_link(world.desk.sessions, ani, world.clock())
    assert refusal.value.why is Why.ACCOUNT_CLOSED
    assert person(world, ani).password_hash == "!"


def test_without_a_password_nothing_fits(world: World, ani: int) -> None:
    for typed in ("!", "", PASSWORD):
        assert not fits_password(world.desk.sessions, "ani@toko.example", typed, world.clock())


# Accounts.


def test_two_administrators_who_close_each_other_leave_one(world: World) -> None:
    first = world.staff_id("admin")
    new = NewPerson("admin2@toko.example", "Second", "admin")
    second, _ = add_person(world.desk.sessions, new, world.clock())
    close = close_account

    results = all_at_once(
        lambda: close(world.desk.sessions, first, by=second),
        lambda: close(world.desk.sessions, second, by=first),
    )

    refused = [r for r in results if isinstance(r, RefusedError)]
    assert [r.why for r in refused] == [Why.LAST_ADMIN]
    assert [person(world, first).active, person(world, second).active].count(True) == 1


def test_the_last_administrator_keeps_account_and_role_and_nobody_changes_their_own(
    world: World, ani: int
) -> None:
    admin, sessions = world.staff_id("admin"), world.desk.sessions
    refused = [
        (lambda: close_account(sessions, admin, by=ani), Why.LAST_ADMIN),
        (lambda: change_role(sessions, admin, "viewer", by=ani), Why.LAST_ADMIN),
        (lambda: close_account(sessions, ani, by=ani), Why.OWN_ACCOUNT),
        (lambda: change_role(sessions, ani, "admin", by=ani), Why.OWN_ACCOUNT),
        (lambda: reopen_account(sessions, ani, by=ani), Why.OWN_ACCOUNT),
    ]
    for act, why in refused:
        with pytest.raises(RefusedError) as refusal:
            act()
        assert refusal.value.why is why

    with world.session() as session:
        roles = {
            s.id: (s.role.name, s.active)
            for s in session.scalars(select(Staff).where(Staff.id.in_([admin, ani])))
        }
    assert roles == {admin: ("admin", True), ani: ("finance", True)}


def test_an_unknown_person_is_not_found_and_a_known_email_is_refused(
    world: World, ani: int
) -> None:
    with pytest.raises(NotFoundError):
        close_account(world.desk.sessions, 99_999, by=ani)
    with pytest.raises(RefusedError) as refusal:
        add_person(world.desk.sessions, NewPerson("ani@toko.example", "A", "viewer"), world.clock())
    assert refusal.value.why is Why.EMAIL_TAKEN


def test_a_reset_takes_every_factor_and_session_and_no_spent_code_comes_back(
    world: World, ani: int
) -> None:
    with_app(world, ani)
    counter = person(world, ani).totp_counter
    with world.desk.sessions.begin() as session:
        session.add(
            Passkey(
                staff_id=ani,
                credential_id="abc",
                public_key=b"x",
                sign_count=0,
                name="laptop",
                created_at=world.clock(),
            )
        )

    reset_factors(world.desk.sessions, ani)

    assert (person(world, ani).totp_sealed, person(world, ani).totp_counter) == (None, counter)
    with world.session() as session:
        for table in (Passkey, RecoveryCode, StaffSession):
            assert session.scalar(select(func.count()).select_from(table)) == 0


def test_the_last_second_factor_stays_even_if_two_remove_at_once(world: World, ani: int) -> None:
    with_app(world, ani)

    with pytest.raises(RefusedError) as refusal:
        remove_app(world.desk.sessions, ani)

    assert refusal.value.why is Why.LAST_FACTOR
    assert person(world, ani).totp_sealed is not None
    demo = world.staff_id("viewer")
    with_app(world, demo)
    remove_app(world.desk.sessions, demo)
    with pytest.raises(RefusedError):
        new_codes(world.desk.sessions, demo)
    with world.session() as session:
        left = select(func.count()).select_from(RecoveryCode).where(RecoveryCode.staff_id == demo)
        assert session.scalar(left) == 0
