"""Validation: opens the package's .blend and looks at what a render would need."""

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

import bpy
import scene_config
import talk


def inspect(request: dict[str, Any]) -> dict[str, Any]:
    """Return the findings; raises talk.Refuse for what cannot be rendered."""
    talk.open_blend(request["blend"])
    check_paths(Path(request["package"]))
    scene = bpy.context.scene
    return {
        "blenderVersion": bpy.app.version_string,
        "scene": scene.name,
        "camera": scene.camera.name if scene.camera else None,
        "config": scene_config.read(scene, scene_config.scene_frames(scene)),
    }


def check_paths(package: Path) -> None:
    """Refuse a path that is absolute, leaves the package, or leads to nothing."""
    stored = bpy.utils.blend_paths(absolute=False, packed=False, local=False)
    resolved = bpy.utils.blend_paths(absolute=True, packed=False, local=False)
    bundled = Path(bpy.utils.system_resource("DATAFILES")).resolve()
    for raw, path in zip(stored, resolved, strict=True):
        if Path(path).resolve().is_relative_to(bundled):
            continue
        if not raw.startswith("//"):
            raise talk.Refuse(f"Absolute path: {raw}", "ABSOLUTE_PATH")
        if not Path(path).resolve().is_relative_to(package):
            raise talk.Refuse(f"Outside the package: {raw}", "PATH_OUTSIDE_PACKAGE")
        if not Path(path).exists():
            raise talk.Refuse(f"Missing file: {raw}", "MISSING_FILE")


talk.answer(inspect)
