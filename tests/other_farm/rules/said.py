"""Messages, files and logs: no keys, no signed URLs, no tracebacks, limited size."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..drive import Run

SECRET = re.compile(rb"SIG[0-9a-f]{12}|RJ-[0-9a-f]{8}")
MOST_BYTES_OF_LOG = 4 << 20


def no_secret(run: "Run") -> Iterator[str]:
    """No key and no signed URL is on disk or in the worker's messages."""
    for user in run.everybody():
        for path in user.state.rglob("*"):
            if path.is_file() and (match := SECRET.search(path.read_bytes())):
                yield f"secret: {match[0][:3].decode()} in {path.suffix} of the state folder"
        if match := SECRET.search(repr(user.said).encode()):
            yield f"secret: {match[0][:3].decode()} in what the worker says"
    for path in run.project.rglob("*"):
        if path.is_file() and SECRET.search(path.read_bytes()):
            yield f"secret: in {path.name} of the output folder"


def key_at_home(run: "Run") -> Iterator[str]:
    """The key is sent only to the API."""
    for farm in (run.farm, run.other_farm):
        for entry in farm.log:
            if entry.who and (entry.host == "storage" or entry.path.endswith("/stolen")):
                yield f"secret: the key was sent to {entry.method} {entry.path[:30]}"


def home_at_home(run: "Run") -> Iterator[str]:
    """No computer name and no local path is sent."""
    for name in sorted(run.farm.leaks):
        yield f"privacy: {name} was sent"


def short_log(run: "Run") -> Iterator[str]:
    """The log size is limited, whatever the farm does."""
    for user in run.everybody():
        size = sum(path.stat().st_size for path in user.state.glob("*.log"))
        if size > MOST_BYTES_OF_LOG:
            yield f"log: {size >> 20} MiB"


def no_traceback(run: "Run") -> Iterator[str]:
    """No behavior of the farm causes a traceback in the log."""
    for user in run.everybody():
        for path in user.state.glob("*.log"):
            text = path.read_text(errors="replace", encoding="utf-8")
            for trace in text.split("Traceback (most recent call last):")[1:]:
                lines = [x for x in trace.splitlines() if re.match(r"[\w.]+(Error|Exception)", x)]
                place = re.findall(r'File "[^"]*?([^/"]+/[^/"]+)", line (\d+)', trace)
                yield f"traceback: {lines[0][:120] if lines else '?'} at {place[-1:]}"
