"""The checks of the self-test, in their order: a job's whole way. They raise NotHeld or OSError."""

import contextlib
import io
import threading
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..jobs import claim, key
from ..jobs import record as rec
from ..jobs.protocol import Resume, Start
from ..jobs.record import Stage, reached
from ..jobs.store import Store
from ..system import locks, owner_only, scratch, sharing
from ..system.files import write_atomic
from .lines import Line, Setup
from .trial import KEY, Limits, NotHeld, Stopped, Trial

NAME = "Ü 日本"  # of files: with letters that not every disk and every encoding has
OPEN_SECONDS = 0.3
"""How long another reader has a file open."""
_OTHER_DISK = "Set RENDERJUICE_STATE_DIR to a folder on another disk of this computer."


def files(trial: Trial) -> None:
    """Replace a file while it is open, and lock another."""
    trial.make_folder()
    target = trial.folder / f"{NAME}.txt"
    write_atomic(target, "before")
    with _open_elsewhere(target):
        write_atomic(target, "after")
    if sharing.read_text(target) != "after" or any(trial.folder.glob(".*.part")):
        raise NotHeld("The file was not replaced whole.", _OTHER_DISK)
    first, second = (locks.Lock.take(trial.folder / "lock") for _ in range(2))
    if first is None or second is not None:
        raise NotHeld("Two programs could lock one file.", _OTHER_DISK)
    first.release()


def store_key(trial: Trial) -> None:
    """Store a key, and look who can read its file."""
    key.write(trial.state, KEY)
    if others := owner_only.others(trial.state / "key"):
        raise NotHeld(f"Others can read the file with the key ({others}).", _OTHER_DISK)
    if key.read(trial.state) != KEY:
        raise NotHeld("What was read is not the key that was written.", _OTHER_DISK)


def start_worker(trial: Trial) -> None:
    """Start the stand-in and a worker: a wrong key is refused, the right one taken."""
    trial.start_farm()
    trial.start_worker()
    refused = trial.test_key("RJ-WRONG-KEY").error
    if refused is None:
        raise NotHeld("A wrong key was taken.")
    error = trial.test_key(KEY).error if refused.id == "refused-key" else refused
    if error:
        raise NotHeld(error.message, error.hint)


def save_scene(trial: Trial) -> None:
    """Have a background Blender save a scene, and write the record of its job."""
    store, project = Store(trial.state), trial.folder / "project"
    record = rec.new(NAME, store.origin, str(project / "frames"))
    record.scratch = str(trial.folder / "scratch" / record.id)
    record.blend = str(project / f"{NAME}.blend")
    record.copy = str(Path(record.scratch) / f"{NAME}.blend")
    record.blender, record.paths_kept = [*trial.setup.blender], True
    record.api_url = trial.farm.api_url
    scratch.make(Path(record.scratch))
    texture = project / "textures" / f"{NAME}.png"
    texture.parent.mkdir()
    texture.write_bytes(trial.texture)
    made = trial.make_scene(blend=Path(record.blend), copy=Path(record.copy), texture=texture)
    record.scene, record.config = made["scene"], made["config"]
    record.applied, record.output_names = made["applied"], made["output_names"]
    record.frames = [[number, number] for number in made["frames"]]
    trial.farm.frame_name = "{2}0001{3}.png".format(*made["output_names"][0])
    claim.take(Path(record.output), claim.of(record))
    record.stage = Stage.PACKING
    record.history.append([Stage.PACKING, rec.timestamp()])
    store.save(record)
    trial.job = record.id


def pack(trial: Trial) -> None:
    """Have the worker pack the scene."""
    trial.send(Start(trial.job))
    package = trial.wait_for(lambda record: record.package is not None).package
    if package is None or package.kind != "zip" or package.files != 2:
        raise NotHeld("The package does not hold the scene and its texture.")


def upload(trial: Trial) -> None:
    """Look at what the stand-in's storage has received."""
    record = trial.wait_for(lambda record: reached(record.stage, Stage.VALIDATING))
    received = trial.farm.package
    if record.package is None or len(received) != record.package.bytes:
        raise NotHeld("What has arrived has another length than the package.")
    with zipfile.ZipFile(io.BytesIO(received)) as package:
        broken, names = package.testzip(), package.namelist()
        pictures = [package.read(name) for name in names if name.endswith(".png")]
    if broken or pictures != [trial.texture]:
        raise NotHeld("What has arrived holds other bytes than the package.")


