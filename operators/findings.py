"""Operators for a finding of the checks: show its data-block, find its file, repair it."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bpy

from ..session import scan
from ..translations import reported

if TYPE_CHECKING:
    from ..scene.checks import Check

RELOAD = {"IMAGE", "LIBRARY"}
"""Data-block types that need `reload()` after a change of their path."""


class _OfFinding:
    """Base of operators on one finding, given by the type and name of its data-block."""

    id_type: bpy.props.StringProperty(options={"SKIP_SAVE", "HIDDEN"})
    datablock: bpy.props.StringProperty(options={"SKIP_SAVE", "HIDDEN"})

    def found(self) -> Any:
        """The data-block, or None if it no longer exists."""
        return find(self.id_type, self.datablock)


class RENDERJUICE_OT_show_datablock(_OfFinding, bpy.types.Operator):
    """Select the objects that this is about, or open the place where it is"""

    bl_idname = "renderjuice.show_datablock"
    bl_label = "Show"
    bl_options = {"REGISTER", "UNDO", "INTERNAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Select the data-block's users, and show it in an open editor."""
        id = self.found()
        if id is None:
            said = "“{name}” is not in this file any more."
            self.report({"WARNING"}, reported(said, name=self.datablock))
            return {"CANCELLED"}
        shown = _show_in_editors(context, id)
        objects = [o for o in users(id) if o.name in context.view_layer.objects]
        if objects:
            select(context, objects)
            said = "Selected {name} and {count} more" if len(objects) > 1 else "Selected {name}"
            said = reported(said, name=objects[0].name, count=len(objects) - 1)
        elif shown:
            said = reported("Shown in the {editor}", editor=reported(shown))
        else:
            said = reported(
                "No object that can be selected uses “{name}”. The Outliner lists it in its display"
                " mode Blender File.",
                name=id.name,
            )
        self.report({"INFO"}, said)
        return {"FINISHED"}


class RENDERJUICE_OT_find_file(_OfFinding, bpy.types.Operator):
    """Choose the file that is missing; the path in this scene is changed to it"""

    bl_idname = "renderjuice.find_file"
    bl_label = "Find File"
    bl_options = {"REGISTER", "UNDO", "INTERNAL"}

    # Blender's file browser sets the properties `filepath` and `filter_*`.
    filepath: bpy.props.StringProperty(subtype="FILE_PATH", options={"SKIP_SAVE"})
    filter_folder: bpy.props.BoolProperty(default=True, options={"HIDDEN"})
    missing: bpy.props.StringProperty(options={"SKIP_SAVE", "HIDDEN"})

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> Any:
        """Open the file browser in the missing file's nearest existing folder."""
        gone = Path(self.missing)
        there = next((folder for folder in gone.parents if folder.is_dir()), Path.home())
        self.filepath = str(there / gone.name)
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Set the data-block's path."""
        id = self.found()
        if id is None or not Path(self.filepath).is_file():
            gone = f"“{self.datablock}”" if id is None else self.filepath
            self.report({"ERROR"}, reported("{name} is not there.", name=gone))
            return {"CANCELLED"}
        id.filepath = bpy.path.relpath(self.filepath) if _is_relative(id) else self.filepath
        if id.id_type in RELOAD:
            id.reload()
        scan.refresh(context.scene, self._solved(context))
        return {"FINISHED"}

    def _solved(self, context: bpy.types.Context) -> "Check | None":
        """The finding that is solved."""
        for one in scan.checks(context.scene) or ():
            same = (one.id_type, one.datablock, one.path)
            if same == (self.id_type, self.datablock, self.missing):
                return one
        return None


