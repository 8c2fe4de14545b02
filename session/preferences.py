"""The extension's preferences. The key is not among them: it stands in a file of its own."""

import os
from typing import Any

import bpy

PACKAGE = __package__.rpartition(".")[0]
API_URL = "https://api.renderjuice.com/api/external/v1"
OUTPUT_FOLDER = "//renderjuice/{file}/{title}/"
TRANSFERS = 16


def _get_key(_: bpy.types.AddonPreferences) -> str:
    from . import bridge

    return "•" * 12 if bridge.has_key() else ""


def _set_key(_: bpy.types.AddonPreferences, value: str) -> None:
    from . import bridge

    new = value.replace("•", "").strip()  # the dots of the one before, if it was pasted beside them
    if value and not new:
        return
    try:
        bridge.keep_key(new)
        if new and not bridge.offline():
            bridge.test_key()  # who enters a key wants to know
    except OSError as error:
        bridge.trouble = f"The key could not be kept: {error}"


def _address_changed(_: bpy.types.AddonPreferences, __: bpy.types.Context) -> None:
    from . import bridge

    bridge.new_address()


class RenderjuicePreferences(bpy.types.AddonPreferences):
    """What holds for all files of this artist."""

    bl_idname = PACKAGE

    # A value with get and set is not stored in userpref.blend, which others may read.
    key: bpy.props.StringProperty(
        name="API Key",
        description="From the Renderjuice dashboard. It is tried at once, and kept in a file that "
        "only you can read",
        subtype="PASSWORD",
        get=_get_key,
        set=_set_key,
    )
    api_url: bpy.props.StringProperty(
        name="API Address",
        description="Where Renderjuice is asked",
        default=API_URL,
        update=_address_changed,
    )
    output_folder: bpy.props.StringProperty(
        name="Output Folder",
        description="Where frames go: {file} is the name of the .blend, {title} of the job",
        default=OUTPUT_FOLDER,
    )
    scratch_folder: bpy.props.StringProperty(
        name="Scratch Folder",
        description="Where copies of scenes lie until they are uploaded; empty for the default",
        subtype="DIR_PATH",
    )
    transfers: bpy.props.IntProperty(
        name="Transfers",
        description="How many files are downloaded at a time",
        default=TRANSFERS,
        min=1,
        max=64,
    )

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the preferences."""
        from ..panels import preferences as panel

        panel.draw(self.layout, self, context)


class _Defaults:
    """The preferences where the extension is not enabled: headless from a checkout."""

    api_url = API_URL
    output_folder = OUTPUT_FOLDER
    scratch_folder = ""
    transfers = TRANSFERS


def get() -> Any:
    """The preferences of this Blender."""
    addon: Any = bpy.context.preferences.addons.get(PACKAGE)
    return addon.preferences if addon and addon.preferences else _Defaults


def api_url() -> str:
    """The API's address: from the environment, else from the preferences."""
    return os.environ.get("RENDERJUICE_API_URL") or str(get().api_url)


def register() -> None:
    """Add the preferences."""
    bpy.utils.register_class(RenderjuicePreferences)


def unregister() -> None:
    """Take them out."""
    bpy.utils.unregister_class(RenderjuicePreferences)
