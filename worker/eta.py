"""How fast a stage goes and how much time is left, from what has been measured and nothing else."""

import time

from ..jobs.snapshot import LiveProgress

MIN_SECONDS = 1.0


class Eta:
    """Predicts the end of something that is counted: frames, files, bytes, or per cent."""

    def __init__(self) -> None:
        self._begin: tuple[float, float] | None = None
        self._last = (0.0, 0.0)
        self._whole = False
        """Whether the first thing counted was seen from its beginning."""

    def measure(self, done: float, now: float) -> None:
        """At `now`, in seconds of any clock that only goes forward, so many are done."""
        if self._begin is None or done < self._last[1]:
            self._begin = self._last = (now, done)
            self._whole = done == 0
        elif done > self._last[1]:
            if not self._whole:  # nobody saw when the one under way at first sight began
                self._begin, self._whole = (now, done), True
            self._last = (now, done)

    def left(self, total: float, now: float) -> float | None:
        """Seconds until `total` are done; None until something is measured.

        The seconds for each one come from what is done. Where the next one takes longer already,
        that counts instead: during a halt the answer grows.
        """
        if self._begin is None:
            return None
        (began, before), (at, done) = self._begin, self._last
        if done <= before or now - began < MIN_SECONDS:
            return None
        each = max((at - began) / (done - before), (now - began) / (done - before + 1))
        return max(0.0, each * (total - done) - min(now - at, each))


class Measured:
    """What the present stage has done so far, and how fast. `bytes` are those of whole files."""

    def __init__(self) -> None:
        self.bytes = 0
        self._rate = Rate()
        self._rate_now = 0.0
        self._etas: dict[str, Eta] = {}

    def measure(self, done: int, unit: str, fraction: float | None) -> None:
        """So many units are done, or such a part where the farm counts no units."""
        now = time.monotonic()
        self._eta(unit).measure(done, now)
        if unit == "frames":
            self._eta("percent").measure(100 * (fraction or 0.0), now)
        else:
            self._rate_now = self._rate.of(done if unit == "bytes" else self.bytes)

    def speed(self, unit: str) -> float:
        """Bytes a second; 0 where nothing is transferred."""
        return 0.0 if unit == "frames" else self._rate_now

    def left(self, live: LiveProgress) -> float | None:
        """Seconds until all of it is done; None while nothing is measured."""
        now = time.monotonic()
        if live.total:
            left = self._eta(live.unit).left(live.total, now)
        else:
            left = self._eta("percent").left(100, now) if live.fraction else None
        return None if left is None else round(left, 1)

    def _eta(self, unit: str) -> Eta:
        return self._etas.setdefault(unit, Eta())


class Rate:
    """Units a second over the last seconds."""

    WINDOW = 5.0

    def __init__(self) -> None:
        self._seen: list[tuple[float, int]] = []

    def of(self, done: int) -> float:
        """The rate, now that `done` units are done."""
        now = time.monotonic()
        if not self._seen or now - self._seen[-1][0] >= 0.25:
            self._seen.append((now, done))
        while len(self._seen) > 2 and now - self._seen[0][0] > self.WINDOW:
            self._seen.pop(0)
        first, before = self._seen[0]
        return max(0.0, (done - before) / (now - first)) if now > first else 0.0
