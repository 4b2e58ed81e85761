"""Lists in order of creation, and those with filters: resources of a kind under one parent.

A term is a facet with a value, or three consecutive characters of a text, and has the resources
with it in order of creation. A list of one term is part of that. What another list has is found
once and then kept: each write corrects it, so that neither its total nor a page of it is sought.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from emulator.core.storage.filters import GRAM, AnyOf, Contains, Filter, IndexKeys, grams

_EVERYTHING = ""
"""The term of every resource."""

_MOST_KEPT = 32
"""Number of lists that are kept; the one that was not asked for the longest makes room."""

_WORTH_KEEPING = 100
"""Number of resources that have to be looked at to find a list that is kept."""

_BROAD = 16
"""If a term has so many times more resources, looking each up in it is faster than a set."""


Age = tuple[int, int, str]
"""A resource in the order of creation: its time, its number among those of that time, its id."""


def remove(ordered: list[Age], age: Age) -> None:
    """Remove an age from a sorted list that has it."""
    del ordered[bisect_left(ordered, age)]


def has(ordered: Sequence[Age], age: Age) -> bool:
    """Return whether a sorted list has an age."""
    place = bisect_left(ordered, age)
    return place < len(ordered) and ordered[place] == age


@dataclass(frozen=True, slots=True)
class KeptList:
    """The resources that pass some filters, in order of creation."""

    where: Collection[Filter]
    ages: list[Age]

    def correct(self, age: Age, old: IndexKeys | None, new: IndexKeys | None) -> None:
        """Follow a change of the index keys of a resource."""
        was_in, is_in = self._accepts(old), self._accepts(new)
        if is_in and not was_in:
            insort(self.ages, age)
        elif was_in and not is_in:
            remove(self.ages, age)

    def _accepts(self, index_keys: IndexKeys | None) -> bool:
        return index_keys is not None and all(each.holds(index_keys) for each in self.where)


class FilteredList:
    """The resources of a kind under one parent."""

    __slots__ = ("_kept", "_terms", "_texts")

    def __init__(self) -> None:
        """Begin with none."""
        self._terms: dict[str, list[Age]] = {}
        self._texts: dict[str, dict[str, Sequence[str]]] = {}
        """The texts of each name, by id."""
        self._kept: dict[frozenset[Filter], KeptList] = {}

    @property
    def is_empty(self) -> bool:
        """Whether no resource has index keys."""
        return not self._terms

    def file(self, age: Age, old: IndexKeys | None, new: IndexKeys | None) -> None:
        """Replace the index keys of a resource; `old` or `new` may be None."""
        before, after = _terms_of(old), _terms_of(new)
        for term in before - after:
            self._remove_term(term, age)
        for term in after - before:
            self._add_term(term, age)
        for name in old.texts if old else ():
            del self._texts[name][age[2]]
        for name, texts in new.texts.items() if new else ():
            self._texts.setdefault(name, {})[age[2]] = tuple(texts)
        for kept in self._kept.values():
            kept.correct(age, old, new)

    def find(self, where: Sequence[Filter]) -> Sequence[Age]:
        """Return the resources that pass every filter, in order of creation."""
        if not where:
            return self._terms.get(_EVERYTHING, ())
        filters = frozenset(where)
        kept = self._kept.pop(filters, None)
        if kept is None:
            # Few resources pass the first one; the others have to be tested for those only.
            first, *others = sorted(filters, key=self._size)
            if not others and _is_term(first):
                return self._terms.get(_terms_of_filter(first)[0], ())
            kept = KeptList(filters, self._passing(first, others))
            if self._size(first) < _WORTH_KEEPING:
                return kept.ages
            if len(self._kept) == _MOST_KEPT:
                del self._kept[next(iter(self._kept))]
        self._kept[filters] = kept
        return kept.ages

    def _add_term(self, term: str, age: Age) -> None:
        ages = self._terms.get(term)
        if ages is None:
            self._terms[term] = [age]
        else:
            insort(ages, age)

    def _remove_term(self, term: str, age: Age) -> None:
        ages = self._terms[term]
        remove(ages, age)
        if not ages:
            del self._terms[term]

    def _passing(self, first: Filter, others: Sequence[Filter]) -> list[Age]:
        """Find the resources that pass every filter."""
        found = _union(self._lists(first))
        for each in others:
            if isinstance(each, AnyOf):
                found = _common(found, self._lists(each))
        for each in (first, *others):
            if isinstance(each, Contains) and not (each is first and _is_term(each)):
                found = self._containing(found, each)
        return found

    def _containing(self, ages: Sequence[Age], condition: Contains) -> list[Age]:
        """Select the resources with a text that contains a part."""
        texts, part = self._texts.get(condition.name, {}), condition.part
        found = [age for age in ages for text in texts.get(age[2], ()) if part in text]
        return list(dict.fromkeys(found))  # two texts of one may contain it

    def _lists(self, condition: Filter) -> list[list[Age]]:
        """Return the lists of terms of which one has whatever passes a filter."""
        found = (self._terms.get(term) for term in _terms_of_filter(condition))
        if isinstance(condition, AnyOf):
            return [ages for ages in found if ages]
        return [min((ages or [] for ages in found), key=len)]  # each of them has it

    def _size(self, condition: Filter) -> int:
        """Return the largest possible number of resources that pass a filter."""
        return sum(map(len, self._lists(condition)))


def _terms_of(index_keys: IndexKeys | None) -> set[str]:
    """Return the terms of a resource."""
    if index_keys is None:
        return set()
    found = {_EVERYTHING}
    for facet, values in index_keys.facets.items():
        one_or_more = (values,) if isinstance(values, str) else values
        found.update([_facet(facet, value) for value in one_or_more])
    for name, texts in index_keys.texts.items():
        for text in texts:
            found.update([_gram(name, gram) for gram in grams(text)])
    return found


def _terms_of_filter(condition: Filter) -> list[str]:
    """Return the terms of a filter: whatever passes has one of a facet, all of a text."""
    if isinstance(condition, AnyOf):
        return [_facet(condition.facet, value) for value in condition.values]
    # A part of fewer than three characters is no term, and may be in every text.
    return [_gram(condition.name, gram) for gram in grams(condition.part)] or [_EVERYTHING]


def _is_term(condition: Filter) -> bool:
    """Return whether the resources that pass a filter are those of one term."""
    if isinstance(condition, AnyOf):
        return len(condition.values) == 1
    return len(condition.part) == GRAM


def _facet(facet: str, value: str) -> str:
    return f"{facet}\0{value}"


def _gram(name: str, gram: str) -> str:
    return f"{name}\1{gram}"


def _union(lists: Sequence[list[Age]]) -> list[Age]:
    """Merge sorted lists that may have some ages in common."""
    if len(lists) == 1:
        return lists[0].copy()
    merged = [age for ages in lists for age in ages]
    merged.sort()
    return list(dict.fromkeys(merged))


def _common(ages: list[Age], lists: Sequence[list[Age]]) -> list[Age]:
    """Select the ages that one of several sorted lists has."""
    if len(ages) * _BROAD < sum(map(len, lists)):
        return [age for age in ages if any(has(each, age) for each in lists)]
    members = set[Age]().union(*lists)
    return [age for age in ages if age in members]
