"""Submits scenes and follows their jobs, from Python scripts inside Blender (docs/scripting.md).

    job = scripting.submit(bpy.context.scene, frames="1-24", settings={"sampleCount": 64})
    job.wait()
    print(job.frames_here, "frames in", job.folder)

In a window nothing blocks but `Job.wait`: jobs go on by themselves, as after a press of the button.
In background mode there are no timers: a job goes on only while `submit`, `Job.wait` or `resume`
runs; each prints progress to standard error. Ctrl-C raises KeyboardInterrupt, and the job is kept.
"""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bpy

from .api import fields
from .commands import arguments, results
from .jobs import protocol
from .jobs.record import DamagedRecord, Record, Stage
from .jobs.snapshot import count, frames_here
from .jobs.store import Store
from .session import background, connection, open_file, paths, plan, records, submission
from .session.background import WorkerError
from .session.follow import DEFAULT_WAIT_SECONDS, Interrupted, Waiting
from .session.state import state

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from .scene.checks import Check

KEPT = "The job is kept: `wait` and `resume` go on with it. Do not submit again."


class Error(Exception):
    """Something went wrong: `id` is stable, `message` a sentence, `hint` says what to do or is "".

    The ids are those of docs/troubleshooting.md and docs/checks.md. `job` is the job that the error
    is about, None if none was made. `checks` are the findings that stand in the way, if any.
    """

    def __init__(
        self,
        id: str,
        message: str,
        hint: str = "",
        *,
        job: Job | None = None,
        checks: Sequence[Check] = (),
    ) -> None:
        super().__init__(f"{message} {hint}".rstrip())
        self.id = id
        self.message = message
        self.hint = hint
        self.job = job
        self.checks = tuple(checks)


