"""Unpacks the uploaded package and packs the zips of outputs, without Blender."""

import shutil
import stat
import zipfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from tests.farm.state import Output, Refused

MAGICS = (b"BLENDER", b"\x28\xb5\x2f\xfd", b"\x1f\x8b")  # plain, zstandard, gzip


def unpack(upload: Path, folder: Path) -> Path:
    """Unpack the upload into a new folder and return its .blend; raises Refused."""
    folder.mkdir(parents=True)
    if upload.suffix.lower() == ".zip":
        blend = _unzip(upload, folder)
    else:
        blend = folder / upload.name
        shutil.copyfile(upload, blend)
    with blend.open("rb") as file:
        if not file.read(7).startswith(MAGICS):
            raise Refused(f"{blend.name} is not a .blend file", "NOT_A_BLEND")
    return blend


def _unzip(upload: Path, folder: Path) -> Path:
    try:
        with zipfile.ZipFile(upload) as archive:
            members = archive.infolist()
            for member in members:
                _check(member)
            names = [member.filename for member in members]
            twice = sorted(name for name, times in Counter(names).items() if times > 1)
            if twice:
                raise Refused(f"In the zip twice: {', '.join(twice)}", "UNSAFE_ZIP")
            blends = [name for name in names if _is_top_level_blend(name)]
            if len(blends) != 1:
                raise Refused(
                    f"The zip must have one .blend at its top, it has {len(blends)}",
                    "NOT_ONE_BLEND",
                )
            archive.extractall(folder)
            return folder / blends[0]
    except (zipfile.BadZipFile, NotImplementedError, OSError, EOFError) as error:
        raise Refused(f"The zip cannot be read: {error}", "BAD_ZIP") from error


def _check(member: zipfile.ZipInfo) -> None:
    name = member.orig_filename
    parts = PurePosixPath(name).parts
    if name.startswith("/") or "\\" in name or "\0" in name or ":" in name or ".." in parts:
        raise Refused(f"A path of the zip leaves its folder: {name}", "UNSAFE_ZIP")
    if stat.S_ISLNK(member.external_attr >> 16):
        raise Refused(f"The zip has a symbolic link: {name}", "UNSAFE_ZIP")
    if member.flag_bits & 1:
        raise Refused(f"The zip is encrypted: {name}", "BAD_ZIP")


def _is_top_level_blend(name: str) -> bool:
    return "/" not in name and name.lower().endswith(".blend")


def pack(path: Path, outputs: Iterable[Output]) -> None:
    """Write an uncompressed zip of outputs, each at its path below the output folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for output in outputs:
            below = [output.node, output.view, output.relative_path, output.file_name]
            archive.write(output.path, "/".join(part for part in below if part))
