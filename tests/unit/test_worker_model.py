"""Model-based test of record and stages: a crash or error can happen at every instant.

An instant is an effect outside the process: a call of the API or a write of the record. Workers
start and end with every purpose, in the state folder, in a copy of it, or with another farm's
address. The record is of a submitted job, of a 0.1.0 job that names no farm, or of a dashboard job.
The model does not use permission.py: it checks which calls reach the farm. The table of stages is
in docs/reliability.md.
"""

import contextlib
import errno
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from renderjuice.api import fields
from renderjuice.api.errors import ApiError
from renderjuice.api.responses import FarmJob
from renderjuice.jobs import record as rec
from renderjuice.jobs.record import Stage
from renderjuice.jobs.store import Store
from renderjuice.system.cancellation import Cancelled
from renderjuice.system.locks import Lock
from renderjuice.worker import permission, runner
from renderjuice.worker.context import Context
from renderjuice.worker.job import Purpose, RunningJob
from renderjuice.worker.poller import News
from renderjuice.worker.stages import MIN_CONSECUTIVE

CONFIG = {"colorManagementPreset": "default", "sampleCount": 4, "denoiserType": "OPENIMAGEDENOISE"}
KINDS = ["crash before", "crash after", "lost before", "lost after", "refused", "refused after"]
KINDS += ["cancel after"]  # the artist presses Cancel just as the response arrives
KINDS += ["no effect"]  # the farm reports success and does nothing
CALLS = ["create_job", "get_job", "validate", "render", "render", "cancel", "save"]  # may fail
HERE, THERE = "https://farm.example/v1", "https://other.example/v1"
WAY = [
    (Stage.CREATING, ""),
    (Stage.VALIDATING, "created"),
    (Stage.VALIDATING, "validated"),
    (Stage.STARTING, "validated"),
    (Stage.STARTING, "created"),
    (Stage.RENDERING, "created"),
    (Stage.RENDERING, "validated"),
    (Stage.RENDERING, "rendering"),
]
"""Stages of the record, each with a status of the farm's job, at which a worker can start.

The first one is the usual case.
"""
BEGINNERS = ("submit", "resume", "retry", "claim")


class Crash(BaseException):
    """The worker process crashes."""


class Paused(BaseException):
    """The job waits for something, so another worker or the farm has its turn."""


class World:
    """The state of the farm and the disk, and the instant at which an error happens."""

    def __init__(self, folder: Path) -> None:
        self.state = folder / "state"
        self.store = Store(self.state)
        self.job_id = ""
        self.jobs: dict[str, str] = {}
        self.validations: list[str] = []
        self.renders: list[str] = []
        self.call, self.instant, self.kind = "", 0, ""
        self.disk_full = False
        self.press_cancel: Callable[[], None] = lambda: None
        self.read: dict[str, str] = {}
        """The job's status as the current worker last read it; a call that starts something clears
        it."""
        self.names_farm = True
        """Whether the record has the address of its farm."""
        self.ours = True
        """Whether the job was submitted from here, not in the dashboard."""
        self.ended = False
        """Whether the job has ever ended according to its record."""
        self.wrong: list[str] = []

    def effect(self, call: str, do: Callable[[], Any], error: Callable[[str], Exception]) -> Any:
        self.instant -= call == self.call
        kind = self.kind if call == self.call and self.instant == 0 else ""
        if kind == "crash before":
            raise Crash
        if kind in ("lost before", "refused"):
            raise error(kind)
        if kind == "no effect" and call == "cancel":
            return None
        done = do()
        if kind == "cancel after":
            self.press_cancel()
        if kind == "crash after":
            raise Crash
        if kind in ("lost after", "refused after"):
            raise error(kind)
        return done


