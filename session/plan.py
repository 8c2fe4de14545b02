"""Plans a job from the open scene, without side effects.

A Plan holds the requested config, the output folder, and the results of all checks.
"""

import shutil
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import bpy

from ..jobs import claim
from ..scene import (
    baking,
    checks,
    config,
    facts,
    output_names,
    overrides,
    sent_without,
    settings,
    test_frames,
)
from ..scene.check import MISSING, comparable
from ..scene.checks import Check
from ..scene.config import Requested
from ..system import files, names
from ..system.streams import one_line
from . import account, paths, preferences, records

NO_FOLDER = (
    "This file was never saved, so there is no folder for its frames. Save it, or choose one."
)

SHORTER_OUTPUT = (
    "Choose an output folder with a shorter path, or shorten the name of the file or of its output."
)
SHORTER_SCRATCH = "Choose a scratch folder with a shorter path in the preferences."


@dataclass(frozen=True)
class Plan:
    """What Submit would do."""

    scene: str
    title: str
    output: str
    overwrite: bool
    requested: Requested
    of_scene: list[Check]
    """The checks of the scene's settings and data-blocks."""
    on_disk: list[Check]
    """The checks of the output folder and the disks."""
    test_of: list[int] | None = None
    """The frames of the whole job, if this is a job of its test frames."""
    output_chosen: bool = False
    """Whether the user chose the folder; else it follows the pattern in the preferences."""
    allowed: frozenset[str] = frozenset()
    """What the scene may be sent without (scene/check.py: is_allowed)."""
    bake: str = "none"
    """What is baked in the copy (scene/baking.py: Mode)."""

    @property
    def checks(self) -> list[Check]:
        """All checks, errors first."""
        return checks.in_order([*self.of_scene, *self.on_disk])

    @property
    def errors(self) -> list[Check]:
        """The checks that block the submission."""
        return [check for check in self.checks if check.level == "error"]


def of_scene(
    scene: bpy.types.Scene,
    *,
    still: bool = False,
    frames: str | None = None,
    more: Mapping[str, Any] | None = None,
    output: str = "",
    overwrite: bool = False,
    test: str | None = None,
    allow: Iterable[str] = (),
) -> Plan:
    """Plan a job of `scene`. `more` are flat overrides by API name, on top of the scene's own, and
    `allow` is what it may be sent without (scene/check.py: is_allowed), as well.

    `test` requests a job of test frames, in the syntax of scene/test_frames.py.
    """
    bake = baking.read(scene)
    own, other = settings.read(scene), {**overrides.read(scene), **(more or {})}
    wanted = config.requested(own, other, frames_text=frames, still=still)
    whole = None if test is None else wanted.frames
    if test is not None:
        wanted = test_frames.requested(wanted, own, other, test)
    title, folder = place(scene, output=output, overwrite=overwrite, test=test is not None)
    return Plan(
        scene=scene.name,
        title=title,
        output=folder,
        overwrite=overwrite,
        requested=wanted,
        of_scene=_of_settings(scene, wanted, bake),
        on_disk=[
            *_folder_checks(scene, wanted, folder, chosen=bool(output), overwrite=overwrite),
            *_space_checks(),
        ],
        test_of=whole,
        output_chosen=bool(output),
        allowed=sent_without.read(scene).union(allow),
        bake=bake,
    )


def missing_name(text: str) -> str:
    """What a user says that a scene is sent without, for `of_scene`: the id of a check, or a path,
    which may begin with `//`."""
    if text in MISSING:
        return text
    path = bpy.path.abspath(text) if text.startswith("//") else str(files.absolute(text))
    return comparable(path)


def with_bake(plan: Plan, mode: str) -> Plan:
    """The plan with another baking.Mode than the scene's own; "" keeps it."""
    if not mode:
        return plan
    found = _of_settings(bpy.data.scenes[plan.scene], plan.requested, mode)
    return replace(plan, bake=mode, of_scene=found)


def with_unfinished_jobs(plan: Plan) -> Plan:
    """The plan with a warning for each unfinished job of the file: a second one costs, too."""
    titles = records.unfinished_on_disk(bpy.data.filepath)
    return replace(plan, on_disk=[*plan.on_disk, *map(checks.unfinished_job, titles)])


def of_settings(scene: bpy.types.Scene) -> list[Check]:
    """The checks of the scene's settings and data-blocks, without disk access."""
    wanted = config.requested(settings.read(scene), overrides.read(scene))
    return _of_settings(scene, wanted, baking.read(scene))


def _of_settings(scene: bpy.types.Scene, wanted: Requested, bake: str) -> list[Check]:
    found = checks.run(facts.read(scene, wanted, has_key=account.has_key(), bake=bake))
    return checks.in_order([*_address_checks(), *_key_checks(), *found])


def _key_checks() -> list[Check]:
    """The check of a key that the farm cannot even be asked with."""
    problem = account.key_problem()
    return [Check("bad-key", "error", problem)] if problem else []


