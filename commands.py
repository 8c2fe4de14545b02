"""What each command of the command line does. A command returns its exit code and its document."""

import argparse
import contextlib
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import bpy

from . import locations, submission
from .jobs import key, view
from .jobs import record as rec
from .jobs.follow import Follower, Interrupted, WorkerGone
from .jobs.record import DamagedRecord, Record
from .jobs.store import Store
from .packing.manifest import PackError

DONE, FARM, USAGE, CHECK, ONLINE, DISK, INTERRUPTED = 0, 1, 2, 3, 4, 5, 130

Result = tuple[int, dict[str, Any]]

_DISK_ERRORS = {
    *("disk", "disk-full", "copy-not-saved", "not-saved", "package-gone", "source-changed"),
    *("packer-failed", "packer-not-started"),
}
_CHECK_ERRORS = {"missing-file", "missing-library", "package-too-large"}
_FARM_ERRORS = {"farm-failed", "farm-canceled", "frames-missing", "no-outputs"}
# Where two apply, the first of these.
_WORST_FIRST = (USAGE, CHECK, ONLINE, DISK, FARM, DONE)


class Failure(Exception):
    """A command that cannot go on: exit code, error, and what else its document says."""

    def __init__(self, code: int, id: str, message: str, hint: str = "", **document: Any) -> None:
        super().__init__(message)
        self.code = code
        self.id = id
        self.message = message
        self.hint = hint
        self.document = document

    def as_dict(self) -> dict[str, str]:
        """The `error` of a document."""
        return {"id": self.id, "message": self.message, "hint": self.hint}


def has_own_output() -> bool:
    """Whether Blender writes to standard output too."""
    return bool(bpy.app.binary_path)


# -- before a job ---------------------------------------------------------------------------------


def connect(_: argparse.Namespace) -> Result:
    """Test the key on standard input, and store it if the farm takes it."""
    _need_online()
    new = sys.stdin.readline().strip()
    if not new:
        raise Failure(USAGE, "no-key", "Standard input held no key.", "Pipe it in.")
    with _follower(new) as follower:
        answer = follower.ask({"do": "test", "key": new})
    if answer.get("error"):
        raise Failure(ONLINE, **answer["error"])
    try:
        key.write(locations.state_folder(), new)
    except OSError as error:
        raise _disk(error) from error
    print("Renderjuice takes the key; it is stored.", file=sys.stderr)
    return DONE, {}


def check(options: argparse.Namespace) -> Result:
    """All checks, those of the files too."""
    plan = _plan(options)
    with tempfile.TemporaryDirectory(prefix="renderjuice-") as folder:
        found = [*plan.checks, *submission.check_files(_trace(plan, folder))]
    for one in found:
        print(f"{one.level}: {one.message}", file=sys.stderr)
    code = CHECK if any(one.level == "error" for one in found) else DONE
    return code, {"checks": [_check(one) for one in found]}


def config(options: argparse.Namespace) -> Result:
    """What would be sent."""
    import json

    plan = _plan(options)
    if options.json != "-":
        print(json.dumps(plan.requested.config, indent=1))
    return DONE, {"config": plan.requested.config}


def pack(options: argparse.Namespace) -> Result:
    """Write the package and nothing else."""
    from .packing import archive

    plan = _plan(options)
    target = Path(options.output).resolve()
    with tempfile.TemporaryDirectory(prefix="renderjuice-") as folder:
        manifest = _trace(plan, folder)
        package = archive.write(
            manifest, Path(folder), on_bytes=lambda _: None, should_stop=lambda: False
        )
        found = submission.check_files(manifest)
        if target.is_dir():
            target /= package.path.name
        try:
            shutil.move(package.path, target)
        except OSError as error:
            raise _disk(error) from error
    document = {
        "package": str(target),
        "kind": package.kind,
        "bytes": package.bytes,
        "files": [asdict(file) for file in package.files],
        "missing": [asdict(missing) for missing in manifest.missing],
    }
    errors = [one for one in found if one.level == "error"]
    if errors:
        raise Failure(CHECK, errors[0].id, errors[0].message, **document)
    return DONE, document


def submit(options: argparse.Namespace) -> Result:
    """The whole way."""
    plan = _plan(options)
    if options.dry_run:
        return _dry_run(plan)
    if plan.errors:
        first = plan.errors[0]
        checks = [_check(one) for one in plan.checks]
        raise Failure(CHECK, first.id, first.message, checks=checks)
    try:
        record = submission.begin(plan)
    except (OSError, submission.NotSaved) as error:
        raise _disk(error) from error
    until = "" if options.download else rec.DOWNLOADING if options.wait else rec.RENDERING
    return follow({"do": "start", "job": record.id, "until": until}, record.id, until)


