"""Runs inside Blender: the open file as plain data, to compare a session before and after."""

import ctypes

import bpy

# Windows change when they are redrawn; the job list belongs to the window manager.
WINDOWS = {"window_managers", "screens", "workspaces", "all_ids"}
# Reading these makes Blender create them or crash, or they only refer back.
NOT_ASKED = {
    *("rna_type", "original", "preview", "id_data", "pixels", "depsgraph", "uv_sculpt"),
    "is_library_indirect",  # computed again at each save, including autosave
    *("shown_title", "shown_output"),  # of the next job, which depend on existing jobs
    "storage_type",  # of an attribute with a single value: each save in 5.2 makes it explicit
    *(f"{name}_grid" for name in ("color", "density", "flame", "heat", "temperature", "velocity")),
}
MAX_DEPTH = 5


def session():
    """All readable properties of the session, each under its path."""
    data = bpy.data
    found = {"file": [data.filepath, data.is_dirty, data.is_saved, data.use_autopack]}
    found["current"] = [bpy.context.scene.name, bpy.context.mode, str(bpy.context.object)]
    found["paths"] = sorted(bpy.utils.blend_paths(absolute=False, packed=True, local=False))
    for collection in data.bl_rna.properties:
        if collection.type != "COLLECTION":
            continue
        for block in getattr(data, collection.identifier):
            name = f"{collection.identifier}[{block.name_full!r}]"
            found[name] = [block.users, block.session_uid, str(block.library)]
            if collection.identifier not in WINDOWS:
                tell(block, name, found, 0)
    return found


def tell(thing, name, found, depth):
    """Add every property of a struct to `found`: data-blocks by name, other structs recursively."""
    if depth > MAX_DEPTH:
        return
    for prop in thing.bl_rna.properties:
        if prop.identifier in NOT_ASKED:
            continue
        path = f"{name}.{prop.identifier}"
        try:
            value = getattr(thing, prop.identifier)
        except Exception as error:
            found[path] = type(error).__name__
            continue
        if prop.type == "COLLECTION":
            found[path] = len(value)
            for number, one in enumerate(value):
                member(one, f"{path}[{number}]", found, depth)
        elif prop.type == "POINTER":
            member(value, path, found, depth)
        elif getattr(prop, "is_array", False):
            found[path] = str([tuple(one) if hasattr(one, "__len__") else one for one in value])
        else:
            found[path] = str(sorted(value)) if isinstance(value, set) else str(value)


def member(value, path, found, depth):
    inside = isinstance(value, bpy.types.ID) and value.is_embedded_data
    if value is None or (isinstance(value, bpy.types.ID) and not inside):
        found[path] = getattr(value, "name_full", None)
    elif not path.endswith(("node", "_socket", ".parent")):  # members of another collection
        tell(value, path, found, depth + 1)


def print_undo_steps():
    """Make Blender print its undo steps to standard output, which is the log file here."""
    print("Undo steps:", flush=True)
    bpy.context.window_manager.print_undo_steps()
    ctypes.CDLL(None).fflush(None)