class RENDERJUICE_OT_pack_image(_OfFinding, bpy.types.Operator):
    """Put the image into the .blend as it is now"""

    bl_idname = "renderjuice.pack_image"
    bl_label = "Pack"
    bl_options = {"REGISTER", "UNDO", "INTERNAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Pack the image and check again."""
        image = self.found()
        if image is not None:
            image.pack()
        scan.refresh(context.scene)
        return {"FINISHED"}


class RENDERJUICE_OT_use_image_format(bpy.types.Operator):
    """Write single images (PNG) instead of a video"""

    bl_idname = "renderjuice.use_image_format"
    bl_label = "Use PNG"
    bl_options = {"REGISTER", "UNDO", "INTERNAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Change the scene's file format and check again."""
        settings: Any = context.scene.render.image_settings
        if hasattr(settings, "media_type"):  # since 5.0
            settings.media_type = "IMAGE"
        settings.file_format = "PNG"
        scan.refresh(context.scene)
        return {"FINISHED"}


class RENDERJUICE_OT_use_camera(_OfFinding, bpy.types.Operator):
    """Render with the scene's first camera; without one, add one that sees what this view sees"""

    bl_idname = "renderjuice.use_camera"
    bl_label = "Use a Camera"
    bl_options = {"REGISTER", "UNDO", "INTERNAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Make it the scene's camera, and look once more."""
        scene = self.found() or context.scene
        cameras = [one for one in scene.objects if one.type == "CAMERA"]
        scene.camera = cameras[0] if cameras else _new_camera(context, scene)
        said = reported("The scene's camera is {name}.", name=scene.camera.name)
        self.report({"INFO"}, said)
        scan.refresh(context.scene)
        return {"FINISHED"}


def _new_camera(context: bpy.types.Context, scene: bpy.types.Scene) -> bpy.types.Object:
    """A camera where the 3D View's eye is."""
    camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    scene.collection.objects.link(camera)
    view: Any = getattr(context.space_data, "region_3d", None)
    if view is not None:
        camera.matrix_world = view.view_matrix.inverted()
    return camera


class RENDERJUICE_OT_use_cycles(bpy.types.Operator):
    """Render this scene with Cycles, which the farm knows"""

    bl_idname = "renderjuice.use_cycles"
    bl_label = "Use Cycles"
    bl_options = {"REGISTER", "UNDO", "INTERNAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Change the scene's engine, and look once more."""
        render: Any = context.scene.render
        render.engine = "CYCLES"
        scan.refresh(context.scene)
        return {"FINISHED"}


class RENDERJUICE_OT_choose_folder(bpy.types.Operator):
    """Choose the folder for the frames"""

    bl_idname = "renderjuice.choose_folder"
    bl_label = "Choose Folder"
    bl_options = {"REGISTER", "UNDO", "INTERNAL"}

    # Named as Blender's file browser names what it hands back.
    directory: bpy.props.StringProperty(subtype="DIR_PATH", options={"SKIP_SAVE"})
    filter_folder: bpy.props.BoolProperty(default=True, options={"HIDDEN"})

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> Any:
        """Open the file browser."""
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Bring the frames there, and look once more."""
        scene: Any = context.scene
        near = bpy.data.filepath and Path(self.directory).is_relative_to(bpy.path.abspath("//"))
        folder = bpy.path.relpath(self.directory) if near else self.directory
        scene.renderjuice_next.output = folder
        scan.refresh(scene)
        return {"FINISHED"}


class RENDERJUICE_OT_use_optix(bpy.types.Operator):
    """Ask the farm for OptiX; the preferences of this computer stay"""

    bl_idname = "renderjuice.use_optix"
    bl_label = "Use OptiX"
    bl_options = {"REGISTER", "UNDO", "INTERNAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Override the interface, and look once more."""
        scene: Any = context.scene
        overrides = scene.renderjuice
        overrides.use_compute_device_type, overrides.compute_device_type = True, "OPTIX"
        scan.refresh(context.scene)
        return {"FINISHED"}


class RENDERJUICE_OT_repair(bpy.types.Operator):
    """Do what repairs this, and look once more"""

    bl_idname = "renderjuice.repair"
    bl_label = "Repair"
    bl_options = {"INTERNAL"}

    what: bpy.props.EnumProperty(
        items=[
            ("ptcache.bake_all", "Bake All", "Bake all simulations of the scene"),
            ("image.save_all_modified", "Save All Images", "Save every image that was changed"),
        ],
        options={"SKIP_SAVE", "HIDDEN"},
    )

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Run Blender's operator and check again."""
        try:
            if self.what == "ptcache.bake_all":
                bpy.ops.ptcache.bake_all(bake=True)
            else:
                bpy.ops.image.save_all_modified()
        except RuntimeError as error:  # an error report of Blender's operator
            self.report({"ERROR"}, reported(str(error).strip()))
            return {"CANCELLED"}
        scan.refresh(context.scene)
        return {"FINISHED"}


def find(id_type: str, name: str) -> Any:
    """The data-block of this type and name, a local one first; None if there is none."""
    for member in bpy.data.bl_rna.properties:
        if member.type == "COLLECTION":
            collection: Any = getattr(bpy.data, member.identifier)
            if len(collection) and collection[0].id_type == id_type:
                return collection.get((name, None)) or collection.get(name)
    return None


def users(id: Any) -> list[Any]:
    """The objects that use `id`, directly or through other data-blocks."""
    if id.id_type == "OBJECT":
        return [id]
    data: Any = bpy.data
    uses = data.user_map()
    seen, waiting, objects = {id}, [id], []
    while waiting:
        for user in uses.get(waiting.pop(), ()):
            if user not in seen and user.id_type not in {"SCENE", "COLLECTION"}:
                seen.add(user)
                objects.extend([user] if user.id_type == "OBJECT" else [])
                waiting.append(user)
    return sorted(objects, key=lambda each: each.name)


def select(context: bpy.types.Context, objects: list[Any]) -> None:
    """Select only these objects."""
    for each in context.selected_objects:
        each.select_set(False)
    for each in objects:
        each.hide_set(False)
        each.select_set(True)
    context.view_layer.objects.active = objects[0]


def _show_in_editors(context: bpy.types.Context, id: Any) -> str:
    """Show the data-block in an open editor; return the editor's name, or ""."""
    if id.id_type == "SCENE":
        context.window.scene = id
        return "Properties editor"
    for area in _areas(context):
        space: Any = area.spaces.active
        if area.type == "IMAGE_EDITOR" and id.id_type == "IMAGE":
            space.image = id
            return "Image Editor"
        if area.type == "TEXT_EDITOR" and id.id_type == "TEXT":
            space.text = id
            return "Text Editor"
    return ""


def _areas(context: bpy.types.Context) -> Iterator[bpy.types.Area]:
    for window in context.window_manager.windows:
        yield from window.screen.areas


def _is_relative(id: Any) -> bool:
    return bool(bpy.data.filepath) and str(id.filepath).startswith("//")


_CLASSES = (
    RENDERJUICE_OT_show_datablock,
    RENDERJUICE_OT_find_file,
    RENDERJUICE_OT_pack_image,
    RENDERJUICE_OT_use_image_format,
    RENDERJUICE_OT_use_camera,
    RENDERJUICE_OT_use_cycles,
    RENDERJUICE_OT_choose_folder,
    RENDERJUICE_OT_use_optix,
    RENDERJUICE_OT_repair,
)

register, unregister = bpy.utils.register_classes_factory(_CLASSES)  # type: ignore[attr-defined]
