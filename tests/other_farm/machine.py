"""Runs the worker with another computer name: `python -I machine.py NAME worker/main.py`."""

import platform
import runpy
import socket
import sys

name = sys.argv[1]
platform.node = lambda: name
socket.gethostname = lambda: name
del sys.argv[:2]
runpy.run_path(sys.argv[0], run_name="__main__")
