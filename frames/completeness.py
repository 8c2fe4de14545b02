"""Finds which frames of a job its output files contain. What is unknown counts as incomplete."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..api.output_file import OutputFile, metadata_part
from . import extras

_DIGITS = re.compile(r"\d+")
_WORD = re.compile(r"[0-9A-Za-z]+")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_HASH = re.compile(r"(?!\d+$|[a-f]+$)[0-9a-f]{12,}", re.IGNORECASE)
_MAX_RUNS = 8  # runs of digits in a name
_MAX_DIGITS = 9  # Blender's frame numbers have at most seven
_EYES = ("_L", "_R")


@dataclass(frozen=True)
class Completeness:
    """The result of `judge`.

    - `missing`: frames that are known to be missing; None if the file names do not tell
    - `complete`: each expected frame exists in each view and for each File Output node
    - `nodes`: the File Output nodes with missing files
    """

    missing: list[int] | None
    complete: bool
    nodes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Name:
    """The file name of one view, of the output path or a File Output node (scene/output_names.py).

    `begin` and `end` are the text around the frame number.
    """

    view: str
    suffix: str
    begin: str
    end: str
    node: str = ""

    @property
    def labels(self) -> set[str]:
        """The labels that the farm may use for the view."""
        return {_folded(self.view), _folded(self.suffix.strip("_"))} - {""}


def judge(
    expected: Sequence[int] | None,
    outputs: Iterable[OutputFile],
    names: Sequence[Sequence[str]] | None = None,
    file_format: str = "",
) -> Completeness:
    """Compare the listed files with the `expected` frames, which have Blender's `file_format`.

    `names` come from scene/output_names.py. If no file matches them, the frame number is the run of
    digits that distinguishes most files; without such digits, the files are counted. If `expected`
    is None, the job counts as complete.
    """
    if expected is None:
        return Completeness(None, True)
    wanted = set(expected)
    listed = list(outputs)
    available = [output for output in listed if output.url]
    frames = extras.without([one for one in available if one.kind == "frame"], file_format)
    others = [output for output in available if output.kind == "compositeNode"]
    known = [_Name(*name) for name in names or () if len(name) in (4, 5)]
    own = [name for name in known if not name.node]
    found = _frames(wanted, frames, own, _without_url(listed))
    nodes = _nodes(wanted, others, [name for name in known if name.node], names is not None)
    return Completeness(found.missing, found.complete and not nodes, tuple(nodes))


def _frames(
    wanted: set[int],
    frames: Sequence[OutputFile],
    names: Sequence[_Name],
    without_url: Sequence[OutputFile],
) -> Completeness:
    if not frames:
        return Completeness(sorted(wanted), not wanted)
    found = [_by_name(frames, name, names) - _by_name(without_url, name, names) for name in names]
    if any(found):
        lacking = set().union(*(wanted - numbers for numbers in found))
        return Completeness(sorted(lacking), not lacking)
    judged = _by_digits(wanted, frames, len(names))
    return Completeness(None, False) if without_url and judged.complete else judged


def _without_url(outputs: Sequence[OutputFile]) -> list[OutputFile]:
    """The frames listed without a URL: they are missing, even if another file has their name."""
    available = {metadata_part(output.identity) for output in outputs if output.url}
    lacking = [output for output in outputs if not output.url and output.kind == "frame"]
    return [output for output in lacking if metadata_part(output.identity) not in available]


def _nodes(
    wanted: set[int], files: Sequence[OutputFile], names: Sequence[_Name], known: bool
) -> list[str]:
    """The File Output nodes with missing files: of those in `names`, else of those listed."""
    listed = {output.composite_node_name or "" for output in files}
    nodes = list(dict.fromkeys(name.node for name in names))
    if not known:
        own = {node: [f for f in files if (f.composite_node_name or "") == node] for node in listed}
        return [node for node, its in own.items() if not _has_whole_sequences(wanted, its, 1)]
    if files and not any(_folded(one) in {"", *map(_folded, nodes)} for one in listed):
        return [] if len(files) >= len(wanted) * len(names) else nodes
    pool = list(files)
    return [node for node in nodes if not _has_node(wanted, pool, node, names)]


def _has_node(wanted: set[int], pool: list[OutputFile], node: str, names: Sequence[_Name]) -> bool:
    """Whether `pool` contains all files of a node; they are removed from it."""
    own = [name for name in names if name.node == node]
    files = [f for f in pool if _folded(f.composite_node_name or "") in ("", _folded(node))]
    found = []
    for name in own:
        numbers = _numbered(files, name, own)
        found.append(set(numbers))
        taken = {id(output) for output in numbers.values()}
        pool[:] = [output for output in pool if id(output) not in taken]
        files = [output for output in files if id(output) not in taken]
    if any(found):
        return all(wanted <= numbers for numbers in found)
    files = [output for output in files if output.composite_node_name]
    return _has_whole_sequences(wanted, files, len(own))


def _has_whole_sequences(wanted: set[int], files: Sequence[OutputFile], count: int) -> bool:
    listed = [output.file_name for output in files]
    sequences = _sequences(listed, count)
    if not sequences:
        return len(listed) >= len(wanted) * count
    return len(sequences) == count and all(wanted <= numbers for numbers in sequences)


def _by_name(frames: Sequence[OutputFile], name: _Name, names: Sequence[_Name]) -> set[int]:
    return set(_numbered(frames, name, names))


def _numbered(
    files: Sequence[OutputFile], name: _Name, names: Sequence[_Name]
) -> dict[int, OutputFile]:
    """The files with a view's name and any suffix, by frame number."""
    number, extension = rf"(-?\d{{1,{_MAX_DIGITS}}})", r"(?:\.\w{1,8})?"
    begin, end = (re.escape(unicodedata.normalize("NFC", one)) for one in (name.begin, name.end))
    own = re.compile(f"{begin}{number}{end}{extension}", re.IGNORECASE)
    # The farm may give the view as metadata instead of in the file name.
    bare_end = re.escape(unicodedata.normalize("NFC", name.end.removesuffix(name.suffix)))
    bare = re.compile(f"{begin}{number}{bare_end}{extension}", re.IGNORECASE)
    others = set().union(*(other.labels for other in names)) - name.labels
    found: dict[int, OutputFile] = {}
    for output in files:
        view = _folded((output.view or "").strip("_"))
        file_name = unicodedata.normalize("NFC", output.file_name)
        match = own.fullmatch(file_name) if view not in others else None
        if match is None and view in name.labels:
            match = bare.fullmatch(file_name)
        if match:
            found.setdefault(int(match[1]), output)
    return found


