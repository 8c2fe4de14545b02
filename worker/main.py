"""The entry point of the worker process, run by its path with Blender's Python and `-I`.

Start: it reads the WorkerConfig from stdin and imports everything it will ever use. Steady state:
it reads commands from stdin and writes events to stdout (jobs/protocol.py). End: stdin ends,
because Blender has exited or closed the pipe.
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
    """Serve until stdin ends."""
    events = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # keeps output of libraries out of the event stream
    line = sys.stdin.buffer.readline()
    if not line.endswith(b"\n"):
        return  # Blender has exited before it wrote the config
    runpy.run_path(str(ROOT / "bootstrap.py"))["provide"]()
    protocol = _import("jobs.protocol")
    config = protocol.decode(line)
    if not isinstance(config, protocol.WorkerConfig):
        raise SystemExit("The first line is no WorkerConfig.")
    _import("system.redaction").add_secret(config.key)
    _import("system.sharing").be_patient()
    end_log = _import("worker.log").start(Path(config.state))
    try:
        _import("system.job_object").end_children_with_this_process()
    except OSError:  # a packer then ends only when it next looks at its pipe
        logging.getLogger(__name__).warning("No job object", exc_info=True)
    try:
        _serve(config, protocol, events)
    except Exception:
        logging.getLogger(__name__).exception("The worker has failed")
        raise
    finally:
        end_log()
    os._exit(0)  # a regular exit waits for the threads of hanging transfers


def _serve(config: Any, protocol: ModuleType, events: IO[bytes]) -> None:
    if config.site_packages:
        sys.path.insert(0, config.site_packages)
    try:
        service = _import("worker.service")  # imports everything the worker uses
    except Exception as error:  # packages of other extensions may raise anything
        dependencies = _import("worker.dependencies")
        why = dependencies.why(error, ROOT, config.site_packages)
        logging.getLogger(__name__).error("The worker cannot start: %s", why)
        events.write(protocol.encode(_import("jobs.worker_events").Unusable(why)))
        events.flush()
        raise SystemExit(1) from error
    service.serve(config, sys.stdin.buffer, events)


def _import(name: str) -> ModuleType:
    """Import a module of the extension.

    A full disk can leave truncated byte code, which Python 3.11 does not detect. The module is then
    imported from its source.
    """
    name = f"renderjuice.{name}"
    try:
        return importlib.import_module(name)
    except (EOFError, ValueError, TypeError):
        for cache in ROOT.glob("*/__pycache__"):
            shutil.rmtree(cache, ignore_errors=True)
        sys.dont_write_bytecode = True
        sys.pycache_prefix = str(ROOT / "no-byte-code")  # ignores the byte code of libraries
        return importlib.import_module(name)


if __name__ == "__main__":
    main()
