from __future__ import annotations

from itertools import permutations

from emulator.core.primitives.identifiers import Identifiers


def test_the_same_seed_draws_the_same_for_the_same_purpose_in_any_order() -> None:
    purposes = [("dataset", "a"), ("dataset", "b"), ("group", "a")]
    drawn = []
    for order in permutations(purposes):
        identifiers = Identifiers(seed=7)
        drawn.append({purpose: identifiers.uuid(*purpose) for purpose in order})
    assert all(found == drawn[0] for found in drawn)
    assert len(set(drawn[0].values())) == 3


def test_the_second_of_a_name_is_another_one() -> None:
    identifiers = Identifiers(seed=7)
    assert identifiers.hex(8, "dataset", "a") != identifiers.hex(8, "dataset", "a")


def test_a_reset_starts_a_seeded_source_over() -> None:
    identifiers = Identifiers(seed=7)
    first = identifiers.text("ab", 40, "x")
    identifiers.reset()
    assert identifiers.text("ab", 40, "x") == first


def test_another_seed_draws_others_and_no_seed_draws_at_random() -> None:
    assert Identifiers(1).uuid("x") != Identifiers(2).uuid("x")
    assert Identifiers().uuid("x") != Identifiers().uuid("x")


def test_texts_have_the_length_and_the_letters_asked_for() -> None:
    text = Identifiers().text("0123456789abcdefghijklmnopqrstuvwxyz", 18, "dataset", "n")
    assert len(text) == 18
    assert set(text) <= set("0123456789abcdefghijklmnopqrstuvwxyz")
    assert len(Identifiers().hex(7, "x")) == 7


def test_a_uuid_carries_the_version_asked_for() -> None:
    assert Identifiers(3).uuid("x").version == 4
    assert str(Identifiers(3).uuid("x", version=5))[14] == "5"
