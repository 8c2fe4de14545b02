"""A run's random plan: presses of Submit, commands, crashes, and the artist's own files."""

from dataclasses import dataclass, field
from random import Random

from .habits import stream
from .names import Scene

SECONDS = 1.2  # duration of the events
COMMANDS = ("cancel", "download", "retry", "wait", "look", "resume", "claim", "pictures", "start")
CRASHES = ("kill", "kill", "end", "second worker", "only looks", "asleep")
REST = (
    *("copy", "copy", "other machine", "other address", "late decoy", "delete a frame", "adopt"),
    *("change the key", "damaged record", "full disk", "cancel on a full disk", "look-alikes"),
    "command line",
)
COMMAND_LINE = ("download", "wait", "status", "cancel", "resume", "jobs")


@dataclass
class Press:
    """One press of Submit. Its package contains `marker`."""

    marker: str
    user: str
    at: float
    folder: str  # below the project
    overwrite: bool = False
    names_known: bool = True  # whether the record has the output path's file names
    job: str = ""  # the client's id


@dataclass(frozen=True)
class Event:
    """Something that happens at a time; `share` (0 to 1) picks the press or file it affects."""

    at: float
    user: str
    kind: str
    share: float


@dataclass
class Plan:
    """The random choices of one run, except for the farm's habits."""

    users: tuple[str, ...]
    machines: dict[str, str]
    presses: list[Press]
    events: list[Event]
    decoys: dict[str, bytes] = field(default_factory=dict)  # below the project
    links: dict[str, str] = field(default_factory=dict)  # below the project, to targets outside
    command_line: str = ""  # a shell command to run at the end
    removes: bool = False  # whether to remove the jobs from the list after the checks


def draw_plan(seed: int, scene: Scene) -> Plan:
    """Return a plan for one or two users of one project, with one or two presses each."""
    rng = stream(seed, "plan")
    users = rng.choice((("ada",), ("ada",), ("ada", "bob")))
    machines = {"ada": "", "bob": rng.choice(("", "bobs-computer"))}
    folders = ("shot",) if rng.random() < 0.25 else ("shot", "shot b", "shot c", "shot d")
    presses = []
    for user in users:
        for number in range(rng.choice((1, 1, 1, 2))):
            press = Press(f"{user}-{number}", user, rng.choice((0, 0, 0.1, 0.4)), "")
            press.folder = folders[len(presses) % len(folders)]
            press.overwrite = rng.random() < 0.1
            press.names_known = rng.random() < 0.9
            presses.append(press)
    plan = Plan(users, machines, presses, [])
    busy = rng.choice((0, 0, 1, 2, 3, 5))
    for _ in range(busy):
        kinds = rng.choice((COMMANDS, COMMANDS, CRASHES, REST))
        latest = rng.choice((SECONDS, SECONDS / 5))
        event = (rng.uniform(0.0, latest), rng.choice(users), rng.choice(kinds), rng.random())
        plan.events.append(Event(*event))
    plan.events.sort(key=lambda event: event.at)
    if rng.random() < 0.3:
        for press in presses:
            plan.decoys |= _decoys(rng, press.folder, scene)
            if rng.random() < 0.3:
                plan.links |= _links(rng, press.folder, scene)
    if stream(seed, "command line").random() < 0.04:
        plan.command_line = stream(seed, "which command").choice(COMMAND_LINE)
    plan.removes = stream(seed, "removes").random() < 0.15
    return plan


def _links(rng: Random, folder: str, scene: Scene) -> dict[str, str]:
    """Return a link of the artist where a frame or a folder of frames would be written."""
    frame = scene.path.name(rng.choice(scene.frames), rng.choice(scene.views))
    names = {
        frame: "precious.png",
        f"{frame}.part": "precious.png",
        "renders": "",
        "left": "",
        "File Output": "",
        "thumbs": "",
    }
    name = rng.choice(list(names))
    return {f"{folder}/{name}": names[name]}


def _decoys(rng: Random, folder: str, scene: Scene) -> dict[str, bytes]:
    """Return files of the artist that look like the extension's own."""
    frame = scene.path.name(rng.choice(scene.frames), rng.choice(scene.views))
    names = (
        frame,
        frame.upper(),
        f"{frame}.part",
        f".{frame}.part",
        f"{frame}.etag",
        f"old/{frame}",
        "preview.png",
        "render.log",
        ".DS_Store",
        "renderjuice.txt",
        f"{frame} (2)",
        "0001.png",
    )
    picked = rng.sample(names, 3)
    return {f"{folder}/{name}": f"the artist's {name}".encode() for name in picked}
