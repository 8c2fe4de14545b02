"""Redacts secrets from texts that are stored or displayed: API keys and signed URLs.

Servers quote requests in many encodings: percent-encoded, JSON or HTML escapes, Base64, truncated.
Everything here runs in linear time.
"""

import base64
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html.entities import html5

ELLIPSIS = "…"
MIN_LENGTH = 6
"""Characters from the start of a secret that are redacted. Shorter secrets are ignored."""
RUN_LENGTH = 8
"""Characters from anywhere in a secret that are redacted."""
TOKEN_LENGTH = 16
"""A value of this length may be a token; a URL path segment only if it also has a digit."""
LEVELS = 4
"""Passes over a text, the first unescaped: up to three nested escapes (JSON in HTML in a URL)."""

_ESCAPE = re.compile(
    r"%(?P<percent>[0-9A-Fa-f]{2})"
    r"|\\u\{?(?P<unicode>[0-9A-Fa-f]{4})\}?|\\x(?P<byte>[0-9A-Fa-f]{2})|\\(?P<plain>.)"
    r"|&#(?P<decimal>[0-9]{1,7});?|&#[xX](?P<hex>[0-9A-Fa-f]{1,6});?|&(?P<name>[A-Za-z]{2,8});"
)
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,9}://(?P<rest>[^\s\"'<>“”]+)")
_HOST = re.compile(r"(?:[A-Za-z0-9._-]{1,255}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?(?=[/?#]|$)")
_PARAMETER = re.compile(r"(?P<name>[A-Za-z][\w.-]{0,60})=(?P<value>[^\s&\"'<>;,“”]+)")
_HEADER = re.compile(
    r"(?i)(?:authorization|cookie|secret|signature|token|password|credential|api[-_ ]?key)"
    r"[\"']?\s{0,3}[:=]\s{0,3}[\"']?(?P<value>[^\s\"'<>]{8,})"
)
_SCHEME = re.compile(r"(?i)\b(?:bearer|basic|negotiate)\s{1,3}(?P<value>[^\s\"'<>]{8,})")
_TOKEN = re.compile(r"(?P<value>\beyJ[\w.-]{10,}|\b(?:AKIA|ASIA)[0-9A-Z]{8,})")
_SECRET_NAME = re.compile(
    r"^(?:x[-_](?:amz|goog)|s[a-z]$|sk[a-z]{1,3}$)"
    r"|(?:^|[-_.]|(?<=[a-z])(?=[A-Z]))(?i:sig|signature|token|key|key[-_]?id|secret|credentials?"
    r"|auth|authorization|password|passwd|pwd|policy|session|jwt|hmac|expires)$",
    re.ASCII,
)


