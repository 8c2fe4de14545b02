"""What the sidebar's panels show: the texts and buttons that they laid out when drawn last.

    observe(blender)
    blender.click_operator("renderjuice.check")
    assert "no camera" in panel_text(blender)

Panels draw into Blender's layout as always; what they hand to it is noted on the way.
(`UILayout.introspect()` would tell it too, but Blender 5.2.2 crashes after some calls of it.)
"""

import time

from tests.window.harness import Blender

OBSERVE = """
shown = {}


class Noted:
    # Blender's layout, with a list of what goes into it.

    def __init__(self, layout, notes):
        self.__dict__.update(layout=layout, notes=notes)

    def __setattr__(self, name, value):
        setattr(self.layout, name, value)

    def __getattr__(self, name):
        found = getattr(self.layout, name)
        if not callable(found):
            return found

        def call(*arguments, **named):
            self.notes.extend(a for a in arguments if isinstance(a, str))
            self.notes.append(named.get("text", ""))
            result = found(*arguments, **named)
            return self.noted(result)

        return call

    def noted(self, result):
        if isinstance(result, tuple):  # a part that can be closed: its header, and its body or None
            return tuple(map(self.noted, result))
        return Noted(result, self.notes) if isinstance(result, bpy.types.UILayout) else result


class Drawn:
    # A panel whose layout is noted.

    def __init__(self, panel, notes):
        self.panel, self.layout = panel, Noted(panel.layout, notes)

    def __getattr__(self, name):
        return getattr(self.panel, name)


def observed(panel):
    real = panel.draw

    def draw(self, context):
        notes = []
        real(Drawn(self, notes), context)
        if context.area.type == "VIEW_3D":
            shown[context.window.as_pointer(), panel.__name__] = notes

    panel.draw = draw


for name in dir(bpy.types):
    if name.startswith("VIEW3D_PT_renderjuice"):
        observed(getattr(bpy.types, name))
"""
TEXT = """
window = bpy.context.window_manager.windows[NUMBER].as_pointer()
" ".join(text for (where, _), texts in shown.items() if where == window for text in texts if text)
"""


def observe(blender: Blender) -> None:
    """From now on note what the panels draw."""
    blender.run(OBSERVE)


def panel_text(blender: Blender, window: int = 0) -> str:
    """All that the panels in a window say, lines of one sentence joined."""
    blender.run(
        "shown.clear()\n"
        f"for area in bpy.context.window_manager.windows[{window}].screen.areas: area.tag_redraw()"
    )
    time.sleep(0.3)
    return blender.run(TEXT.replace("NUMBER", str(window)))
