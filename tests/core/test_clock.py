from __future__ import annotations

import pytest
from werkzeug.test import Client

from emulator import Settings
from emulator.app import Application
from emulator.core.primitives.clock import SECOND, Clock, ClockError, from_iso, to_iso
from tests.contract import catalogue
from tests.core.test_many_worlds import LISTS

NINE = from_iso("2026-04-01T09:00:00Z")


class Wall:
    """A wall clock that only moves when it is told to."""

    def __init__(self) -> None:
        self.now = NINE * 1000

    def __call__(self) -> int:
        return self.now

    def pass_by(self, seconds: int) -> None:
        self.now += seconds * 1_000_000_000


def test_a_real_clock_follows_the_wall() -> None:
    wall = Wall()
    clock = Clock("real", wall)
    wall.pass_by(5)
    assert clock.now() == NINE + 5 * SECOND


def test_a_frozen_clock_stands_still_until_it_is_advanced() -> None:
    wall = Wall()
    clock = Clock("frozen", wall)
    wall.pass_by(5)
    assert clock.now() == NINE
    clock.advance(2 * SECOND)
    assert clock.now() == NINE + 2 * SECOND


def test_a_real_clock_that_is_advanced_goes_on_from_there() -> None:
    wall = Wall()
    clock = Clock("real", wall)
    clock.advance(3600 * SECOND)
    wall.pass_by(1)
    assert clock.now() == NINE + 3601 * SECOND


def test_two_who_settle_at_once_move_the_clock_once() -> None:
    clock = Clock("frozen", Wall())
    for _ in range(2):
        clock.reach(NINE + 5 * SECOND)
    assert clock.now() == NINE + 5 * SECOND
    clock.reach(NINE)
    assert clock.now() == NINE + 5 * SECOND


def test_a_released_clock_goes_on_from_the_time_it_stood_at() -> None:
    wall = Wall()
    clock = Clock("frozen", wall)
    wall.pass_by(10)
    clock.set(mode="real")
    wall.pass_by(1)
    assert clock.now() == NINE + SECOND


def test_a_clock_can_be_set_to_the_past() -> None:
    clock = Clock("frozen", Wall())
    clock.set(now=from_iso("2018-05-22T00:00:00"))
    assert to_iso(clock.now()) == "2018-05-22T00:00:00.000000Z"


def test_a_reset_goes_back_to_the_wall_and_the_first_mode() -> None:
    wall = Wall()
    clock = Clock("frozen", wall)
    clock.set(mode="real", now=0)
    wall.pass_by(3)
    clock.restart()
    assert (clock.mode, clock.now()) == ("frozen", NINE + 3 * SECOND)


@pytest.mark.parametrize("moment", [-1, from_iso("9999-12-31T00:00:01Z")])
def test_a_clock_does_not_leave_its_years(moment: int) -> None:
    clock = Clock("frozen", Wall())
    with pytest.raises(ClockError):
        clock.set(now=moment)
    with pytest.raises(ClockError):
        clock.advance(moment - clock.now())
    assert clock.now() == NINE


def test_a_time_with_a_zone_is_read_in_that_zone() -> None:
    assert from_iso("2026-04-01T18:00:00+09:00") == NINE


def test_the_one_clock_is_that_of_all_providers() -> None:
    """What each of the five shows of its dataset is of the time that was set, and moves with it."""
    moments = {"2031-05-06T07:08:09Z": "1935817689", "2032-05-06T07:08:10Z": "1967440090"}
    application = Application(Settings(demo=True, strict=True))
    client = Client(application)
    for moment, epoch in moments.items():
        at = f"/w/w{epoch}"
        answer = client.put(f"{at}/_emulator/clock", json={"mode": "frozen", "now": moment})
        assert answer.status_code == 200
        java = f"{epoch[0]}.{epoch[1:].rstrip('0')}E9"
        seoul = moment.replace("T07", "T16")
        forms = [form.encode() for form in (moment[:-1], seoul[:-1], epoch, java)]
        for provider, (method, path, headers, body) in LISTS.items():
            example = catalogue.contracts()[provider].seed["example"]
            wished = {"method": example["method"], "headers": example["headers"]}
            client.open(f"{at}/{provider}{example['path']}", json=example["body"], **wished)
            shown = client.open(
                f"{at}/{provider}{path}",
                method=method,
                headers={**example["headers"], **headers},
                data=body,
            )
            assert any(form in shown.get_data() for form in forms), (provider, shown.get_data())
    application.close()
