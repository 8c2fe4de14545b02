"""What is sent to the farm, strictly, and what comes back, tolerantly.

Everything that Renderjuice's documentation leaves open about answers is settled in this file.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar
from urllib.parse import unquote, urlsplit

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    ValidationError,
    ValidationInfo,
    WrapValidator,
    create_model,
    field_validator,
)
from pydantic.alias_generators import to_camel

from . import fields
from .output_file import Kind, OutputFile
from .progress import Progress, all_progress, progress
from .shapes import count, inside, items, text, unwrapped

__all__ = [
    "Downloads",
    "FarmJob",
    "JobPage",
    "OutputFile",
    "Progress",
    "RequestedRenderConfig",
    "Unreadable",
    "UploadTarget",
    "all_progress",
    "downloads",
    "is_job_id",
    "job",
    "job_page",
    "progress",
    "render_body",
    "upload_target",
]

# ---- sent -----------------------------------------------------------------------------------


_TYPES: dict[str, Any] = {
    "enum": str,
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": int | float,
    "strings": list[str],
    "numbers": list[int],
}


class _Sent(BaseModel):
    """Refuses members that the table in fields.py does not have, and values it does not allow."""

    model_config = ConfigDict(extra="forbid", strict=True)
    group: ClassVar[str] = ""

    @field_validator("*", mode="before")
    @classmethod
    def _by_the_table(cls, value: Any, info: ValidationInfo) -> Any:
        name = f"{cls.group}{info.field_name}"
        if name not in fields.FIELDS:
            return value  # a group of fields, which has a model of its own
        if sentence := fields.problem(name, value):
            raise ValueError(sentence)
        if fields.mark(name, value) == "unknown":
            raise ValueError(f"{name}: it is not known whether Renderjuice takes {value}.")
        return fields.whole(value)


class _SentSettings(_Sent):
    group: ClassVar[str] = "outputSettings."


def _members(group: str) -> dict[str, Any]:
    """Names and (type, default) of the table's fields in a group; one field is required."""
    return {
        name.removeprefix(group): (
            _TYPES[field.type],
            ... if name == "colorManagementPreset" else None,
        )
        for name, field in fields.FIELDS.items()
        if name.rpartition(".")[0] == group.rstrip(".")
    }


_OutputSettings = create_model(
    "OutputSettings", __base__=_SentSettings, **_members("outputSettings.")
)
RequestedRenderConfig = create_model(
    "RequestedRenderConfig",
    __base__=_Sent,
    **_members(""),
    outputSettings=(_OutputSettings, None),
)
"""`requestedRenderConfig`, made from the table in fields.py."""


def render_body(config: dict[str, Any]) -> dict[str, Any]:
    """The body of "start render" for a nested config; ValueError with a sentence if it is wrong."""
    try:
        model = RequestedRenderConfig.model_validate(config)
    except ValidationError as error:
        raise ValueError("; ".join(map(_sentence, error.errors()))) from None
    return {"requestedRenderConfig": model.model_dump(exclude_unset=True)}


def _sentence(problem: Any) -> str:
    name = ".".join(map(str, problem["loc"]))
    if problem["type"] == "value_error":
        return str(problem["ctx"]["error"])
    if problem["type"] == "extra_forbidden":
        return f"{name} is not a Renderjuice render setting."
    if problem["type"] == "missing":
        return f"{name} is missing."
    return f"{name}: {problem['msg']}."


# ---- received -------------------------------------------------------------------------------


class Unreadable(ValueError):
    """An answer without the members that it cannot do without."""


def _or_none(value: Any, check: Callable[[Any], Any]) -> Any:
    try:
        return check(value)
    except ValidationError:
        return None


Text = Annotated[str | None, WrapValidator(_or_none)]
Number = Annotated[float | None, WrapValidator(_or_none)]
Flag = Annotated[bool | None, WrapValidator(_or_none)]


