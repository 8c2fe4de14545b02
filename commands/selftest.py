"""The command `selftest`, which tries the whole way of a job on this computer."""

import argparse
import signal
import sys
import time
from dataclasses import asdict

from ..selftest.launch import SelfTest
from ..selftest.lines import Line
from ..system.interruption import Flag
from .results import CHECK, DISK, DONE, INTERRUPTED, Failure, Result, disk

SECONDS_BETWEEN_LOOKS = 0.1


def selftest(options: argparse.Namespace) -> Result:
    """Run the self-test and print each line as it comes. It needs no key and no network."""
    try:
        test = SelfTest(options.report)
    except OSError as error:
        raise disk(error) from error
    shown = 0
    with Flag(signal.SIGINT) as signals:
        while not test.end and not signals.raised:
            if not test.receive():
                time.sleep(SECONDS_BETWEEN_LOOKS)
            for line in test.lines[shown:]:
                print(_words(line), file=sys.stderr, flush=True)
            shown = len(test.lines)
    test.close_and_wait()
    if signals.raised:
        return INTERRUPTED, {}
    document = {
        "held": test.held,
        "lines": [asdict(line) for line in test.lines],
        "report": test.end.report if test.end else "",
    }
    if test.end and test.end.problem:
        problem = f"The self-test did not come to its end. {test.end.problem}".rstrip()
        raise Failure(DISK, "selftest-ended", problem, selftest=document)
    print(f"The report: {document['report']}", file=sys.stderr)
    if not test.held:
        failed = sum(line.held is False for line in test.lines)
        raise Failure(
            CHECK,
            "selftest-failed",
            f"{failed} of {len(test.lines)} checks of the self-test did not hold.",
            "If you report it, attach the report: it names neither you nor a key.",
            selftest=document,
        )
    print("All of it held.", file=sys.stderr)
    return DONE, {"selftest": document}


def _words(line: Line) -> str:
    if line.held:
        return f"held      {line.text}."
    if line.held is None:
        return f"left out  {line.text}."
    return f"NOT HELD  {line.text}: {line.found} {line.hint}".rstrip()
