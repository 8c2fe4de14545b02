"""The files that the open .blend needs for a render, as listed by Blender."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import bpy
from scene_config import scene_frames

OWNERS = ("images", "sounds", "fonts", "movieclips", "volumes", "cache_files")
LAST_NUMBER = re.compile(r"(\d+)(?=\D*$)")


class Needed(NamedTuple):
    """A file: the path as stored in the .blend, the resolved path, and the data that uses it."""

    stored: str
    path: Path
    user: str


def needed_files() -> Iterator[Needed]:
    """Yield every external file, with UDIM tiles and image sequences expanded."""
    yield from _libraries()
    owners = _owners()
    ignored = {text.filepath for text in bpy.data.texts}  # their contents are in the .blend
    ignored |= set(_caches())  # may be empty; an empty folder is not in the package
    stored = bpy.utils.blend_paths(absolute=False, packed=False, local=False)
    resolved = bpy.utils.blend_paths(absolute=True, packed=False, local=False)
    for raw, path in zip(stored, resolved, strict=True):
        using = owners.get(raw, [])
        # A .blend that is not a library is the file that a brush was imported from.
        if raw in ignored or raw.endswith(".blend") or (using and all(map(_for_brushes, using))):
            continue
        if Path(path).name.startswith("blendcache_"):  # since 5.2 that of particles in memory, too
            continue
        user = f"{using[0].bl_rna.name} “{using[0].name}”" if using else "the scene"
        names = _written_out(Path(path).name, using)
        yield from (Needed(raw, Path(path).with_name(name), user) for name in names)


def _libraries() -> Iterator[Needed]:
    for library in bpy.data.libraries:
        if getattr(library, "is_archive", False) or library.packed_file:
            continue  # its data is in the .blend
        linked = library.users_id  # empty if a library's own library is missing
        if not linked or not all(map(_for_brushes, linked)):
            path = Path(bpy.path.abspath(library.filepath))
            yield Needed(library.filepath, path, f"library “{library.name}”")


def _owners() -> dict[str, list[Any]]:
    """Return the data-blocks, keyed by the path they store."""
    owners: dict[str, list[Any]] = {}
    for name in OWNERS:
        for block in getattr(bpy.data, name):
            owners.setdefault(block.filepath, []).append(block)
    return owners


def _caches() -> Iterator[str]:
    for thing in bpy.data.objects:
        for modifier in thing.modifiers:
            if modifier.type == "FLUID" and modifier.domain_settings:
                yield modifier.domain_settings.cache_directory


def _for_brushes(block: Any, seen: frozenset[Any] = frozenset()) -> bool:
    """Return whether a data-block is a brush or is used only by brushes."""
    if block.id_type == "BRUSH":
        return True
    users = bpy.data.user_map(subset=[block])[block] - seen
    return bool(users) and all(_for_brushes(user, seen | {block}) for user in users)


def _written_out(name: str, using: list[Any]) -> list[str]:
    """Return the names of all files that the one name listed by Blender stands for."""
    images = [block for block in using if block.id_type == "IMAGE"]
    tiled = [image for image in images if image.source == "TILED"]
    if tiled:
        numbers = sorted({tile.number for image in tiled for tile in image.tiles})
        return [_tile_name(name, number) for number in numbers]
    frames = {frame for image in images if image.source == "SEQUENCE" for frame in _frames(image)}
    return [_frame_name(name, frame) for frame in sorted(frames)] or [name]


def _tile_name(name: str, number: int) -> str:
    row, column = divmod(number - 1001, 10)
    named = name.replace("<UDIM>", str(number))
    return named.replace("<UVTILE>", f"u{column + 1}_v{row + 1}")


def _frame_name(name: str, frame: int) -> str:
    return LAST_NUMBER.sub(lambda match: str(frame).zfill(len(match[1])), name, count=1)


def _frames(image: Any) -> set[int]:
    """Return the file numbers of an image sequence that the scene's frame range uses."""
    return {
        _shown(user, frame)
        for user in _image_users(image)
        for frame in scene_frames(bpy.context.scene)
        if user.frame_duration and user.use_auto_refresh
    }


def _shown(user: Any, frame: int) -> int:
    """Return the number of the file that an image user shows at a frame, as Blender computes it."""
    place = frame - user.frame_start + 1
    if user.use_cyclic:
        place = (place - 1) % user.frame_duration + 1
    return int(min(max(place, 1), user.frame_duration) + user.frame_offset)


def _image_users(image: Any) -> Iterator[Any]:
    holders = [*bpy.data.materials, *bpy.data.worlds, *bpy.data.lights]
    trees = [*bpy.data.node_groups, *(holder.node_tree for holder in holders)]
    if bpy.app.version < (5, 0):
        trees += [scene.node_tree for scene in bpy.data.scenes]
    for tree in filter(None, trees):
        for node in tree.nodes:
            if getattr(node, "image", None) == image:
                yield getattr(node, "image_user", node)  # a compositor node is its own image user
    for texture in bpy.data.textures:
        if getattr(texture, "image", None) == image:
            yield texture.image_user
