"""Writes the JSON document of a command."""

import json
import os
import stat
import sys
from pathlib import Path
from typing import Any

from ..system.files import absolute, write_atomic


def why_not(target: str | None) -> str:
    """Why no document can be written to `target`, as a sentence; "" if it can.

    It is asked before the command does anything. A file that holds anything but a document is not
    replaced: it may be the artist's own, such as the .blend.
    """
    if target in (None, "-"):
        return ""
    path = _place(target or "")
    try:
        if not path.parent.is_dir():
            return f"--json cannot be written: there is no folder {path.parent}."
        if not target or path.is_dir():
            return "--json needs the name of a file."
        if path.is_file() and not _is_document(path):
            return f"{path} is no JSON document and is not replaced: name another file."
    except OSError as error:
        return f"{path} cannot be written: {error.strerror}."
    return ""


def write(document: dict[str, Any], target: str | None) -> None:
    """Write the document to the file `target`, atomically; "-" is standard output.

    The encoding is always UTF-8. Undecodable bytes in file names are escaped. Raises OSError.
    """
    text = json.dumps({"schema": 1, **document}, indent=1, ensure_ascii=False) + "\n"
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        text = json.dumps({"schema": 1, **document}, indent=1) + "\n"
    if target == "-":
        sys.stdout.flush()
        sys.stdout.buffer.write(text.encode("utf-8"))
        sys.stdout.flush()
    elif target:
        path = _place(target)
        if _is_device(path):
            path.write_text(text, encoding="utf-8")
        else:
            write_atomic(path, text, mode=0o666)


def _place(target: str) -> Path:
    """Where the document goes: a link is followed, and stays."""
    path = absolute(target)
    return path if _is_device(path) else Path(os.path.realpath(path))


def _is_device(path: Path) -> bool:
    """Whether this is a pipe or a device, such as /dev/stdout, which no file may replace."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)


def _is_document(path: Path) -> bool:
    """Whether a file is empty or begins as the document of a command, or another JSON object."""
    with path.open("rb") as file:
        return file.read(64).lstrip()[:1] in (b"", b"{")
