"""Checks a scene before it is submitted: plain data in, sentences out. No bpy."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from ..api import fields
from ..system.names import TooLong
from ..system.units import size
from . import baking, empty_pictures, gpu
from .check import Check as Check  # noqa: PLC0414 (others import them from here)
from .check import Level as Level  # noqa: PLC0414
from .check import in_order as in_order  # noqa: PLC0414
from .config import Requested
from .engines import CYCLES, EEVEE
from .formats import VIDEO

MANY_RANGES = 1_000
"""Strings in `frameRanges` above which there is a warning."""

ZIP_MEMBER, ZIP_END = 148, 98
"""The maximum overhead of a zip in bytes, per member without its name (headers, zip64 fields, data
descriptor), and once (three end records)."""


@dataclass(frozen=True)
class Simulation:
    """A simulation without a safe bake, and the object or scene that has it."""

    datablock: str
    id_type: Literal["OBJECT", "SCENE"]
    kind: str
    """Such as `cloth`, `fluid`, `rigid body`."""
    state: Literal["unbaked", "missing", "unknown"]
    """`missing`: baked, but its files are missing; `unknown`: Blender's API does not tell."""
    path: str | None = None
    fix: str | None = None


@dataclass(frozen=True)
class Facts:
    """The input of `run`, collected by `facts.read`."""

    requested: Requested
    has_key: bool
    online: bool
    online_forced: bool
    """Whether Blender was started with `--offline-mode` or `--online-mode`."""
    scenes_without_camera: tuple[str, ...] = ()
    empty_scenes: tuple[tuple[empty_pictures.Cause, str], ...] = ()
    unsaved_images: tuple[str, ...] = ()
    simulations: tuple[Simulation, ...] = ()
    bake: str = "none"
    """Which of them are baked in the copy (baking.Mode)."""
    scripts: tuple[str, ...] = ()
    """Texts with Register on, which run when the file is opened."""
    drivers: tuple[tuple[str, str], ...] = ()
    """Names and types of data-blocks with drivers that need Auto Run Python Scripts."""
    path_problem: str | None = None
    """Blender's error about the output path."""
    output_path: str = ""
    save_output: bool = True
    placeholders: bool = False
    border: tuple[float, float, float, float] | None = None
    """Left, right, bottom and top of the render border, from 0 to 1, if it is used."""
    ocio: str = ""
    osl: bool = False
    """Cycles shades by Open Shading Language."""


def run(facts: Facts) -> list[Check]:
    """All checks that need no disk access, errors first."""
    return in_order([check for look in _TABLE for check in look(facts)])


def _key(facts: Facts) -> Iterator[Check]:
    if not facts.has_key:
        message = (
            "There is no API key. Enter yours in the preferences of the Renderjuice extension."
        )
        yield Check("no-key", "error", message)


def _online(facts: Facts) -> Iterator[Check]:
    if facts.online:
        return
    if facts.online_forced:
        message = (
            "Blender was started with --offline-mode. Start it without, or with --online-mode."
        )
        yield Check("offline", "error", message)
    else:
        message = (
            "Blender may not use the network. Switch on Preferences > System > Allow Online Access,"
            " or start Blender with --online-mode."
        )
        yield Check("offline", "error", message, fix="extensions.userpref_show_online")


def _camera(facts: Facts) -> Iterator[Check]:
    for name in facts.scenes_without_camera:
        message = f"The scene “{name}” has no camera. Choose one in the Scene properties."
        yield Check("no-camera", "error", message, name, id_type="SCENE")
    for cause, name in facts.empty_scenes:
        message = empty_pictures.message(cause, name)
        yield Check("empty-picture", "warning", message, name, id_type="SCENE")


def _size(facts: Facts) -> Iterator[Check]:
    applied = facts.requested.applied
    width, height = (
        int(side * applied["resolutionPercentage"] / 100) for side in applied["resolution"]
    )
    if facts.border:
        left, right, bottom, top = facts.border
        width = _pixels(right, width) - _pixels(left, width)
        height = _pixels(top, height) - _pixels(bottom, height)
    if width < 1 or height < 1:
        message = (
            "The picture would have no pixels, and Blender does not render that. Choose a larger"
            " resolution, percentage or render region in the Output properties."
        )
        yield Check("image-too-small", "error", message)


