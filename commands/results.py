"""Defines the results of commands: exit codes, errors and their documents."""

import sys
from typing import Any

from ..api.fields import REFUSED_KEY
from ..jobs.record import ENDED, Problem, Record, Stage, reached
from ..jobs.store import no_locks

DONE, FARM, USAGE, CHECK, ONLINE, DISK, INTERRUPTED = 0, 1, 2, 3, 4, 5, 130

Result = tuple[int, dict[str, Any]]
"""An exit code and a JSON document."""

_DISK_ERRORS = {
    *("disk", "disk-full", "copy-not-saved", "not-saved", "package-gone", "source-changed"),
    *("packer-failed", "packer-not-started", "source-unreadable", "no-locks", "project-gone"),
}
_CHECK_ERRORS = {"folder-claimed", "missing-file", "missing-library", "package-too-large"}
_FARM_ERRORS = {
    *("farm-failed", "farm-canceled", "frames-missing", "no-outputs", "never-rendered"),
    "frames-late",
}
NO_KEY = "`connect` stores one, and RENDERJUICE_API_KEY holds it for one session."
_REFUSED_KEY = (
    "Copy the key from the Renderjuice dashboard again: `connect` stores it, and"
    " RENDERJUICE_API_KEY holds it for one session. API access is granted on request: ask"
    " Renderjuice if your account has it."
)
"""What helps at a terminal; in Blender's window it is the preferences."""
_USAGE_ERRORS = {"not-started", "not-ours", "made-elsewhere", "another-farm", "unknown-farm"}
"""Errors that need a decision of the user: a retry does not help."""
# If several codes apply, the first of these is returned.
WORST_FIRST = (USAGE, CHECK, ONLINE, DISK, FARM, DONE)


class Failure(Exception):
    """A failed command: exit code, error, and further members of its document."""

    def __init__(self, code: int, id: str, message: str, hint: str = "", **document: Any) -> None:
        super().__init__(message)
        self.code = code
        self.id = id
        self.message = message
        self.hint = hint
        self.document = document

    @classmethod
    def of(cls, code: int, problem: Problem, **document: Any) -> "Failure":
        """Convert a Problem to a Failure."""
        return cls(code, problem.id, problem.message, problem.hint, **document)

    def as_dict(self) -> dict[str, str]:
        """The `error` of a document."""
        return {"id": self.id, "message": self.message, "hint": self.hint}


def disk(error: Exception) -> Failure:
    """Convert an OSError, or another error about a file, to a Failure."""
    if isinstance(error, OSError) and (problem := no_locks(error)):
        return Failure.of(DISK, problem)
    name = getattr(error, "filename", None)
    words = getattr(error, "strerror", None) or str(error)
    return Failure(DISK, "disk", f"{name}: {words}." if name else words)


def say_where_the_key_goes(document: dict[str, Any]) -> None:
    """Have the error about a refused key name the ways to give another at a terminal."""
    error = document.get("error")
    if error and error["id"] == REFUSED_KEY:
        document["error"] = {**error, "hint": _REFUSED_KEY}


def add_resume_hint(code: int, document: dict[str, Any]) -> None:
    """Add to the error's hint that unfinished jobs can be resumed.

    A user who submits again instead would pay twice.
    """
    error, jobs = document.get("error"), document.get("jobs") or [document.get("job")]
    kept = [job["id"] for job in jobs if job and job["stage"] not in ENDED]
    if error and kept and code in (ONLINE, DISK, FARM):
        one = len(kept) == 1
        words = f"{'Job' if one else 'Jobs'} {', '.join(kept)} {'is' if one else 'are'} kept"
        words += f": `resume` goes on with {'it' if one else 'them'}. Do not submit again."
        document["error"] = {**error, "hint": f"{error['hint']} {words}".lstrip()}


def print_estimate(document: dict[str, Any]) -> None:
    """Print the estimate of a job of test frames to standard error."""
    if "estimate" in document:
        found = document["estimate"]
        print(f"{found['message']} {found['basis']}".rstrip(), file=sys.stderr)


def code_of_error(id: str) -> int:
    """The exit code for a Problem's id."""
    codes = {CHECK: _CHECK_ERRORS, DISK: _DISK_ERRORS, FARM: _FARM_ERRORS, USAGE: _USAGE_ERRORS}
    return next((code for code, ids in codes.items() if id in ids), ONLINE)


def not_done(record: Record, until: Stage | None) -> Problem | None:
    """The Problem if the record on disk has no error, but the job has neither ended nor reached
    `until`; else None."""
    if record.error or record.ended or (until and reached(record.stage, until)):
        return None
    return Problem(
        "not-done",
        f"{record.title} is not done: its record says {record.stage}.",
        "`resume` goes on with it.",
    )


def code_of(record: Record, until: Stage | None = None) -> int:
    """The exit code for a job that should have reached `until`, or its end if None."""
    problem = record.error or not_done(record, until)
    if problem:
        return code_of_error(problem.id)
    if record.stage in (Stage.FAILED, Stage.CANCELED, Stage.INCOMPLETE):
        return FARM
    return DONE
