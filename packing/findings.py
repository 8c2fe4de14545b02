"""Turns what the packer finds into checks for the artist."""

import os
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from pathlib import PurePath

from ..api import fields
from ..scene import check, checks
from ..scene.checks import Check
from ..system.online_only import is_online_only
from ..system.units import size
from .manifest import Manifest, Missing, Trimmed


def checks_of(
    manifest: Manifest,
    limit_bytes: int = fields.UPLOAD_LIMIT,
    *,
    allowed: Collection[str] = (),
) -> list[Check]:
    """The checks of a package's files, errors first. It must be smaller than `limit_bytes`.

    `allowed` is what the scene may be sent without, as `check.is_allowed` takes it: warnings.
    """
    found = [_missing(entry) for entry in manifest.missing]
    found = [_warning(one) if check.is_allowed(one, allowed) else one for one in found]
    found += manifest.checks
    sizes = [(file.name, file.bytes) for file in manifest.files]
    found += checks.package_size(sizes, limit_bytes)
    found += _trimmed(manifest.trimmed)
    return checks.in_order(found)


def sent_without(manifest: Manifest, allowed: Collection[str]) -> list[str]:
    """What is missing and `allowed`, as `Check.missing` names it, without duplicates."""
    found = [_missing(entry) for entry in manifest.missing]
    return list(dict.fromkeys(one.missing for one in found if check.is_allowed(one, allowed)))


def _trimmed(entries: Sequence[Trimmed]) -> list[Check]:
    """One note about all sequences of which files stay."""
    if not entries:
        return []
    stay, count = sum(entry.stay for entry in entries), sum(entry.files for entry in entries)
    saved, sequences = size(sum(entry.bytes for entry in entries)), len(entries)
    name = PurePath(entries[0].path).name
    message = (
        f"{stay} of {count} files of {sequences} sequences stay here ({saved}): no frame of this"
        " job reads them."
    )
    if sequences == 1:
        message = (
            f"{stay} of {count} files of {name} stay here ({saved}): no frame of this job reads"
            " them."
        )
    return [Check("files-not-read", "note", message)]


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


def _warning(one: Check) -> Check:
    path = one.missing
    message = f"{path} is missing. The scene is sent without it, as you said."
    return replace(one, level="warning", message=message)


def online_only(
    paths: Iterable[str], status_of: Callable[[str], os.stat_result] = os.stat
) -> list[Check]:
    """The check of files that are fetched from the cloud when they are read."""
    found: dict[str, int] = {}
    for path in sorted(set(paths)):
        try:
            status = status_of(path)
        except (OSError, ValueError):  # other checks name it
            continue
        if is_online_only(status):
            found[path] = status.st_size
    if not found:
        return []
    first, more = next(iter(found)), len(found) - 1
    message = (
        f"{first}{f' and {more} more' if more else ''} are only in the cloud (OneDrive, iCloud"
        f" Drive): {size(sum(found.values()))} are fetched before they can be sent. Have the file"
        " manager keep them on this device, and it is done beforehand."
    )
    return [Check("online-only", "warning", message, path=first)]
