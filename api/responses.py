"""Parses the bodies of Renderjuice's responses.

Parsing is tolerant: a response may be bare or wrapped, and a member of the wrong type counts as
absent. What the API documentation leaves open about responses is decided here and in progress.py.
"""

import contextlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
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


class InvalidResponse(ValueError):
    """A response that lacks a required member. The text completes "The answer is ...: "."""


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
    """Base of the response models. They declare only the members that the extension reads."""

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
    """A job's `output` member."""

    is_deleted_for_client: Flag = None


def _as_reason(value: Any) -> Any:
    return {"name": value} if isinstance(value, str) else value


class FarmJob(_Received):
    """A job on the farm. Only `id` and `status` are guaranteed.

    `final_config` is any JSON. `normalized_seconds` are render seconds normalized for GPU speed,
    which are probably what is billed.
    """

    id: str
    status: Annotated[str, AfterValidator(shown)]
    failed_reason: Annotated[
        FailedReason | None, WrapValidator(_or_none), BeforeValidator(_as_reason)
    ] = None
    final_config: Annotated[Any, BeforeValidator(kept)] = None
    normalized_seconds: Seconds = None
    workspace_id: Text = None
    output: Annotated[Output | None, WrapValidator(_or_none)] = None

    @property
    def ended(self) -> bool:
        """Whether the status is final. An unknown status counts as active."""
        return self.status in fields.ENDED


def is_job_id(text: str) -> bool:
    """Whether a text is safe to insert into a URL path as a job id."""
    return bool(re.fullmatch(r"[A-Za-z0-9_-]{1,100}", text))


def job(data: Any) -> FarmJob:
    """Parse a job, bare or wrapped in "data" or "job". Raises InvalidResponse."""
    try:
        parsed = FarmJob.model_validate(inside(data, "id", "status"))
    except ValidationError:
        raise InvalidResponse("it holds no job") from None
    if not is_job_id(parsed.id):
        raise InvalidResponse("the job's id is not one")
    return parsed


@dataclass(frozen=True, slots=True)
class UploadTarget:
    """The presigned URL for the package, and the slug that creates the job."""

    upload_url: str
    slug: str


def upload_target(data: Any) -> UploadTarget:
    """Parse an upload target, bare or wrapped. Raises InvalidResponse."""
    found = inside(data, "uploadUrl", "slug")
    url, slug = text(found.get("uploadUrl")), text(found.get("slug"))
    if not url or not slug:
        raise InvalidResponse("it holds no upload address")
    return UploadTarget(url, slug)


@dataclass(frozen=True, slots=True)
class JobPage:
    """One page of the job list. Entries that cannot be parsed are left out."""

    jobs: list[FarmJob]
    total_pages: int


def job_page(data: Any) -> JobPage:
    """Parse {"jobs", "pagination"}, bare or wrapped, or a bare list. Raises InvalidResponse."""
    holder = data if isinstance(data, dict) else {"jobs": data}
    while isinstance(holder.get("data"), dict):
        holder = holder["data"]
    entries = holder.get("jobs", holder.get("data", holder.get("items")))
    if not isinstance(entries, list):
        raise InvalidResponse("it holds no list of jobs")
    jobs = []
    for entry in entries:
        with contextlib.suppress(InvalidResponse):
            jobs.append(job(entry))
    told = holder.get("pagination")
    pages = told if isinstance(told, dict) else {}
    return JobPage(jobs, count(pages.get("totalPages")) or 1)


# ---- downloads ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Downloads:
    """A job's output files, empty until the farm lists them.

    `without_url` are the entries that have no URL to download from.
    """

    outputs: list[OutputFile]
    without_url: list[OutputFile] = field(default_factory=list)


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
"""Files per job, enough for an hour of film in two views. Each may appear in two lists."""


def downloads(data: Any) -> Downloads:
    """Parse the output lists. Raises InvalidResponse.

    A legacy list or a zip is used only when the current list of its kind has no usable entry.
    """
    found = unwrapped(data, "data", "downloads") or {}
    if not isinstance(found, dict) or (found and not _lists_outputs(found)):
        raise InvalidResponse("it lists no outputs")
    transforms = found.get("transforms")
    transforms = transforms if isinstance(transforms, dict) else {}
    if sum(len(one) for one in found.values() if isinstance(one, list)) > 2 * MAX_OUTPUTS:
        raise InvalidResponse(f"it lists more than {MAX_OUTPUTS} files")
    outputs: list[OutputFile] = []
    without_url: list[OutputFile] = []
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
        without_url += [output for output in told if not output.url]
    outputs += [one for one in _outputs(_video(transforms.get("video")), "video") if one.url]
    return Downloads(outputs, without_url)


def _lists_outputs(found: dict[str, Any]) -> bool:
    return "transforms" in found or any(new in found or old in found for _, new, old, *_ in _LISTS)


def _outputs(data: Any, kind: Kind) -> list[OutputFile]:
    return [_output(entry, kind) for entry in items(data)]


def _output(entry: Any, kind: Kind) -> OutputFile:
    data = entry if isinstance(entry, dict) else {"url": entry}
    url = text(data.get("url"))
    return OutputFile(
        url=url,
        file_name=_name(data.get("fileName")) or _name_in(url),
        relative_path=_name(data.get("relativePath")),
        view=_name(data.get("view")),
        composite_node_name=_name(data.get("compositeNodeName")),
        kind=kind,
    )


def _video(data: Any) -> Any:
    """The video entries, whose shape is undocumented: a URL, an object, or an object of them."""
    if isinstance(data, dict) and not data.get("url"):
        return [one for one in data.values() if isinstance(one, dict)]
    return data


def _name(data: Any) -> str:
    """A name; of a URL, which may be signed, only its file name."""
    name = text(data)
    return _name_in(name) if "://" in name else name


def _name_in(url: str) -> str:
    """The file name in a URL. The legacy lists contain nothing else."""
    try:
        return unquote(urlsplit(url).path.rpartition("/")[2])
    except ValueError:
        return ""
