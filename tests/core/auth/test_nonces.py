"""A nonce is taken once by each key, until its time is over."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.core.worlds.nonces import Nonces


@pytest.fixture
def nonces() -> Nonces:
    return Nonces()


def test_a_nonce_is_taken_once(nonces: Nonces) -> None:
    assert [nonces.use("key", "nonce", now=0, lasts=10) for _ in range(3)] == [True, False, False]


def test_another_key_may_use_it_as_well(nonces: Nonces) -> None:
    assert nonces.use("key", "nonce", now=0, lasts=10)
    assert nonces.use("another", "nonce", now=0, lasts=10)
    assert nonces.use("ke", "ynonce", now=0, lasts=10)


@pytest.mark.parametrize(("now", "free"), [(109, False), (110, True), (10**9, True)])
def test_it_is_free_again_when_its_time_is_over(nonces: Nonces, now: int, free: bool) -> None:
    assert nonces.use("key", "nonce", now=100, lasts=10)
    assert nonces.use("key", "nonce", now=now, lasts=10) is free


def test_being_refused_does_not_make_it_last_longer(nonces: Nonces) -> None:
    assert nonces.use("key", "nonce", now=0, lasts=10)
    assert not nonces.use("key", "nonce", now=9, lasts=10)
    assert nonces.use("key", "nonce", now=10, lasts=10)


def test_clearing_forgets_all_of_them(nonces: Nonces) -> None:
    assert all(nonces.use("key", nonce, now=0, lasts=10) for nonce in "ab")
    nonces.clear()
    assert all(nonces.use("key", nonce, now=0, lasts=10) for nonce in "ab")


def test_those_whose_time_is_over_are_not_kept(nonces: Nonces) -> None:
    for now in range(10_000):
        nonces.use("key", str(now), now=now, lasts=10)
    assert len(nonces._until) == 10


def test_one_that_is_used_again_does_not_keep_those_after_it(nonces: Nonces) -> None:
    for nonce, lasts in (("long", 100), ("short", 5), ("after", 5)):
        assert nonces.use("key", nonce, now=0, lasts=lasts)
    assert nonces.use("key", "short", now=10, lasts=1000)  # it is free again
    assert nonces.use("key", "last", now=150, lasts=10)
    assert [nonce for _, nonce in nonces._until] == ["short", "last"]


def test_of_many_at_once_one_takes_it(nonces: Nonces) -> None:
    with ThreadPoolExecutor(8) as pool:
        for number in range(200):
            took = pool.map(lambda _, n=number: nonces.use("k", str(n), now=0, lasts=1), range(8))
            assert sum(took) == 1


USES = st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("xyz"), st.integers(0, 6)))


@given(USES)
def test_a_nonce_is_refused_exactly_while_it_lasts(uses: list[tuple[str, str, int]]) -> None:
    nonces, now, until = Nonces(), 0, dict[tuple[str, str], int]()
    for key, nonce, passed in uses:
        now += passed
        free = until.get((key, nonce), now) <= now
        assert nonces.use(key, nonce, now=now, lasts=10) is free
        if free:
            until[key, nonce] = now + 10


@given(USES)
def test_a_clock_that_is_moved_back_makes_none_last_longer(
    uses: list[tuple[str, str, int]],
) -> None:
    nonces, until = Nonces(), dict[tuple[str, str], int]()
    for key, nonce, moment in uses:
        if nonces.use(key, nonce, now=moment * 10, lasts=15):
            until[key, nonce] = moment * 10 + 15
        else:
            assert until[key, nonce] > moment * 10
