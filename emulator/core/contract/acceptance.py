"""A JSON Schema compiled to one question: is a document valid?

Nearly every document is, and for those nothing else has to be known. What is wrong with another
one is explained by `validation`, which reads the same keywords in the same way: a property test
compares the two. Each keyword becomes a closure that takes a value and answers yes or no.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from operator import ge, gt, le, lt
from typing import Any

from emulator.core.primitives.json_text import NotJson, equal, read
from emulator.core.primitives.regex import ENCODING, matcher

Check = Callable[[Any], bool]
Schema = Mapping[str, Any]

_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "array": (list,),
    "object": (dict,),
    "null": (type(None),),
}

_NUMBERS = frozenset({int, float})


class UnknownKeyword(ValueError):
    """A schema has a keyword that no check is compiled for."""


def compile_check(schema: Schema, formats: Mapping[str, Check]) -> Check:
    """Compile a schema; `formats` are asserted. Raises `UnknownKeyword`."""
    return Compiler(schema.get("$defs", {}), formats).check(schema)


def anything(_: Any) -> bool:
    """Accept every value."""
    return True


class Compiler:
    """Compiles the schemas of one file; those of `$defs` once, because they may be recursive."""

    def __init__(self, definitions: Schema, formats: Mapping[str, Check]) -> None:
        self._definitions = definitions
        self._formats = formats
        self._compiled: dict[str, Check] = {}
        # keywords with subschemas, or that look at other keywords
        self._nested: Mapping[str, Callable[[Any, Schema], Check]] = {
            "properties": self._properties,
            "required": self._required,
            "additionalProperties": self._additional,
            "propertyNames": self._names,
            "items": self._items,
            "allOf": self._all_of,
            "anyOf": self._any_of,
            "oneOf": self._one_of,
            "not": self._not,
            "if": self._if,
            "$ref": self._ref,
            "format": self._format,
            "contentSchema": self._content,
        }

    def check(self, schema: Any) -> Check:
        """Compile a subschema."""
        if schema is True:
            return anything
        if schema is False:
            return lambda _: False
        together = _OF_TEXTS if schema.get("type") == "string" else frozenset()
        made = [_text(schema)] if together else []
        for name, limit in schema.items():
            if name not in together:
                made.append(self._keyword(name, limit, schema))
        return _all([check for check in made if check is not anything])

    def _keyword(self, name: str, limit: Any, schema: Schema) -> Check:
        if name in _SIMPLE:
            return _SIMPLE[name](limit)
        if name in self._nested:
            return self._nested[name](limit, schema)
        if name in _ANNOTATIONS or name.startswith("x-"):
            return anything
        raise UnknownKeyword(name)

    def _properties(self, members: Schema, schema: Schema) -> Check:
        required = frozenset(schema.get("required", ()))
        checks = {name: self.check(each) for name, each in members.items()}
        check_of = {name: each for name, each in checks.items() if each is not anything}.get

        def check(value: Any) -> bool:
            if type(value) is not dict:
                return True
            if not required <= value.keys():
                return False
            for name, member in value.items():
                of_member = check_of(name)
                if of_member is not None and not of_member(member):
                    return False
            return True

        return check

    def _required(self, names: Sequence[str], schema: Schema) -> Check:
        if "properties" in schema:  # looked at there
            return anything
        required = frozenset(names)
        return lambda value: type(value) is not dict or required <= value.keys()

    def _additional(self, allowed: Any, schema: Schema) -> Check:
        known = frozenset(schema.get("properties", ()))
        if allowed is False:
            return lambda value: type(value) is not dict or value.keys() <= known
        check = self.check(allowed)
        if check is anything:
            return anything
        return lambda value: (
            type(value) is not dict
            or all(name in known or check(member) for name, member in value.items())
        )

    def _names(self, names: Any, _: Schema) -> Check:
        check = self.check(names)
        return lambda value: type(value) is not dict or all(map(check, value))

    def _items(self, items: Any, _: Schema) -> Check:
        check = self.check(items)
        if check is anything:
            return anything
        return lambda value: type(value) is not list or all(map(check, value))

    def _all_of(self, parts: Sequence[Any], _: Schema) -> Check:
        checks = [self.check(part) for part in parts]
        return _all([check for check in checks if check is not anything])

    def _any_of(self, parts: Sequence[Any], _: Schema) -> Check:
        checks = [self.check(part) for part in parts]
        return lambda value: any(check(value) for check in checks)

    def _one_of(self, parts: Sequence[Any], _: Schema) -> Check:
        checks = [self.check(part) for part in parts]
        return lambda value: sum(check(value) for check in checks) == 1

    def _not(self, unwanted: Any, _: Schema) -> Check:
        check = self.check(unwanted)
        return lambda value: not check(value)

    def _if(self, condition: Any, schema: Schema) -> Check:
        check = self.check(condition)
        then, otherwise = (self.check(schema.get(name, True)) for name in ("then", "else"))
        return lambda value: then(value) if check(value) else otherwise(value)

    def _ref(self, reference: str, _: Schema) -> Check:
        name, compiled = reference.removeprefix("#/$defs/"), self._compiled

        def check(value: Any) -> bool:
            return compiled[name](value)

        if name not in compiled:
            compiled[name] = check  # it may be inside itself
            compiled[name] = self.check(self._definitions[name])
        return check

    def _format(self, name: str, _: Schema) -> Check:
        has_format = self._formats.get(name)
        if has_format is None:
            return anything

        def check(value: Any) -> bool:
            try:
                return has_format(value)
            except ValueError:
                return False

        return check

    def _content(self, contents: Any, _: Schema) -> Check:
        check = self.check(contents)

        def check_text(value: Any) -> bool:
            if type(value) is not str:
                return True
            try:
                return check(read(value))
            except NotJson:
                return False

        return check_text


def _all(checks: Sequence[Check]) -> Check:
    """Combine checks; most schemas have one to three, which need no loop."""
    match checks:
        case []:
            return anything
        case [only]:
            return only
        case [first, second]:
            return lambda value: first(value) and second(value)
        case [first, second, third]:
            return lambda value: first(value) and second(value) and third(value)
    first, second = _all(checks[:3]), _all(checks[3:])
    return lambda value: first(value) and second(value)


def _text(schema: Schema) -> Check:
    """Combine the checks of a text, by far the most frequent ones."""
    least, most = schema.get("minLength", 0), schema.get("maxLength", math.inf)
    if "pattern" not in schema:
        return lambda value: type(value) is str and least <= len(value) <= most
    match = matcher(schema["pattern"])
    return lambda value: (
        type(value) is str and least <= len(value) <= most and bool(match(value.encode(*ENCODING)))
    )


_OF_TEXTS = frozenset({"type", "minLength", "maxLength", "pattern"})


def _type(names: str | Sequence[str]) -> Check:
    wanted = (names,) if isinstance(names, str) else names
    types = frozenset(each for name in wanted for each in _TYPES[name])
    if "integer" in wanted and "number" not in wanted:  # 1.0 is an integer
        return lambda value: type(value) in types or (type(value) is float and value.is_integer())
    if len(types) == 1:
        (only,) = types
        return lambda value: type(value) is only
    return lambda value: type(value) in types


def _pattern(pattern: str) -> Check:
    match = matcher(pattern)
    return lambda value: type(value) is not str or bool(match(value.encode(*ENCODING)))


def _enum(choices: Sequence[Any]) -> Check:
    if all(isinstance(choice, str) for choice in choices):
        texts = frozenset(choices)
        return lambda value: type(value) is str and value in texts
    return lambda value: any(equal(value, choice) for choice in choices)


def _const(only: Any) -> Check:
    if isinstance(only, str):
        return lambda value: type(value) is str and value == only
    return lambda value: equal(value, only)


def _unique(wanted: bool) -> Check:
    if not wanted:
        return anything
    return lambda value: (
        type(value) is not list
        or not any(
            equal(item, other) for index, item in enumerate(value) for other in value[:index]
        )
    )


def _length(kind: type[Any], fits: Callable[[int, int], bool]) -> Callable[[int], Check]:
    """Make the maker of checks of the length of one type of values."""
    return lambda limit: lambda value: type(value) is not kind or fits(len(value), limit)


def _bound(fits: Callable[[float, float], bool]) -> Callable[[float], Check]:
    return lambda limit: lambda value: type(value) not in _NUMBERS or fits(value, limit)


_SIMPLE: Mapping[str, Callable[[Any], Check]] = {
    "type": _type,
    "pattern": _pattern,
    "enum": _enum,
    "const": _const,
    "uniqueItems": _unique,
    "minLength": _length(str, ge),
    "maxLength": _length(str, le),
    "minItems": _length(list, ge),
    "maxItems": _length(list, le),
    "minProperties": _length(dict, ge),
    "maxProperties": _length(dict, le),
    "minimum": _bound(ge),
    "maximum": _bound(le),
    "exclusiveMinimum": _bound(gt),
    "exclusiveMaximum": _bound(lt),
}
"""Keywords that look at nothing but their own value."""

_ANNOTATIONS = frozenset(
    {"$schema", "$defs", "title", "description", "default", "deprecated", "then", "else"}
)
"""Keywords that make no check of their own."""
