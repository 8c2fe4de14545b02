"""The worker process: all HTTP and all work on disk, beside Blender and never inside it.

Run by its path, by Blender's Python, with `-I`. The first line on stdin says
{"site_packages": folder or "", "state": folder, "key": ..., "api_url": ..., "transfers": n},
and in tests "pace", which shortens every wait (context.Context);
after it come commands (service.py), and answers go to stdout, one JSON document a line.
"""

import json
import os
import runpy
import shutil
import sys
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    """Serve until stdin ends, which is how Blender's end is heard."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not look like an answer
    line = sys.stdin.buffer.readline()
    if not line.endswith(b"\n"):
        return  # Blender has ended before it could say anything
    greeting = json.loads(line)
    if greeting["site_packages"]:
        sys.path.insert(0, greeting["site_packages"])
    runpy.run_path(str(ROOT / "bootstrap.py"))["provide"]()
    try:
        service = _service()
    except Exception as error:  # whatever another extension's packages raise
        from renderjuice.worker import dependencies

        say = {"unusable": dependencies.why(error, ROOT, greeting["site_packages"])}
        print(repr(error), file=sys.stderr)
        answers.write(json.dumps(say).encode() + b"\n")
        answers.flush()
        raise SystemExit(1) from error
    service.serve(greeting, sys.stdin.buffer, answers)
    sys.stderr.flush()
    os._exit(0)  # an ordinary exit waits for the threads of transfers that hang


def _service() -> ModuleType:
    """All that the worker will ever use.

    Where the disk was full as Python wrote byte code, half a file is left, and Python 3.11 takes it
    for a whole one: then from the sources.
    """
    try:
        from renderjuice.worker import service
    except (EOFError, ValueError, TypeError):
        for cache in ROOT.glob("*/__pycache__"):
            shutil.rmtree(cache, ignore_errors=True)
        sys.dont_write_bytecode = True
        sys.pycache_prefix = str(ROOT / "no-byte-code")  # what libraries have is not ours to remove
        from renderjuice.worker import service
    return service


if __name__ == "__main__":
    main()