def _dry_run(plan: submission.Plan) -> Result:
    with tempfile.TemporaryDirectory(prefix="renderjuice-") as folder:
        manifest = _trace(plan, folder)
    found = [*plan.checks, *submission.check_files(manifest)]
    document = {
        "config": plan.requested.config,
        "checks": [_check(one) for one in found],
        "package": {
            "kind": "blend" if len(manifest.files) == 1 else "zip",
            "bytes": manifest.bytes,
            "files": [
                {"path": f.name, "source": f.source, "bytes": f.bytes} for f in manifest.files
            ],
            "missing": [asdict(missing) for missing in manifest.missing],
        },
    }
    errors = [one for one in found if one.level == "error"]
    if errors:
        raise Failure(CHECK, errors[0].id, errors[0].message, **document)
    return DONE, document


# -- jobs -----------------------------------------------------------------------------------------


def jobs(_: argparse.Namespace) -> Result:
    """All jobs, as their records say."""
    documents = []
    for record in _store().read_all():
        if isinstance(record, DamagedRecord):
            print(f"renderjuice: {record}", file=sys.stderr)
            continue
        documents.append(view.document(record))
        print(f"{record.id}  {record.stage:<11}  {record.title}", file=sys.stderr)
    return DONE, {"jobs": documents}


def status(options: argparse.Namespace) -> Result:
    """How a job stands, on the farm too."""
    job_id = _job(options.job)
    record = _store().load(job_id)
    if record.farm.id and not record.ended:
        _need_online()
        with _follower() as follower:
            answer = follower.ask({"do": "look", "job": job_id})
        record = _store().load(job_id)
        if answer.get("error"):
            raise Failure(ONLINE, **answer["error"], job=view.document(record))
    print(f"{record.title}: {record.stage} {record.farm.status}".rstrip(), file=sys.stderr)
    return DONE, {"job": view.document(record)}


def wait(options: argparse.Namespace) -> Result:
    """Wait until the farm is done."""
    job_id = _job(options.job)
    command = {"do": "start", "job": job_id, "until": rec.DOWNLOADING}
    return follow(command, job_id, rec.DOWNLOADING, timeout=options.timeout)


def download(options: argparse.Namespace) -> Result:
    """Bring a job's frames home, also once more."""
    output = str(Path(options.output).resolve()) if options.output else ""
    job_id = _job(options.job, output)
    return follow({"do": "download", "job": job_id, "output": output, "until": ""}, job_id, "")


def cancel(options: argparse.Namespace) -> Result:
    """Cancel a job; done when it is canceled."""
    job_id = _job(options.job)
    code, document = follow({"do": "cancel", "job": job_id}, job_id, "")
    if document["job"]["stage"] == rec.CANCELED:
        return DONE, document
    return code, document


def resume(_: argparse.Namespace) -> Result:
    """Go on with everything that is not done."""
    store = _store()
    records = [r for r in store.read_all() if isinstance(r, Record)]
    ids = [r.id for r in records if not r.ended and r.home == store.home]
    if not ids:
        return DONE, {"jobs": []}
    _need_online()
    outcome = _run({"do": "resume", "until": ""}, ids, timeout=None)
    after = [store.load(job_id) for job_id in ids]
    codes = {_code(record, "") for record in after} | ({outcome} if outcome else set())
    code = next((c for c in (INTERRUPTED, *_WORST_FIRST) if c in codes), DONE)
    return code, {"jobs": [view.document(record) for record in after]}


COMMANDS: dict[str, Callable[[argparse.Namespace], Result]] = {
    "connect": connect,
    "check": check,
    "config": config,
    "pack": pack,
    "submit": submit,
    "jobs": jobs,
    "status": status,
    "wait": wait,
    "download": download,
    "cancel": cancel,
    "resume": resume,
}


# -- shared ---------------------------------------------------------------------------------------


def _plan(options: argparse.Namespace) -> submission.Plan:
    scene = bpy.context.scene
    if options.scene is not None:
        scene = bpy.data.scenes.get(options.scene)
        if scene is None:
            names = ", ".join(s.name for s in bpy.data.scenes)
            raise Failure(USAGE, "no-scene", f"There is no scene {options.scene}.", f"Has: {names}")
    output = getattr(options, "output", "") if options.command == "submit" else ""
    plan = submission.plan(
        scene,
        frames=options.frames,
        more=dict(options.set),
        output=output,
        overwrite=getattr(options, "overwrite", False),
    )
    problem = plan.requested.frames_problem
    if problem and options.frames is not None:
        raise Failure(USAGE, *problem)
    return plan


