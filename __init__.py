"""Renderjuice for Blender: sends the open scene to the Renderjuice farm and brings the frames home.

Nothing is imported at the top: tools that only look at the folder have no bpy.
"""


def register() -> None:
    """Add everything to Blender. Called by Blender when the extension is enabled."""


def unregister() -> None:
    """Take everything out of Blender again."""
