"""The output files of a render, and how the farm lists them."""

import hashlib
import time
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from .habits import stream
from .names import EXTENSIONS, Scene, View
from .pictures import MAKERS

if TYPE_CHECKING:
    from .farm import Farm
    from .timeline import Job


@dataclass
class Output:
    """One file of a job. `versions` are its contents, each with its monotonic creation time."""

    kind: str  # frame, node, extra
    name: str  # as Blender names it
    label: str  # unique on the farm
    frame: int
    index: int
    view: View
    node: str = ""
    versions: list[tuple[float, bytes]] = field(default_factory=list)
    visible: float = 0  # monotonic time from which it is listed
    lost: bool = False  # never listed
    gets: int = 0
    listed: int = 0

    def body(self, at: float | None = None) -> tuple[int, bytes]:
        """Return the version number and the content at a time, by default now."""
        at = time.monotonic() if at is None else at
        number = max(0, sum(made <= at for made, _ in self.versions) - 1)
        return number, self.versions[number][1]


def make(farm: "Farm", job: "Job", scene: Scene, frames: list[int]) -> list[Output]:
    """Return the outputs of a render that starts now, with their creation and listing times."""
    habits = farm.habits
    rng = stream(habits.seed, f"outputs {job.press}")
    start, took = time.monotonic(), job.seconds()
    outputs = []

    def add(kind: str, name: str, frame: int, view: View, node: str = "") -> None:
        label = f"{job.id}/{kind}/{node}/{view.name}/{frame}/{name}"
        outputs.append(Output(kind, name, label, frame, len(outputs), view, node))

    for view in scene.views:
        for frame in frames:
            add("frame", scene.path.name(frame, view), frame, view)
    for node, path in scene.nodes:
        for view in scene.views:
            for frame in frames:
                add("node", path.name(frame, view), frame, view, node)
    picture = MAKERS[scene.format]
    for output in outputs:
        made = start + took * (output.index + 1) / len(outputs)
        output.versions = [(made, picture(output.label))]
        ready = start + took + habits.late + habits.trickle * output.index / len(outputs)
        output.visible = made if habits.early else ready
    count = min(len(outputs) - 1, habits.lost_frames)
    for output in rng.sample(outputs, count):
        output.lost = True
    for output in rng.sample(outputs, min(len(outputs), habits.replaced)):
        # Rendered again while the job still runs.
        made = start + took * rng.uniform(0.6, 0.99)
        if made > output.versions[0][0]:
            output.versions.append((made, picture(output.label + "/again")))
    for name in extras(habits.extras, scene):
        output = Output("extra", name, f"{job.id}/extra/{name}", 0, len(outputs), View())
        output.versions = [(start, _extra(output))]
        outputs.append(output)
    return outputs


def _extra(output: Output) -> bytes:
    """Return an image if the name has an image extension, else a line of text."""
    kinds = {ending: kind for kind, ending in EXTENSIONS.items()}
    make_picture = MAKERS.get(kinds.get("." + output.name.rpartition(".")[2], ""))
    return make_picture(output.label) if make_picture else output.label.encode()


def extras(kind: str, scene: Scene) -> list[str]:
    """Return names of files that were not requested."""
    names = {
        "": [],
        "preview": ["preview.png"],
        "thumbs": [f"thumbs/{scene.path.name(frame)}" for frame in scene.frames],
        "numbered": ["preview_0001.png", "0000.png"],
        "log": ["render.log", "stats.json"],
        "like-frames": [
            *(f"denoised/{scene.path.name(frame)}" for frame in scene.frames),
            "thumb_" + scene.path.name(scene.frames[0]),
            scene.path.name(scene.frames[0]) + ".json",
        ],
        "dot": [".git/config", ".bashrc", ".renderjuice-job"],
        "device": ["CON.png", "nul", "a" * 300 + ".png", "COM¹.png", "shot\u202egnp.exe", "x."],
    }
    return names[kind]


def file_name(farm: "Farm", job: "Job", output: Output) -> str:
    """Return the output's name in this farm's naming scheme."""
    extension = "." + output.name.rpartition(".")[2]
    if output.kind != "extra":
        return _with_extension(farm, _named(farm, job, output, extension), extension)
    return output.name


def _with_extension(farm: "Farm", name: str, extension: str) -> str:
    """Return the name with its extension as this farm writes it."""
    others = {".jpg": ".jpeg", ".tif": ".tiff", ".png": ".Png", ".exr": ".EXR"}
    forms = {"upper": extension.upper(), "other": others[extension], "none": ""}
    if not name.endswith(extension):
        return name
    return name.removesuffix(extension) + forms.get(farm.habits.extension, extension)


def _named(farm: "Farm", job: "Job", output: Output, extension: str) -> str:
    number = f"{output.frame:04d}"
    forms = {
        "number": number + extension,
        "id": f"{job.id[:8]}_{number}{output.view.suffix}{extension}",
        "opaque": hashlib.sha256(output.label.encode()).hexdigest()[:20] + extension,
        "index": f"{output.index + 1:04d}{extension}",
        "upper": output.name.upper(),
        "lower": output.name.lower(),
        "short": f"{output.frame}{output.view.suffix}{extension}",
        "folder": "renders/" + output.name,
        "nfd": unicodedata.normalize("NFD", output.name),
    }
    return forms.get(farm.habits.naming, output.name)


