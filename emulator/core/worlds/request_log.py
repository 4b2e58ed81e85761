"""A line in the log for each request, but not for each of many that are alike."""

from __future__ import annotations

import logging

from emulator.core.worlds.journal_entry import Rejection

log = logging.getLogger("emulator.requests")

_LONGEST = 200
"""Characters of a path, and of a reason, that are shown."""

_FIRST = 5
"""Requests alike in a row that each get a line; of the others the 10th, the 100th and so on."""


class RequestLog:
    """Logs the requests of a world at `info`: who polls does not fill the log."""

    def __init__(self) -> None:
        self._last: tuple[object, ...] = ()
        self._repeated = 0

    def note(
        self,
        *,
        method: str,
        path: str,
        provider: str | None,
        operation: str | None,
        status: int,
        duration_ms: float,
        rejection: Rejection | None,
    ) -> None:
        """Log a request, and why it was refused if it was; the query is left out."""
        if not log.isEnabledFor(logging.INFO):
            return
        why = rejection.why if rejection else ""
        same = (method, path, operation, status, why)
        self._repeated = self._repeated + 1 if same == self._last else 1
        self._last = same
        if self._repeated > _FIRST and not _is_power_of_ten(self._repeated):
            return
        fields = {
            "method": method,
            "path": _plain(path),
            "provider": provider,
            "operation": operation,
            "status": status,
            "duration_ms": duration_ms,
            "why": _plain(why) or None,
            "in_a_row": self._repeated,
        }
        what = f"{method} {fields['path']} {provider or '-'} {operation or '-'}"
        reason = f" {fields['why']}" if why else ""
        row = f" (the {self._repeated}th in a row)" if self._repeated > _FIRST else ""
        took = f"{duration_ms:.1f} ms"
        log.info("%s %s %s%s%s", what, status, took, reason, row, extra={"fields": fields})


def _is_power_of_ten(number: int) -> bool:
    return str(number).rstrip("0") == "1"


def _plain(text: str) -> str:
    """Return a text that stays on its line: a path may hold any character."""
    text = text[:_LONGEST]
    return text if text.isprintable() else ascii(text)[1:-1]
