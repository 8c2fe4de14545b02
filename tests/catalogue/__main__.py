"""Runs the catalogue of packing in every Blender and prints a table, case by version.

    python -m tests.catalogue [--bat PATH] [4.2.23 5.2.3 ...]

Two Blenders at a time. Ends with 1 when a case failed that is not listed with its reason.
`--bat`: packs with that command of Blender Asset Tracer 1.23 instead.
"""

import argparse
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[2]
REPORTS = ROOT / "build/reports"
VERSIONS = ["4.2.23", "4.5.15", "5.0.1", "5.2.3"]
LIMIT = 1200  # seconds for one Blender
Results = dict[str, str]
"""For each case "ok" with its files, "FAIL", or "- " and why this Blender cannot do it."""


def main(versions: list[str], bat: str) -> int:
    REPORTS.mkdir(parents=True, exist_ok=True)
    begun = time.monotonic()
    with ThreadPoolExecutor(2) as two:
        results = two.map(lambda version: run(version, bat), versions)
        found = dict(zip(versions, results, strict=True))
    print(table(found))
    print(f"{time.monotonic() - begun:.0f} s")
    return int(any(not r or "FAIL" in r.values() for r in found.values()))


def run(version: str, bat: str) -> Results:
    """Run all cases in one Blender. Its output goes to build/reports."""
    blenders = [sys.executable, str(ROOT / "scripts/blenders.py"), "provide", f"bpy-{version}"]
    python = subprocess.run(blenders, check=True, capture_output=True, text=True).stdout.split()[-1]
    packer = "bat" if bat else "packing"
    report = REPORTS / f"{packer}-{version}.xml"
    report.unlink(missing_ok=True)
    command = [python, "-m", "pytest", "-p", "no:cacheprovider", "--numprocesses", "1"]
    command += ["--timeout", "120", "--junitxml", str(report)]
    command.append(f"tests/catalogue/{'bat' if bat else 'travel'}.py::test_{packer}")
    environment = os.environ | {"RENDERJUICE_BAT": bat}
    with report.with_suffix(".log").open("wb") as log:
        subprocess.run(
            command, cwd=ROOT, stdout=log, stderr=log, timeout=LIMIT, check=False, env=environment
        )
    return read(report) if report.exists() else {}


def read(report: Path) -> Results:
    found = {}
    for case in ElementTree.parse(report).iter("testcase"):
        name = case.get("name", "").partition("[")[2].rstrip("]")
        skipped = case.find("skipped")
        failed = case.find("failure") is not None or case.find("error") is not None
        why = "" if skipped is None else skipped.get("message", "")
        found[name] = "FAIL" if failed else f"- {why}" if why else f"ok{_counts(case)}"
    return found


def _counts(case: ElementTree.Element) -> str:
    """How many files travelled, and how many were named as missing."""
    said = {each.get("name"): each.get("value") for each in case.iter("property")}
    missing = f", {said['missing']} missing" if said.get("missing", "0") != "0" else ""
    return f" {said['files']}{missing}" if "files" in said else ""


def table(found: dict[str, Results]) -> str:
    """The results as Markdown; what a Blender cannot do is explained below."""
    names = list(dict.fromkeys(name for results in found.values() for name in results))
    reasons: list[str] = []
    lines = [f"| case | {' | '.join(found)} |", "|---" * (len(found) + 1) + "|"]
    for name in names:
        cells = []
        for results in found.values():
            cell = results.get(name, "not run")
            if cell.startswith("- "):
                reason = cell[2:]
                if reason not in reasons:
                    reasons.append(reason)
                cell = f"- ({reasons.index(reason) + 1})"
            cells.append(cell)
        lines.append(f"| {name} | {' | '.join(cells)} |")
    good = [sum(cell.startswith("ok") for cell in results.values()) for results in found.values()]
    tried = [sum(not c.startswith("- ") for c in results.values()) for results in found.values()]
    sums = " | ".join(f"{a} of {b}" for a, b in zip(good, tried, strict=True))
    lines += [f"| **rendered equal** | {sums} |", ""]
    lines += [f"({number}) {reason}  " for number, reason in enumerate(reasons, 1)]
    return "\n".join(lines)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--bat", default="")
    parser.add_argument("versions", nargs="*", default=VERSIONS)
    arguments = parser.parse_args()
    sys.exit(main(arguments.versions, arguments.bat))