def url(farm: "Farm", job: "Job", output: Output) -> str:
    """Return a signed URL that expires."""
    version = 0 if farm.habits.same_url else output.body()[0]
    name = quote(file_name(farm, job, output))
    path = f"/outputs/{job.id}/{output.index}/{version}/{name}"
    return f"{farm.storage_url}{path}?{farm.sign(path)}"


def entry(farm: "Farm", job: "Job", output: Output) -> dict[str, Any]:
    """Return the API's OutputFile object."""
    habits = farm.habits
    name = file_name(farm, job, output)
    by = {"file": name, "by-view": output.view.name, "by-frame": f"frame {output.frame}"}
    relative = by.get(str(habits.relative), habits.relative)
    views = {
        "name": output.view.name or None,
        "suffix": output.view.suffix or None,
        "upper": output.view.name.upper(),
        "empty": "",
    }
    answer: dict[str, Any] = {
        "url": url(farm, job, output),
        "fileName": None if habits.naming == "url" else name,
        "view": views.get(habits.view_form),
        "legacy": habits.legacy_flag,
        "relativePath": relative,
        "compositeNodeName": output.node or None if habits.node_form == "name" else None,
    }
    if habits.node_form == "in-path" and output.node:
        answer["relativePath"] = f"{habits.relative or ''}/{output.node}"
    for member, form in (
        ("view", habits.view_form),
        ("compositeNodeName", habits.node_form),
        ("legacy", habits.legacy_flag),
        ("relativePath", relative),
    ):
        if form == "missing":
            del answer[member]
    if not farm.calm and output.index == 0 and habits.null_url:
        if habits.null_url == "missing":
            del answer["url"]
        elif habits.null_url != "once" or output.listed <= 2:
            answer["url"] = "" if habits.null_url == "empty" else None
    return answer


def visible(farm: "Farm", job: "Job") -> list[Output]:
    """Return the outputs that are listed now, in this farm's order."""
    rng = stream(farm.habits.seed, f"listing {job.press} {farm.count('listing')}")
    if not farm.calm and farm.habits.trickle_empty and rng.random() < 0.4:
        return []
    now = time.monotonic()
    found = [o for o in job.outputs if not o.lost and (farm.calm or o.visible <= now)]
    if farm.habits.output_order == "any":
        rng.shuffle(found)
    elif farm.habits.output_order == "reversed":
        found.reverse()
    if farm.habits.repeats and found:
        found += rng.sample(found, min(2, len(found)))
    return found


def with_junk(kind: str, answer: dict[str, Any]) -> dict[str, Any]:
    """Return the body with list items that are not outputs, or with wrong types."""
    rows: dict[str, list[Any]] = {
        "nulls": [None, None],
        "texts": ["", "none", 7, True],
        "objects": [{}, {"fileName": "only_0001.png"}, {"url": None, "fileName": None}],
        "types": [{"url": 5, "fileName": ["a"], "view": {}, "legacy": "no", "relativePath": 0}],
    }
    if kind in rows:
        lists = ("frameOutputs", "compositeNodeOutputs")
        more = {name: rows[kind] + answer[name] for name in lists if name in answer}
        return answer | (more if kind != "nulls" else more | {"frames": [None, *answer["frames"]]})
    if kind == "more":
        return answer | {"thumbnails": [], "pagination": {"page": 1}, "frameOutputsTotal": 10**9}
    if kind == "none":  # empty lists are omitted
        return {name: value for name, value in answer.items() if value or name == "transforms"}
    return answer


def listing(farm: "Farm", job: "Job") -> dict[str, Any]:
    """Return the body of `GET /jobs/{id}/downloads`."""
    found = visible(farm, job)
    for output in found:
        output.listed += 1
    frames = [entry(farm, job, o) for o in found if o.kind != "node"]
    nodes = [entry(farm, job, o) for o in found if o.kind == "node"]
    answer: dict[str, Any] = {"frames": [], "compositeNodes": [], "transforms": {}}
    if farm.habits.lists != "new":
        answer["frames"] = [e["url"] for e in frames if e.get("url")]
        answer["compositeNodes"] = [e["url"] for e in nodes if e.get("url")]
    if farm.habits.lists == "uneven" and not farm.calm:
        frames, nodes = frames[1:], nodes[::2]  # the legacy lists have more
    if farm.habits.lists != "legacy":
        answer |= {"frameOutputs": frames, "compositeNodeOutputs": nodes}
    if not farm.calm:
        answer = with_junk(farm.habits.junk, answer)
    path = f"/zip/{job.id}/frames.zip"
    archive = f"{farm.storage_url}{path}?{farm.sign(path)}"
    answer["transforms"] = {
        "empty-object": {},
        "nulls": {"framesZip": None, "video": None, "framesZipOutputs": None},
        "zip": {
            "framesZip": archive,
            "framesZipOutputs": {"url": archive, "fileName": "frames.zip"},
        },
        "video": {"video": {"preview": [archive], "fps": 24}, "framesZip": ""},
    }.get(farm.habits.zips, {})
    return answer
