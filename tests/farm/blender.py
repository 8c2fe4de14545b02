"""The Blender renderer: one background Blender process for each validation and each render."""

import asyncio
import contextlib
import importlib.util
import json
import os
import shlex
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.farm.models import frames_of
from tests.farm.state import Job, Output, Refused, Settings

SCRIPTS = Path(__file__).resolve().parent / "in_blender"
MARK = b"RENDERJUICE-FARM "
MAX_LINE = 1024 * 1024
AT_A_TIME = 2  # Blender processes that run concurrently


def find_command() -> list[str] | None:
    """Return the command that starts Blender: from $BLENDER, PATH, or this Python's bpy module."""
    if os.environ.get("BLENDER"):
        return blender_command(os.environ["BLENDER"])
    if found := shutil.which("blender"):
        return blender_command(found)
    if importlib.util.find_spec("bpy"):
        return python_command(sys.executable)
    return None


def blender_command(given: str) -> list[str]:
    """Return the start of a command that runs a script in Blender or in a Python with bpy."""
    words = [given] if Path(given).exists() else shlex.split(given)
    if Path(words[-1]).name.startswith("python"):
        return python_command(*words)
    switches = "--background --factory-startup --disable-autoexec --offline-mode"
    return [*words, *switches.split(), "--python-exit-code", "3", "--python"]


def python_command(*words: str) -> list[str]:
    """Return the start of a command that runs a script in a Python with the bpy module."""
    return [*words, "-I"]


class BlenderRenderer:
    """Opens and renders packages with the Blender that `command` starts."""

    def __init__(self, command: list[str], folder: Path, settings: Settings):
        self.command = command
        self.folder = folder
        self.settings = settings
        self._turns = asyncio.Semaphore(AT_A_TIME)

    async def inspect(self, job: Job) -> dict[str, Any]:
        """Return what Blender reports about the package; raises Refused."""
        request = {"blend": str(job.blend), "package": str(job.folder / "package")}
        return await self._run("inspect_blend.py", job, request, lambda message: None)

    async def render(self, job: Job) -> dict[str, Any]:
        """Render the job and return the config that was actually used; raises Refused."""
        assert job.requested is not None
        outputs, nodes = job.folder / "outputs", job.folder / "nodes"
        outputs.mkdir()
        nodes.mkdir()
        request = {
            "blend": str(job.blend),
            "config": job.requested,
            "frames": frames_of(job.requested.get("frameRanges", [])),
            "outputs": str(outputs),
            "nodes": str(nodes),
            "seconds_per_frame": self.settings.seconds_per_frame,
        }
        collector = Collector(job, outputs, nodes)
        return await self._rendered("render_blend.py", job, request, collector.heard)

    async def _rendered(
        self,
        script: str,
        job: Job,
        request: dict[str, Any],
        heard: Callable[[dict[str, Any]], None],
    ) -> dict[str, Any]:
        assert job.requested is not None
        final = await self._run(script, job, request, heard)
        named = ("computeDeviceType", "gpuCount", "notes", "minimumRam", "colorManagementPreset")
        return final | {name: job.requested[name] for name in named if name in job.requested}

    async def _run(
        self,
        script: str,
        job: Job,
        request: dict[str, Any],
        heard: Callable[[dict[str, Any]], None],
    ) -> dict[str, Any]:
        name = Path(script).stem
        request_path = job.folder / f"{name}.request.json"
        answer_path = job.folder / f"{name}.answer.json"
        request |= {"answer": str(answer_path)}
        request_path.write_text(json.dumps(request), encoding="utf-8")
        command = [*self._command(script, request), "--", str(request_path)]
        async with self._turns:
            log_path = job.folder / f"{name}.log"
            code = await self._listen(command, log_path, heard)
        if not answer_path.exists():
            words = log_path.read_text(encoding="utf-8", errors="replace").split("\n")
            last = next((line for line in reversed(words) if line.strip()), "it said nothing")
            raise Refused(f"Blender ended with code {code}: {last}", "BLENDER_CRASHED")
        answer: dict[str, Any] = json.loads(answer_path.read_text(encoding="utf-8"))
        if refused := answer.get("refused"):
            raise Refused(refused["name"], refused["type"])
        result: dict[str, Any] = answer["result"]
        return result

    def _command(self, script: str, request: dict[str, Any]) -> list[str]:
        return [*self.command, str(SCRIPTS / script)]

    async def _listen(
        self, command: list[str], log_path: Path, heard: Callable[[dict[str, Any]], None]
    ) -> int:
        """Run a command and return its exit code; canceling the task kills its process group."""
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=self._environment(),
            start_new_session=True,
            limit=MAX_LINE,
        )
        assert process.stdout is not None
        try:
            with log_path.open("wb") as log:
                async for line in process.stdout:
                    log.write(line)
                    if line.startswith(MARK):
                        heard(json.loads(line[len(MARK) :]))
            return await process.wait()
        finally:
            if process.returncode is None:
                _kill(process)
                await process.wait()

    def _environment(self) -> dict[str, str]:
        """Return an environment without the user's Blender settings or the extension's settings."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("RENDERJUICE_", "BLENDER_USER_", "PYTHON"))
        }
        return kept | {"BLENDER_USER_RESOURCES": str(self.folder / "blender-user")}


class PlainRenderer(BlenderRenderer):
    """Renders as `blender -b FILE -a` does: ignores the config except for its frame ranges."""

    async def render(self, job: Job) -> dict[str, Any]:
        """Render the job's frames, or the file's own frames if it names none; raises Refused."""
        assert job.requested is not None
        request = {
            "blend": str(job.blend),
            "frames": frames_of(job.requested.get("frameRanges", [])),
            "seconds_per_frame": self.settings.seconds_per_frame,
        }
        collector = PlainCollector(job, job.folder / "package")
        final = await self._rendered("render_plain.py", job, request, collector.heard)
        collector.finish()
        return final

    def _command(self, script: str, request: dict[str, Any]) -> list[str]:
        command = super()._command(script, request)
        if script != "render_plain.py" or "--python" not in command:
            return command
        return [*command[:-2], request["blend"], *command[-2:], "--render-anim"]


def _kill(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()


class Collector:
    """Updates the job's counters and outputs from the messages of a rendering Blender."""

    def __init__(self, job: Job, outputs: Path, nodes: Path):
        self.job = job
        self.outputs = outputs
        self.nodes = nodes
        self.node_names: dict[str, str] = {}
        self.views: dict[str, str] = {}
        self.seen: set[Path] = set()

    def heard(self, message: dict[str, Any]) -> None:
        """Handle one message from render_blend.py."""
        if "total" in message:
            self.job.total = message["total"]
            self.node_names = message["nodes"]
            self.views = message["views"]
        else:
            self.job.done += 1
            self.job.frames += [self._output(path) for path in self._new(self.outputs)]
            self.job.nodes += [self._node_output(path) for path in self._new(self.nodes)]

    def _new(self, folder: Path) -> list[Path]:
        """Return the files created since the last call; a finished frame's files are complete."""
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        new = [path for path in files if path not in self.seen]
        self.seen.update(new)
        return new

    def _output(self, path: Path) -> Output:
        return Output(path, path.name, self._below(path, self.outputs), self._view(path))

    def _node_output(self, path: Path) -> Output:
        folder = path.relative_to(self.nodes).parts[0]
        below = self._below(path, self.nodes / folder)
        return Output(path, path.name, below, self._view(path), self.node_names[folder])

    def _below(self, path: Path, folder: Path) -> str:
        below = path.parent.relative_to(folder).as_posix()
        return "" if below == "." else below

    def _view(self, path: Path) -> str | None:
        for suffix, view in self.views.items():
            if suffix and path.stem.endswith(suffix):
                return view
        return None


