"""Prints checks: missing files of one kind and folder together, the ignored ones as a number."""

import sys
from collections.abc import Iterator

import bpy

from ..scene import ignored, missing
from ..scene.checks import Check
from ..system.streams import one_line

MAX_NAMED = 10
"""Missing files of one folder that are named; the JSON document has all."""


def print_all(found: list[Check], scene: bpy.types.Scene) -> None:
    """Print the checks of `scene` to standard error."""
    left = ignored.without(found, scene)
    for one in missing.grouped(left):
        if isinstance(one, missing.Group):
            print("\n".join(_lines(one)), file=sys.stderr)
        else:
            print(f"{one.level}: {one_line(one.message)}", file=sys.stderr)
    if count := len(found) - len(left):
        what = "1 more is ignored" if count == 1 else f"{count} more are ignored"
        print(f"{what}, as this scene remembers; --json lists all.", file=sys.stderr)


def _lines(group: missing.Group) -> Iterator[str]:
    """What is missing, and then its names; of one file, its own sentence."""
    count = len(group.checks)
    if count == 1:
        yield f"{group.level}: {one_line(group.checks[0].message)}"
        return
    title = group.titles[1].format(count=count, folder=group.folder)
    yield f"{group.level}: {title}. {group.why}".rstrip()
    yield from (f"  {one_line(missing.name_of(one))}" for one in group.checks[:MAX_NAMED])
    if count > MAX_NAMED:
        yield f"  and {count - MAX_NAMED} more; --json lists all."
