"""Packs every case of the catalogue and renders it where the project is out of reach."""

from pathlib import Path

import bpy
import pytest

from tests.catalogue import caches, images, libraries, other, scenes  # noqa: F401
from tests.catalogue.case import CASES, Case
from tests.packages import check_travels


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.group}: {case.name}")
def test_packing(case: Case, tmp_path: Path) -> None:
    if not case.since <= bpy.app.version[:2] < case.before:
        pytest.skip(case.reason)
    together = case.travels or ()
    seen = case.travels is None
    check_travels(case.make, tmp_path, seen=seen, together=together, then=case.then)
