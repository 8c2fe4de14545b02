"""What Renderjuice answers, read tolerantly.

Everything that its documentation leaves open about answers is settled here and in progress.py.
"""

import contextlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import unquote, urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    ValidationError,
    WrapValidator,
)
from pydantic.alias_generators import to_camel

from . import fields
from .output_file import Kind, OutputFile
from .shapes import count, inside, items, kept, number, shown, text, unwrapped

MAX_SECONDS = 1e9


class Unreadable(ValueError):
    """An answer without the members that it cannot do without."""


def _shown(value: str | None) -> str | None:
    return None if value is None else shown(value)


def _or_none(value: Any, check: Callable[[Any], Any]) -> Any:
    try:
        return check(value)
    except ValidationError:
        return None


def _is_time(seconds: float) -> float | None:
    known = number(seconds)
    return known if known is not None and 0 <= known <= MAX_SECONDS else None


Text = Annotated[str | None, WrapValidator(_or_none), AfterValidator(_shown)]
Seconds = Annotated[float | None, AfterValidator(_is_time), WrapValidator(_or_none)]
Flag = Annotated[bool | None, WrapValidator(_or_none)]


class _Received(BaseModel):
    """Only the members that something here reads; one of another type counts as absent."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        frozen=True,
        allow_inf_nan=False,
    )


class FailedReason(_Received):
    """Why a job failed, in the farm's words."""

    name: Text = None
    type: Text = None


class Output(_Received):
    """What is known about a job's output files."""

    is_deleted_for_client: Flag = None


def _reason(value: Any) -> Any:
    return {"name": value} if isinstance(value, str) else value


class FarmJob(_Received):
    """A job on the farm; only `id` and `status` are sure to be there.

    `final_config` is any JSON. `normalized_seconds` are seconds of rendering, as they are billed.
    """

    id: str
    status: Annotated[str, AfterValidator(shown)]
    failed_reason: Annotated[
        FailedReason | None, WrapValidator(_or_none), BeforeValidator(_reason)
    ] = None
    final_config: Annotated[Any, BeforeValidator(kept)] = None
    normalized_seconds: Seconds = None
    output: Annotated[Output | None, WrapValidator(_or_none)] = None

    @property
    def ended(self) -> bool:
        """Whether nothing changes any more; an unknown status counts as active."""
        return self.status in fields.ENDED


def is_job_id(text: str) -> bool:
    """Whether a text may stand in an address as a job's id."""
    return bool(re.fullmatch(r"[A-Za-z0-9_-]{1,100}", text))


def job(said: Any) -> FarmJob:
    """A FarmJob from an answer, bare or wrapped in "data" or "job"."""
    try:
        read = FarmJob.model_validate(inside(said, "id", "status"))
    except ValidationError:
        raise Unreadable("it holds no job") from None
    if not is_job_id(read.id):
        raise Unreadable("the job's id is not one")
    return read


@dataclass(frozen=True, slots=True)
class UploadTarget:
    """Where to PUT a package, and the name to make the job from."""

    upload_url: str
    slug: str


def upload_target(said: Any) -> UploadTarget:
    """An UploadTarget from an answer, bare or wrapped."""
    found = inside(said, "uploadUrl", "slug")
    url, slug = text(found.get("uploadUrl")), text(found.get("slug"))
    if not url or not slug:
        raise Unreadable("it holds no upload address")
    return UploadTarget(url, slug)


@dataclass(frozen=True, slots=True)
class JobPage:
    """One page of the list of jobs, without the entries that cannot be read."""

    jobs: list[FarmJob]
    total_pages: int


def job_page(said: Any) -> JobPage:
    """A JobPage from {"jobs", "pagination"}, bare or wrapped, or a bare list."""
    holder = said if isinstance(said, dict) else {"jobs": said}
    while isinstance(holder.get("data"), dict):
        holder = holder["data"]
    entries = holder.get("jobs", holder.get("data", holder.get("items")))
    if not isinstance(entries, list):
        raise Unreadable("it holds no list of jobs")
    jobs = []
    for entry in entries:
        with contextlib.suppress(Unreadable):
            jobs.append(job(entry))
    told = holder.get("pagination")
    pages = told if isinstance(told, dict) else {}
    return JobPage(jobs, count(pages.get("totalPages")) or 1)


# ---- downloads ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Downloads:
    """A job's outputs, empty until there are any; `without_url` entries could not be used."""

    outputs: list[OutputFile]
    without_url: int = 0


_LISTS: tuple[tuple[Kind, str, str, str, str], ...] = (
    ("frame", "frameOutputs", "frames", "framesZipOutputs", "framesZip"),
    (
        "compositeNode",
        "compositeNodeOutputs",
        "compositeNodes",
        "compositeNodesZipOutputs",
        "compositeNodesZip",
    ),
)


MAX_OUTPUTS = 200_000
"""Files that a job may have; each may stand in two lists. An hour in four passes and two views."""


def downloads(said: Any) -> Downloads:
    """Outputs from an answer; the legacy lists and the zips only where the new lists are empty."""
    found = unwrapped(said, "data", "downloads") or {}
    if not isinstance(found, dict) or (found and not _lists_outputs(found)):
        raise Unreadable("it lists no outputs")
    transforms = found.get("transforms")
    transforms = transforms if isinstance(transforms, dict) else {}
    if sum(len(one) for one in found.values() if isinstance(one, list)) > 2 * MAX_OUTPUTS:
        raise Unreadable(f"it lists more than {MAX_OUTPUTS} files")
    outputs: list[OutputFile] = []
    without_url = 0
    for kind, new, legacy, new_zip, legacy_zip in _LISTS:
        told = _outputs(found.get(new), kind)
        usable = [output for output in told if output.url]
        if not usable:
            others = _outputs(found.get(legacy), kind)
            others = others or _outputs(transforms.get(new_zip), "zip")
            others = others or _outputs(transforms.get(legacy_zip), "zip")
            usable = [output for output in others if output.url]
            told = told if not usable else others
        outputs += usable
        without_url += len(told) - len(usable)
    outputs += [one for one in _outputs(_video(transforms.get("video")), "video") if one.url]
    return Downloads(outputs, without_url)


def _lists_outputs(found: dict[str, Any]) -> bool:
    return "transforms" in found or any(new in found or old in found for _, new, old, *_ in _LISTS)


def _outputs(said: Any, kind: Kind) -> list[OutputFile]:
    return [_output(entry, kind) for entry in items(said)]


def _output(entry: Any, kind: Kind) -> OutputFile:
    said = entry if isinstance(entry, dict) else {"url": entry}
    url = text(said.get("url"))
    return OutputFile(
        url=url,
        file_name=_name(said.get("fileName")) or _name_in(url),
        relative_path=_name(said.get("relativePath")),
        view=_name(said.get("view")),
        composite_node_name=_name(said.get("compositeNodeName")),
        kind=kind,
    )


def _video(said: Any) -> Any:
    """A video has a free form: a URL, an object with one, or an object of such objects."""
    if isinstance(said, dict) and not said.get("url"):
        return [one for one in said.values() if isinstance(one, dict)]
    return said


def _name(said: Any) -> str:
    """A name, or the name in a URL that stands in its place and may be signed."""
    name = text(said)
    return _name_in(name) if "://" in name else name


def _name_in(url: str) -> str:
    """The file name in a URL, which is all that the legacy lists tell."""
    try:
        return unquote(urlsplit(url).path.rpartition("/")[2])
    except ValueError:
        return ""