class Job:
    """A job of this computer. Every member is read from its record on disk.

    Raises Error (`damaged-record`, `disk`) if the record cannot be read.
    """

    def __init__(self, id: str) -> None:
        with _errors():
            self.id: str = arguments.checked(id=id)["id"]
        """The id by which the command line knows the job too."""

    def __repr__(self) -> str:
        return f"Job({self.id!r})"

    @property
    def name(self) -> str:
        """The name in the list of jobs."""
        return self._record().title

    @property
    def folder(self) -> Path:
        """Where the frames are, or will be."""
        return Path(self._record().output)

    @property
    def stage(self) -> str:
        """`saving`, `packing`, `uploading`, `creating`, `validating`, `starting`, `rendering`,
        `downloading`, `canceling`; at the end `finished`, `incomplete`, `failed`, `canceled`."""
        return self._record().stage.value

    @property
    def ended(self) -> bool:
        """Whether the job has ended, well or not."""
        return self._record().ended

    @property
    def farm_id(self) -> str:
        """The farm's id of the job; "" before there is one."""
        return self._record().farm.id

    @property
    def frames_here(self) -> int:
        """How many frames are here, each in all of its views."""
        return frames_here(self._record())

    @property
    def frames_of(self) -> int | None:
        """How many frames the job has; None if that is not known."""
        return count(self._record().frames)

    @property
    def missing(self) -> list[int] | None:
        """The numbers of the missing frames; None before that is known."""
        return self._record().missing

    @property
    def files(self) -> list[Path]:
        """The files that are here, those of File Output nodes included."""
        record = self._record()
        return [Path(record.output, name) for name in sorted(record.files)]

    @property
    def error(self) -> Error | None:
        """Why the job has failed, or what it waits for; None if nothing is wrong."""
        problem = self._record().error
        return Error(problem.id, problem.message, problem.hint, job=self) if problem else None

    def wait(self, *, timeout: float | None = None, patience: float = DEFAULT_WAIT_SECONDS) -> None:
        """Go on with the job and return when all of its frames are here.

        `timeout` and `patience` are seconds: the longest wait, and the longest one without anything
        that comes. In a window Blender stands still meanwhile; a timer that reads `stage` avoids
        that. Raises Error if the job ends otherwise, or waits for a person or longer than allowed.
        """
        with _errors(self):
            asked = arguments.checked(timeout=timeout, patience=patience)
        timed_out = False
        if not self.ended:
            _need_online(self)
            with _errors(self):
                follow = self._follow if bpy.app.background else self._follow_in_window
                timed_out = not follow(**asked)
        if timed_out and not self.ended and not self.error:
            message = f"{self.name} is not done after {timeout:g} seconds."
            raise Error("wait-timeout", message, "It goes on: wait again.", job=self)
        self._require(None)

    def cancel(self) -> None:
        """Cancel the job, on the farm first. A job that has ended stays as it is.

        In a window it returns at once, in background mode when the farm knows. Raises Error.
        """
        if self.ended:
            return
        _need_online(self)
        with _errors(self):
            if bpy.app.background:
                background.run(protocol.Cancel(self.id), [self.id])
            else:
                connection.cancel(self.id)
        if bpy.app.background and not self.ended:
            self._require(None)

    def _record(self) -> Record:
        with _errors():
            return _store().load(self.id)

    def _follow(self, timeout: float | None, patience: float) -> bool:
        return background.run(protocol.Start(self.id), [self.id], timeout, patience)

    def _follow_in_window(self, timeout: float | None, patience: float) -> bool:
        """Do the timer's work until the job has ended; False after `timeout` seconds."""
        end = time.monotonic() + timeout if timeout is not None else float("inf")
        waiting = Waiting(patience)
        if not connection.running():
            connection.send(protocol.Start(self.id))
        while not self.ended:
            connection.tick()
            if state.trouble:
                raise WorkerError("worker-gone", state.trouble)
            if job := state.jobs.get(self.id):
                waiting.track(job)
            if waiting.is_over(state.jobs, {self.id}):
                return True
            if time.monotonic() > end:
                return False
            time.sleep(0.1)
        return True

    def _require(self, until: Stage | None) -> None:
        """Raise Error unless the job has reached `until`, or finished if None."""
        record = self._record()
        problem = record.error or results.not_done(record, until)
        if problem:
            hint = problem.hint if record.ended else f"{problem.hint} {KEPT}".lstrip()
            raise Error(problem.id, problem.message, hint, job=self)
        if record.stage is Stage.CANCELED:
            raise Error("canceled", f"{record.title} was canceled.", job=self)


def submit(  # noqa: PLR0913  (keyword-only but for one)
    scene: bpy.types.Scene | None = None,
    *,
    frames: str = "",
    still: bool = False,
    settings: Mapping[str, Any] | None = None,
    folder: str | bytes | os.PathLike[Any] = "",
    overwrite: bool = False,
    allow: str | Iterable[str] = (),
    bake: str = "",
    patience: float = DEFAULT_WAIT_SECONDS,
) -> Job:
    """Submit a scene, by default the context's, and return its job. At most one render is paid.

    `frames` is such as "1-100, 120, 130-200x5", "" the scene's; `still` takes the current one.
    `settings` are overrides by API name on top of the scene's own (docs/settings.md). Frames go to
    `folder`, by default one of the job's own beside the file; `overwrite` replaces those there.
    `allow` names missing files that the scene may be sent without, or "missing-file" for all.
    `bake` is "auto", "all" or "none" (docs/packing.md), "" the scene's choice.

    In a window it returns at once. In background mode it returns when the render has begun, and
    gives up after `patience` seconds in which nothing came. Raises Error: without a `job` nothing
    was sent; with one that has not ended, the job is kept.
    """
    if bpy.app.background and (not_open := open_file.why_not()):
        raise Error("no-file", not_open)
    with _errors():
        chosen = _scene(scene)
        asked = arguments.checked(
            frames=frames,
            still=still,
            settings=settings,
            folder=folder,
            overwrite=overwrite,
            allow=allow,
            bake=bake,
            patience=patience,
        )
    planned = _plan(chosen, asked)
    until = Stage.RENDERING if bpy.app.background else None
    with _errors():
        record = submission.submit(planned, wait_until=until, patience=asked["patience"])
    job = Job(record.id)
    if until:
        job._require(until)
    return job


