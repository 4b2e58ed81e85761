"""What can go wrong, in no vendor's words.

::

    Failure
     +- Malformed          the bytes are not a document, or the request is not one at all
     +- TooLarge           the body is longer than the operation takes
     +- WrongContentType   the body is not of a type the vendor reads
     +- Invalid            the document breaks rules of the operation's schema
     +- NoSuchRoute        nothing answers at this path
     +- WrongMethod        something does, but not with this method
     +- NoSuchOperation    the route exists, the operation it names does not
     +- NotEmulated        the vendor has the operation, the emulator does not
     +- Unauthenticated    who calls is not said, or not proved
     +- NotFound           a resource that was named does not exist
     +- AlreadyExists      something that must be unique exists already
     +- NotReady           a resource is in a state that does not allow the call
     +- InUse              something is needed by others, or busy
     +- BadToken           a pagination token was not made for this list
     +- Refused            a rule a schema cannot state
     +- QuotaExceeded      one more than the vendor allows
     +- TokenReused        an idempotency token came back with another request
     +- Throttled          too many requests at a time
     +- Forbidden          the caller is known and may not do this
     +- Unavailable        the service does not answer for now
     +- Ordered            somebody ordered this answer
     +- Timeout             what is waited for does not hold yet
     +- InternalError             the emulator itself failed

A failure carries facts; `schemas/<provider>/errors.json` turns class, subject and
facts into the vendor's status, code and sentence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emulator.core.contract.validation import Violation


class Failure(Exception):
    """A request is refused; `subject` tells which row of errors.json speaks for the class."""

    def __init__(self, subject: str | None = None, **facts: object) -> None:
        super().__init__(subject, facts)
        self.subject = subject
        self.facts: Mapping[str, object] = facts


class Malformed(Failure):
    """The request cannot be read; facts: `reason`, and `position` for a syntax error.

    `subject` is `encoding` where its bytes are no text.
    """


class TooLarge(Failure):
    """The body is longer than `limit` bytes."""


class WrongContentType(Failure):
    """The body's content type, `given`, is not one the vendor reads."""


class Invalid(Failure):
    """The document breaks rules; `violations` are those of the operation's schema."""

    def __init__(self, violations: Sequence[Violation]) -> None:
        super().__init__(count=len(violations))
        self.violations = violations


class NoSuchRoute(Failure):
    """No operation of the vendor has this `path`."""


class WrongMethod(Failure):
    """The path is known, but not with this method; `allow` lists those it has."""


class NoSuchOperation(Failure):
    """The request names an operation the vendor does not have."""


class NotEmulated(Failure):
    """The vendor has this `operation`; the emulator does not. `page` lists what it has."""


class Unauthenticated(Failure):
    """Who calls is not said, or not proved; `subject` tells how, `reason` tells a person why.

    More facts are what the scheme of the credentials has to say.
    """


class NotFound(Failure):
    """No resource of kind `subject` has this `id`; more facts say what was asked for."""


class AlreadyExists(Failure):
    """A resource of kind `subject` exists; the facts are those of the one refused."""


class NotReady(Failure):
    """The resource of kind `subject` with this `id` is in `state`, which forbids the call."""


class InUse(Failure):
    """The resource of kind `subject` with this `id` cannot be changed or removed now."""


class BadToken(Failure):
    """The `token` of a list of kind `subject` was not made for it."""


class Refused(Failure):
    """A rule named `subject` in errors.json, which no schema can state, is broken."""


class QuotaExceeded(Failure):
    """The quota named `subject` in quotas.json, of `limit`, is spent."""


class TokenReused(Failure):
    """The idempotency `token` of the operation `subject` was used before for another request."""


class Throttled(Failure):
    """The client asks more often than the vendor allows."""


class Forbidden(Failure):
    """The caller is known and may not do this."""


class Unavailable(Failure):
    """The service does not answer for now."""


class Ordered(Failure):
    """An answer to an `operation` that was ordered: an `error`, by its code or row.

    `message` and `status` replace those of the row; `retry_after`, in seconds, is what the
    client is asked to wait. `document` is the request's.
    """

    def __init__(
        self,
        error: str,
        *,
        message: str | None = None,
        status: int | None = None,
        retry_after: float | None = None,
        operation: str,
        document: object,
    ) -> None:
        super().__init__(error)
        self.error = error
        self.message = message
        self.status = status
        self.retry_after = retry_after
        self.operation = operation
        self.document = document


class Timeout(Failure):
    """What is waited for does not hold yet; it may within `seconds`. `seen` is what there is."""

    def __init__(self, seconds: float, seen: object = ()) -> None:
        super().__init__(seconds=seconds, seen=seen)
        self.seconds = seconds


class InternalError(Failure):
    """The emulator failed; the reason is in its log, never on the wire."""
