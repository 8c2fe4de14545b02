"""`blender --command renderjuice`."""

from collections.abc import Sequence
from typing import Any

import bpy

_handle: Any = None


def _run(arguments: Sequence[str]) -> int:
    from ..commands.cli import main

    return main(arguments)


def register() -> None:
    """Make the command known."""
    global _handle  # noqa: PLW0603 (Blender hands out the handle once)
    _handle = bpy.utils.register_cli_command("renderjuice", _run)


def unregister() -> None:
    """Forget it."""
    bpy.utils.unregister_cli_command(_handle)