def jobs() -> list[Job]:
    """All jobs of the state folder, the newest first."""
    with _errors():
        found = [one for one in _store().read_all() if isinstance(one, Record)]
    return [Job(one.id) for one in sorted(found, key=lambda one: one.created_at, reverse=True)]


def resume(*, timeout: float | None = None, patience: float = DEFAULT_WAIT_SECONDS) -> list[Job]:
    """Go on with all jobs that were made here and have not ended, and return them.

    In a window it returns at once. In background mode it returns when each has ended or waits for
    something, which its `error` says. Raises Error if nothing can go on.
    """
    with _errors():
        asked = arguments.checked(timeout=timeout, patience=patience)
        store = _store()
        found = [one for one in store.read_all() if isinstance(one, Record)]
        going = [one for one in found if store.made_here(one)]
        ids = [one.id for one in going if not one.ended]
        if ids or any(one.late for one in going):
            _need_online()
            if bpy.app.background:
                background.run(protocol.Resume(), ids, **asked)
            else:
                records.refresh()
    return [Job(job_id) for job_id in ids]


def _scene(given: Any) -> bpy.types.Scene:
    """The scene to submit. Raises WrongArgument."""
    scene = bpy.context.scene if given is None else given
    if not isinstance(scene, bpy.types.Scene):
        raise arguments.WrongArgument(f"scene must be one of bpy.data.scenes, not {scene!r:.60}.")
    try:
        scene.name  # noqa: B018
    except ReferenceError as removed:
        raise arguments.WrongArgument("scene was removed from this file.") from removed
    return scene


def _plan(scene: bpy.types.Scene, asked: Mapping[str, Any]) -> plan.Plan:
    """Plan the job that the checked arguments of `submit` ask for. Raises Error."""
    for name, value in asked["settings"].items():
        if sentence := fields.problem(name, value):
            raise Error("wrong-setting", sentence)
    with _errors():
        planned = plan.of_scene(
            scene,
            still=asked["still"],
            frames=asked["frames"] or None,
            more=asked["settings"],
            output=asked["folder"],
            overwrite=asked["overwrite"],
            allow=map(plan.missing_name, asked["allow"]),
        )
        planned = plan.with_bake(planned, asked["bake"])
    if asked["frames"] and (problem := planned.requested.frames_problem):
        raise Error(*problem)
    return planned


def _store() -> Store:
    return Store(paths.state_folder())


def _need_online(job: Job | None = None) -> None:
    if sentence := connection.offline():
        raise Error("offline", f"{sentence}.", job=job)


@contextlib.contextmanager
def _errors(job: Job | None = None) -> Iterator[None]:
    """Convert the errors of the block to Error, and Ctrl-C to KeyboardInterrupt."""
    try:
        yield
    except Interrupted as pressed:
        raise KeyboardInterrupt from pressed
    except arguments.WrongArgument as wrong:
        raise Error("wrong-argument", f"{wrong}", job=job) from wrong
    except submission.ChecksFailed as failed:
        first = failed.checks[0]
        raise Error(first.id, first.message, checks=failed.checks) from failed
    except submission.JobKept as kept:
        if isinstance(kept.reason, Interrupted):
            raise KeyboardInterrupt from kept
        raise _kept(kept.reason, Job(kept.record.id)) from kept
    except WorkerError as error:
        raise _kept(error, job) from error
    except DamagedRecord as error:
        raise Error("damaged-record", str(error), job=job) from error
    except (OSError, submission.NotSaved) as error:
        failure = results.disk(error)
        raise Error(failure.id, failure.message, failure.hint, job=job) from error


def _kept(reason: WorkerError, job: Job | None) -> Error:
    hint = f"{reason.hint} {KEPT}".lstrip() if job and not job.ended else reason.hint
    return Error(reason.id, reason.message, hint, job=job)
