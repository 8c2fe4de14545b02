"""Measures the speed of a stage and estimates its remaining time."""

import time

from ..jobs.snapshot import LiveProgress

MIN_SECONDS = 1.0


class Eta:
    """Estimates the end of something that is counted: frames, files, bytes, or percent."""

    def __init__(self) -> None:
        self._begin: tuple[float, float] | None = None
        self._last = (0.0, 0.0)
        self._whole = False
        """Whether the first unit was observed from its start."""

    def measure(self, done: float, now: float) -> None:
        """Add a measurement: the count `done` at `now`, in seconds of a monotonic clock."""
        if self._begin is None or done < self._last[1]:
            self._begin = self._last = (now, done)
            self._whole = done == 0
        elif done > self._last[1]:
            if not self._whole:  # the first unit had started before the first measurement
                self._begin, self._whole = (now, done), True
            self._last = (now, done)

    def left(self, total: float, now: float) -> float | None:
        """Seconds until `total` are done; None without a measurement.

        It uses the mean time per unit. If the current unit already takes longer, the estimate
        grows.
        """
        if self._begin is None:
            return None
        (began, before), (at, done) = self._begin, self._last
        if done <= before or now - began < MIN_SECONDS:
            return None
        each = max((at - began) / (done - before), (now - began) / (done - before + 1))
        return max(0.0, each * (total - done) - min(now - at, each))


class Measured:
    """The measurements of the current stage. `bytes` counts completed files."""

    def __init__(self) -> None:
        self.bytes = 0
        self._rate = Rate()
        self._rate_now = 0.0
        self._etas: dict[str, Eta] = {}

    def measure(self, done: int, unit: str, fraction: float | None) -> None:
        """Add a measurement: `done` units, or the `fraction` if the farm does not count units."""
        now = time.monotonic()
        self._eta(unit).measure(done, now)
        if unit == "frames":
            self._eta("percent").measure(100 * (fraction or 0.0), now)
        else:
            self._rate_now = self._rate.of(done if unit == "bytes" else self.bytes)

    def speed(self, unit: str) -> float:
        """Bytes per second; 0 without a transfer."""
        return 0.0 if unit == "frames" else self._rate_now

    def left(self, live: LiveProgress) -> float | None:
        """Seconds until the stage is done; None without a measurement."""
        now = time.monotonic()
        if live.total:
            left = self._eta(live.unit).left(live.total, now)
        else:
            left = self._eta("percent").left(100, now) if live.fraction else None
        return None if left is None else round(left, 1)

    def _eta(self, unit: str) -> Eta:
        return self._etas.setdefault(unit, Eta())


class Rate:
    """Units per second over the last WINDOW seconds."""

    WINDOW = 5.0

    def __init__(self) -> None:
        self._seen: list[tuple[float, int]] = []

    def of(self, done: int) -> float:
        """Add a measurement and return the rate."""
        now = time.monotonic()
        if not self._seen or now - self._seen[-1][0] >= 0.25:
            self._seen.append((now, done))
        while len(self._seen) > 2 and now - self._seen[0][0] > self.WINDOW:
            self._seen.pop(0)
        first, before = self._seen[0]
        return max(0.0, (done - before) / (now - first)) if now > first else 0.0