@dataclass
class _Secrets:
    """The character sequences to look for: starts of secrets, and sequences within them."""

    heads: set[str] = field(default_factory=set)
    runs: set[str] = field(default_factory=set)

    def add(self, secret: str) -> None:
        secret = "".join(filter(_is_visible, secret))
        if len(secret) < MIN_LENGTH:
            return
        self.heads.update(secret[:length].lower() for length in range(MIN_LENGTH, RUN_LENGTH))
        self._add_runs(secret)
        for offset in range(3):  # the secret's possible alignments in Base64 of a longer text
            whole = base64.b64encode(b"\0" * offset + secret.encode()).decode()
            self._add_runs(whole[4 if offset else 0 : len(whole) // 4 * 4 - 4])

    def _add_runs(self, text: str) -> None:
        self.runs.update(
            text[at : at + RUN_LENGTH].lower() for at in range(len(text) - RUN_LENGTH + 1)
        )


_known = _Secrets()


def add_secret(secret: str) -> None:
    """Make `redact` remove this secret from all texts, for the lifetime of the process."""
    _known.add(secret)


def redact(text: str, *secrets: str) -> str:
    """Replace keys, tokens, signed URLs, and `secrets` or parts of them, by "…"."""
    more = _Secrets(set(_known.heads), set(_known.runs)) if secrets else _known
    for secret in secrets:
        more.add(secret)
    spans: list[tuple[int, int]] = []
    chars, starts = text, list(range(len(text) + 1))
    for _ in range(LEVELS):
        found = [*_addresses(chars), *_values(chars), *_parts(chars, more)]
        spans += [(starts[begin], starts[end]) for begin, end in found]
        unescaped, places = _unescape(chars, starts)
        if unescaped == chars:
            break
        chars, starts = unescaped, places
    return _without(text, spans)


def secrets_of(url: str) -> Iterator[str]:
    """The secret parts of a signed URL, as arguments for `redact`."""
    path, _, query = url.partition("://")[2].partition("/")[2].partition("?")
    yield from (part.rpartition("=")[2] for part in re.split("[&;#]", query))
    yield from (part for part in path.split("/")[:-1] if _may_be_token(part))


def _without(text: str, spans: Iterable[tuple[int, int]]) -> str:
    kept: list[str] = []
    at = 0
    for begin, end in sorted(spans):
        if begin > at or not kept:
            kept += [text[at:begin], ELLIPSIS]
        at = max(at, end)
    return "".join(kept) + text[at:]


def _addresses(text: str) -> Iterator[tuple[int, int]]:
    """The spans of URLs that may be signed, without their hosts."""
    for match in _URL.finditer(text):
        rest = match["rest"]
        host = _HOST.match(rest)
        path = rest[host.end() :] if host else ""
        plain = host and not set("?#@;=") & set(path)
        if not plain or any(map(_may_be_token, path.split("/"))):
            yield match.start("rest") + (host.end() if host else 0), match.end()


def _values(text: str) -> Iterator[tuple[int, int]]:
    """The spans of values whose names indicate a secret, and of long values."""
    for match in _PARAMETER.finditer(text):
        if len(match["value"]) >= TOKEN_LENGTH or _SECRET_NAME.search(match["name"]):
            yield match.span("value")
    for pattern in (_HEADER, _SCHEME):
        for match in pattern.finditer(text):
            if len(match["value"]) >= TOKEN_LENGTH or any(map(str.isdigit, match["value"])):
                yield match.span("value")
    for match in _TOKEN.finditer(text):
        yield match.span("value")


def _parts(text: str, secrets: _Secrets) -> Iterator[tuple[int, int]]:
    """The spans of parts of secrets, even with whitespace in between."""
    if not secrets.heads:
        return
    places = [at for at, char in enumerate(text) if _is_visible(char)]
    visible = "".join(text[at] for at in places).lower()
    for at in range(len(visible) - MIN_LENGTH + 1):
        if visible[at : at + RUN_LENGTH] in secrets.runs:
            yield places[at], places[at + RUN_LENGTH - 1] + 1
            continue
        for length in range(RUN_LENGTH - 1, MIN_LENGTH - 1, -1):
            if visible[at : at + length] in secrets.heads:
                yield places[at], places[min(at + length, len(places)) - 1] + 1
                break


def _may_be_token(segment: str) -> bool:
    return len(segment) >= TOKEN_LENGTH and any(map(str.isdigit, segment))


def _is_visible(char: str) -> bool:
    return "!" <= char <= "~"


def _unescape(chars: str, starts: list[int]) -> tuple[str, list[int]]:
    """Undo one level of escapes; return the characters and their offsets in the original text."""
    pieces: list[str] = []
    places: list[int] = []
    at = 0
    for match in _ESCAPE.finditer(chars):
        char = _character(match)
        if char is None:
            continue
        pieces += [chars[at : match.start()], char]
        places += [*starts[at : match.start()], starts[match.start()]]
        at = match.end()
    return "".join([*pieces, chars[at:]]), places + starts[at:]


def _character(match: re.Match[str]) -> str | None:
    """The character of an escape; None if it is not one."""
    if name := match["name"]:
        known = html5.get(f"{name};", "")
        return known if len(known) == 1 else None
    if plain := match["plain"]:
        return plain
    number = int(match["decimal"] or "0")
    for written in (match["percent"], match["unicode"], match["byte"], match["hex"]):
        number = number or int(written or "0", 16)
    return chr(number) if number < 0x110000 else None
