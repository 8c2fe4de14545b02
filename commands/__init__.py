"""What each command of the command line does: options in, exit code and document out."""

import argparse
from collections.abc import Callable

from . import connect, jobs, scene
from .results import Result

COMMANDS: dict[str, Callable[[argparse.Namespace], Result]] = {
    "connect": connect.connect,
    "check": scene.check,
    "config": scene.config,
    "pack": scene.pack,
    "submit": scene.submit,
    "jobs": jobs.jobs,
    "status": jobs.status,
    "wait": jobs.wait,
    "download": jobs.download,
    "cancel": jobs.cancel,
    "resume": jobs.resume,
}
