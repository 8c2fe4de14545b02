"""File names as Blender derives them from an output path."""

import re
from dataclasses import dataclass
from random import Random

PREFIXES = (
    *("", "shot_", "render.", "frame", "s01e02_", "take3", "v2.", "2024-05-17_", "sc 10 "),
    *("ф_", "ショット_", "a##b_", "x__", "1_", "0001_", "Shot-", "café_"),
)
SUFFIXES = ("", "", "", "_v2", "_4k", ".24fps", "_001", "-final", ".0001", "_L", "_2024", " (2)")
DIGITS = ("####", "####", "####", "", "", "#", "##", "###", "######")
EYES = (("left", "_L"), ("right", "_R"))
VIEWS = (
    *((("", ""),),) * 5,
    EYES,
    EYES,
    (("left", "_left"), ("right", "_right")),
    (("left", ".l"), ("right", ".r")),
    (("cam1", "_1"), ("cam2", "_2"), ("cam3", "_3")),
    (("main", ""), ("witness", "_w")),
)
EXTENSIONS = {"PNG": ".png", "JPEG": ".jpg", "TIFF": ".tif", "OPEN_EXR": ".exr"}


@dataclass(frozen=True)
class View:
    """A stereo view: its name and the suffix that Blender adds to file names."""

    name: str = ""
    suffix: str = ""


@dataclass(frozen=True)
class OutputPath:
    """The last part of a scene's output path, and the format's file name extension."""

    pattern: str = "####"
    extension: str = ".png"

    def name(self, frame: int, view: View | None = None) -> str:
        """Return the file name as bpy's `RenderSettings.frame_path` does."""
        base = self.pattern if "#" in self.pattern else self.pattern + "####"
        run = list(re.finditer("#+", base))[-1]
        number = f"{abs(frame):0{len(run[0])}d}"
        base = base[: run.start()] + ("-" if frame < 0 else "") + number + base[run.end() :]
        if view and view.suffix:
            stem, dot, rest = base.rpartition(".")
            base = stem + view.suffix + dot + rest if stem else base + view.suffix
        return base + self.extension


@dataclass(frozen=True)
class Scene:
    """The output settings of a .blend: frames, views, names and File Output nodes."""

    frames: tuple[int, ...]
    views: tuple[View, ...]
    path: OutputPath
    format: str
    nodes: tuple[tuple[str, OutputPath], ...] = ()

    @property
    def ranges(self) -> list[str]:
        """The frames as `frameRanges`, with consecutive frames merged."""
        runs: list[list[int]] = []
        for frame in self.frames:
            if runs and frame == runs[-1][1] + 1:
                runs[-1][1] = frame
            else:
                runs.append([frame, frame])
        return [str(a) if a == b else f"{a}-{b}" for a, b in runs]

    def around(self) -> list[list[str]]:
        """Return each view's name and suffix, and the text before and after the frame number."""
        names = [
            self.path.name(987654321, view).removesuffix(self.path.extension) for view in self.views
        ]
        parts = [name.partition("987654321") for name in names]
        return [
            [view.name, view.suffix, begin, end]
            for view, (begin, _, end) in zip(self.views, parts, strict=True)
        ]


def draw_scene(rng: Random) -> Scene:
    """Return a random scene with one to about twelve output files."""
    first = rng.choice((1, 1, 1, 0, 98, 1001, 9998, 99_998))
    count = rng.choice((1, 2, 3, 3, 4, 5))
    step = rng.choice((1, 1, 1, 2, 5))
    frames = tuple(first + step * index for index in range(count))
    kind = rng.choice(("PNG", "PNG", "PNG", "JPEG", "TIFF", "OPEN_EXR"))
    pattern = rng.choice(PREFIXES) + rng.choice(DIGITS) + rng.choice(SUFFIXES)
    nodes = []
    if rng.random() < 0.25:
        # Two nodes may write files with the same names.
        for name in rng.choice((["File Output"], ["File Output", "File Output.001"], ["Matte/A"])):
            stem = rng.choice(("Image####", "Image####", pattern, "depth_"))
            nodes.append((name, OutputPath(stem, EXTENSIONS[kind])))
    views = tuple(View(*names) for names in rng.choice(VIEWS))
    return Scene(frames, views, OutputPath(pattern, EXTENSIONS[kind]), kind, tuple(nodes))
