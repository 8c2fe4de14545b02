"""The extension's preferences: how to begin, and what holds for all files.

The key is not stored with them: it has a file of its own. Others read the preferences by
session/preferences.py.
"""

import bpy

from ..session import preferences
from . import first_run


def _get_key(_: bpy.types.AddonPreferences) -> str:
    from ..session import account

    return "•" * 12 if account.has_key() else ""


def _set_key(_: bpy.types.AddonPreferences, value: str) -> None:
    from ..session import account

    account.enter_key(value)


def _on_end_changed(_: bpy.types.AddonPreferences, __: bpy.types.Context) -> None:
    from ..session import connection

    connection.use_on_end()


def _address_changed(_: bpy.types.AddonPreferences, __: bpy.types.Context) -> None:
    from ..session import account

    account.new_address()


class RenderjuicePreferences(bpy.types.AddonPreferences):
    """What holds for all files of this artist."""

    bl_idname = preferences.PACKAGE

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
        default=preferences.API_URL,
        update=_address_changed,
    )
    output_folder: bpy.props.StringProperty(
        name="Output Folder",
        description="Where frames go: {file} is the name of the .blend, {title} of the job",
        default=preferences.OUTPUT_FOLDER,
    )
    scratch_folder: bpy.props.StringProperty(
        name="Scratch Folder",
        description="Where copies of scenes lie until they are uploaded; empty for the default",
        subtype="DIR_PATH",
    )
    transfers: bpy.props.IntProperty(
        name="Transfers",
        description="How many files are downloaded at a time",
        default=preferences.TRANSFERS,
        min=1,
        max=64,
    )
    notify: bpy.props.BoolProperty(
        name="Notification",
        description="Show a notification of the system when a job has ended",
        default=True,
    )
    end_sound: bpy.props.StringProperty(
        name="Sound",
        translation_context="Renderjuice",  # Blender's own German word for it is "Sound"
        description="A sound file that Blender plays when a job has ended; empty for none",
        subtype="FILE_PATH",
    )
    on_end: bpy.props.StringProperty(
        name="Command",
        description="A program that is started when a job has ended, with its arguments. Its last "
        "argument and its standard input are a file with the job's JSON document; empty for none",
        maxlen=1000,
        update=_on_end_changed,
    )

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the steps of the first run, below them the settings and the self-test."""
        from . import selftest  # enabling the extension stays fast

        layout = self.layout
        first_run.steps(layout.box(), context)
        column = layout.column()
        column.use_property_split = True
        column.use_property_decorate = False
        for name in ("api_url", "output_folder", "scratch_folder", "transfers"):
            column.prop(self, name)
        column.separator()
        column.label(text="When a Job Has Ended:")
        for name in ("notify", "end_sound", "on_end"):
            column.prop(self, name)
        selftest.draw(layout.box(), context)


_CLASSES = (RenderjuicePreferences,)

register, unregister = bpy.utils.register_classes_factory(_CLASSES)  # type: ignore[attr-defined]