def _by_digits(wanted: set[int], frames: Sequence[OutputFile], views: int) -> Completeness:
    """Judge by the run of digits that distinguishes most files of a view, the last one if equal.

    `views` is 0 if their number is unknown.
    """
    by_view: dict[str, list[str]] = {}
    for output in frames:
        by_view.setdefault(_folded(output.view or ""), []).append(output.file_name)
    named_views = by_view.keys() - {""}
    if not views and (len(named_views) == 1 or _is_one_eye([one.file_name for one in frames])):
        return Completeness(None, False)
    if len(named_views) >= max(views, 2):
        by_view.pop("", None)  # whatever it is, it is not one of the views
    lacking = set(wanted) if named_views and len(by_view) < views else set()
    numbered = True
    for listed in by_view.values():
        count = 1 if named_views else max(views, 1)
        if len(listed) == count and all(_may_be(wanted, name) for name in listed):
            continue
        sequences = _sequences(listed, count)
        if not sequences:
            numbered = False
            if len(listed) != len(wanted) * count or lacking:
                return Completeness(None, False)
        elif not sequences[0] & wanted:
            return Completeness(None, False)
        else:
            short = wanted if len(sequences) < count else set()
            lacking |= short.union(*(wanted - numbers for numbers in sequences))
    return Completeness(sorted(lacking) if numbered else None, not lacking)


def _may_be(wanted: set[int], name: str) -> bool:
    """Whether this can be the file of the only frame: one of its longest numbers is the frame's."""
    runs = [run[0] for run in _runs(name)]
    longest = max(map(len, runs), default=0)
    return len(wanted) == 1 and any(len(run) == longest and int(run) in wanted for run in runs)


def _is_one_eye(names: Sequence[str]) -> bool:
    """Whether all names have the suffix of the same eye, so that half of the images are missing."""
    stems = [name.rpartition(".")[0] or name for name in names]
    return any(all(stem.endswith(eye) for stem in stems) for eye in _EYES)


def _sequences(names: Sequence[str], count: int) -> list[set[int]]:
    """The frame numbers of the `count` longest disjoint sequences, longest first, or fewer."""
    remaining = list(names)
    found: list[set[int]] = []
    while len(found) < count:
        groups: dict[tuple[str, str], dict[int, str]] = {}
        for name in remaining:
            for run in reversed(_runs(name)):
                key = name[: run.start()], name[run.end() :]
                groups.setdefault(key, {})[int(run[0])] = name
        longest = max(groups.values(), key=len, default=None)
        if longest is None:
            break
        found.append(set(longest))
        taken = set(longest.values())
        remaining = [name for name in remaining if name not in taken]
    return found


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()


def frame_number(name: str) -> int | None:
    """The last run of digits in a file name without its suffix; None if there is none."""
    runs = _runs(name)
    return int(runs[-1][0]) if runs else None


def _runs(name: str) -> list[re.Match[str]]:
    """The runs of digits in a file name that may be frame numbers: not those in hashes."""
    stem = name.rpartition(".")[0] or name
    hashes = [word.span() for word in _WORD.finditer(stem) if _HASH.fullmatch(word[0])]
    hashes += [match.span() for match in _UUID.finditer(stem)]
    runs = [
        run
        for run in _DIGITS.finditer(stem)
        if not any(begin <= run.start() < end for begin, end in hashes)
    ]
    return [run for run in runs[-_MAX_RUNS:] if len(run[0]) <= _MAX_DIGITS]
