"""The words of the terminal: a job's status with the next steps, a table of jobs, help."""

import re
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime

from ..jobs.record import Record, Stage
from ..jobs.snapshot import snapshot

COMPLETED = "completed"
"""The farm's status of a job whose frames can be downloaded."""
MAX_NAMED = 3
"""Missing files that are named in a sentence."""
_STANDS = {
    Stage.RENDERING: "is on the farm",
    Stage.DOWNLOADING: "is rendered",
    Stage.CANCELING: "is being canceled",
    Stage.FINISHED: "is finished",
    Stage.INCOMPLETE: "is incomplete",
    Stage.FAILED: "has failed",
    Stage.CANCELED: "is canceled",
}
_NEXT = {
    Stage.RENDERING: "`wait {id}` waits for its end, `download {id}` brings its frames too, and"
    " `cancel {id}` ends it.",
    Stage.DOWNLOADING: "`download {id}` brings its frames.",
    Stage.CANCELING: "`resume` tells the farm again.",
    Stage.INCOMPLETE: "`download {id}` looks for the others once more.",
    Stage.FINISHED: "",
    Stage.FAILED: "",
    Stage.CANCELED: "",
}

_LONG = re.compile(r"(\S{100})\S{200,}(\S{100})")
_EXAMPLES = {
    "": ("shot.blend submit --wait --download", "jobs"),
    "connect": ("cat key.txt | connect", "printenv STUDIO_KEY | connect"),
    "check": ("shot.blend check", "shot.blend check --json checks.json"),
    "config": ("shot.blend config", "shot.blend config --set sampleCount=64"),
    "pack": ("shot.blend pack --output package.zip", "shot.blend pack --output packages/"),
    "submit": (
        "shot.blend submit --wait --download",
        'shot.blend submit --frames "1-2, 4" --set sampleCount=64 --output frames',
    ),
    "jobs": ("jobs", "jobs --json jobs.json"),
    "resume": ("resume", "resume --patience 60"),
    "status": ("status 3f2a", "status 3f2a --json job.json"),
    "wait": ("wait 3f2a", "wait 3f2a --timeout 600"),
    "download": ("download 3f2a", "download 3f2a --output frames"),
    "cancel": ("cancel 3f2a", "cancel 3f2a --json job.json"),
    "claim": ("claim 3f2a", "claim 3f2a --json job.json"),
    "selftest": ("selftest", "selftest --report selftest.json"),
}
"""Two examples of each command, without what all begin with; "" is for no command."""
_EXIT_CODES = """\
exit codes:
  0    done
  1    the farm failed or canceled the job, or frames are missing
  2    wrong usage
  3    a check says no
  4    the key, the network or the API; a job that was made is kept
  5    the local disk; a job that was made is kept
  130  interrupted; the job can be resumed
"""


def shortened(text: str) -> str:
    """A message with the middle left out of what nobody reads, such as a path of thousands of
    letters."""
    return _LONG.sub(lambda found: f"{found[1]}…{found[2]}", text)


def epilog(command: str) -> str:
    """The end of a command's help: two examples, and the exit codes."""
    examples = "\n".join(map(_example, _EXAMPLES.get(command, _EXAMPLES[""])))
    return f"examples:\n{examples}\n\n{_EXIT_CODES}"


def _example(text: str) -> str:
    before, _, rest = text.rpartition("| ")
    first, _, others = rest.partition(" ")
    blend, arguments = (f" {first}", others) if first.endswith(".blend") else ("", rest)
    pipe = f"{before}| " if before else ""
    return f"  {pipe}blender --online-mode -b{blend} --command renderjuice {arguments}"


def print_status(record: Record) -> None:
    """Print a job's status, its folder and the next steps to standard error."""
    print(describe(record), file=sys.stderr)


def describe(record: Record) -> str:
    """Describe a job's status in sentences."""
    status, stage = record.farm.status, record.stage
    if stage is Stage.RENDERING and status == COMPLETED:
        stage = Stage.DOWNLOADING
    how = _STANDS.get(stage, f"is {stage}")
    farm = f", {status} there" if stage is Stage.RENDERING and status else ""
    here = len(record.files)
    if here:
        frames = f" {here} {'file is' if here == 1 else 'files are'} in {record.output}."
    elif record.ended:
        frames = ""
    else:
        frames = f" Its frames go to {record.output}."
    without = _without(record.sent_without)
    following = _NEXT.get(stage, "`resume` goes on with it.").format(id=record.id)
    return f"Job {record.id} ({record.title}) {how}{farm}.{frames}{without} {following}".rstrip()


def _without(paths: Sequence[str]) -> str:
    """The missing files without which a job was sent, as a sentence."""
    if not paths:
        return ""
    more = f" and {len(paths) - MAX_NAMED} more" if len(paths) > MAX_NAMED else ""
    return f" Sent without {', '.join(paths[:MAX_NAMED])}{more}."


def table(records: Iterable[Record]) -> str:
    """Format jobs as a table: id, stage, frames, creation time, title."""
    rows = [("JOB", "STAGE", "FRAMES", "CREATED", "TITLE")]
    rows += [(r.id, _stage(r), _frames(r), _local(r.created_at), r.title) for r in records]
    widths = [max(map(_columns, column)) for column in zip(*rows, strict=True)]
    return "\n".join(_line(row, widths) for row in rows)


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = [
        f"{cell}{' ' * (width - _columns(cell))}" for cell, width in zip(row, widths, strict=True)
    ]
    return "  ".join(cells).rstrip()


def _columns(text: str) -> int:
    """The width of a text in terminal columns: East Asian wide characters take two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _stage(record: Record) -> str:
    return f"{record.stage}, waits" if record.waiting else str(record.stage)


def _frames(record: Record) -> str:
    frames = snapshot(record).frames
    if frames.expected is None:
        return str(frames.files)
    return f"{frames.downloaded} of {frames.expected}"


def _local(created: str) -> str:
    """A record's timestamp in local time."""
    try:
        return datetime.fromisoformat(created).astimezone().strftime("%Y-%m-%d %H:%M")
    except ValueError:
        return created
