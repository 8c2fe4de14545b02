"""What is sent to the farm, strictly, and what comes back, tolerantly.

Everything that Renderjuice's documentation leaves open about answers is settled in this file.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import isfinite
from typing import Annotated, Any, ClassVar, Literal
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
        extra="allow", alias_generator=to_camel, populate_by_name=True, frozen=True
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


class Job(_Received):
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


def job(said: Any, *, replayed: bool = False) -> Job:
    """A Job from an answer, bare or wrapped in "data" or "job"."""
    found = _inside(said, "id", "status")
    try:
        read = Job.model_validate(found)
    except ValidationError:
        raise Unreadable("it holds no job") from None
    return read.model_copy(update={"replayed": replayed})


@dataclass(frozen=True, slots=True)
class UploadTarget:
    """Where to PUT a package, and the name to make the job from. `expires_at` is ISO 8601."""

    upload_url: str
    slug: str
    expires_at: str | None


def upload_target(said: Any) -> UploadTarget:
    """An UploadTarget from an answer, bare or wrapped."""
    found = _inside(said, "uploadUrl", "slug")
    url, slug = _text(found.get("uploadUrl")), _text(found.get("slug"))
    if not url or not slug:
        raise Unreadable("it holds no upload address")
    return UploadTarget(url, slug, _text(found.get("expiresAt")) or None)


@dataclass(frozen=True, slots=True)
class JobPage:
    """One page of the list of jobs. `unreadable` entries had no id or status and are left out."""

    jobs: list[Job]
    page: int
    total_pages: int
    total: int | None
    unreadable: int = 0


def job_page(said: Any, page: int) -> JobPage:
    """A JobPage from {"jobs", "pagination"}, bare or wrapped, or a bare list."""
    holder = _inside(said, "jobs") if isinstance(said, dict) else {"jobs": said}
    entries = _items(holder.get("jobs", holder.get("data")))
    jobs, unreadable = [], 0
    for entry in entries:
        try:
            jobs.append(job(entry))
        except Unreadable:
            unreadable += 1
    pages = holder.get("pagination") or {}
    pages = pages if isinstance(pages, dict) else {}
    total_pages = _count(pages.get("totalPages"))
    total = _count(pages.get("total"))
    return JobPage(jobs, page, total_pages or 1, total, unreadable)


# ---- progress -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Progress:
    """Frames done and wanted, and the part that is done (0..1), each None when not told."""

    done: int | None
    total: int | None
    fraction: float | None
    raw: Any


_DONE = {"done", "completed", "complete", "finished", "rendered", "succeeded", "current"}
_TOTAL = {"total", "frames", "count", "all", "expected"}
_PENDING = {"queued", "pending", "waiting", "remaining", "running", "rendering", "active", "failed"}
_PART = {"progress", "fraction", "ratio"}
_PERCENT = {"percent", "percentage", "pct"}
_ID = ("jobId", "job_id", "id", "uuid")


def progress(said: Any, job_id: str = "") -> Progress | None:
    """Progress from any shape of answer; None when nothing runs (`[]`, `{}`, null)."""
    said = _unwrapped(said)
    if isinstance(said, dict) and job_id and job_id in said:
        said = said[job_id]
    if isinstance(said, list):
        own = [one for one in said if isinstance(one, dict) and _job_id(one) == job_id]
        said = (own or said) if job_id else said
        if len(said) == 1:
            said = said[0]
    if not said:
        return None
    return _counted(said)


def all_progress(said: Any) -> dict[str, Progress]:
    """Progress of every running job by its id, from a list of entries or an object by id."""
    said = _unwrapped(said)
    if isinstance(said, dict) and _job_id(said):
        said = [said]
    if isinstance(said, list):
        pairs = [(_job_id(one), one) for one in said if isinstance(one, dict)]
    elif isinstance(said, dict):
        pairs = list(said.items())
    else:
        pairs = []
    read = {key: progress(one) for key, one in pairs if key}
    return {key: one for key, one in read.items() if one is not None}


def _counted(said: Any) -> Progress:
    if isinstance(said, list):
        return _counted_list(said)
    counters = dict(_counters(said))
    done = _first(counters, _DONE)
    total = _first(counters, _TOTAL)
    pending = [value for key, value in counters.items() if key in _PENDING]
    if total is None and done is not None and pending:
        total = done + sum(pending)
    part = _first(counters, _PART)
    percent = _first(counters, _PERCENT)
    if percent is not None or (part is not None and part > 1):
        part = (percent if percent is not None else part or 0) / 100
    if done is not None and total:
        part = done / total
    return Progress(
        None if done is None else int(done),
        None if total is None else int(total),
        None if part is None else min(1.0, max(0.0, part)),
        said,
    )


def _counted_list(said: list[Any]) -> Progress:
    """One entry a frame, each with a status."""
    states = [one.get("status", one.get("state")) for one in said if isinstance(one, dict)]
    if not states or not all(isinstance(state, str) for state in states):
        return Progress(None, None, None, said)
    done = sum(_plain(state) in _DONE for state in states)
    return Progress(done, len(states), done / len(states), said)


def _counters(said: Any, depth: int = 0) -> Iterator[tuple[str, float]]:
    """Numbers by plain name: framesCompleted, completed_frames and completed are all one name."""
    if not isinstance(said, dict) or depth > 3:
        return
    for key, value in said.items():
        if isinstance(value, dict):
            yield from _counters(value, depth + 1)
        elif (number := _number(value)) is not None:
            yield _plain(key), number


def _plain(name: Any) -> str:
    letters = "".join(filter(str.isalnum, str(name))).lower()
    for extra in ("frames", "frame", "tasks", "count", "number", "num"):
        if letters != extra and letters not in _TOTAL:
            letters = letters.removeprefix(extra).removesuffix(extra) or letters
    return letters


def _first(counters: dict[str, float], names: set[str]) -> float | None:
    return next((value for key, value in counters.items() if key in names), None)


def _job_id(said: dict[str, Any]) -> str:
    for key in _ID:
        if isinstance(said.get(key), str):
            return str(said[key])
    inner = said.get("job")
    return _job_id(inner) if isinstance(inner, dict) else _text(inner)


# ---- downloads ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OutputFile:
    """One file to download; texts are "" when not told. All but `kind` is the server's own word."""

    url: str
    file_name: str
    relative_path: str
    view: str
    composite_node_name: str
    kind: Literal["frame", "compositeNode", "zip", "video"]


