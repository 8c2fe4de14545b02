"""Turns a manifest into checks for the artist."""

from ..api import fields
from ..scene import checks
from ..scene.checks import Check
from .manifest import Manifest, Missing


def checks_of(manifest: Manifest, limit_bytes: int = fields.UPLOAD_LIMIT) -> list[Check]:
    """The checks of a package's files, errors first. It must be smaller than `limit_bytes`."""
    found = [_missing(entry) for entry in manifest.missing]
    found += manifest.checks
    sizes = [(file.name, file.bytes) for file in manifest.files]
    found += checks.package_size(sizes, limit_bytes)
    return checks.in_order(found)


def _missing(entry: Missing) -> Check:
    path, used_by = entry.path, entry.used_by
    if not entry.rendered:
        message = f"{path}, used by {used_by}, is missing. Nothing that is rendered shows it."
        return Check(
            "missing-unrendered", "warning", message, entry.datablock, path, id_type=entry.id_type
        )
    if entry.left:
        message = f"{used_by} is not in {path} any more. Put it back, or link it anew."
        return Check(
            "missing-datablock", "error", message, entry.datablock, path, id_type=entry.id_type
        )
    library = path.lower().endswith(".blend")
    message = (
        f"The {'library' if library else 'file'} {path}, used by {used_by}, is not on disk. "
        "Find it with File > External Data."
    )
    named, id_type = entry.datablock, entry.id_type
    if library:
        return Check("missing-library", "error", message, named, path, id_type=id_type)
    fix = "file.find_missing_files"
    return Check("missing-file", "error", message, named, path, fix, id_type)
