"""How a command of the command line ends: exit codes, and the error that says why."""

import sys
from typing import Any

from ..jobs.record import Problem, Record, Stage

DONE, FARM, USAGE, CHECK, ONLINE, DISK, INTERRUPTED = 0, 1, 2, 3, 4, 5, 130

Result = tuple[int, dict[str, Any]]
"""Exit code and document."""

_DISK_ERRORS = {
    *("disk", "disk-full", "copy-not-saved", "not-saved", "package-gone", "source-changed"),
    *("packer-failed", "packer-not-started", "source-unreadable"),
}
_CHECK_ERRORS = {"missing-file", "missing-library", "package-too-large"}
_FARM_ERRORS = {"farm-failed", "farm-canceled", "frames-missing", "no-outputs"}
# Where two apply, the first of these.
WORST_FIRST = (USAGE, CHECK, ONLINE, DISK, FARM, DONE)


class Failure(Exception):
    """A command that cannot go on: exit code, error, and what else its document says."""

    def __init__(self, code: int, id: str, message: str, hint: str = "", **document: Any) -> None:
        super().__init__(message)
        self.code = code
        self.id = id
        self.message = message
        self.hint = hint
        self.document = document

    @classmethod
    def of(cls, code: int, problem: Problem, **document: Any) -> "Failure":
        """The failure that a problem of a job or a command is."""
        return cls(code, problem.id, problem.message, problem.hint, **document)

    def as_dict(self) -> dict[str, str]:
        """The `error` of a document."""
        return {"id": self.id, "message": self.message, "hint": self.hint}


def disk(error: Exception) -> Failure:
    """The failure that an OSError is, or what else names a file."""
    name = getattr(error, "filename", None)
    words = getattr(error, "strerror", None) or str(error)
    return Failure(DISK, "disk", f"{name}: {words}." if name else words)


def say_estimate(document: dict[str, Any]) -> None:
    """Tell who looks on what test frames say of the whole job."""
    if "estimate" in document:
        found = document["estimate"]
        print(f"{found['message']} {found['basis']}".rstrip(), file=sys.stderr)


def code_of(record: Record) -> int:
    """The exit code that says how a job stands after what was asked."""
    if record.error:
        if record.error.id in _CHECK_ERRORS:
            return CHECK
        if record.error.id in _DISK_ERRORS:
            return DISK
        return FARM if record.error.id in _FARM_ERRORS else ONLINE
    if record.stage in (Stage.FAILED, Stage.CANCELED, Stage.INCOMPLETE):
        return FARM
    return DONE
