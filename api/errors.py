"""Turns HTTP status codes and error bodies into ApiError, whose texts tell the user what to do."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from html import unescape
from typing import Any

from ..system.redaction import redact, secrets_of
from . import fields
from .shapes import parse, shown

MAX_ERROR_BYTES = 64 * 1024
"""Bytes of an error's body that are read."""
MAX_RETRY_AFTER = 3600.0
MAX_DEPTH = 6
"""Levels of an error's JSON that are searched for a message."""
MAX_ERRORS = 10

RETRYABLE = frozenset(
    {
        fields.NETWORK,
        fields.TIMEOUT,
        fields.TLS,
        fields.SERVER_FAULT,
        fields.RATE_LIMIT,
        # The user can renew a key, and Renderjuice can grant access, while a job waits.
        fields.REFUSED_KEY,
        fields.NO_ACCESS,
    }
)
"""Ids of temporary errors: the job itself is sound and may be tried again later."""


class ApiError(Exception):
    """A failed call: a stable `id` (see fields.py), a `message`, and a `hint` on what to do.

    `status` is the HTTP status code, None without a response. `retry_after` is the Retry-After
    header in seconds, None without one. `read_only` is true for GET requests. Both texts are
    redacted: they contain neither the key nor a signed URL.
    """

    def __init__(
        self,
        id: str,
        message: str,
        hint: str = "",
        *,
        status: int | None = None,
        retry_after: float | None = None,
    ) -> None:
        self.message = redact(message)
        self.hint = redact(hint)
        super().__init__(self.message)
        self.id = id
        self.status = status
        self.retry_after = retry_after
        self.read_only = False

    @property
    def retryable(self) -> bool:
        """Whether a later attempt may succeed with the job unchanged."""
        return self.id in RETRYABLE

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


_BY_STATUS: dict[int, tuple[str, str, str]] = {
    400: (
        fields.BAD_REQUEST,
        "Renderjuice does not accept the request",
        "Change what it names and submit again.",
    ),
    401: (
        fields.REFUSED_KEY,
        "Renderjuice refused the API key",
        "Copy the key from the Renderjuice dashboard into the preferences again. API access is"
        " granted on request: ask Renderjuice if your account has it.",
    ),
    402: (
        fields.NO_ACCESS,
        "Renderjuice asks for payment",
        "Look at your balance in the Renderjuice dashboard.",
    ),
    403: (
        fields.NO_ACCESS,
        "This Renderjuice account may not do that through the API",
        "API access is granted on request: ask Renderjuice to enable it for your account.",
    ),
    404: (
        fields.NOT_FOUND,
        "Renderjuice does not know it",
        "Check that the API key belongs to the same workspace, and the API address in the"
        " preferences.",
    ),
    407: (
        fields.NETWORK,
        "The proxy of this network asks for a name and a password",
        "Write them into HTTPS_PROXY (http://name:password@proxy:port), or ask who runs the"
        " network.",
    ),
    408: (fields.TIMEOUT, "Renderjuice waited too long for the request", "Check the network."),
    409: (
        fields.WRONG_STATE,
        "The job's state on the farm does not allow that",
        "Look at the job in the Renderjuice dashboard.",
    ),
    429: (
        fields.RATE_LIMIT,
        "Renderjuice asks to send fewer requests",
        "Nothing to do: it is tried again later.",
    ),
}
_BY_STATUS[410] = _BY_STATUS[404]
_MESSAGE_KEYS = ("message", "msg", "detail", "error", "errors", "issues", "details")
_TAG = re.compile(r"/?[a-z][a-z0-9]*")
_HIDDEN = ("head", "script", "style")
_FAULT = (
    fields.SERVER_FAULT,
    "Renderjuice has a fault of its own",
    "Nothing to do here: it is tried again later.",
)
_REDIRECT = (
    fields.NETWORK,
    "Something between this computer and Renderjuice answered with a redirect",
    "Sign in to the network if it asks for that, and check the API address in the preferences.",
)


def from_response(what: str, status: int, headers: Mapping[str, str], body: bytes) -> ApiError:
    """The error for an API response that is not 2xx; `what` names the call ("start the render")."""
    if status >= 500:
        id, said, hint = _FAULT
    elif 300 <= status < 400:
        id, said, hint = _REDIRECT
    else:
        id, said, hint = _BY_STATUS.get(status, _BY_STATUS[400])
    words = message_from_body(body)
    quoted = f": “{words}”" if words else ""
    return ApiError(
        id,
        f"Could not {what}. {said} (HTTP {status}){quoted}.",
        hint,
        status=status,
        retry_after=retry_after(headers),
    )