@dataclass(frozen=True, slots=True)
class Downloads:
    """A job's outputs, empty until there are any; `without_url` entries could not be used."""

    outputs: list[OutputFile]
    without_url: int = 0


Kind = Literal["frame", "compositeNode", "zip", "video"]


def downloads(said: Any) -> Downloads:
    """Outputs from an answer; the legacy lists and the zips only where the new lists are empty."""
    found = _inside(said, "transforms")
    found = found or _inside(said, "frames") or _inside(said, "frameOutputs")
    transforms = found.get("transforms")
    transforms = transforms if isinstance(transforms, dict) else {}
    lists: list[tuple[Kind, str, str, str, str]] = [
        ("frame", "frameOutputs", "frames", "framesZipOutputs", "framesZip"),
        (
            "compositeNode",
            "compositeNodeOutputs",
            "compositeNodes",
            "compositeNodesZipOutputs",
            "compositeNodesZip",
        ),
    ]
    entries: list[tuple[Any, Kind]] = []
    for kind, new, legacy, new_zip, legacy_zip in lists:
        files = _items(found.get(new)) or _items(found.get(legacy))
        zips = _items(transforms.get(new_zip)) or _items(transforms.get(legacy_zip))
        entries += [(one, kind) for one in files] or [(one, "zip") for one in zips]
    entries += [(one, "video") for one in _videos(transforms.get("video"))]
    outputs = [_output(entry, kind) for entry, kind in entries]
    usable = [output for output in outputs if output.url]
    return Downloads(usable, len(outputs) - len(usable))


def _output(entry: Any, kind: Kind) -> OutputFile:
    said = entry if isinstance(entry, dict) else {"url": entry}
    url = _text(said.get("url"))
    name = _text(said.get("fileName")) or unquote(_path(url).rpartition("/")[2])
    return OutputFile(
        url,
        name,
        _text(said.get("relativePath")),
        _text(said.get("view")),
        _text(said.get("compositeNodeName")),
        kind,
    )


def _videos(said: Any) -> list[Any]:
    """A video is a URL, an object with one, or an object of such objects."""
    if isinstance(said, dict) and not said.get("url"):
        return [one for one in said.values() if isinstance(one, dict) and one.get("url")]
    return _items(said)


def _path(url: str) -> str:
    try:
        return urlsplit(url).path
    except ValueError:
        return ""


# ---- JSON of any shape ----------------------------------------------------------------------


def _inside(said: Any, *members: str) -> dict[str, Any]:
    """The object that has these members: the answer itself or what "data" or "job" holds."""
    for _ in range(3):
        if not isinstance(said, dict):
            return {}
        if all(member in said for member in members):
            return said
        said = said.get("data", said.get("job"))
    return {}


def _unwrapped(said: Any) -> Any:
    for _ in range(3):
        if isinstance(said, dict) and len(said) <= 2:
            for key in ("data", "progress", "jobs"):
                if isinstance(said.get(key), dict | list):
                    said = said[key]
                    break
    return said


def _items(said: Any) -> list[Any]:
    if isinstance(said, list):
        return [one for one in said if one]
    return [said] if said and isinstance(said, str | dict) else []


def _text(said: Any) -> str:
    return said if isinstance(said, str) else ""


def _number(said: Any) -> float | None:
    if isinstance(said, bool) or not isinstance(said, int | float) or not isfinite(said):
        return None
    return said


def _count(said: Any) -> int | None:
    number = _number(said)
    return None if number is None or number < 0 else int(number)
