"""From a Blender that has never seen Renderjuice to the first job: three steps in one place.

The sidebar shows them while something is to be done, the preferences always.
"""

from typing import Any

import bpy

from ..session import account, connection, preferences
from ..session.state import state
from .text import wrapped

KEY_PAGE = "https://www.renderjuice.com/docs"
REFUSALS = ("refused", "no access")
_ICONS: dict[str, Any] = {
    "accepted": "CHECKMARK",
    "testing": "SORTTIME",
    "unreachable": "ERROR",
    "refused": "CANCEL",
    "no access": "CANCEL",
}


def needed() -> bool:
    """Whether Submit could not work, for want of a key that Renderjuice takes."""
    return not account.has_key() or account.test_result()[0] in ("testing", *REFUSALS)


def draw(layout: bpy.types.UILayout, context: bpy.types.Context) -> bool:
    """Draw what is left to do. Whether nothing else is of use before that.

    What passes by itself (no network) is said above the rest, which stays: who is offline can
    still look at what would be sent.
    """
    if needed():
        steps(layout, context)
        return True
    result, sentence = account.test_result()
    if not bpy.app.online_access:
        _online(layout, context)
    elif result == "unreachable":
        wrapped(layout, context, sentence, _ICONS[result])
        layout.operator("renderjuice.test_key", text="Try Now", icon="FILE_REFRESH")
    elif result == "accepted" and not state.jobs:
        wrapped(layout, context, sentence, _ICONS[result])
    return False


def steps(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """Draw each step with its state, and what there is to do for it."""
    _online(layout, context)
    _key(layout, context)
    if not bpy.data.filepath:
        layout.label(text="Save the file (recommended)", icon="RADIOBUT_OFF")
        layout.operator("wm.save_as_mainfile", icon="FILE_TICK")


def _step(layout: bpy.types.UILayout, text: str, *, done: bool) -> None:
    layout.label(text=text, icon="CHECKMARK" if done else "RADIOBUT_OFF")


def _online(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """Blender's switch, which is the artist's unless Blender was started with another."""
    _step(layout, "Online access", done=bpy.app.online_access)
    if bpy.app.online_access:
        return
    wrapped(layout, context, f"{connection.offline()}.", "BLANK1")
    if not bpy.app.online_access_override:
        layout.operator("extensions.userpref_allow_online", text="Allow Online Access")


def _key(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """The field, and what Renderjuice says of what is in it."""
    from ..jobs import key  # enabling the extension stays fast

    result, sentence = account.test_result()
    _step(layout, "API key", done=account.has_key() and result not in REFUSALS)
    if key.from_environment():
        text = "It is taken from {variable}."
        wrapped(layout, context, text, "BLANK1", variable=key.VARIABLE)
    else:
        layout.prop(preferences.get(), "key", text="", placeholder="RJ-…")
    column = layout.column(align=True)
    column.operator("renderjuice.test_key")
    column.operator("wm.url_open", text="Get an API Key", icon="URL").url = KEY_PAGE
    if result:
        wrapped(layout, context, sentence, _ICONS[result])
