"""How the time of a call grows with what it is given, on a machine as slow or busy as it may be."""

import time
from collections.abc import Callable
from typing import Any

LINEAR = 3.2
"""Growth below this is linear, with some noise: squares make it 4."""
TOO_SHORT = 1e-3
"""Seconds that are noise."""


def growth(call: Callable[[Any], object], make: Callable[[int], Any], size: int) -> float:
    """How many times longer `call` takes for twice the size; 2 where its work is linear.

    The best of a few tries counts, in this thread's own time.
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
