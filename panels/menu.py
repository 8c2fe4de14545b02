"""In Blender's own bars: two entries in the Render menu, and a line in the status bar."""

from typing import Any

import bpy

from ..session.state import state


def _draw(self: Any, _: bpy.types.Context) -> None:
    layout = self.layout
    layout.separator()
    # From a menu Blender asks nothing by itself; the operator's own questions are to be asked.
    layout.operator_context = "INVOKE_DEFAULT"
    still = layout.operator(
        "renderjuice.submit", text="Render Image on Renderjuice", icon="RENDER_STILL"
    )
    still.still = True
    layout.operator(
        "renderjuice.submit", text="Render Animation on Renderjuice", icon="RENDER_ANIMATION"
    )


def _draw_status(self: Any, _: bpy.types.Context) -> None:
    if state.jobs:
        from . import status_bar  # enabling the extension stays fast

        status_bar.draw(self.layout)


def register() -> None:
    """Add them."""
    menu: Any = bpy.types.TOPBAR_MT_render
    menu.append(_draw)
    bar: Any = bpy.types.STATUSBAR_HT_header
    bar.append(_draw_status)


def unregister() -> None:
    """Take them out."""
    bar: Any = bpy.types.STATUSBAR_HT_header
    bar.remove(_draw_status)
    menu: Any = bpy.types.TOPBAR_MT_render
    menu.remove(_draw)
