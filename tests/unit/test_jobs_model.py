"""Record and stages against a model of the farm: every instant may be a crash or an error.

An instant is an effect outside the process: a call of the API or a write of the record. The table
of stages is in docs/reliability.md.
"""

import contextlib
import errno
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from renderjuice.api import fields
from renderjuice.api.answers import FarmJob
from renderjuice.api.errors import ApiError
from renderjuice.jobs import record as rec
from renderjuice.jobs.record import Stage
from renderjuice.jobs.store import Store
from renderjuice.worker import runner
from renderjuice.worker.context import Context
from renderjuice.worker.job import RunningJob
from renderjuice.worker.poller import News

CONFIG = {"colorManagementPreset": "default", "sampleCount": 4, "denoiserType": "OPENIMAGEDENOISE"}
KINDS = ["crash before", "crash after", "lost before", "lost after", "refused", "refused after"]
KINDS += ["cancel after"]  # the artist presses it in the moment of an answer
CALLS = ["create_job", "get_job", "validate", "render", "render", "cancel", "save"]  # what costs
FAULT = {
    "call": st.sampled_from(CALLS),
    "instant": st.integers(1, 2),
    "kind": st.sampled_from(KINDS),
}


class Crash(BaseException):
    """The process is gone."""


class Paused(BaseException):
    """The job waits for something, so somebody else has a turn."""


class World:
    """The farm, the disk, and the instant at which something goes wrong."""

    def __init__(self, folder: Path) -> None:
        self.store = Store(folder)
        self.job_id = ""
        self.jobs: dict[str, str] = {}
        self.validations: list[str] = []
        self.renders: list[str] = []
        self.call, self.instant, self.kind = "", 0, ""
        self.disk_full = False
        self.press_cancel: Callable[[], None] = lambda: None
        self.canceled: Callable[[], bool] = lambda: False
        self.read: dict[str, str] = {}
        """What this worker read of a job since it last asked for anything."""
        self.wrong: list[str] = []

    def asked(self, call: str, farm_id: str, status: str) -> None:
        """A call that begins something: only after a look, and never after Cancel."""
        if self.read.pop(farm_id, "") != status:
            self.wrong.append(f"{call} without having read {status}")
        if self.canceled():
            self.wrong.append(f"{call} after Cancel")

    def effect(self, call: str, do: Callable[[], Any], error: Callable[[str], Exception]) -> Any:
        self.instant -= call == self.call
        kind = self.kind if call == self.call and self.instant == 0 else ""
        if kind == "crash before":
            raise Crash
        if kind in ("lost before", "refused"):
            raise error(kind)
        done = do()
        if kind == "cancel after":
            self.press_cancel()
        if kind == "crash after":
            raise Crash
        if kind in ("lost after", "refused after"):
            raise error(kind)
        return done


class Farm:
    """The calls that a stage makes, as documented: what is not allowed is a 400."""

    allow_local = True

    def __init__(self, world: World) -> None:
        self.world = world

    def create_job(self, slug: str) -> FarmJob:
        self.world.asked("create", "", "")

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
        self.world.asked("validate", farm_id, "created")

        def do() -> None:
            self._must_be(farm_id, "created", fields.WRONG_STATE)
            self.world.jobs[farm_id] = "validating"
            self.world.validations.append(farm_id)

        self._effect("validate", do)

    def render(self, farm_id: str, config: dict[str, Any]) -> FarmJob:
        self.world.asked("render", farm_id, "validated")
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
    """The store, whose writes are instants too."""

    def __init__(self, world: World) -> None:
        super().__init__(world.store.folder.parent)
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
    """A poller that asks once, then waits."""

    def __init__(self, farm: Farm) -> None:
        self.farm = farm
        self.asked = False

    @contextlib.contextmanager
    def listening(self, job: RunningJob):
        self.asked = False
        yield

    def next(self, job: RunningJob) -> News:
        job.check()
        if self.asked:
            raise Paused
        self.asked = True
        try:
            return News(self.farm.get_job(job.record.farm.id))
        except ApiError as error:
            return News(error=error)


