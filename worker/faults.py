"""Classifies failed transfers: caused by the file itself, or by the connection."""

from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from ..api import fields
from ..api.errors import ApiError

MAX_CONSECUTIVE = 8
"""Consecutive failures, as without a connection, that end a pass."""
_SLOW = frozenset({fields.NETWORK, fields.TIMEOUT, fields.TLS, fields.RATE_LIMIT})


@dataclass
class Faults:
    """The failures of one pass. Transfers are numbered by their start.

    A failure is the file's own if the storage's response is permanent, if a transfer that started
    later has succeeded, or if its URL is refused although it was just listed.
    """

    errors: dict[str, ApiError] = field(default_factory=dict)
    proven: bool = False
    """Whether another request has shown that the storage delivers files."""
    succeeded: int = 0
    """The number of successful transfers."""
    _numbers: dict[str, int] = field(default_factory=dict)
    _begun: int = 0
    _last_success: int = -1
    _consecutive: int = 0
    _lock: Lock = field(default_factory=Lock)

    def begin(self) -> int:
        """Start a transfer; return its number."""
        with self._lock:
            self._begun += 1
            return self._begun

    def record_success(self, number: int) -> None:
        """Record a successful transfer."""
        with self._lock:
            self.succeeded += 1
            self._consecutive = 0
            self._last_success = max(self._last_success, number)

    def record_failure(self, name: str, number: int, error: ApiError) -> bool:
        """Record a failed transfer; return whether to end the pass."""
        with self._lock:
            self.errors[name], self._numbers[name] = error, number
            if isinstance(error, Broken) or error.id not in _SLOW:
                return False
            self._consecutive += 1
            return error.id == fields.RATE_LIMIT or self._consecutive >= MAX_CONSECUTIVE

    def is_own(self, name: str) -> bool:
        """Whether the failure is the file's own."""
        error, number = self.errors[name], self._numbers[name]
        if error.id == fields.RATE_LIMIT:
            return False
        if error.id == fields.EXPIRED_URL:
            return number < self._last_success or not self.succeeded
        lasting = not error.retryable or isinstance(error, Broken)
        return lasting or self.proven or number < self._last_success

    def counts(self, name: str) -> bool:
        """Whether the failure counts towards the file's limit of passes."""
        return self.is_own(name) or (answered(self.errors[name]) and not self.succeeded)

    @property
    def unclear(self) -> bool:
        """Whether some failures may be caused by the file or by the connection."""
        return not self.proven and not all(map(self.is_own, self.errors))

    @property
    def expired(self) -> bool:
        """Whether a URL was refused, so that the list must be read again."""
        return any(error.id == fields.EXPIRED_URL for error in self.errors.values())


def answered(error: ApiError) -> bool:
    """Whether there was a response, so that the connection works."""
    return error.status is not None


class Broken(ApiError):
    """A downloaded file is corrupt or incomplete."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(
            fields.NETWORK,
            f"{name} arrived broken: {reason}.",
            "It is fetched again by itself; if that does not help, tell Renderjuice.",
            status=200,
        )


class FileInUse(ApiError):
    """A downloaded file cannot be renamed, because another program has the target open."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            "disk",
            f"{path} cannot be replaced: another program has it open.",
            "Close it there; it is fetched again by itself.",
        )


class Pending(ApiError):
    """Some files have failed and are tried again."""

    def __init__(self, error: ApiError) -> None:
        super().__init__(
            error.id, error.message, error.hint, status=error.status, retry_after=error.retry_after
        )

    @property
    def retryable(self) -> bool:
        """True: the failure of a file does not end a job that may have been paid for."""
        return True
