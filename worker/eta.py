"""How much time is left, from what has been measured and nothing else."""

LEAST_SECONDS = 1.0


class Pace:
    """How fast something with an end goes: frames, files, bytes, or per cent."""

    def __init__(self) -> None:
        self._begin: tuple[float, float] | None = None
        self._last = (0.0, 0.0)
        self._whole = False
        """Whether the first thing counted was seen from its beginning."""

    def saw(self, done: float, now: float) -> None:
        """At `now`, in seconds of any clock that only goes forward, so many are done."""
        if self._begin is None or done < self._last[1]:
            self._begin = self._last = (now, done)
            self._whole = done == 0
        elif done > self._last[1]:
            if not self._whole:  # the one under way at first sight was begun we know not when
                self._begin, self._whole = (now, done), True
            self._last = (now, done)

    def left(self, total: float, now: float) -> float | None:
        """Seconds until `total` are done; None until something is measured.

        What has been done gives the seconds that one takes. If the next one has been under way for
        longer already, they are more: a halt lets the answer grow.
        """
        if self._begin is None:
            return None
        (began, before), (at, done) = self._begin, self._last
        if done <= before or now - began < LEAST_SECONDS:
            return None
        each = max((at - began) / (done - before), (now - began) / (done - before + 1))
        return max(0.0, each * (total - done) - min(now - at, each))
