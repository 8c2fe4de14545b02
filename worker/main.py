"""The worker process: all HTTP and all work on disk, beside Blender and never inside it.

Run by its path, by Blender's Python, with `-I`. Commands come through stdin, behind a WorkerConfig,
and events go to stdout (jobs/protocol.py).
"""

import importlib
import logging
import os
import runpy
import shutil
import sys
from pathlib import Path
from types import ModuleType
from typing import IO, Any

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    """Serve until stdin ends, which tells that Blender has ended."""
    events = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not look like an event
    line = sys.stdin.buffer.readline()
    if not line.endswith(b"\n"):
        return  # Blender has ended before it could write anything
    runpy.run_path(str(ROOT / "bootstrap.py"))["provide"]()
    protocol = _import("jobs.protocol")
    config = protocol.decode(line)
    if not isinstance(config, protocol.WorkerConfig):
        raise SystemExit("The first line is no WorkerConfig.")
    _import("system.redaction").add_secret(config.key)
    _import("system.sharing").be_patient()
    end_log = _import("worker.log").start(Path(config.state))
    try:
        _serve(config, protocol, events)
    except Exception:
        logging.getLogger(__name__).exception("The worker has failed")
        raise
    finally:
        end_log()
    os._exit(0)  # an ordinary exit waits for the threads of transfers that hang


def _serve(config: Any, protocol: ModuleType, events: IO[bytes]) -> None:
    if config.site_packages:
        sys.path.insert(0, config.site_packages)
    try:
        service = _import("worker.service")  # and with it all that the worker will ever use
    except Exception as error:  # whatever another extension's packages raise
        dependencies = _import("worker.dependencies")
        why = dependencies.why(error, ROOT, config.site_packages)
        logging.getLogger(__name__).exception("The worker cannot start")
        events.write(protocol.encode(protocol.Unusable(why)))
        events.flush()
        raise SystemExit(1) from error
    service.serve(config, sys.stdin.buffer, events)


def _import(name: str) -> ModuleType:
    """A module of ours.

    Where the disk was full as Python wrote byte code, half a file is left, and Python 3.11 takes it
    for a whole one: then from the sources.
    """
    name = f"renderjuice.{name}"
    try:
        return importlib.import_module(name)
    except (EOFError, ValueError, TypeError):
        for cache in ROOT.glob("*/__pycache__"):
            shutil.rmtree(cache, ignore_errors=True)
        sys.dont_write_bytecode = True
        sys.pycache_prefix = str(ROOT / "no-byte-code")  # what libraries have is not ours to remove
        return importlib.import_module(name)


if __name__ == "__main__":
    main()
