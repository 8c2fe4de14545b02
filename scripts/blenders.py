"""Provides, on Debian, the Blenders that the tests run in, and keeps them in a cache.

    python scripts/blenders.py provide bpy-4.2.23 blender-4.3.2   # or: provide all
    python scripts/blenders.py path blender-4.3.2

Two kinds:

- `bpy-X`: a virtual environment with Blender X as the Python module `bpy` and with
  requirements/test.txt. The script prints the path of its Python. The next `provide` installs
  changed requirements.
- `blender-X`: a complete Blender with a window, from Debian. The script prints the path of a
  launcher, which is called like any other `blender`. Debian's newest suite changes: if it has
  another version than the requested one, that version is provided and the difference is reported.

The cache is `$RENDERJUICE_BLENDERS`, else `~/.cache/renderjuice-blenders`. Every step may be
interrupted and started again. Complete Blenders need root, to create and to run: a launcher sees
this machine's folders, but Debian's /usr and /etc instead of this machine's, in a separate mount
namespace that ends with the process.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

# The Python version that each release of bpy is built for.
BPY = {
    "bpy-4.2.23": "3.11",
    "bpy-4.5.15": "3.11",
    "bpy-5.0.1": "3.11",
    "bpy-5.2.3": "3.13",
}
# The Debian suite that had this Blender when it was added here.
WINDOW = {
    "blender-4.3.2": "trixie",
    "blender-5.2.2": "sid",
}
# Blender, software OpenGL for it, and the Python modules that its own add-ons import but Debian
# only suggests.
DEBIAN_PACKAGES = {
    "trixie": ["python3-requests"],
    "sid": ["python3-requests", "python3-cattr"],
}
OPENGL = ["libgl1-mesa-dri", "libegl1", "libegl-mesa0", "libgl1", "libglx-mesa0"]
# What this machine needs to create a complete Blender and to test its window: command -> package.
HOST_TOOLS = {
    "debootstrap": "debootstrap",
    "unshare": "util-linux",
    "Xvfb": "xvfb",
    "import": "imagemagick",
}
BPY_LIBRARIES = (
    "libgl1 libice6 libsm6 libx11-6 libxext6 libxfixes3 libxi6"
    " libxkbcommon0 libxrender1 libxxf86vm1"
)

LAUNCHER = """\
#!/bin/sh
# Blender {version} of Debian {suite}. Written by scripts/blenders.py.
if [ "$(id -u)" != 0 ]; then
    echo "Blender {version} of Debian {suite} runs as root only: it needs mounts of its own." >&2
    exit 2
fi
export LIBGL_ALWAYS_SOFTWARE=1 PATH=/usr/bin:/bin
unset LD_LIBRARY_PATH PYTHONHOME PYTHONPATH
root=$(dirname "$(readlink -f "$0")")/debian-{suite}
exec unshare --mount -- /bin/sh -ec '
    root=$1; shift
    mount --bind "$root/etc" /etc
    mount --bind "$root/usr" /usr
    exec /usr/bin/blender "$@"
' blender "$root" "$@"
"""


class Unprovided(Exception):
    """A Blender cannot be provided; the message says why and what to do."""


def cache() -> Path:
    """Return the folder that holds all Blenders."""
    chosen = os.environ.get("RENDERJUICE_BLENDERS")
    return Path(chosen).absolute() if chosen else Path.home() / ".cache" / "renderjuice-blenders"


def run(command: list[str], env: dict[str, str] | None = None) -> None:
    """Run a command with its output on standard error; standard output is only for paths."""
    print("$", shlex.join(command), file=sys.stderr, flush=True)
    # The command inherits the lock, so that others wait for it even if this process is killed.
    done = subprocess.run(command, env=env, stdout=sys.stderr, close_fds=False, check=False)
    if done.returncode:
        raise Unprovided(f"This command ended with {done.returncode}: {shlex.join(command)}")


def answer(command: list[str]) -> str:
    """Return the output of a command, or an empty string if it is missing or fails."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Lock the folder for one process at a time, including commands left by an interrupted one."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        os.set_inheritable(lock.fileno(), True)
        yield


# --- Blender as a Python module -------------------------------------------------------------------