def _pixels(part: float, size: int) -> int:
    """The pixel of a border, rounded because Blender stores it as a 32-bit float."""
    return int(round(part * size, 3))


def _engine(facts: Facts) -> Iterator[Check]:
    engine = facts.requested.applied["renderEngine"]
    if engine != CYCLES and engine not in EEVEE:
        name = fields.WORDS.get(engine) or engine.title() or "unknown"
        message = f"Renderjuice renders Cycles and EEVEE, not {name}. Change the render engine."
        yield Check("engine", "error", message)


def _gpu(facts: Facts) -> Iterator[Check]:
    for id_, message in gpu.findings(facts.requested, osl=facts.osl):
        yield Check(id_, "note", message, fix=gpu.USE_OPTIX)


def _frames(facts: Facts) -> Iterator[Check]:
    if facts.requested.frames_problem:
        id_, message = facts.requested.frames_problem
        yield Check(id_, "error", message)
    if facts.requested.subframe:
        (frame,) = facts.requested.frames
        message = (
            f"The scene stands at frame {frame + facts.requested.subframe:g}, and the farm renders"
            f" whole frames: it would render {frame}. Animate with whole frames where it matters."
        )
        yield Check("between-frames", "warning", message)
    ranges = len(facts.requested.config.get("frameRanges", ()))
    if ranges > MANY_RANGES:
        message = (
            f"The frames make {ranges:,} separate ranges, because the farm knows no step. It may"
            " refuse so many: render every frame, or submit them in parts."
        )
        yield Check("many-ranges", "warning", message)


def _conflicts(facts: Facts) -> Iterator[Check]:
    for message in facts.requested.conflicts:
        yield Check("override-conflict", "error", message)


def _output(facts: Facts) -> Iterator[Check]:
    if facts.requested.applied["outputFormat"] in VIDEO:
        message = (
            "The output is a video. The farm renders single frames: choose an image format in the"
            " Output properties, or override the file format."
        )
        yield Check("video-output", "error", message, fix="renderjuice.use_image_format")
    if facts.path_problem:
        message = f"Blender cannot read the output path: {facts.path_problem}"
        yield Check("path-template", "error", message, path=facts.output_path)
    if not facts.save_output:
        message = "Save Output is off. In the copy for the farm it is on, so that frames come back."
        yield Check("output-disabled", "warning", message)
    if facts.placeholders:
        message = "Placeholders are on. In the copy for the farm they are off."
        yield Check("placeholders", "note", message)


def _images(facts: Facts) -> Iterator[Check]:
    for name in facts.unsaved_images:
        message = f"The image “{name}” has changes that are not saved. Save or pack it."
        yield Check(
            "unsaved-image", "error", message, name, fix="image.save_all_modified", id_type="IMAGE"
        )


_SIMULATIONS: dict[str, tuple[str, Level, str]] = {
    "unbaked": (
        "unbaked-simulation",
        "warning",
        "The {kind} simulation of “{name}” is not baked: frames may differ from what you see.",
    ),
    "missing": (
        "missing-cache",
        "warning",
        "The baked {kind} simulation of “{name}” is not on disk. Bake it again.",
    ),
    "unknown": (
        "unbaked-simulation",
        "note",
        "Blender does not tell whether the {kind} simulation of “{name}” is baked. It should be.",
    ),
}


def _simulations(facts: Facts) -> Iterator[Check]:
    for found in facts.simulations:
        id_, level, message = _SIMULATIONS[found.state]
        if found.state != "missing" and facts.bake in baking.SAID:
            if found.state == "unknown":
                continue  # the packer sees it
            level, message = "note", baking.SAID[facts.bake]
        message = message.format(kind=found.kind, name=found.datablock)
        yield Check(id_, level, message, found.datablock, found.path, found.fix, found.id_type)


