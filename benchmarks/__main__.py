"""Writes docs/performance.md from the results of the benchmarks: `python -m benchmarks`.

Each benchmark has a section, made from build/bench/NAME.json; its curves are drawn into
docs/images/. The section of a benchmark without full-size results here stays unchanged.
"""

from __future__ import annotations

import json
import re
from typing import Any

from benchmarks.figures import RESULTS, ROOT, Curve, Figure, Measure, Spread, tables
from benchmarks.plots import pictures
from benchmarks.words import BEGIN, SECTIONS, Section

PAGE = ROOT / "docs" / "performance.md"


def main() -> None:
    """Write the page and print which of its sections stay unchanged."""
    before = sections(PAGE.read_text(encoding="utf-8"))
    parts = [BEGIN.strip()]
    for name, section in SECTIONS.items():
        found = measured(name)
        if found is None:
            print(f"docs/performance.md: {section.title} stays as it is")
        text = before.get(section.title, "") if found is None else page_part(section, found)
        if text:
            parts.append(f"## {section.title}\n\n{text.strip()}")
    PAGE.write_text("\n\n".join(parts) + "\n", encoding="utf-8")


def sections(page: str) -> dict[str, str]:
    """Return the texts below the page's headings, keyed by heading."""
    _, *rest = re.split(r"^## (.+)\n", page, flags=re.MULTILINE)
    return dict(zip(rest[::2], rest[1::2], strict=True))


def measured(name: str) -> dict[str, Any] | None:
    """Return the full-size results of a benchmark, or None if there are none."""
    path = RESULTS / f"{name}.json"
    if not path.exists():
        return None
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def page_part(section: Section, found: dict[str, Any]) -> str:
    """Return the page's text about one benchmark."""
    curves = [Curve(**one) for one in found.get("curves", ())]
    rows = tables(
        [Figure(**one) for one in found["figures"]],
        [Measure(**one) for one in found.get("measures", ())],
        curves,
        [Spread(**one) for one in found.get("spreads", ())],
    )
    load = f"{found['load'][0]:.1f}"
    machine = f"Measured on {found['cores']} cores with a load of {load} at the end."
    parts = (section.what.strip(), machine, rows, pictures(curves), section.why.strip())
    return "\n\n".join(filter(None, parts))


if __name__ == "__main__":
    main()