class Worker:
    """One worker with the job, which it loads from disk when it starts."""

    def __init__(
        self, world: World, state: Path, purpose: Purpose = Purpose.SUBMIT, address: str = HERE
    ) -> None:
        self.world, self.state, self.purpose, self.address = world, state, purpose, address
        store = Disk(world, state)
        self.job = Turn(store.load(world.job_id), store, lambda _: None, purpose)
        self.job.lock = store.lock(world.job_id)
        world.read.clear()
        farm = Farm(world, self)
        self.context = Context(address, lambda: farm, Asker(farm), None)

    def go(self) -> bool:
        """Run the job until it waits; return False after a crash."""
        try:
            runner.run_stages(self.job, self.context, Stage.DOWNLOADING)
        except Paused:
            pass
        except Crash:
            return False
        return True

    def begin_carelessly(self) -> None:
        """Try to validate and render, whatever the stage is."""
        for step in (permission.validate, permission.render) if self.job.record.farm.id else ():
            with contextlib.suppress(permission.Refused, Cancelled, ApiError, OSError):
                step(self.job, self.context)

    def leave(self) -> None:
        """Release the lock, as the system does when the process ends."""
        if self.job.lock is not None and self.job.lock.held:
            self.job.lock.release()

    def asks(self, call: str, farm_id: str, status: str, stage: Stage) -> None:
        """Check a call to the farm that starts something, and note each rule that it breaks."""
        record = self.job.record
        first = not farm_id  # the job does not exist on the farm yet
        wrong = {
            "without having read it": self.world.read.pop(farm_id, "") != status,
            "after Cancel": self.job.cancel_requested,
            "without the lock": self.job.lock is None or not self.job.lock.held,
            "from a copy": self.state != self.world.state,
            "of another farm's": self.address != HERE and self.world.names_farm,
            "of somebody's": first and not self.world.names_farm,
            "of a job of the dashboard": not self.world.ours,
            "after the end": self.world.ended,
            f"by {self.purpose}": self.purpose.value not in BEGINNERS,
            f"in {record.stage}": record.stage is not stage,
        }
        self.world.wrong += [f"{call} {why}" for why, holds in wrong.items() if holds]


class Farm:
    """The API calls of the stages, as documented: a call that is not allowed gets a 400."""

    allow_local = True

    def __init__(self, world: World, worker: Worker) -> None:
        self.world, self.worker = world, worker

    def create_job(self, slug: str) -> FarmJob:
        self.worker.asks("create", "", "", Stage.CREATING)

        def do() -> FarmJob:
            farm_id = f"job-{len(self.world.jobs)}"
            self.world.jobs[farm_id] = "created"
            return self._job(farm_id)

        return self._effect("create_job", do)

    def get_job(self, farm_id: str) -> FarmJob:
        farm_job = self._effect("get_job", lambda: self._job(farm_id))
        self.world.read[farm_id] = farm_job.status
        return farm_job

    def validate(self, farm_id: str) -> None:
        self.worker.asks("validate", farm_id, "created", Stage.VALIDATING)

        def do() -> None:
            self._must_be(farm_id, "created", fields.WRONG_STATE)
            self.world.jobs[farm_id] = "validating"
            self.world.validations.append(farm_id)

        self._effect("validate", do)

    def render(self, farm_id: str, config: dict[str, Any]) -> FarmJob:
        self.worker.asks("render", farm_id, "validated", Stage.STARTING)
        if self.world.store.load(self.world.job_id).farm.id != farm_id:
            self.world.wrong.append("render of a job that the record on disk does not know")

        def do() -> FarmJob:
            if farm_id not in self.world.renders:
                self._must_be(farm_id, "validated", fields.BAD_REQUEST)
                self.world.jobs[farm_id] = "booting"
                self.world.renders.append(farm_id)
            return self._job(farm_id)

        return self._effect("render", do)

    def cancel(self, farm_id: str) -> None:
        def do() -> None:
            if self.world.jobs[farm_id] in fields.ENDED:
                raise ApiError(fields.WRONG_STATE, "it has ended", status=400)
            self.world.jobs[farm_id] = "canceled"

        self._effect("cancel", do)

    def _job(self, farm_id: str) -> FarmJob:
        return FarmJob(id=farm_id, status=self.world.jobs[farm_id])

    def _must_be(self, farm_id: str, status: str, id: str) -> None:
        if self.world.jobs[farm_id] != status:
            raise ApiError(id, f"it is {self.world.jobs[farm_id]}", status=400)

    def _effect(self, call: str, do: Callable[[], Any]) -> Any:
        def error(kind: str) -> ApiError:
            if kind.startswith("refused"):
                return ApiError(fields.BAD_REQUEST, "no", status=400)
            return ApiError(fields.NETWORK, "the connection broke off")

        return self.world.effect(call, do, error)


