"""Redraws the regions that show jobs: the sidebar, the Properties editor, the status bar."""

import bpy

from . import timers

SECONDS_UNTIL_REDRAW = 0.1

_REGIONS = {"VIEW_3D": "UI", "PROPERTIES": "WINDOW", "PREFERENCES": "WINDOW"}


def now() -> None:
    """Tag those regions for redraw, without redrawing the 3D viewport's scene."""
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            kind = _REGIONS.get(area.type)
            for region in area.regions if kind else ():
                if region.type == kind and region.width > 1:
                    region.tag_redraw()
    # screen.areas lacks the status bar; setting this property redraws it, whatever the value.
    manager = bpy.context.window_manager
    manager.extensions_updates = manager.extensions_updates


def soon() -> None:
    """Redraw in a later display frame: during animation playback, one frame has time for either
    handling events or drawing."""
    timers.start(now, SECONDS_UNTIL_REDRAW)