def from_storage(
    what: str, urls: Iterable[str], status: int, headers: Mapping[str, str], body: bytes
) -> ApiError:
    """The error for a storage response that is not 2xx, quoting its message.

    `urls` are the requested URLs: their secrets are removed from the message.
    """
    words = message_from_body(body, *(secret for url in urls for secret in secrets_of(url)))
    quoted = f": “{words}”" if words else ""
    if status in (401, 403, 410) or (status == 400 and "expire" in words.lower()):
        id, said = fields.EXPIRED_URL, "The storage no longer accepts the address"
    elif status == 404:
        id, said = fields.NOT_FOUND, "The storage does not have it"
    elif status == 429:
        id, said = fields.RATE_LIMIT, "The storage asks to send fewer requests"
    elif status >= 500:
        id, said = fields.SERVER_FAULT, "The storage has a fault of its own"
    elif status == 407:
        id, said, _ = _BY_STATUS[407]
    elif status == 408:
        id, said = fields.TIMEOUT, "The storage waited too long"
    else:
        id, said = fields.BAD_REQUEST, "The storage refused"
    return ApiError(
        id,
        f"Could not {what}. {said} (HTTP {status}){quoted}.",
        "A new address is asked for by itself." if id == fields.EXPIRED_URL else "",
        status=status,
        retry_after=retry_after(headers),
    )


def message_from_body(body: bytes, *secrets: str) -> str:
    """The server's message from an error's body (JSON, HTML, XML or text), or ""."""
    text = body[:MAX_ERROR_BYTES].decode("utf-8", "replace")
    try:
        words = message_in(parse(text.encode()))
    except ValueError:
        words = _text_of_markup(text)
    return shown(words, *secrets)


def message_in(said: Any, depth: int = MAX_DEPTH) -> str:
    """The message in an error's JSON: `message`, `error`, `error.message`, `errors[]` and alike."""
    if isinstance(said, str):
        return said
    if isinstance(said, list) and depth:
        return "; ".join(filter(None, (message_in(one, depth - 1) for one in said[:MAX_ERRORS])))
    if not isinstance(said, dict) or not depth:
        return ""
    found = [message_in(said.get(key), depth - 1) for key in _MESSAGE_KEYS]
    if not any(found):  # {"errors": {"frameRanges": ["is empty"]}}
        lists = [(key, value) for key, value in said.items() if isinstance(value, list)]
        named = [(key, message_in(value, depth - 1)) for key, value in lists[:MAX_ERRORS]]
        found = [f"{key}: {words}" for key, words in named if words]
    return "; ".join(dict.fromkeys(filter(None, found)))


def _text_of_markup(text: str) -> str:
    message = text.partition("<Message>")[2].partition("<")  # object storage answers in XML
    words = message[0] if message[1] else " ".join(_visible_text(text))
    try:
        return unescape(words)
    except ValueError:  # a character reference with thousands of digits
        return words


def _visible_text(page: str) -> Iterator[str]:
    """The text of an HTML page, without head, scripts and styles."""
    first, *pieces = page.split("<")
    yield first
    hidden = ""  # name of the open element whose content is skipped
    for piece in pieces:
        tag, closed, words = piece.partition(">")
        name = _TAG.match(tag.lower())
        if hidden and name and name[0] == f"/{hidden}":
            hidden = ""
        elif not hidden and name and name[0] in _HIDDEN:
            hidden = name[0]
        if not hidden:
            yield words if closed else f"<{piece}"


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The Retry-After header in seconds (RFC 9110: a number or a date), capped at an hour.

    A date is relative to the response's Date header, because this computer's clock may be wrong.
    """
    text = headers.get("Retry-After", "").strip()[:100]
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), MAX_RETRY_AFTER)
    moment = _http_date(text)
    if moment is None:
        return None
    now = _http_date(headers.get("Date", "")[:100]) or datetime.now(UTC)
    return min(max(0.0, (moment - now).total_seconds()), MAX_RETRY_AFTER)


def _http_date(text: str) -> datetime | None:
    """Parse an HTTP date; None if it is not one."""
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
