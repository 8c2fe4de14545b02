"""The entry point of the self-test's process, run by its path with Blender's Python and `-I`.

Start: it reads its Setup from stdin. Steady state: it makes the checks and writes a line for each
to stdout. End: it writes the report and says where it is; if stdin ends before, because Blender is
gone or the self-test was stopped, it ends its own processes, removes its files and exits.
"""

import os
import runpy
import sys
import threading
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    """Make the self-test."""
    runpy.run_path(str(ROOT / "bootstrap.py"))["provide"]()
    from renderjuice.selftest import checks, lines, report
    from renderjuice.selftest.trial import Stopped
    from renderjuice.system import sharing

    setup = lines.decode(sys.stdin.buffer.readline())
    if not isinstance(setup, lines.Setup):
        raise SystemExit(1)  # Blender is gone
    for name in [name for name in os.environ if name.startswith("RENDERJUICE_")]:
        del os.environ[name]  # the user's key, state folder and address are not for it
    sharing.be_patient()
    gone = threading.Event()
    threading.Thread(target=_wait_for_end, args=(gone,), daemon=True).start()

    def say(message: lines.Line | lines.End) -> None:
        try:
            sys.stdout.buffer.write(lines.encode(message))
            sys.stdout.buffer.flush()
        except OSError:
            gone.set()

    try:
        made, log = checks.run(setup, say, gone.is_set)
        say(lines.End(str(report.write(setup, made, log))))
    except Stopped:
        say(lines.End(problem="It was stopped."))
    except OSError as error:
        say(lines.End(problem=f"The report could not be written: {error}"))
    os._exit(0)  # a thread still reads stdin


def _wait_for_end(gone: threading.Event) -> None:
    while sys.stdin.buffer.read(4096):
        pass
    gone.set()


if __name__ == "__main__":
    main()
