"""Validation: opens the package's .blend and checks what a render needs."""

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

import bpy
import file_paths
import scene_config
import talk


def inspect(request: dict[str, Any]) -> dict[str, Any]:
    """Return the findings; raises talk.Refuse if the file cannot be rendered."""
    talk.open_blend(request["blend"])
    needed = list(file_paths.needed_files())
    for file in needed:
        check_file(file, Path(request["package"]))
    scene = bpy.context.scene
    if scene.camera is None and not renders_sequencer(scene):
        raise talk.Refuse(f"Scene “{scene.name}” has no camera", "NO_CAMERA")
    return {
        "blenderVersion": bpy.app.version_string,
        "scene": scene.name,
        "camera": scene.camera.name if scene.camera else None,
        "files": sorted({file.stored for file in needed}),
        "config": scene_config.read(scene, scene_config.scene_frames(scene)),
    }


def check_file(file: file_paths.Needed, package: Path) -> None:
    """Refuse a path that is absolute, is outside the package, or does not exist."""
    used = f"{file.stored} (used by {file.user})"
    if not file.stored.startswith("//"):
        raise talk.Refuse(f"Absolute path: {used}", "ABSOLUTE_PATH")
    if not file.path.resolve().is_relative_to(package):
        raise talk.Refuse(f"Path outside the package: {used}", "PATH_OUTSIDE_PACKAGE")
    if not file.path.exists():
        name = file.path.resolve().relative_to(package).as_posix()
        raise talk.Refuse(f"Missing file: {name}, stored as {used}", "MISSING_FILE")


def renders_sequencer(scene: Any) -> bool:
    """Return whether the scene renders its sequencer strips, which needs no camera."""
    editor = scene.sequence_editor
    strips = getattr(editor, "strips", getattr(editor, "sequences", ())) if editor else ()
    return scene.render.use_sequencer and len(strips) > 0


talk.answer(inspect)
