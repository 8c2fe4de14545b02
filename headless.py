"""The command line where Blender runs a script or is a module:

    blender --online-mode -b FILE.blend --python headless.py -- ARGS
    python headless.py FILE.blend -- ARGS

Uses the enabled extension if there is one, else the folder in which this file lies.
"""

import contextlib
import importlib
import importlib.util
import os
import runpy
import sys
from pathlib import Path
from typing import Any

import bpy

HERE = Path(__file__).resolve().parent
READS_PREFERENCES = (4, 5, 0)  # the module of 4.2 crashes when it reads them
INSTALL = f"{sys.executable} -m pip install pydantic requests"


def main() -> int:
    """Open the file where the module has not, and carry out the command; the exit code."""
    before, _, after = _split(sys.argv)
    problem = "" if bpy.app.binary_path else _begin_module(before[1:])
    package = _enabled() or _checkout()
    if not package:
        return 2
    code: int = importlib.import_module(f"{package}.commands.cli").main(after, problem)
    return code


def _split(arguments: list[str]) -> tuple[list[str], str, list[str]]:
    if "--" not in arguments:
        return arguments, "", []
    at = arguments.index("--")
    return arguments[:at], "--", arguments[at + 1 :]


def _begin_module(arguments: list[str]) -> str:
    """Do what a whole Blender has done by now: preferences, online access, the file.

    The module has no switches of its own and nobody can press one, so whoever runs this script has
    chosen to go online, unless saved preferences or --offline-mode say otherwise.
    """
    switches = {a for a in arguments if a.startswith("--")}
    files = [a for a in arguments if not a.startswith("--")]
    if unknown := switches - {"--online-mode", "--offline-mode"}:
        return f"{', '.join(sorted(unknown))} is not known before `--`."
    if len(files) > 1:
        return f"More than one file is named: {', '.join(files)}. Name one."
    saved = Path(bpy.utils.user_resource("CONFIG"), "userpref.blend").is_file()
    if bpy.app.version < READS_PREFERENCES:
        saved = False
        _enable_installed()
    elif saved:
        bpy.ops.wm.read_userpref()
    online = "--online-mode" in switches or (not saved and "--offline-mode" not in switches)
    system = bpy.context.preferences.system
    if online or "--offline-mode" in switches:
        system.use_online_access = online
    if files:
        return _open(files[0])
    return ""


def _open(file: str) -> str:
    """Open the file; why it cannot be opened, as a sentence."""
    if not Path(file).is_file():
        return f"{file} does not exist." if not Path(file).exists() else f"{file} is no file."
    try:
        # Not resolved: where it is a link, `//` is the folder of the link, as in a whole Blender.
        bpy.ops.wm.open_mainfile(filepath=str(Path(file).absolute()))
    except RuntimeError as error:
        if os.path.abspath(bpy.data.filepath) == os.path.abspath(file):  # noqa: PTH100
            return ""  # it is a library that cannot be read, which the checks name
        why = " ".join(str(error).split()).removeprefix("Error: ")
        return f"Blender could not read {file}: {why}"
    return ""


def _enable_installed() -> None:
    """Enable the installed extension where the module cannot be told by preferences to do it."""
    import addon_utils

    modules: Any = addon_utils.modules()
    for module in modules:
        if module.__name__.startswith("bl_ext.") and module.__name__.endswith(".renderjuice"):
            addon_utils.enable(module.__name__, default_set=True)


def _enabled() -> str:
    """The module of the enabled extension, "" if there is none."""
    for module in bpy.context.preferences.addons.keys():  # noqa: SIM118 (a Blender collection)
        if (
            module.startswith("bl_ext.")
            and module.endswith(".renderjuice")
            and module in sys.modules
        ):
            return str(module)
    return ""


def _checkout() -> str:
    """This folder as a package, "" where what it needs is not installed."""
    missing = [name for name in ("pydantic", "requests") if not importlib.util.find_spec(name)]
    if missing:
        print(
            f"renderjuice: {' and '.join(missing)} cannot be imported. Install the extension, or "
            f"run: {INSTALL}",
            file=sys.stderr,
        )
        return ""
    stub = runpy.run_path(str(HERE / "bootstrap.py"))
    stub["provide"]()
    properties = importlib.import_module(f"{stub['NAME']}.scene.properties")
    properties.register()
    return str(stub["NAME"])


def end(code: int) -> None:
    """End the process with `code`, which the module may not reach by itself: it crashes where the
    file had a fluid, and hangs or crashes where a driver was not allowed to run."""
    if bpy.app.binary_path:
        sys.exit(code)
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, OSError):  # closed, or nobody reads it
            stream.flush()
    session_folder = runpy.run_path(str(HERE / "system" / "session_folder.py"))
    files = bpy.context.preferences.filepaths
    session_folder["remove"](bpy.app.tempdir, bpy.path.abspath(files.temporary_directory))
    os._exit(code)


if __name__ == "__main__":
    end(main())