def render(trial: Trial) -> None:
    """Look at what the stand-in was asked for."""
    record = trial.wait_for(lambda record: reached(record.stage, Stage.RENDERING))
    asked = [job.get("requestedConfig") for job in trial.farm.jobs.values()]
    if trial.farm.renders != 1 or asked != [record.config]:
        raise NotHeld("Something else was asked for than one render of the scene.")


def resume(trial: Trial) -> None:
    """Kill the worker as a crash does, and have another one go on with the job."""
    trial.link.kill()
    trial.start_worker()
    before = trial.farm.reads
    trial.send(Resume())
    trial.wait_for(lambda _: trial.farm.reads > before)


def bring_home(trial: Trial) -> None:
    """Let the render end, and look at the frame and at the job."""
    trial.farm.finish()
    record = trial.wait_for(lambda record: record.ended)
    if record.stage is not Stage.FINISHED:
        raise NotHeld(*((e.message, e.hint) if (e := record.error) else (str(record.stage),)))
    came = [path for path in Path(record.output).rglob("*") if path.is_file()]
    frames = [path for path in came if path.name != claim.NAME]
    if [path.read_bytes() for path in frames] != [trial.texture]:
        raise NotHeld("What has come home is not the one frame.")
    if trial.farm.renders != 1:
        raise NotHeld("The render was started twice.")
    if trial.farm.complaints:
        raise NotHeld(f"The API does not allow what was asked: {trial.farm.complaints[0]}.")


def tidy(trial: Trial) -> None:
    """End everything and remove the folder."""
    trial.close()
    if trial.folder != Path() and trial.folder.exists():
        raise NotHeld(f"The temporary folder {trial.folder} could not be removed.")


@dataclass(frozen=True)
class Check:
    """A check. `needs` are the ids of those that must have held before it can be made."""

    id: str
    text: str
    make: Callable[[Trial], None]
    needs: Sequence[str] = ()


CHECKS = (
    Check("files", "Files are replaced while they are open, and locks hold", files),
    Check("key", "The key is stored, and only you can read its file", store_key, ["files"]),
    Check("worker", "The background process starts and has a key tested", start_worker, ["files"]),
    Check("scene", "Blender starts in the background and saves a scene", save_scene, ["worker"]),
    Check("package", "The scene is packed with its texture", pack, ["scene"]),
    Check("upload", "The package arrives as it was packed", upload, ["package"]),
    Check("render", "The scene is validated, and one render started", render, ["upload"]),
    Check("resume", "The background process is killed, and the job goes on", resume, ["render"]),
    Check("frame", "The frame comes home whole, and the job is finished", bring_home, ["resume"]),
    Check("tidy", "Nothing is left behind", tidy),
)


def run(
    setup: Setup, on_line: Callable[[Line], None], should_stop: Callable[[], bool] = lambda: False
) -> tuple[list[Line], list[str]]:
    """Make all checks; return their lines, and the end of the worker's log if one did not hold.

    `on_line` is called with each line as it comes. Raises Stopped.
    """
    trial = Trial(setup, should_stop)
    lines: list[Line] = []
    log: list[str] = []
    try:
        for check in CHECKS:
            held = {line.id for line in lines if line.held}
            if check.make is tidy and len(held) < len(lines):
                log = trial.log()
            left_out = Line(check.id, check.text, None)
            line = _line(check, trial) if held.issuperset(check.needs) else left_out
            lines.append(line)
            on_line(line)
    finally:
        trial.close()
    return lines, log


def _line(check: Check, trial: Trial) -> Line:
    """Make a check; return its line. Raises Stopped."""
    begun = time.monotonic()
    found = hint = ""
    held = False
    try:
        check.make(trial)
        held = True
    except NotHeld as error:
        found, hint = error.found, error.hint
    except Stopped:
        raise
    except OSError as error:
        found = f"{error.strerror or error}: {error.filename or ''}".rstrip(": ")
        hint = "Look whether that can be written to, and whether its disk has room."
    except Exception as error:
        found = f"{type(error).__name__}: {error}"
        hint = "Please report it, with the report of this test."
    return Line(check.id, check.text, held, found, hint, round(time.monotonic() - begun, 2))


@contextlib.contextmanager
def _open_elsewhere(path: Path) -> Iterator[None]:
    """Have another reader open a file when the block begins, for OPEN_SECONDS."""
    opened = threading.Event()

    def read() -> None:
        with path.open("rb"):
            opened.set()
            time.sleep(OPEN_SECONDS)

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    opened.wait(Limits.check)
    try:
        yield
    finally:
        thread.join()
