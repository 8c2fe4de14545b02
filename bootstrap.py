"""Lets this folder be imported as `renderjuice` where Blender has not enabled it.

The folder is the extension's package, whatever the folder is called, and its `__init__` is for
Blender. The worker, the packer, headless.py and the tests are other programs: each runs this file
by its path and calls `provide`.
"""

import sys
from pathlib import Path
from types import ModuleType

NAME = "renderjuice"


def provide() -> None:
    """Put a package `renderjuice` that finds its modules in this folder into `sys.modules`."""
    if NAME not in sys.modules:
        package = ModuleType(NAME)
        package.__path__ = [str(Path(__file__).resolve().parent)]
        package.__package__ = NAME
        sys.modules[NAME] = package
