#!/usr/bin/env python3
"""Stands in for the command `blender`: what Blender Asset Tracer 2 uses of its command line.

The Blender is the bpy module of the Python that runs this script.
"""

import runpy
import sys
from pathlib import Path

import bpy

bpy.app.binary_path = str(Path(__file__).resolve())
arguments = iter(sys.argv[1:])
for argument in arguments:
    if argument == "--":
        break
    if argument == "--python-expr":
        exec(next(arguments), {"__name__": "__main__"})
    elif argument == "-P":
        runpy.run_path(next(arguments), run_name="__main__")