def _scripts(facts: Facts) -> Iterator[Check]:
    for name in facts.scripts:
        message = f"The text “{name}” runs when the file is opened. On the farm it may not run."
        yield Check("scripts", "warning", message, name, id_type="TEXT")
    if facts.drivers:
        (first, id_type), *others = facts.drivers
        more = f" and {len(others)} more" if others else ""
        message = (
            f"Drivers of “{first}”{more} use Python that Blender runs only where scripts are"
            " allowed. On the farm they may keep their last value: bake them to keyframes."
        )
        yield Check("scripts", "warning", message, first, id_type=id_type)


def _ocio(facts: Facts) -> Iterator[Check]:
    if facts.ocio:
        message = (
            "Colors come from the OCIO config that this computer's environment names. It does not"
            " travel with the file: the farm uses its own default or ACES config."
        )
        yield Check("ocio", "warning", message, path=facts.ocio)


_TABLE = (
    _key,
    _online,
    _camera,
    _size,
    _engine,
    _gpu,
    _frames,
    _conflicts,
    _output,
    _images,
    _simulations,
    _scripts,
    _ocio,
)


def package_size(files: Sequence[tuple[str, int]], limit_bytes: int) -> list[Check]:
    """Check that the package of `files` (name, bytes) is smaller than `limit_bytes`.

    A single .blend is the package; several files are a zip, with its maximum overhead.
    """
    total = sum(count for _, count in files)
    if len(files) > 1:
        total += ZIP_END + sum(ZIP_MEMBER + 2 * len(name.encode()) for name, _ in files)
    if total < limit_bytes:
        return []
    largest = sorted(files, key=lambda file: -file[1])[:5]
    listed = ", ".join(f"{name} ({size(count)})" for name, count in largest)
    message = (
        f"The package has {size(total)}, and an upload must be smaller than {size(limit_bytes)}."
        f" The largest files: {listed}."
    )
    return [Check("package-too-large", "error", message, path=largest[0][0])]


def frames_exist(names: Sequence[str], folder: str) -> list[Check]:
    """The check for existing files `names` in the output `folder`."""
    if not names:
        return []
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    message = f"{names[0]}{more} already in {folder}. Choose whether to keep both or to replace."
    return [Check("frames-exist", "warning", message, path=folder)]


def unfinished_job(title: str) -> Check:
    """A job of this file that has not ended."""
    message = (
        f"The job {title} of this file has not ended. You will be charged for both. `resume` goes"
        " on with it."
    )
    return Check("unfinished-job", "warning", message)


def folder_claimed(holder: str, folder: str) -> Check:
    """The check for an output `folder` that belongs to the job described by `holder`."""
    message = (
        f"{folder} belongs to another job, {holder}. Choose another folder, or choose to replace"
        " its frames."
    )
    return Check("folder-claimed", "error", message, path=folder)


def folder_writable(reason: str, folder: str) -> list[Check]:
    """The check for an output `folder` that is not writable for `reason`, if not ""."""
    if not reason:
        return []
    message = (
        f"The frames could not be written to {folder}: {reason}. Choose another output folder in"
        " the preferences, or save the file where you may write."
    )
    return [Check("folder-not-writable", "error", message, path=folder)]


def path_too_long(found: TooLong, advice: str) -> Check:
    """The check for a path that a job would make and the system refuses."""
    message = (
        f"This path is too long: {found.path}. With what is added while files are written, it has"
        f" {found.length} {'bytes' if found.in_bytes else 'letters'}, and this system takes"
        f" {found.limit}."
    )
    return Check("path-too-long", "error", " ".join((message, advice)), path=found.path)


def no_scratch_folder(reason: str, folder: str) -> Check:
    """The check for a scratch folder that cannot be used, for `reason`."""
    message = (
        f"The scratch folder {folder} cannot be used: {reason}. Choose another one in the"
        " preferences."
    )
    return Check("no-scratch-folder", "error", message, path=folder)


def disk_space(needed_bytes: int, free_bytes: int, folder: str) -> list[Check]:
    """Check that the disk of `folder` has `needed_bytes` free."""
    if needed_bytes <= free_bytes:
        return []
    message = (
        f"{folder} has {size(free_bytes)} free and needs {size(needed_bytes)}. Make room, or choose"
        " another folder in the preferences."
    )
    return [Check("disk-space", "error", message, path=folder)]