def follow(
    command: dict[str, Any], job_id: str, until: str = "", *, timeout: float | None = None
) -> Result:
    """Let a worker carry out `command`, and answer for the job when it has."""
    _need_online()
    code = _run(command, [job_id], timeout=timeout)
    record = _store().load(job_id)
    document: dict[str, Any] = {"job": view.document(record)}
    if record.error:
        document["error"] = asdict(record.error)
    elif code == ONLINE:
        document["error"] = {
            "id": "wait-timeout",
            "message": f"{record.title} is not done after {timeout:g} seconds.",
            "hint": "It goes on: wait again.",
        }
    return code or _code(record, until), document


def _run(command: dict[str, Any], ids: list[str], *, timeout: float | None) -> int:
    """Follow a worker to the end of `command`; an exit code where that says more than the jobs."""
    try:
        with _follower() as follower:
            ended = follower.follow(command, ids, timeout=timeout)
    except Interrupted:
        print("renderjuice: interrupted; `resume` goes on.", file=sys.stderr)
        return INTERRUPTED
    if ended.error:
        raise Failure(ONLINE, **ended.error)
    return ONLINE if ended.timed_out else DONE


@contextlib.contextmanager
def _follower(key_to_use: str | None = None) -> Iterator[Follower]:
    from .jobs.bridge import start_worker

    try:
        link = start_worker(key_to_use)
    except OSError as error:
        raise _disk(error) from error
    try:
        yield Follower(link)
    except WorkerGone as gone:
        raise Failure(
            USAGE if gone.unusable else DISK,
            "worker-gone",
            gone.unusable or "The worker process ended unexpectedly.",
            "Install what is missing: python -m pip install pydantic requests"
            if gone.unusable
            else f"Its log: {locations.state_folder() / 'worker.log'}",
        ) from gone
    finally:
        link.close()


def _store() -> Store:
    return Store(locations.state_folder())


def _job(text: str, output: str = "") -> str:
    """Our id of the job that `text` names; one that only the farm knows is adopted."""
    found = []
    for record in _store().read_all():
        if isinstance(record, Record) and text in (record.id, record.farm.id):
            return record.id
        if isinstance(record, Record) and (
            record.id.startswith(text) or record.farm.id.startswith(text)
        ):
            found.append(record.id)
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(found)
        raise Failure(USAGE, "ambiguous-job", f"{text} begins several jobs: {names}.", "Say more.")
    return _adopt(text, output)


def _adopt(farm_id: str, output: str) -> str:
    import uuid

    try:
        farm_id = str(uuid.UUID(farm_id))
    except ValueError:
        raise Failure(
            USAGE, "no-job", f"There is no job {farm_id}.", "`jobs` lists them."
        ) from None
    _need_online()
    folder = output or str(Path.cwd() / "renderjuice" / farm_id)
    with _follower() as follower:
        answer = follower.ask({"do": "adopt", "farm": farm_id, "output": folder})
    if answer.get("error"):
        raise Failure(ONLINE, **answer["error"])
    return str(answer["job"])


def _code(record: Record, until: str) -> int:
    """The exit code that says how a job stands after what was asked."""
    if record.error:
        if record.error.id in _CHECK_ERRORS:
            return CHECK
        if record.error.id in _DISK_ERRORS:
            return DISK
        return FARM if record.error.id in _FARM_ERRORS else ONLINE
    if record.stage in (rec.FAILED, rec.CANCELED, rec.INCOMPLETE):
        return FARM
    return DONE


def _need_online() -> None:
    from .cli import OFFLINE_HINT

    if not bpy.app.online_access:
        raise Failure(ONLINE, "offline", OFFLINE_HINT)


def _trace(plan: submission.Plan, folder: str) -> Any:
    try:
        return submission.trace(plan, Path(folder))
    except PackError as error:
        raise Failure(DISK, error.id, error.message, error.hint) from error
    except submission.NotSaved as error:
        raise _disk(error) from error


def _disk(error: Exception) -> Failure:
    name = getattr(error, "filename", None)
    words = getattr(error, "strerror", None) or str(error)
    return Failure(DISK, "disk", f"{name}: {words}." if name else words)


def _check(one: Any) -> dict[str, Any]:
    wanted = ("id", "level", "message", "datablock", "path")
    return {name: getattr(one, name) for name in wanted}
