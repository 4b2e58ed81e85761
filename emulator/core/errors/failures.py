"""Failures of requests, independent of vendors.

::

    Failure
     +- Malformed          the bytes are not a document, or the request is not one at all
     +- TooLarge           the body is longer than the operation allows
     +- WrongContentType   the body is not of a type the vendor reads
     +- Invalid            the document breaks rules of the operation's schema
     +- NoSuchRoute        no operation has this path
     +- WrongMethod        something does, but not with this method
     +- NoSuchOperation    the route exists, the operation it names does not
     +- NotEmulated        the vendor has the operation, the emulator does not
     +- Unauthenticated    the credentials are missing or wrong
     +- NotFound           a resource that was named does not exist
     +- AlreadyExists      something that must be unique exists already
     +- NotReady           a resource is in a state that does not allow the call
     +- InUse              something is needed by others, or busy
     +- BadToken           a pagination token was not made for this list
     +- Refused            a rule that a schema cannot state is broken
     +- QuotaExceeded      the limit of a quota is reached
     +- TokenReused        an idempotency token was used before for another request
     +- Throttled          the client sends requests too often
     +- Forbidden          the caller lacks the permission
     +- Unavailable        the service is unavailable for now
     +- Ordered            a fault rule ordered this error
     +- Timeout            a condition was not met in time
     +- InternalError      the emulator itself failed

A failure carries facts; `schemas/<provider>/errors.json` turns class, subject and
facts into the vendor's status, code and sentence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emulator.core.contract.model import Operation
    from emulator.core.contract.validation import Violation
    from emulator.core.primitives.changes import Awaited


class Failure(Exception):
    """A request is rejected; class and `subject` select a row of errors.json."""

    def __init__(self, subject: str | None = None, **facts: object) -> None:
        super().__init__(subject, facts)
        self.subject = subject
        self.facts: Mapping[str, object] = facts


class Malformed(Failure):
    """The request cannot be read; facts: `reason`, and `position` for a syntax error.

    `subject` is `encoding` if its bytes are not text; dialects have more.
    """


class TooLarge(Failure):
    """The body is longer than `limit` bytes."""


class WrongContentType(Failure):
    """The body's content type, `given`, is not supported by the vendor."""


class Invalid(Failure):
    """The document breaks rules; `violations` are those of the operation's schema."""

    def __init__(self, violations: Sequence[Violation]) -> None:
        super().__init__(count=len(violations))
        self.violations = violations


class NoSuchRoute(Failure):
    """No operation of the vendor has this `path`."""


class WrongMethod(Failure):
    """The path is known, but not with this method; `allow` lists those it has.

    `subject` is `unsupported` if no operation of the vendor has the method.
    """


class NoSuchOperation(Failure):
    """The request names an operation the vendor does not have."""


class NotEmulated(Failure):
    """The vendor has this `operation`; the emulator does not. `page` lists what it has.

    `subject` is `route` for one that has a route of its own where others are told by a header.
    """


class Unauthenticated(Failure):
    """The credentials are missing or wrong; `subject` says which, `reason` is for people.

    More facts depend on the scheme of the credentials.
    """


class NotFound(Failure):
    """No resource of kind `subject` has this `id`; more facts are parameters of the request."""


class AlreadyExists(Failure):
    """A resource of kind `subject` exists already; the facts are those of the rejected one."""


class NotReady(Failure):
    """The resource of kind `subject` with this `id` is in `state`, which forbids the call."""


class InUse(Failure):
    """The resource of kind `subject` with this `id` cannot be changed or removed now."""


class BadToken(Failure):
    """The `token` of a list of kind `subject` was not made for it."""


class Refused(Failure):
    """A rule that no schema can state is broken; errors.json names it by `subject`."""


class QuotaExceeded(Failure):
    """The limit of a quota is reached: `limit` of the quota `subject` in quotas.json."""


class TokenReused(Failure):
    """The idempotency `token` of the operation `subject` was used before for another request."""


class Throttled(Failure):
    """The client sends requests more often than the vendor allows."""


class Forbidden(Failure):
    """The caller lacks the permission for the call."""


class Unavailable(Failure):
    """The service is unavailable for now."""


class Ordered(Failure):
    """A fault rule ordered this error; `error` is its code, its class or the name of its row.

    `message` and `status` replace those of the row; `retry_after` is the seconds that the client
    is asked to wait. `operation` and `document` are those of the request, `known` more of it and
    of its caller, and `limits` the quotas that differ from quotas.json. `fault` is the rule's id.
    """

    def __init__(
        self,
        error: str,
        *,
        fault: str,
        operation: Operation,
        document: object,
        known: Mapping[str, object],
        limits: Mapping[str, int | None],
        message: str | None = None,
        status: int | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(error, fault=fault, reason=f"Fault {fault} ordered {error}")
        self.error = error
        self.operation = operation
        self.document = document
        self.known = known
        self.limits = limits
        self.message = message
        self.status = status
        self.retry_after = retry_after


class Timeout(Failure):
    """A condition is not met; it may be within `seconds`, after what is `awaited`.

    `seen` is the state of things.
    """

    def __init__(self, seconds: float, awaited: Awaited, seen: object = ()) -> None:
        super().__init__(seconds=seconds, seen=seen)
        self.seconds = seconds
        self.awaited = awaited


class InternalError(Failure):
    """The emulator failed; its log has the reason, the response never."""
