"""Whose fault it is that a file did not come: its own, or that of the connection to all of them."""

from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from ..api import fields
from ..api.errors import ApiError

MAX_CONSECUTIVE = 8
"""So many transfers that fail one after the other, as without a connection, end a pass."""
_SLOW = frozenset({fields.NETWORK, fields.TIMEOUT, fields.TLS, fields.RATE_LIMIT})


@dataclass
class Faults:
    """The faults of one pass of a download, whose transfers are numbered as they begin.

    A file has itself to blame where the storage answers what no waiting changes, or where another
    transfer succeeds that began later. So has one whose address the storage refuses although it has
    only just been listed.
    """

    errors: dict[str, ApiError] = field(default_factory=dict)
    proven: bool = False
    """Whether it is known from elsewhere that the storage gives files now."""
    succeeded: int = 0
    """How many transfers have succeeded."""
    _numbers: dict[str, int] = field(default_factory=dict)
    _begun: int = 0
    _last_success: int = -1
    _consecutive: int = 0
    _lock: Lock = field(default_factory=Lock)

    def begin(self) -> int:
        """The number of a transfer that begins."""
        with self._lock:
            self._begun += 1
            return self._begun

    def record_success(self, number: int) -> None:
        """A transfer has succeeded."""
        with self._lock:
            self.succeeded += 1
            self._consecutive = 0
            self._last_success = max(self._last_success, number)

    def record_failure(self, name: str, number: int, error: ApiError) -> bool:
        """A transfer has failed; whether to try no other one now."""
        with self._lock:
            self.errors[name], self._numbers[name] = error, number
            if isinstance(error, Broken) or error.id not in _SLOW:
                return False
            self._consecutive += 1
            return error.id == fields.RATE_LIMIT or self._consecutive >= MAX_CONSECUTIVE

    def is_own(self, name: str) -> bool:
        """Whether the file has itself to blame."""
        error, number = self.errors[name], self._numbers[name]
        if error.id == fields.RATE_LIMIT:
            return False
        if error.id == fields.EXPIRED_URL:
            return number < self._last_success or not self.succeeded
        lasting = not error.retryable or isinstance(error, Broken)
        return lasting or self.proven or number < self._last_success

    def counts(self, name: str) -> bool:
        """Whether the pass counts as one of the few that a file gets."""
        return self.is_own(name) or (answered(self.errors[name]) and not self.succeeded)

    @property
    def unclear(self) -> bool:
        """Whether a success of another transfer would tell whose fault something is."""
        return not self.proven and not all(map(self.is_own, self.errors))

    @property
    def expired(self) -> bool:
        """Whether an address was refused that a new list may replace."""
        return any(error.id == fields.EXPIRED_URL for error in self.errors.values())


def answered(error: ApiError) -> bool:
    """Whether the storage said something, so that there is a connection to it."""
    return error.status is not None


class Broken(ApiError):
    """A file that came, and not as the farm wrote it, or that the farm wrote so."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(
            fields.NETWORK,
            f"{name} arrived broken: {reason}.",
            "It is fetched again by itself; if that does not help, tell Renderjuice.",
            status=200,
        )


class FileInUse(ApiError):
    """A file that came and whose place another program keeps."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            "disk",
            f"{path} cannot be replaced: another program has it open.",
            "Close it there; it is fetched again by itself.",
        )


class Pending(ApiError):
    """Why files have not come that may still come."""

    def __init__(self, error: ApiError) -> None:
        super().__init__(
            error.id, error.message, error.hint, status=error.status, retry_after=error.retry_after
        )

    @property
    def retryable(self) -> bool:
        """True: a file's fault does not end a job that may be paid."""
        return True
