"""Measures how the time of a call grows with its input, on a machine of any speed and load."""

import sys
import time
from collections.abc import Callable
from typing import Any

LINEAR = 3.2
"""Growth below this is linear, with some noise: quadratic growth is 4."""
TOO_SHORT = 20e-3 if sys.platform == "win32" else 1e-3
"""Times below this many seconds are noise. The clock of Windows ticks 64 times a second."""


def growth(call: Callable[[Any], object], make: Callable[[int], Any], size: int) -> float:
    """How many times longer `call` takes for twice the size; 2 if its work is linear.

    Uses the shortest of a few runs, in CPU time of this thread.
    """
    single, double = make(size), make(2 * size)
    least = [float("inf"), float("inf")]
    for _ in range(4):
        for at, given in enumerate((single, double)):
            begun = time.thread_time()
            call(given)
            least[at] = min(least[at], time.thread_time() - begun)
        if least[1] < max(least[0], TOO_SHORT) * LINEAR:
            break
    return least[1] / max(least[0], TOO_SHORT)