class _Received(BaseModel):
    """Keeps members it does not know; a member of another type than documented counts as absent."""

    model_config = ConfigDict(
        extra="allow",
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
    """A job as the farm tells it; only `id` and `status` are sure to be there.

    Times are ISO 8601 texts. `requested_config` and `final_config` are any JSON. `replayed` is true
    when "start render" found the render started already.
    """

    id: str
    status: str
    workspace_id: Text = None
    created_at: Text = None
    updated_at: Text = None
    user_id: Text = None
    root_folder_id: Text = None
    normalized_seconds: Number = None
    preview_url: Text = None
    failed_reason: Annotated[
        FailedReason | None, WrapValidator(_or_none), BeforeValidator(_reason)
    ] = None
    requested_config: Any = None
    final_config: Any = None
    output: Annotated[Output | None, WrapValidator(_or_none)] = None
    is_analysis_skipped: Flag = None
    analysis_id: Text = None
    analysis: Any = None
    scene_file: Any = None
    replayed: bool = False

    @property
    def ended(self) -> bool:
        """Whether nothing changes any more; an unknown status counts as active."""
        return self.status in fields.ENDED


def is_job_id(text: str) -> bool:
    """Whether a text may stand in an address as a job's id."""
    return bool(re.fullmatch(r"[A-Za-z0-9_-]{1,100}", text))


def job(said: Any, *, replayed: bool = False) -> FarmJob:
    """A FarmJob from an answer, bare or wrapped in "data" or "job"."""
    try:
        read = FarmJob.model_validate(inside(said, "id", "status"))
    except ValidationError:
        raise Unreadable("it holds no job") from None
    if not is_job_id(read.id):
        raise Unreadable("the job's id is not one")
    return read.model_copy(update={"replayed": replayed})


@dataclass(frozen=True, slots=True)
class UploadTarget:
    """Where to PUT a package, and the name to make the job from. `expires_at` is ISO 8601."""

    upload_url: str
    slug: str
    expires_at: str | None


def upload_target(said: Any) -> UploadTarget:
    """An UploadTarget from an answer, bare or wrapped."""
    found = inside(said, "uploadUrl", "slug")
    url, slug = text(found.get("uploadUrl")), text(found.get("slug"))
    if not url or not slug:
        raise Unreadable("it holds no upload address")
    return UploadTarget(url, slug, text(found.get("expiresAt")) or None)


@dataclass(frozen=True, slots=True)
class JobPage:
    """One page of the list of jobs. `unreadable` entries had no id or status and are left out."""

    jobs: list[FarmJob]
    page: int
    total_pages: int
    total: int | None
    unreadable: int = 0


def job_page(said: Any, page: int) -> JobPage:
    """A JobPage from {"jobs", "pagination"}, bare or wrapped, or a bare list."""
    holder = said if isinstance(said, dict) else {"jobs": said}
    while isinstance(holder.get("data"), dict):
        holder = holder["data"]
    entries = holder.get("jobs", holder.get("data", holder.get("items")))
    if not isinstance(entries, list):
        raise Unreadable("it holds no list of jobs")
    jobs, unreadable = [], 0
    for entry in entries:
        try:
            jobs.append(job(entry))
        except Unreadable:
            unreadable += 1
    told = holder.get("pagination")
    pages = told if isinstance(told, dict) else {}
    return JobPage(
        jobs, page, count(pages.get("totalPages")) or 1, count(pages.get("total")), unreadable
    )


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


MOST_OUTPUTS = 200_000
"""Files that a job may have; each may stand in two lists. An hour in four passes and two views."""


def downloads(said: Any) -> Downloads:
    """Outputs from an answer; the legacy lists and the zips only where the new lists are empty."""
    found = unwrapped(said, "data", "downloads") or {}
    if not isinstance(found, dict) or (found and not _lists_outputs(found)):
        raise Unreadable("it lists no outputs")
    transforms = found.get("transforms")
    transforms = transforms if isinstance(transforms, dict) else {}
    if sum(len(one) for one in found.values() if isinstance(one, list)) > 2 * MOST_OUTPUTS:
        raise Unreadable(f"it lists more than {MOST_OUTPUTS} files")
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
        file_name=text(said.get("fileName")) or _name_in(url),
        relative_path=text(said.get("relativePath")),
        view=text(said.get("view")),
        composite_node_name=text(said.get("compositeNodeName")),
        kind=kind,
    )


def _video(said: Any) -> Any:
    """A video has a free form: a URL, an object with one, or an object of such objects."""
    if isinstance(said, dict) and not said.get("url"):
        return [one for one in said.values() if isinstance(one, dict)]
    return said


def _name_in(url: str) -> str:
    """The file name in a URL, which is all that the legacy lists tell."""
    try:
        return unquote(urlsplit(url).path.rpartition("/")[2])
    except ValueError:
        return ""
