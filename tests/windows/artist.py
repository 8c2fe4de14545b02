"""A user on Windows, under Wine: installs the extension from its zip and runs its commands."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import windows
from tests.headless import ENDING, INSTALL, ROOT, Outcome
from tests.processes import processes

TIMEOUT = 300.0


def build(folder: Path) -> Path:
    """Build the zip for Windows and Python 3.11."""
    command = [sys.executable, str(ROOT / "scripts/build.py"), "--output", str(folder)]
    target = ["--python", "3.11", "--platform", "windows-x64"]
    subprocess.run([*command, *target], check=True, timeout=TIMEOUT)
    (zip_file,) = folder.glob("*.zip")
    return zip_file


@dataclass
class Artist:
    """One user with one Blender. `resources` is the Linux path of their BLENDER_USER_RESOURCES."""

    blender: str
    resources: Path
    farm: Any = None
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def extension(self) -> Path:
        """The folder of the installed extension."""
        return self.resources / "extensions" / "user_default" / "renderjuice"

    @property
    def state(self) -> Path:
        """The folder where the extension keeps its records, key and log."""
        return self.resources / "extensions" / ".user" / "user_default" / "renderjuice"

    def install(self, zip_file: Path) -> None:
        """Install the zip through Blender's extension system, as a user does."""
        done = self.python("-c", INSTALL + ENDING, windows.windows_path(zip_file))
        assert done.code == 0, done.stderr + done.stdout

    def run(self, blend: str, *arguments: str, stdin: str = "") -> Outcome:
        """Run one command on a file, given by its Windows path; "" for none."""
        target = self.resources / "document.json"
        target.unlink(missing_ok=True)
        written = ("--json", windows.windows_path(target))
        done = self.python(*self.command(blend, *arguments, *written), stdin=stdin)
        if target.exists():
            done.document = json.loads(target.read_text(encoding="utf-8"))
        return done

    def python(self, *arguments: str, stdin: str = "") -> Outcome:
        """Run the Python that has bpy and wait until it exits."""
        process, streams = self._start(*arguments)
        assert process.stdin
        process.stdin.write(stdin.encode())
        process.stdin.close()
        try:
            code = streams.finish(TIMEOUT)
        except subprocess.TimeoutExpired:
            self.end_all()
            said = streams.errors.decode(errors="replace")
            raise AssertionError(f"not ended in {TIMEOUT:.0f} s: {said}") from None
        said = (streams.output, streams.errors)  # Blender writes them in the system's code page
        return Outcome(code, {}, *(one.decode(errors="surrogateescape") for one in said))

    @contextlib.contextmanager
    def running(self, blend: str, *arguments: str) -> Iterator["subprocess.Popen[bytes]"]:
        """Run a command in the background; on exit, kill it and everything that it has started."""
        process, _ = self._start(*self.command(blend, *arguments))
        try:
            yield process
        finally:
            process.kill()
            process.wait()

    def command(self, blend: str, *arguments: str) -> list[str]:
        """The Python arguments that run one command on a file; "" for none."""
        script = windows.windows_path(self.extension / "headless.py")
        return [script, "--online-mode", *([blend] if blend else []), "--", *arguments]

    def _start(self, *arguments: str) -> tuple["subprocess.Popen[bytes]", windows.Streams]:
        env = {"BLENDER_USER_RESOURCES": windows.windows_path(self.resources)}
        if self.farm is not None:
            env |= {
                "RENDERJUICE_API_URL": self.farm.api_url,
                "RENDERJUICE_API_KEY": self.farm.key,
            }
        process = windows.start(self.blender, list(arguments), env | self.environment)
        return process, windows.Streams(process)

    def records(self) -> list[dict[str, Any]]:
        """The job records on disk."""
        return [
            json.loads(path.read_text(encoding="utf-8"))
            for path in sorted((self.state / "jobs").glob("*.json"))
        ]

    def processes(self) -> list[int]:
        """The Linux process IDs of all programs that run for this user."""
        ours = f"BLENDER_USER_RESOURCES={windows.windows_path(self.resources)}"
        found = []
        for process in processes():
            with contextlib.suppress(OSError):
                named = Path(f"/proc/{process.pid}/comm").read_bytes().startswith(b"python")
                if named and ours in process.environment:
                    found.append(process.pid)
        return sorted(found)

    def end_all(self) -> None:
        """Kill all programs that still run for this user."""
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def wait_for_packer(self, seconds: float = 400.0) -> int:
        """Wait until a packer loads or runs Blender, and return its Linux process ID."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for pid in self.processes():
                with contextlib.suppress(OSError):
                    process = Path(f"/proc/{pid}")
                    threads = len(list((process / "task").iterdir()))  # one until it is created
                    if threads > 1 and b"trace.py" in (process / "cmdline").read_bytes():
                        return pid
            time.sleep(0.02)
        raise AssertionError(f"no packer: {self.what_runs()}")

    def wait_for_end(self, seconds: float = 400.0) -> None:
        """Wait until none of this user's programs runs."""
        end = time.monotonic() + seconds
        while left := self.processes():
            assert time.monotonic() < end, f"{left} still run: {self.what_runs()}"
            time.sleep(0.05)

    def wait_for_stage(self, *stages: str, seconds: float = 400.0) -> dict[str, Any]:
        """Wait until a job's record has one of the stages, and return the record."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with contextlib.suppress(ValueError, OSError):
                for record in self.records():
                    if record["stage"] in stages:
                        return record
            time.sleep(0.02)
        raise AssertionError(f"never in {stages}: {self.what_runs()}")

    def what_runs(self) -> str:
        """The stages of the jobs, the programs with where they wait, and the end of the log."""
        told = [f"stages {[one['stage'] for one in self.records()]}"]
        for pid in self.processes():
            with contextlib.suppress(OSError):
                process = Path(f"/proc/{pid}")
                arguments = process.joinpath("cmdline").read_bytes().decode(errors="replace")
                waits = [path.read_text(encoding="utf-8") for path in process.glob("task/*/wchan")]
                told.append(f"{pid} {arguments[-120:]!r} {waits}")
        for log in self.state.rglob("*.log"):
            told.append(log.read_text(encoding="utf-8", errors="replace")[-3000:])
        return "\n".join(told)
