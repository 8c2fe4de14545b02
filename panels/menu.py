"""Two entries in the Render menu, below Blender's own."""

import bpy


def _draw(self: bpy.types.Menu, _: bpy.types.Context) -> None:
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
    bpy.types.TOPBAR_MT_render.append(_draw)


def unregister() -> None:
    """Take them out."""
    bpy.types.TOPBAR_MT_render.remove(_draw)