class Disk(Store):
    """A store whose writes are instants, too."""

    def __init__(self, world: World, state: Path) -> None:
        super().__init__(state)
        self.world = world

    def save(self, record: rec.Record) -> None:
        def full(kind: str) -> OSError:
            return OSError(errno.ENOSPC, "No space left on device", "record")

        if self.world.disk_full:
            raise full("")
        self.world.effect("save", lambda: Store.save(self, record), full)


class Turn(RunningJob):
    """A job that gives up its turn instead of waiting."""

    def pause(self, seconds: float | None) -> None:
        self.check()
        raise Paused


class Asker:
    """A poller that requests the status a few times, then pauses."""

    def __init__(self, farm: Farm) -> None:
        self.farm = farm
        self.asked = 0

    @contextlib.contextmanager
    def listening(self, job: RunningJob):
        self.asked = 0
        yield

    def next(self, job: RunningJob) -> News:
        job.check()
        if self.asked == MIN_CONSECUTIVE:
            raise Paused
        self.asked += 1
        try:
            return News(self.farm.get_job(job.record.farm.id))
        except ApiError as error:
            return News(error=error)


class Model(RuleBasedStateMachine):
    """The state machine of one submitted job, whose package has been uploaded."""

    @initialize(
        kind=st.sampled_from(["submitted", "of 0.1.0", "of the dashboard", "ended"]),
        way=st.sampled_from(WAY),
        purpose=st.sampled_from(Purpose),
        careless=st.sampled_from([None, False, True]),
    )
    def begin(
        self, kind: str, way: tuple[Stage, str], purpose: Purpose, careless: bool | None
    ) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.world = World(Path(self.folder.name))
        record = rec.new("shot", self.world.store.origin, self.folder.name, config=dict(CONFIG))
        self.world.names_farm = kind != "of 0.1.0"
        self.world.ours = kind != "of the dashboard"
        self.world.ended = kind == "ended"
        if self.world.names_farm:
            record.api_url = HERE
        if self.world.ours:
            record.slug = "slug"
        if self.world.ended:
            record.history.append([Stage.FAILED, rec.timestamp()])
        record.stage, status = way if way[1] or self.world.ours else WAY[-1]
        if status:
            record.farm.id = "job-0"
            self.world.jobs["job-0"] = status
        if status == "rendering":
            self.world.renders.append("job-0")
        self.world.store.save(record)
        self.id = self.world.job_id = record.id
        self.canceled_in_time = False
        self.worker: Worker | None = None
        self.start(purpose)
        if careless is not None:
            self.a_careless_caller(canceled=careless)

    def start(self, purpose: Purpose) -> None:
        """Replace the current worker by a new one, which loads the job from disk."""
        if self.worker:
            self.worker.leave()
        self.worker = Worker(self.world, self.world.state, purpose)
        self.world.press_cancel = self.press_cancel

    @rule(
        call=st.sampled_from(CALLS),
        instant=st.integers(1, 2),
        kind=st.sampled_from(KINDS),
        slow=st.booleans(),
    )
    def go_wrong(self, call: str, instant: int, kind: str, slow: bool) -> None:
        self.world.call, self.world.instant, self.world.kind = call, instant, kind
        self.go(slow=slow)

    @rule(turns=st.integers(1, 10))
    def go_right(self, turns: int) -> None:
        for _ in range(turns):
            self.go()

    def go(self, *, slow: bool = False) -> None:
        """Run the worker until it waits or crashes; then advance the farm, unless it is `slow`."""
        if not self.worker.go():
            self.start(self.worker.purpose)
        self.note_end()
        if not slow:
            self.farm_goes_on("")

    def note_end(self) -> None:
        self.world.ended = self.world.ended or self.world.store.load(self.id).ended

    @rule()
    def disk_fills_or_empties(self) -> None:
        self.world.disk_full = not self.world.disk_full

    @rule(purpose=st.sampled_from(Purpose))
    def another_start(self, purpose: Purpose) -> None:
        self.start(purpose)

    @rule(purpose=st.sampled_from(Purpose), turns=st.integers(1, 10))
    def a_copy_of_the_state_folder_is_run(self, purpose: Purpose, turns: int) -> None:
        """For example a backup, a synced home folder, or a Blender that imported the settings."""
        copy = self.world.state.with_name("copy")
        shutil.copytree(self.world.state, copy, ignore=shutil.ignore_patterns("*.lock"))
        self.go_beside(Worker(self.world, copy, purpose), turns)
        shutil.rmtree(copy)

    @rule(purpose=st.sampled_from(Purpose), turns=st.integers(1, 10))
    def it_is_run_with_another_address(self, purpose: Purpose, turns: int) -> None:
        """The preferences name another farm. The model lets it have the same job ids: the worst
        case."""
        self.worker.leave()
        self.go_beside(Worker(self.world, self.world.state, purpose, THERE), turns)
        self.start(self.worker.purpose)

    def go_beside(self, worker: Worker, turns: int) -> None:
        self.world.call, self.world.press_cancel = "", lambda: None
        worker.begin_carelessly()
        for _ in range(turns):
            worker.go()
            self.farm_goes_on("")
        worker.leave()
        self.world.press_cancel = self.press_cancel
        self.note_end()

    @rule(purpose=st.sampled_from(Purpose), turns=st.integers(1, 10))
    def the_lock_is_lost(self, purpose: Purpose, turns: int) -> None:
        """Someone deletes the lock files in the state folder, and another worker takes the job."""
        path = self.world.store.folder / f"{self.id}.lock"
        path.unlink(missing_ok=True)
        other = Lock.take(path)
        self.go_beside(self.worker, turns)
        if other:
            other.release()
        self.start(purpose)

    @rule(canceled=st.booleans())
    def a_careless_caller(self, canceled: bool) -> None:
        """A stage makes a call that it may not make, or may no longer make."""
        self.world.call = ""
        if canceled:
            self.press_cancel()
        self.worker.begin_carelessly()

    @rule(ending=st.sampled_from(["", "failed"]))
    def farm_goes_on(self, ending: str) -> None:
        path = ["validating", "validated", "booting", "rendering", "finalizing", "completed"]
        for farm_id, status in self.world.jobs.items():
            if status in path[:-1] and status != "validated":
                self.world.jobs[farm_id] = ending or path[path.index(status) + 1]

    @precondition(lambda self: not self.worker.job.record.ended)
    @rule()
    def cancel(self) -> None:
        self.press_cancel()

    @rule()
    def cancel_from_another_process(self) -> None:
        if not self.world.store.load(self.id).ended:
            self.world.store.request_cancel(self.id)
            self.canceled_in_time = self.canceled_in_time or not self.world.renders

    def press_cancel(self) -> None:
        self.world.call = ""
        job = self.worker.job
        if job.record.ended:
            return
        with contextlib.suppress(OSError):  # the artist sees it; valid until this worker ends
            job.request_cancel()
        if self.world.disk_full:
            return
        self.canceled_in_time = self.canceled_in_time or not self.world.renders

    @invariant()
    def at_most_one_render(self) -> None:
        assert len(self.world.renders) <= 1
        assert len(set(self.world.validations)) == len(self.world.validations)

    @invariant()
    def nothing_begins_without_the_right_to(self) -> None:
        assert not self.world.wrong

    @invariant()
    def nothing_starts_after_cancel(self) -> None:
        assert not (self.canceled_in_time and self.world.renders)

    @invariant()
    def the_record_knows_what_is_paid(self) -> None:
        record = self.world.store.load(self.id)
        if self.world.renders:
            assert record.farm.id == self.world.renders[0]
        if record.stage is Stage.DOWNLOADING:
            assert self.world.jobs[record.farm.id] == "completed"

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        self.world.disk_full, self.world.call = False, ""
        self.start(Purpose.RESUME)
        for _ in range(20):
            self.go()
        record = self.world.store.load(self.id)
        assert self.came_to_its_end(record), (record.stage, record.error)
        if record.stage is Stage.CANCELED and record.farm.id:
            assert self.world.jobs[record.farm.id] in fields.ENDED
        self.at_most_one_render()
        self.worker.leave()
        self.folder.cleanup()

    def came_to_its_end(self, record: rec.Record) -> bool:
        """Whether the job ended or downloads, or waits for the artist because no worker may start
        it."""
        if record.ended or record.stage is Stage.DOWNLOADING:
            return True
        said = record.error.id if record.waiting and record.error else ""
        return said == ("unknown-farm" if self.world.ours else "not-ours")


Model.TestCase.settings = settings(max_examples=400, stateful_step_count=12, deadline=None)
TestModel = Model.TestCase
