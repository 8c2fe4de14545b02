"""Defines what the self-test tells Blender: a line for each check, and the end. No bpy."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Line:
    """The result of one check."""

    id: str
    text: str
    """What should hold, as a sentence."""
    held: bool | None
    """None if the check was left out, because another one did not hold."""
    found: str = ""
    """What was found in its place; "" if it held."""
    hint: str = ""
    """What to do about it."""
    seconds: float = 0.0


@dataclass(frozen=True)
class End:
    """The end of a self-test."""

    report: str = ""
    """The path of the report; "" if it could not be written."""
    problem: str = ""
    """Why there is no report, or why the self-test ended early."""


@dataclass(frozen=True)
class Setup:
    """What the process of the self-test is told."""

    python: Sequence[str]
    """The command line of the worker's Python."""
    blender: Sequence[str]
    """The result of `packing.command.blender`."""
    site_packages: str
    """The folder of the extensions' wheels."""
    folders: Sequence[str]
    """Where the temporary folder may be; the first that can be written to is used."""
    report: str
    """The path of the report; "" for a new file in the system's temporary folder."""
    versions: dict[str, str]
    """The versions of Blender and of the extension, for the report."""


def all_held(lines: Sequence[Line]) -> bool:
    """Whether every check was made and held."""
    return bool(lines) and all(line.held for line in lines)


def encode(message: Line | End | Setup) -> bytes:
    """A message as a line of JSON."""
    return json.dumps({"kind": type(message).__name__, **asdict(message)}).encode() + b"\n"


def decode(line: bytes) -> Line | End | Setup | None:
    """The message of a line; None for any other output."""
    try:
        data: Any = json.loads(line)
        kind = {"Line": Line, "End": End, "Setup": Setup}[data.pop("kind")]
        message: Line | End | Setup = kind(**data)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return message
