"""Writes the report of a self-test: JSON, with versions, and without names of people or places."""

import json
import platform
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from importlib import metadata
from pathlib import Path
from typing import Any

from ..system.files import absolute, write_atomic
from ..system.redaction import redact
from .lines import Line, Setup, all_held
from .trial import TIME_SCALE

PACKAGES = ("pydantic", "pydantic_core", "requests", "urllib3", "certifi")
"""The packages that the worker uses."""


def write(setup: Setup, lines: Sequence[Line], log: Sequence[str]) -> Path:
    """Write the report to where it was wanted, else to a new file; return its path.

    `log` is the end of the worker's log. Raises OSError.
    """
    now = time.gmtime()
    name = f"renderjuice-selftest-{time.strftime('%Y%m%d-%H%M%S', now)}.json"
    path = absolute(setup.report) if setup.report else Path(tempfile.gettempdir()) / name
    document = {
        "schema": 1,
        "date": time.strftime("%Y-%m-%dT%H:%M:%SZ", now),
        "held": all_held(lines),
        "checks": [asdict(line) for line in lines],
        "versions": setup.versions | {"python": platform.python_version()},
        "packages": dict(_packages(setup.site_packages)),
        "platform": [sys.platform, platform.machine(), platform.platform()],
        "time_scale": TIME_SCALE,
        "log": [*log],
    }
    text = json.dumps(_anonymous(document, _places(setup)), indent=1, ensure_ascii=False)
    write_atomic(path, text + "\n", mode=0o666)
    return path


def _packages(site_packages: str) -> Iterable[tuple[str, str]]:
    for name in PACKAGES:
        found = metadata.distributions(name=name, path=[*filter(None, [site_packages]), *sys.path])
        yield name, next((one.version for one in found), "")


def _places(setup: Setup) -> dict[str, str]:
    """What stands in the report for folders whose names tell who uses this computer."""
    home = str(Path.home())
    places = {home: "<home>", setup.site_packages: "<packages>", platform.node(): "<computer>"}
    places |= dict.fromkeys(setup.folders, "<folder>") | {tempfile.gettempdir(): "<temp>"}
    return {place: word for place, word in places.items() if len(place) > 1}


def _anonymous(data: Any, places: dict[str, str]) -> Any:
    if isinstance(data, dict):
        return {name: _anonymous(value, places) for name, value in data.items()}
    if isinstance(data, list):
        return [_anonymous(value, places) for value in data]
    if isinstance(data, str):
        for place in sorted(places, key=len, reverse=True):
            for spelled in (place, place.replace("\\", "/"), place.replace("\\", "\\\\")):
                data = data.replace(spelled, places[place])
        return redact(data)
    return data
