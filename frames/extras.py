"""Finds files that are no frames but may have their names, such as previews and logs."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

from ..api.output_file import OutputFile
from .integrity import is_known, is_suffix_of

_TEXTS = {".log", ".txt", ".json", ".xml", ".htm", ".html", ".csv", ".yaml", ".yml", ".md"}
_TEXTS |= {".md5", ".sha1", ".sha256"}
_PREVIEWS = re.compile(r"preview|thumb|prox(?:y|ies)|draft", re.IGNORECASE)


def without(frames: Iterable[OutputFile], file_format: str = "") -> list[OutputFile]:
    """The files that may be frames of Blender's `file_format`, "" if it is unknown.

    Texts are none. Beside files of this format, those of others with such names are none; nor is a
    folder with the names of another one that is less deep or is not called like previews.
    """
    named: dict[tuple[str, str, str], list[tuple[int, OutputFile]]] = defaultdict(list)
    for output in frames:
        stem, suffix = _parts(output.file_name)
        if suffix not in _TEXTS:
            key = re.sub(r"\d+", "#", stem), output.view, "/".join(_folder(output))
            named[key].append((_rank(suffix, file_format), output))
    fitting = []
    for alike in named.values():
        best = min(rank for rank, _ in alike)
        fitting += [output for rank, output in alike if rank == best]
    return _without_copies(fitting)


def _rank(suffix: str, file_format: str) -> int:
    """How well a suffix fits. Blender may write names without one, or with the number in it."""
    if not suffix or suffix[1:].isdigit() or is_suffix_of(suffix, file_format):
        return 0
    return 1 if is_known(suffix) else 2


def _parts(name: str) -> tuple[str, str]:
    stem, dot, suffix = name.rpartition(".")
    return (stem, f"{dot}{suffix}".lower()) if stem else (name, "")


def _without_copies(frames: Sequence[OutputFile]) -> list[OutputFile]:
    folders: dict[tuple[str, ...], list[OutputFile]] = defaultdict(list)
    for output in frames:
        folders[_folder(output)].append(output)
    ranks = {folder: (bool(_PREVIEWS.search("/".join(folder))), len(folder)) for folder in folders}
    kept: list[OutputFile] = []
    firsts: dict[tuple[str, str], tuple[bool, int]] = {}
    for folder in sorted(folders, key=ranks.__getitem__):
        own = {(output.file_name, output.view) for output in folders[folder]}
        if all(firsts.get(one, ranks[folder]) == ranks[folder] for one in own):
            kept += folders[folder]
            firsts |= dict.fromkeys(own, ranks[folder])
    return kept


def _folder(output: OutputFile) -> tuple[str, ...]:
    """The folders of a file's relative path, which may include its name."""
    parts = [part for part in re.split(r"[\\/]+", output.relative_path) if part not in ("", ".")]
    return tuple(parts[:-1] if parts and parts[-1] == output.file_name else parts)
