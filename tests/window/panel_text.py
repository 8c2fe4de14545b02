"""The text of the sidebar's panels: labels and buttons of their last redraw.

    observe(blender)
    blender.click_operator("renderjuice.check")
    assert "no camera" in panel_text(blender)

Panels draw into Blender's layout as usual; a wrapper records their calls.
(`UILayout.introspect()` would return the same, but Blender 5.2.2 crashes after some calls of it.)

`cut` returns the lines that are too wide for the sidebar: Blender truncates them with dots.
"""

import time

from tests.window.harness import Blender

OBSERVE = """
import blf

shown = {}
drawn_lines = {}
BESIDE = {"row", "split"}
WORDS = {"label", "operator", "menu", "popover", "progress"}


class Noted:
    # Blender's layout, with a list of what goes into it, and its lines: what stands side by side.

    def __init__(self, layout, notes, lines=None, line=None):
        self.__dict__.update(layout=layout, notes=notes, line=line)
        self.__dict__["lines"] = [] if lines is None else lines

    def __setattr__(self, name, value):
        setattr(self.layout, name, value)

    def __getattr__(self, name):
        found = getattr(self.layout, name)
        if not callable(found):
            return found

        def call(*arguments, **named):
            self.notes.extend(a for a in arguments if isinstance(a, str))
            self.notes.append(named.get("text", ""))
            if name in WORDS and named.get("text"):
                self.in_line().append((named["text"], "icon" in named and named["icon"] != "NONE"))
            result = found(*arguments, **named)
            return self.noted(result, self.in_line() if name in BESIDE else None)

        return call

    def in_line(self):
        # Where the next thing stands: beside those before it, or in a line of its own.
        if self.line is not None:
            return self.line
        self.lines.append([])
        return self.lines[-1]

    def noted(self, result, line=None):
        if isinstance(result, tuple):  # a part that can be closed: its header, and its body or None
            return tuple(map(self.noted, result))
        if not isinstance(result, bpy.types.UILayout):
            return result
        return Noted(result, self.notes, self.lines, line)


class Drawn:
    # A panel whose layout is noted.

    def __init__(self, panel, notes, lines):
        self.panel, self.layout = panel, Noted(panel.layout, notes, lines)

    def __getattr__(self, name):
        return getattr(self.panel, name)


def observed(panel):
    real = panel.draw

    def draw(self, context):
        notes, lines = [], []
        real(Drawn(self, notes, lines), context)
        if context.area.type == "VIEW_3D":
            shown[context.window.as_pointer(), panel.__name__] = notes
            drawn_lines[panel.__name__] = lines

    panel.draw = draw


def said(text):
    own = bpy.app.translations.pgettext_iface(text, "Operator")
    return own if own != text else bpy.app.translations.pgettext_iface(text)


def cut_lines():
    preferences = bpy.context.preferences
    scale = preferences.system.ui_scale
    room = sidebar.width - 42 * scale  # the tabs and the borders
    blf.size(0, preferences.ui_styles[0].widget.points * scale)
    found = []
    for lines in drawn_lines.values():
        for line in lines:
            words = [(said(text), icon) for text, icon in line]
            needed = [blf.dimensions(0, text)[0] + (36 if icon else 14) * scale
                      for text, icon in words]
            if sum(needed) > room:
                found.append(" | ".join(text for text, _ in words))
    return found


for name in dir(bpy.types):
    if name.startswith("VIEW3D_PT_renderjuice"):
        observed(getattr(bpy.types, name))
"""
TEXT = """
window = bpy.context.window_manager.windows[NUMBER].as_pointer()
" ".join(text for (where, _), texts in shown.items() if where == window for text in texts if text)
"""


def observe(blender: Blender) -> None:
    """Start to record what the panels draw."""
    blender.run(OBSERVE)


def panel_text(blender: Blender, window: int = 0) -> str:
    """Redraw a window and return the text of its panels, with lines of one sentence joined."""
    blender.run(
        "shown.clear()\n"
        f"for area in bpy.context.window_manager.windows[{window}].screen.areas: area.tag_redraw()"
    )
    time.sleep(0.3)
    return blender.run(TEXT.replace("NUMBER", str(window)))


def draw_now(blender: Blender) -> str:
    """Redraw the sidebar once, wait only for that, and return the text of its panels."""
    blender.run("shown.clear(), drawn_lines.clear(), view.tag_redraw(), sidebar.tag_redraw()")
    blender.wait_until("any('_main' in name for _, name in shown)")
    return blender.run(TEXT.replace("NUMBER", "0"))


def cut(blender: Blender) -> list[str]:
    """The lines that were too wide for the sidebar at its last redraw."""
    return blender.run("cut_lines()")
