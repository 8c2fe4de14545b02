"""Has Blender draw the places that show jobs: the sidebar, the properties, the status bar."""

import bpy

from . import timers

SECONDS_UNTIL_REDRAW = 0.1

_REGIONS = {"VIEW_3D": "UI", "PROPERTIES": "WINDOW", "PREFERENCES": "WINDOW"}


def now() -> None:
    """Draw those places, and no scene with them."""
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            kind = _REGIONS.get(area.type)
            for region in area.regions if kind else ():
                if region.type == kind and region.width > 1:
                    region.tag_redraw()
    # No list of areas holds the status bar; Blender draws it when this is set, to whatever value.
    manager = bpy.context.window_manager
    manager.extensions_updates = manager.extensions_updates


def soon() -> None:
    """Draw them in a later frame of the display than this one: an animation may play, and each of
    its frames has room for either taking in messages or drawing them."""
    timers.start(now, SECONDS_UNTIL_REDRAW)
