"""The complete workflow of an artist's Blender and a farm, on this machine: `make demo`.

Builds the extension, installs it into a Blender with a separate user folder, starts the local
farm, and submits the example project from the command line. Everything is created in build/demo,
which is deleted first.

`make try` (`--window`) opens the example in a Blender window instead, in build/try, with the farm's
address and key: the farm renders what is submitted there. The farm ends with that Blender.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import build
import find_blender
from find_blender import Blender

ROOT = build.ROOT
WINDOW = "--window" in sys.argv
DEMO = ROOT / "build" / ("try" if WINDOW else "demo")
USER = DEMO / "blender-user"
LOG = DEMO / "demo.log"
SCRIPTS = ROOT / "scripts"
KEY = "RJ-DEMO"
OWN = ("RENDERJUICE_API", "RENDERJUICE_STATE", "BLENDER_USER", "BLENDER_SYSTEM")
"""Prefixes of variables that point to the artist's own folders, key or account."""
FARM_SECONDS = 60  # for the farm to start

# The equivalent of `blender --command extension install-file --enable` for the bpy module.
INSTALL = """
import bpy, sys
bpy.ops.extensions.package_install_files(
    filepath=sys.argv[1], repo="user_default", enable_on_install=True
)
if "bl_ext.user_default.renderjuice" not in bpy.context.preferences.addons:
    sys.exit("Blender has not enabled the extension.")
bpy.ops.wm.save_userpref()
"""


class StepFailed(Exception):
    """A step failed; the message says why and what to do."""


def say(step: str, words: object) -> None:
    """Print one line about a step."""
    print(f"{step:<15}{words}", flush=True)


def short(path: Path) -> str:
    """Return a path relative to the repository if it is inside, else the whole path."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


def run(
    what: str, command: Sequence[str], environment: Mapping[str, str], *, live: bool = False
) -> None:
    """Run a step's command with its output in the log; `live` shows standard error here."""
    with LOG.open("ab") as log:
        log.write(f"\n$ {' '.join(command)}\n".encode())
        log.flush()
        errors = None if live else subprocess.STDOUT
        done = subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=errors,
            check=False,
        )
    if done.returncode:
        raise StepFailed(
            f"{what} ended with exit code {done.returncode}. What it said stands "
            f"{'above and ' if live else ''}in {short(LOG)}."
        )


def install(blender: Blender, archive: Path, environment: Mapping[str, str]) -> None:
    """Install and enable the extension through Blender's own extension system."""
    if blender.is_module:
        command = [blender.program, "-c", INSTALL, str(archive)]
    else:
        extension = ["--command", "extension", "install-file", "-r", "user_default", "--enable"]
        command = [blender.program, *extension, str(archive)]
    run("Installing the extension", command, environment)
    installed = USER / "extensions" / "user_default" / "renderjuice"
    if not installed.is_dir():
        raise StepFailed(f"Blender has not installed the extension; {short(LOG)} says why.")


@contextlib.contextmanager
def local_farm(blender: Blender, environment: Mapping[str, str]) -> Iterator[str]:
    """Run the local farm with this Blender, and yield the address of its API."""
    ready = DEMO / "farm.json"
    kind = "--blender-python" if blender.is_module else "--blender"
    command = [sys.executable, "-m", "tests.farm", "--port", "0", "--key", KEY]
    command += [kind, blender.program, "--folder", str(DEMO / "farm")]
    command += ["--ready-file", str(ready), "--end-with-stdin"]
    with LOG.open("ab") as log:
        farm = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,  # closing it ends the farm, even if this process is killed
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        deadline = time.monotonic() + FARM_SECONDS
        while not ready.exists():
            if farm.poll() is not None or time.monotonic() > deadline:
                raise StepFailed(f"The local farm did not start; {short(LOG)} says why.")
            time.sleep(0.1)
        yield json.loads(ready.read_text(encoding="utf-8"))["api_url"]
    finally:
        assert farm.stdin
        farm.stdin.close()
        try:
            farm.wait(10)
        except subprocess.TimeoutExpired:
            farm.kill()
            farm.wait()


def submit(blender: Blender, blend: Path, environment: Mapping[str, str]) -> tuple[Path, list[str]]:
    """Submit with the installed extension and wait; return the output folder and frame names."""
    result = DEMO / "result.json"
    arguments = ["submit", "--wait", "--download", "--json", str(result)]
    if blender.is_module:
        headless = USER / "extensions" / "user_default" / "renderjuice" / "headless.py"
        command = [blender.program, str(headless), "--online-mode", str(blend), "--", *arguments]
    else:
        command = [blender.program, "--online-mode", "--background", str(blend)]
        command += ["--command", "renderjuice", *arguments]
    run("Submitting", command, environment, live=True)
    job = json.loads(result.read_text(encoding="utf-8"))["job"]
    return Path(job["output"]), sorted(job["frames"]["downloaded"])


def work(blender: Blender, blend: Path, environment: Mapping[str, str]) -> None:
    """Open the example in the window, and wait until Blender is closed."""
    say("Blender opens", "press N in the 3D View and choose the tab Renderjuice")
    more = [argument for argument in sys.argv[1:] if argument != "--window"]
    run("Blender", [blender.program, "--online-mode", str(blend), *more], environment)


def of_the_demo() -> dict[str, str]:
    """Return the environment for Blender, without the artist's folders, key and address."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(OWN)}
    local = "127.0.0.1,localhost"
    environment |= {"BLENDER_USER_RESOURCES": str(USER), "PYTHONUNBUFFERED": "1"}
    return environment | {"NO_PROXY": local, "no_proxy": local}


def demo() -> None:
    """Run all steps. Raises StepFailed, BuildError, NotFound."""
    shutil.rmtree(DEMO, ignore_errors=True)
    DEMO.mkdir(parents=True)
    environment = of_the_demo()
    blender = find_blender.find(window=WINDOW)
    say("Blender", blender.name)
    archive = build.build(blender.python, blender.platform, blender, ROOT / "dist")
    say("Extension", short(archive))
    install(blender, archive, environment)
    say("Installed", f"into {short(USER)}, a Blender user folder for this demo only")
    project = DEMO / "project"
    example = blender.script(str(SCRIPTS / "make_example.py"), str(project))
    run("Making the example", example, environment)
    (blend,) = project.glob("*.blend")
    say("Example", short(blend))
    with local_farm(blender, environment) as api_url:
        say("Farm", f"{api_url}, rendering with the same Blender")
        environment |= {"RENDERJUICE_API_URL": api_url, "RENDERJUICE_API_KEY": KEY}
        if WINDOW:
            work(blender, blend, environment)
        else:
            say("Submitting", "frames take about a minute on two cores")
            show(*submit(blender, blend, environment))


def show(folder: Path, names: Sequence[str]) -> None:
    """Make the contact sheet, and print where it and the frames are."""
    sheet = DEMO / "contact-sheet.png"
    frames = [str(folder / name) for name in names]
    drawing = [sys.executable, str(SCRIPTS / "contact_sheet.py"), str(sheet), *frames]
    run("Drawing the contact sheet", drawing, os.environ)
    print()
    say("Frames", f"{len(names)} in {folder}")
    say("Contact sheet", sheet)


def main() -> int:
    """Run the demo; return 1 with a message if a step fails."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that no process stays running
    try:
        demo()
    except (StepFailed, build.BuildError, find_blender.NotFound) as problem:
        print(f"make {DEMO.name}: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"\nmake {DEMO.name}: stopped.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
