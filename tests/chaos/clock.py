"""Runs the worker with a clock that a file shifts: `python -I clock.py worker/main.py`.

It shifts only wall-clock time, as when the computer's clock is changed, and not the monotonic
clock. The file is named in $RENDERJUICE_CHAOS_CLOCK and contains seconds.
"""

import datetime
import os
import runpy
import sys
import time
from pathlib import Path

FILE = Path(os.environ["RENDERJUICE_CHAOS_CLOCK"])
_time, _gmtime = time.time, time.gmtime


def ahead() -> float:
    """The current shift of the clock, in seconds."""
    try:
        return float(FILE.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return 0.0


class MovedDatetime(datetime.datetime):
    """A datetime whose `now` is shifted."""

    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> "MovedDatetime":
        return cls.fromtimestamp(_time() + ahead(), tz)


time.time = lambda: _time() + ahead()
time.gmtime = lambda seconds=None: _gmtime(time.time() if seconds is None else seconds)
datetime.datetime = MovedDatetime  # type: ignore[misc]
sys.argv.pop(0)
runpy.run_path(sys.argv[0], run_name="__main__")