def _address_checks() -> list[Check]:
    """The check of the API's address, which it does not quote: there may be a password in it."""
    from ..api import addresses, errors  # enabling the extension stays fast

    try:
        addresses.check_api_address(preferences.api_url())
    except errors.ApiError as error:
        return [Check("bad-address", "error", f"{error.message} {error.hint}")]
    return []


def with_free_folder(plan: Plan) -> Plan:
    """The plan with the next free folder, after another job has claimed the planned one."""
    scene = bpy.data.scenes[plan.scene]
    title, folder = place(scene, overwrite=plan.overwrite, test=plan.test_of is not None)
    return replace(plan, title=title, output=folder)


def _folder_checks(
    scene: bpy.types.Scene, wanted: Requested, folder: str, *, chosen: bool, overwrite: bool
) -> list[Check]:
    """The checks of an output folder. Frames that the job does not render may be in it."""
    if not folder:
        return [Check("no-folder", "error", NO_FOLDER)]
    if refused := _too_long(scene, wanted, folder):
        return [refused]
    owner = claim.read(Path(folder))
    if owner is not None and not overwrite:
        return [checks.folder_claimed(owner.label, folder)]
    found = checks.folder_writable(_write_error(Path(folder)), folder)
    written = output_names.read(scene)
    existing = output_names.without_others(existing_frames(folder), written, wanted.frames)
    found += checks.frames_exist(existing, folder)
    if chosen and not overwrite:
        return [replace(check, level="error") for check in found]
    return found


def _too_long(scene: bpy.types.Scene, wanted: Requested, folder: str) -> Check | None:
    """The check for the longest path that the job would make in its folder."""
    longest = output_names.longest(scene, wanted.frames)
    added = names.ADDED_BYTES + max(0, names.MIN_NAME_BYTES - len(longest))
    found = names.too_long(str(Path(folder, longest)), added)
    return checks.path_too_long(found, SHORTER_OUTPUT) if found else None


def _write_error(folder: Path) -> str:
    """Why `folder`, or its nearest existing parent, is not writable; "" if it is.

    It creates a file, because permissions are not reliable on Windows and on network drives.
    """
    try:
        probe = files.nearest(folder) / f".renderjuice-{uuid.uuid4().hex}"
        probe.open("xb").close()  # exclusive: never opens an existing file
        probe.unlink()
    except OSError as error:
        return error.strerror or str(error)
    return ""


def _space_checks() -> list[Check]:
    """Check the scratch folder's free space, estimated from the last saved file."""
    folder = paths.scratch_folder()
    blend = Path(bpy.data.filepath)
    copy = folder / "0123456789ab" / (blend.name or "untitled.blend")
    if refused := names.too_long(str(copy), len("@")):  # Blender saves to shot.blend@ first
        return [checks.path_too_long(refused, SHORTER_SCRATCH)]
    try:
        free = shutil.disk_usage(files.nearest(folder)).free
    except OSError as error:
        return [checks.no_scratch_folder(error.strerror or str(error), str(folder))]
    needed = blend.stat().st_size if bpy.data.filepath and blend.is_file() else 0
    return checks.disk_space(2 * needed, free, str(folder))


def place(
    scene: bpy.types.Scene, *, output: str = "", overwrite: bool = False, test: bool = False
) -> tuple[str, str]:
    """The title of a new job and its folder: one that no other job writes to, unless asked.

    `output` is a folder for this job alone; what the scene says of its next job comes after it. The
    folder is "" where the file was never saved and none is chosen.
    """
    own: Any = getattr(scene, "renderjuice_next", None)  # None where the extension is not enabled
    stem = Path(bpy.data.filepath).stem or "untitled"
    base = stem if len(bpy.data.scenes) == 1 else f"{stem} {scene.name}"
    if own and own.title:
        base = own.title
    if test:
        base += " test frames"
    base = one_line(base)  # names may hold anything, and it is shown in lists
    if output:
        return base, str(files.absolute(bpy.path.abspath(output)))
    pattern = own.output if own else ""
    taken = records.output_folders()
    number = 1
    while True:
        title = base if number == 1 else f"{base} {number}"
        folder = paths.output_folder(title, number, pattern)
        if not folder or overwrite or (folder not in taken and _is_free(folder)):
            return title, folder
        number += 1


def _is_free(folder: str) -> bool:
    return claim.read(Path(folder)) is None and not existing_frames(folder)


IGNORED_FILES = frozenset({claim.NAME, ".DS_Store", "Thumbs.db", "desktop.ini"})
"""Files in an output folder that do not count as existing frames."""


def existing_frames(folder: str) -> list[str]:
    """The names of files in a folder; empty if it cannot be read."""
    try:
        names = [entry.name for entry in Path(folder).iterdir()] if folder else []
    except OSError:
        return []
    return sorted(name for name in names if name not in IGNORED_FILES)
