"""Simulates another computer: a process with a copy of this bpy in another folder, no home folder.

    with RelocatedBlender(folder) as farm:
        pixels = farm.render(top, folder / "farm.png")

As root on Linux, the process also cannot see the Blender that this process uses.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Self

import bpy

ROOT = Path(__file__).resolve().parents[1]
HIDDEN = 'mount -t tmpfs -o size=4k,ro none "$1" && shift && exec "$@"'


class RelocatedBlender:
    """Renders packages. `folder` holds the copy of Blender and everything else that it writes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        here = Path(bpy.utils.resource_path("LOCAL")).parent
        copied = folder / "blender" / here.name
        # Hard links where the disk allows them: copying a gigabyte would take long.
        shutil.copytree(here, copied, copy_function=_link)
        command = [sys.executable, "-m", "tests.relocated"]
        if sys.platform == "linux" and os.geteuid() == 0:
            command = ["unshare", "--mount", "sh", "-c", HIDDEN, "sh", str(here), *command]
        self._command = command
        self._environment = {
            **{name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ},
            **dict.fromkeys(("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "TMPDIR"), str(folder)),
            "PYTHONPATH": os.pathsep.join([str(copied.parent), str(ROOT)]),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        self._process: subprocess.Popen[str] | None = None

    def render(self, blend: Path, png: Path, *, frame: int | None = None) -> list[float]:
        """Render the scene in `blend` and return its pixels.

        Raises AssertionError if this Blender crashes.
        """
        answer = self._ask({"blend": str(blend), "png": str(png), "frame": frame})
        assert "pixels" in answer, answer.get("error")
        return list(answer["pixels"])

    def _ask(self, question: dict[str, Any]) -> dict[str, Any]:
        if self._process is None:
            self._process = subprocess.Popen(
                self._command,
                cwd=self.folder,
                env=self._environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        for line in self._process.stdout:  # Blender prints to stdout, too
            if line.startswith("relocated:"):
                return dict(json.loads(line.removeprefix("relocated:")))
        code, self._process = self._process.wait(), None
        return {"error": f"The relocated Blender ended with code {code}"}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None and self._process.stdin:
            self._process.stdin.close()
            self._process.wait(30)
        shutil.rmtree(self.folder / "blender", ignore_errors=True)


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _answer(question: dict[str, Any]) -> dict[str, Any]:
    from tests import projects

    try:
        blend, png = Path(question["blend"]), Path(question["png"])
        return {"pixels": projects.render(blend, png, frame=question["frame"])}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}


if __name__ == "__main__":
    for asked in sys.stdin:
        print("\nrelocated:" + json.dumps(_answer(json.loads(asked))), flush=True)
    os._exit(0)  # bpy for Windows does not exit by itself under Wine
