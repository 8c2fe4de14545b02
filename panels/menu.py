"""Two entries in the Render menu, below Blender's own."""

from typing import Any

import bpy


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


def register() -> None:
    """Add the entries."""
    menu: Any = bpy.types.TOPBAR_MT_render
    menu.append(_draw)


def unregister() -> None:
    """Take them out."""
    menu: Any = bpy.types.TOPBAR_MT_render
    menu.remove(_draw)
