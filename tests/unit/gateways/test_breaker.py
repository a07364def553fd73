import threading

import pytest

from app.gateways.breaker import Breaker, BreakerRule


class Clock:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def broken(clock: Clock) -> Breaker:
    breaker = Breaker(BreakerRule(3, 10), clock)
    for _ in range(3):
        assert breaker.admit() == 0
        breaker.fail()
    return breaker


def test_it_opens_after_so_many_failures_in_a_row() -> None:
    clock = Clock()
    breaker = Breaker(BreakerRule(3, 10), clock)

    breaker.fail()
    breaker.fail()
    assert (breaker.admit(), breaker.is_open) == (0, False)
    breaker.fail()

    assert (breaker.admit(), breaker.is_open) == (10, True)


def test_an_answer_in_between_starts_the_count_anew() -> None:
    breaker = Breaker(BreakerRule(3, 10), Clock())

    for _ in range(5):
        breaker.fail()
        breaker.fail()
        breaker.succeed()

    assert breaker.admit() == 0


def test_after_the_pause_one_call_tries_and_the_others_still_wait() -> None:
    clock = Clock()
    breaker = broken(clock)
    clock.now_s += 4
    assert breaker.admit() == 6
    clock.now_s += 6

    assert [breaker.admit() for _ in range(3)] == [0, 10, 10]


def test_an_answer_closes_it() -> None:
    clock = Clock()
    breaker = broken(clock)
    clock.now_s += 10
    assert breaker.admit() == 0

    breaker.succeed()

    assert [breaker.admit() for _ in range(3)] == [0, 0, 0]
    assert not breaker.is_open


def test_one_more_failure_opens_it_again_at_once() -> None:
    clock = Clock()
    breaker = broken(clock)
    clock.now_s += 10
    assert breaker.admit() == 0

    breaker.fail()

    assert breaker.admit() == 10


def test_a_try_that_never_got_there_lets_the_next_one_try() -> None:
    clock = Clock()
    breaker = broken(clock)
    clock.now_s += 10
    assert breaker.admit() == 0

    breaker.forget()

    assert (breaker.admit(), breaker.is_open) == (0, True)


def test_a_gateway_that_names_a_time_is_left_alone_until_then() -> None:
    clock = Clock()
    breaker = Breaker(BreakerRule(3, 10), clock)

    breaker.fail(not_before_s=45)

    assert breaker.admit() == 45
    clock.now_s += 45
    assert breaker.admit() == 0


@pytest.mark.parametrize("not_before_s", [None, 45])
def test_switched_off_it_refuses_nothing(not_before_s: float | None) -> None:
    breaker = Breaker(BreakerRule(0, 10), Clock())
    for _ in range(50):
        breaker.fail(not_before_s)

    assert (breaker.admit(), breaker.is_open) == (0, False)


def test_of_many_threads_exactly_one_tries() -> None:
    clock = Clock()
    breaker = broken(clock)
    clock.now_s += 10
    barrier, admitted = threading.Barrier(8), list[float]()

    def ask() -> None:
        barrier.wait()
        admitted.append(breaker.admit())

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(admitted) == [0] + [10] * 7