class PlainCollector(Collector):
    """Sorts the new files in the package: the images of the frames, and at the end the rest.

    All files are below `render`, where the extension redirects all outputs. Blender may be frames
    ahead of its messages, so a file that no message names yet may still be a frame's image.
    """

    def __init__(self, job: Job, package: Path):
        super().__init__(job, package / "render", package / "render")
        self.package = package
        self.unnamed: list[Path] = []
        self._new(package)

    def heard(self, message: dict[str, Any]) -> None:
        """Handle one message from render_plain.py."""
        if "total" in message:
            super().heard(message)
            return
        self.job.done += 1
        own = {Path(path).resolve() for path in message["paths"]}
        unnamed = [*self.unnamed, *self._new(self.package)]
        self.job.frames += [self._output(path) for path in unnamed if path.resolve() in own]
        self.unnamed = [path for path in unnamed if path.resolve() not in own]

    def finish(self) -> None:
        """Handle the end of the render: all other files are of File Output nodes."""
        rest = [*self.unnamed, *self._new(self.package)]
        self.job.nodes += [self._node_output(path) for path in rest]

    def _node_output(self, path: Path) -> Output:
        below = self._below(path, self.package)
        node, _, deeper = below.removeprefix("render/").partition("/")
        return Output(path, path.name, deeper, self._view(path), node)

    def _below(self, path: Path, folder: Path) -> str:
        inside = folder if path.is_relative_to(folder) else self.package
        return super()._below(path, inside)
