"""The full validation: lists what is wrong with a document, rule by rule.

A validator is the 2020-12 one of `jsonschema` with a few keywords read the way API
services read them: each missing member is a breach of its own, at its own path and in
the order of the schema; a pattern must match the whole value; a string may have to contain
JSON of its own (`contentSchema`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from jsonschema.validators import extend

from emulator.core.contract.acceptance import Check, Compiler
from emulator.core.contract.validation import ABSENT, Format, Schema, Violation, json_type
from emulator.core.primitives.json_pointer import Step
from emulator.core.primitives.json_text import NotJson, read
from emulator.core.primitives.regex import whole_match


def compile_full(
    schema: Schema, formats: Mapping[str, Format]
) -> Callable[[object], list[Violation]]:
    """Compile a schema to a function that lists the violations of a document, in its order.

    `formats` are those that the keyword `format` asserts.
    """
    checker = _Checker(Compiler(schema.get("$defs", {}), formats))
    for name, check in formats.items():
        checker.checks(name, raises=ValueError)(check)
    validator = _Validator(schema, format_checker=checker)
    return lambda document: [_violation(error) for error in _errors(validator, document, schema)]


class _Checker(FormatChecker):
    """The asserted formats, which the functions of all keywords get, and the accept-checks."""

    def __init__(self, compiler: Compiler) -> None:
        super().__init__(formats=())
        self._compiler = compiler
        self._compiled: dict[int, Check] = {}

    def accepts(self, subschema: Any) -> Check:
        """Return the accept-check of a part of the schema, compiled when it is first needed."""
        known = self._compiled.get(id(subschema))
        if known is None:
            known = self._compiled[id(subschema)] = self._compiler.check(subschema)
        return known


def _violation(error: ValidationError) -> Violation:
    return Violation(
        keyword=str(error.validator),
        path=tuple(error.path),
        value=error.instance,
        limit=error.validator_value,
        schema=error.schema if isinstance(error.schema, Mapping) else {},
        reason=str(error.cause) if error.cause else None,
    )


# Keywords, one function each, in the form jsonschema calls them:
# (validator, value of the keyword, instance, schema) -> errors. Lists, not generators, and
# no validator built for a subschema: nearly every value is right, and most of a check would
# be setting it up.

Errors = Sequence[ValidationError]


def _errors(validator: Any, instance: object, schema: Any) -> list[ValidationError]:
    """Check a value against a subschema."""
    if schema is False:
        error = ValidationError("false", validator="not", validator_value={}, instance=instance)
        error.schema = {}
        return [error]
    found: list[ValidationError] = []
    for keyword, limit in schema.items() if schema is not True else ():
        check = _KEYWORDS.get(keyword)
        if check is None:
            continue
        for error in check(validator, limit, instance, schema) or ():
            if not isinstance(error.validator, str):
                error.validator, error.validator_value = keyword, limit
                error.instance, error.schema = instance, schema
            found.append(error)
    return found


def _within(validator: Any, instance: object, schema: Any, step: Step) -> Errors:
    """Check a member or an item, one step further down the path."""
    found = _errors(validator, instance, schema)
    for error in found:
        error.path.appendleft(step)
    return found


def _type(validator: Any, names: str | Sequence[str], instance: object, schema: Schema) -> Errors:
    wanted = (names,) if isinstance(names, str) else names
    given = json_type(instance)
    if given in wanted or (given == "integer" and "number" in wanted):
        return ()
    if isinstance(instance, float) and instance.is_integer() and "integer" in wanted:
        return ()
    return [ValidationError("type")]


def _properties(validator: Any, properties: Schema, instance: object, schema: Schema) -> Errors:
    if not isinstance(instance, dict):
        return ()
    found: list[ValidationError] = []
    required = schema.get("required", ())
    for name, subschema in properties.items():
        if name in instance:
            found += _within(validator, instance[name], subschema, name)
        elif name in required:
            found.append(_missing(name, subschema))
    return found


def _required(validator: Any, names: Sequence[str], instance: object, schema: Schema) -> Errors:
    """Report the missing members that `properties` does not report in their place."""
    if not isinstance(instance, dict):
        return ()
    known = schema.get("properties", {})
    return [_missing(name, {}) for name in names if name not in instance and name not in known]


def _missing(name: str, schema: Schema) -> ValidationError:
    return ValidationError(
        "required",
        validator="required",
        validator_value=True,
        instance=ABSENT,
        schema=schema,
        path=[name],
    )


def _additional(validator: Any, subschema: Any, instance: object, schema: Schema) -> Errors:
    if not isinstance(instance, dict) or subschema is True:
        return ()
    found: list[ValidationError] = []
    known = schema.get("properties", {})
    for name, value in instance.items():
        if name not in known:
            if subschema is False:
                found.append(_unknown(name, value, schema))
            else:
                found += _within(validator, value, subschema, name)
    return found


def _unknown(name: str, value: object, schema: Schema) -> ValidationError:
    return ValidationError(
        "additional",
        validator="additionalProperties",
        validator_value=False,
        instance=value,
        schema=schema,
        path=[name],
    )


def _items(validator: Any, subschema: Schema, instance: object, schema: Schema) -> Errors:
    if not isinstance(instance, list):
        return ()
    # There may be very many, of which nearly all are valid.
    accepts = validator.format_checker.accepts(subschema)
    found: list[ValidationError] = []
    for index, item in enumerate(instance):
        if not accepts(item):
            found += _within(validator, item, subschema, index)
    return found


def _longest(validator: Any, limit: int, instance: object, schema: Schema) -> Errors:
    """Check a length; the function of jsonschema would print the whole text as well."""
    too_long = isinstance(instance, str) and len(instance) > limit
    return [ValidationError("maxLength")] if too_long else ()


def _most_items(validator: Any, limit: int, instance: object, schema: Schema) -> Errors:
    too_many = isinstance(instance, list) and len(instance) > limit
    return [ValidationError("maxItems")] if too_many else ()


def _all_of(validator: Any, parts: Sequence[Schema], instance: object, schema: Schema) -> Errors:
    found: list[ValidationError] = []
    for part in parts:
        found += _errors(validator, instance, part)
    return found


def _any_of(validator: Any, parts: Sequence[Schema], instance: object, schema: Schema) -> Errors:
    fits = any(not _errors(validator, instance, part) for part in parts)
    return () if fits else [ValidationError("anyOf")]


def _one_of(validator: Any, parts: Sequence[Schema], instance: object, schema: Schema) -> Errors:
    fitting = [part for part in parts if not _errors(validator, instance, part)]
    return () if len(fitting) == 1 else [ValidationError("oneOf")]


def _ref(validator: Any, reference: str, instance: object, schema: Schema) -> Errors:
    """Check against a definition of the same schema without a look at any registry."""
    definition = validator.schema.get("$defs", {}).get(reference.removeprefix("#/$defs/"))
    if definition is None:  # below a keyword that is jsonschema's own
        return list(Draft202012Validator.VALIDATORS["$ref"](validator, reference, instance, schema))
    return _errors(validator, instance, definition)


def _if(validator: Any, condition: Schema, instance: object, schema: Schema) -> Errors:
    branch = "else" if _errors(validator, instance, condition) else "then"
    return _errors(validator, instance, schema.get(branch, {}))


def _not(validator: Any, unwanted: Schema, instance: object, schema: Schema) -> Errors:
    return () if _errors(validator, instance, unwanted) else [ValidationError("not")]


def _pattern(validator: Any, pattern: str, instance: object, schema: Schema) -> Errors:
    if not isinstance(instance, str) or whole_match(pattern)(instance):
        return ()
    printed = schema.get("x-vendor-pattern", pattern)  # error texts have the vendor's own
    error = ValidationError("pattern", validator="pattern", validator_value=printed)
    error.instance, error.schema = instance, schema
    return [error]


def _content(validator: Any, contents: Any, instance: object, schema: Schema) -> Errors:
    """A string must hold JSON that fits."""
    if not isinstance(instance, str):
        return ()
    try:
        document = read(instance)
    except NotJson as error:
        return [ValidationError("content", cause=error)]
    return [ValidationError("content")] if _errors(validator, document, contents) else ()


_KEYWORDS: dict[str, Any] = {
    **Draft202012Validator.VALIDATORS,
    "type": _type,
    "properties": _properties,
    "required": _required,
    "additionalProperties": _additional,
    "items": _items,
    "maxLength": _longest,
    "maxItems": _most_items,
    "allOf": _all_of,
    "anyOf": _any_of,
    "oneOf": _one_of,
    "$ref": _ref,
    "if": _if,
    "not": _not,
    "pattern": _pattern,
    "contentSchema": _content,
}

_Validator = extend(Draft202012Validator, validators=_KEYWORDS)  # type: ignore[no-untyped-call]