def pythons(version: str) -> Iterator[str]:
    """Yield possible paths of a Python of this version, most likely first."""
    yield sys.executable
    if found := shutil.which(f"python{version}"):
        yield found
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    newest_first = sorted(
        pyenv.glob(f"{version}.*"),
        key=lambda folder: [int(number) for number in re.findall(r"\d+", folder.name)],
        reverse=True,
    )
    yield from (str(folder / "bin" / "python") for folder in newest_first)


def find_python(version: str) -> str:
    """Return a Python that reports this version: the name alone may be a broken pyenv shim."""
    asking = "import sys, venv, ensurepip; print('%d.%d' % sys.version_info[:2])"
    for candidate in pythons(version):
        if answer([candidate, "-c", asking]) == version:
            return candidate
    raise Unprovided(
        f"Python {version} (with venv) is not on PATH and not in pyenv. Install it"
        f" (apt-get install python{version}-venv, or pyenv install {version}) and try again."
    )


def requirements_stamp(name: str) -> str:
    """Return a hash that changes if the name or a requirement of the tests changes."""
    parts = [name.encode()]
    parts += [(ROOT / "requirements" / part).read_bytes() for part in ("runtime.txt", "test.txt")]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def provide_bpy(name: str) -> Path:
    """Create or update the environment of a bpy, and return its Python."""
    version = name.removeprefix("bpy-")
    folder = cache() / name
    python, stamp = folder / "bin" / "python", folder / "renderjuice-stamp"
    wanted = requirements_stamp(name)
    if python.exists() and stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return python
    stamp.unlink(missing_ok=True)  # if pip is interrupted, the next run installs again
    if not python.exists():
        run([find_python(BPY[name]), "-m", "venv", "--clear", str(folder)])
    test_requirements = str(ROOT / "requirements" / "test.txt")
    run([str(python), "-m", "pip", "install", "-q", f"bpy=={version}", "-r", test_requirements])
    seen = answer([str(python), "-c", "import bpy; print(bpy.app.version_string)"])
    if version not in seen:
        run([str(python), "-c", "import bpy"])
        raise Unprovided(
            f"bpy {version} is installed in {folder} but does not import ({seen or 'see above'})."
            f" It needs these libraries: apt-get install {BPY_LIBRARIES}"
        )
    stamp.write_text(wanted, encoding="utf-8")
    return python


# --- complete Blenders, from Debian ---------------------------------------------------------------


def provide_window(name: str) -> Path:
    """Create a complete Blender in the version of its Debian suite, and return its launcher."""
    suite = WINDOW[name]
    root = cache() / f"debian-{suite}"
    if not root.exists():
        require_root(name)
        require_tools()
        part = root.with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)  # safe: its mounts ended with their processes
        build_root(suite, part)
        part.rename(root)
    version = debian_version(root)
    launcher = cache() / f"blender-{version}"
    if not launcher.exists():
        part = launcher.with_suffix(".part")
        part.write_text(LAUNCHER.format(version=version, suite=suite), encoding="utf-8")
        part.chmod(0o755)
        part.rename(launcher)
    if launcher.name != name:
        print(
            f"Debian {suite} has no {name} any more: {launcher.name} is provided in its place.",
            file=sys.stderr,
        )
    return launcher


def require_root(name: str) -> None:
    """Raise Unprovided without root, which the mounts of a complete Blender need."""
    if os.geteuid() != 0:
        raise Unprovided(f"{name} is made from Debian packages in a folder, which needs root.")


def require_tools() -> None:
    """Install missing tools with apt; raise Unprovided with their names if there is no apt."""
    missing = [package for tool, package in HOST_TOOLS.items() if not shutil.which(tool)]
    if missing and shutil.which("apt-get"):
        run(["apt-get", "update", "-q"])
        run(["apt-get", "install", "-q", "-y", "--no-install-recommends", *missing])
    elif missing:
        raise Unprovided(f"These packages are missing: {' '.join(missing)}. Install them first.")


