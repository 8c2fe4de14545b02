"""Makes a table, case by run, from the reports that pytest wrote."""

import platform
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from scripts import between

BEGIN, END = "<!-- make test-packing writes this: -->", "<!-- until here -->"


@dataclass(frozen=True)
class Result:
    """The result of a case. `asked` is "picture" (an equal one) or "report" (of what is missing).

    `reason`: why the case was skipped. `wrong`: what went wrong, in a few words.
    """

    asked: str = "picture"
    files: str = ""
    missing: str = "0"
    wrong: str = ""
    reason: str = ""

    @property
    def cell(self) -> str:
        named = self.missing != "0"
        if self.wrong:
            return f"{self.wrong}, named" if named else self.wrong
        return f"ok {self.files}, {self.missing} missing" if named else f"ok {self.files}"


Results = dict[str, Result]
COUNTED = (("picture", "rendered equal"), ("report", "what is wrong is named"))
"""The last lines of a table: the value of `asked` that each one counts, and its title."""


def read(report: Path) -> Results:
    """The results of a run, by case."""
    found = {}
    for case in ElementTree.parse(report).iter("testcase"):
        name = case.get("name", "").partition("[")[2].rstrip("]")
        said = {each.get("name", ""): each.get("value", "") for each in case.iter("property")}
        skipped = case.find("skipped")
        if skipped is not None:
            found[name] = Result(reason=skipped.get("message", ""))
            continue
        failures = [*case.iter("failure"), *case.iter("error")]
        ended = any("crashed while running" in each.get("message", "") for each in failures)
        found[name] = Result(
            asked=said.get("asked", "picture"),
            files=said.get("files", ""),
            missing=said.get("missing", "0"),
            wrong=(said.get("wrong") or ("Blender ended" if ended else "FAIL")) if failures else "",
        )
    return found


def failed(results: Results) -> bool:
    return not results or any(result.wrong for result in results.values())


def table(
    found: dict[str, Results], first: str = "case", counted: Iterable[tuple[str, str]] = COUNTED
) -> str:
    """The results as Markdown, by run; the reasons of skipped cases are listed below."""
    names = list(dict.fromkeys(name for results in found.values() for name in results))
    reasons: list[str] = []
    lines = [row(first, [head(name) for name in found]), "|---" * (len(found) + 1) + "|"]
    for name in names:
        cells = []
        for results in found.values():
            result = results.get(name)
            if result is not None and result.reason:
                if result.reason not in reasons:
                    reasons.append(result.reason)
                cells.append(f"- ({reasons.index(result.reason) + 1})")
            else:
                cells.append(result.cell if result else "not run")
        lines.append(row(name, cells))
    for asked, title in counted:
        lines.append(row(f"**{title}**", [count(results, asked) for results in found.values()]))
    return "\n".join(
        [*lines, "", *(f"({number}) {reason}  " for number, reason in enumerate(reasons, 1))]
    )


def head(run: str) -> str:
    packer, _, blender = run.rpartition("-")
    return f"{packer.replace('-', ' ').replace('bat', 'BAT')} in {blender}"


def row(first: str, cells: Iterable[str]) -> str:
    return f"| {first} | {' | '.join(cells)} |"


def count(results: Results, asked: str) -> str:
    wrong = [r.wrong for r in results.values() if r.asked == asked and not r.reason]
    return f"{wrong.count('')} of {len(wrong)}"


def when(reports: Iterable[Path]) -> str:
    """On which days the reports were made, and on what system."""
    suites = [ElementTree.parse(report).find("testsuite") for report in reports]
    days = sorted({suite.get("timestamp", "")[:10] for suite in suites if suite is not None})
    return f"Run on {' to '.join(days[:1] + days[1:][-1:])}, on {platform.system()}."


def write(document: Path, text: str) -> None:
    """Insert a text between the markers of a document."""
    old = document.read_text(encoding="utf-8")
    new = between.replaced(old, f"{BEGIN}\n", END, f"\n{text}\n\n")
    document.write_text(new, encoding="utf-8")