class Model(RuleBasedStateMachine):
    """One press of Submit, whose package has been uploaded."""

    @initialize(**FAULT)
    def begin(self, call: str, instant: int, kind: str) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.world = World(Path(self.folder.name))
        record = rec.new("shot", self.world.store.origin, self.folder.name, config=dict(CONFIG))
        record.stage, record.slug = Stage.CREATING, "slug"
        self.world.store.save(record)
        self.id = self.world.job_id = record.id
        self.canceled_in_time = False
        self.start()
        self.world.call, self.world.instant, self.world.kind = call, instant, kind

    def start(self) -> None:
        """A worker takes the job as it is on disk."""
        record = self.world.store.load(self.id)
        self.job = Turn(record, Disk(self.world), lambda _: None)
        self.world.read.clear()
        self.world.press_cancel = self.press_cancel
        self.world.canceled = lambda: self.job.record.cancel_requested
        farm = Farm(self.world)
        self.context = Context(lambda: farm, Asker(farm), None)

    @rule(**FAULT, slow=st.booleans())
    def go_wrong(self, call: str, instant: int, kind: str, slow: bool) -> None:
        self.world.call, self.world.instant, self.world.kind = call, instant, kind
        self.go(slow=slow)

    @rule(turns=st.integers(1, 10))
    def go_right(self, turns: int) -> None:
        for _ in range(turns):
            self.go()

    def go(self, *, slow: bool = False) -> None:
        """The worker's turn, until it waits or is gone; then the farm's, unless it is `slow`."""
        try:
            runner._run(self.job, self.context, Stage.DOWNLOADING)
        except Paused:
            pass
        except Crash:
            self.start()
        if not slow:
            self.farm_goes_on("")

    @rule()
    def disk_fills_or_empties(self) -> None:
        self.world.disk_full = not self.world.disk_full

    @rule()
    def another_start(self) -> None:
        self.start()

    @rule(ending=st.sampled_from(["", "failed"]))
    def farm_goes_on(self, ending: str) -> None:
        path = ["validating", "validated", "booting", "rendering", "finalizing", "completed"]
        for farm_id, status in self.world.jobs.items():
            if status in path[:-1] and status != "validated":
                self.world.jobs[farm_id] = ending or path[path.index(status) + 1]

    @precondition(lambda self: not self.job.record.ended)
    @rule()
    def cancel(self) -> None:
        self.press_cancel()

    def press_cancel(self) -> None:
        self.world.call = ""
        if self.job.record.ended:
            return
        with contextlib.suppress(OSError):  # said to the artist; it counts while this worker lives
            self.job.request_cancel()
        if self.world.disk_full:
            return
        self.canceled_in_time = self.canceled_in_time or not self.world.renders

    @invariant()
    def at_most_one_render(self) -> None:
        assert len(self.world.renders) <= 1
        assert len(set(self.world.validations)) == len(self.world.validations)

    @invariant()
    def nothing_is_asked_blindly(self) -> None:
        assert not self.world.wrong

    @invariant()
    def nothing_starts_after_cancel(self) -> None:
        assert not (self.canceled_in_time and self.world.renders)

    @invariant()
    def the_record_knows_what_is_paid(self) -> None:
        record = self.world.store.load(self.id)
        if self.world.renders:
            assert record.farm.id == self.world.renders[0]
        if record.stage == Stage.DOWNLOADING:
            assert self.world.jobs[record.farm.id] == "completed"

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        self.world.disk_full, self.world.call = False, ""
        for _ in range(20):
            self.go()
        record = self.world.store.load(self.id)
        assert record.ended or record.stage == Stage.DOWNLOADING, record.stage
        if record.stage == Stage.CANCELED and record.farm.id:
            assert self.world.jobs[record.farm.id] in fields.ENDED
        self.at_most_one_render()
        self.folder.cleanup()


Model.TestCase.settings = settings(max_examples=400, stateful_step_count=20, deadline=None)
TestModel = Model.TestCase