def debian_mirror() -> str:
    """Return the Debian archive that this machine's apt uses."""
    wanted = "$(ORIGIN)|$(LABEL)|$(SITE)"
    for attempt in range(2):
        lines = answer(["apt-get", "indextargets", "--format", wanted]).splitlines()
        for line in lines:
            if line.startswith("Debian|Debian|"):
                return line.split("|")[2]
        if attempt == 0:
            run(["apt-get", "update", "-q"])
    raise Unprovided("This machine's apt reads no Debian archive, so Blender cannot come from one.")


def apt_environment() -> dict[str, str]:
    """Return this process's environment with the proxies that apt is configured to use."""
    environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive", LC_ALL="C.UTF-8")
    environment["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin"
    for scheme in ("http", "https"):
        proxy = answer(["apt-config", "shell", "P", f"Acquire::{scheme}::Proxy"])
        if proxy:
            environment[f"{scheme}_proxy"] = shlex.split(proxy.removeprefix("P="))[0]
    return environment


def build_root(suite: str, root: Path) -> None:
    """Create a minimal Debian with Blender in the folder `root`; about two minutes and 2 GB."""
    environment = apt_environment()
    # A separate mount namespace: its mounts end with the command.
    inside = ["unshare", "--mount", "--"]
    architecture = answer(["dpkg", "--print-architecture"]) or platform.machine()
    options = ["--variant=minbase", f"--arch={architecture}", "--include=ca-certificates"]
    run([*inside, "debootstrap", *options, suite, str(root), debian_mirror()], environment)
    apt = "apt-get -q -y -o Acquire::Check-Valid-Until=false -o Acquire::Languages=none"
    packages = ["blender", *OPENGL, *DEBIAN_PACKAGES[suite]]
    steps = [
        f"mount --rbind /dev {shlex.quote(str(root))}/dev",
        f"mount --bind /proc {shlex.quote(str(root))}/proc",
        f"exec chroot {shlex.quote(str(root))} /bin/sh -ec "
        + shlex.quote(
            "ln -sf /proc/self/mounts /etc/mtab;"  # Blender's file browser reads it
            f" {apt} update; {apt} install --no-install-recommends"
            f" -o Dpkg::Options::=--force-unsafe-io {' '.join(packages)}; {apt} clean"
        ),
    ]
    run([*inside, "/bin/sh", "-c", " && ".join(steps)], environment)


def debian_version(root: Path) -> str:
    """Return the version of the Blender package in a root in Blender's form: `4.3.2`."""
    admin = str(root / "var" / "lib" / "dpkg")
    wanted = ["dpkg-query", f"--admindir={admin}", "--show", "--showformat=${Version}", "blender"]
    found = re.search(r"(\d+\.\d+\.\d+)", answer(wanted))
    if not found:
        raise Unprovided(f"{root} holds no Blender. Remove that folder and try again.")
    return found[1]


# --- the command line -----------------------------------------------------------------------------


def provide(name: str) -> Path:
    """Create what is missing of one Blender, and return the path of its program."""
    with locked(cache()):
        return provide_bpy(name) if name in BPY else provide_window(name)


def path(name: str) -> Path:
    """Return the program of an existing Blender; if its suite changed, of the suite's version."""
    if name in BPY:
        found = cache() / name / "bin" / "python"
    else:
        root = cache() / f"debian-{WINDOW[name]}"
        found = cache() / (f"blender-{debian_version(root)}" if root.exists() else name)
    if not found.exists():
        raise Unprovided(f"{name} is not here. Run: python scripts/blenders.py provide {name}")
    return found


def main() -> int:
    """Run the command line; return 1 with a message if a Blender cannot be provided."""
    parser = argparse.ArgumentParser(description="Provide Blenders for the tests, and cache them.")
    commands = parser.add_subparsers(dest="command", required=True)
    names = [*BPY, *WINDOW]
    providing = commands.add_parser("provide", help="make what is missing, print what runs it")
    providing.add_argument("names", nargs="+", choices=[*names, "all"], metavar="NAME")
    finding = commands.add_parser("path", help="print what runs a Blender that is there")
    finding.add_argument("names", nargs=1, choices=names, metavar="NAME")
    arguments = parser.parse_args()
    wanted = names if "all" in arguments.names else arguments.names
    action = provide if arguments.command == "provide" else path
    try:
        for name in wanted:
            print(action(name), flush=True)
    except Unprovided as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
