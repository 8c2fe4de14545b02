"""Draws which folders import which, from the source: `make architecture`, or

    python scripts/architecture.py             write docs/images/architecture.svg
    python scripts/architecture.py --longest   print the ten longest files and functions

The extension's folders are on the diagonal. An arrow starts at the right side of a folder and ends
at the top of a folder that it imports; a dot marks each turn. Imports for type checkers are
ignored. If imports form a cycle, the script names the folders and exits with 1.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
PICTURE = ROOT / "docs/images/architecture.svg"

SHARED = "used by both"
PROCESSES = {
    "runs in Blender's own process": (
        "#2f6db3",
        ("panels", "operators", "commands", "session", "translations"),
    ),
    "runs in the worker process": ("#b3541e", ("worker",)),
    SHARED: ("#4d5666", ()),
}
COLUMN, ROW, MARGIN = 64, 46, 10
BOX_WIDTH, BOX_HEIGHT = 88, 26
LEGEND_ROW = 22
STYLE = (
    "text{font:13px sans-serif;text-anchor:middle;fill:#fff}"
    ".legend{text-anchor:start;fill:#4d5666}"
    ".arrow{fill:none;stroke:#8a94a6;shape-rendering:crispEdges}circle,marker path{fill:#8a94a6}"
)
HEAD = (
    '<marker id="head" markerWidth="8" markerHeight="8" refX="7" refY="4" orient="auto">'
    '<path d="M0 0L8 4L0 8z"/></marker>'
)


class Size(NamedTuple):
    """The length of a file or a function in lines."""

    lines: int
    name: str


def files() -> Iterator[Path]:
    """Yield the extension's source files, below the repository's root."""
    yield from sorted(ROOT.glob("*.py"))
    for folder in folders():
        yield from sorted((ROOT / folder).rglob("*.py"))


def folders() -> list[str]:
    """Return the names of the extension's packages."""
    return sorted(path.parent.name for path in ROOT.glob("*/__init__.py"))


def imports() -> dict[str, set[str]]:
    """Return the other folders that each folder imports."""
    found: dict[str, set[str]] = {folder: set() for folder in folders()}
    for path in files():
        place = path.relative_to(ROOT).parts[:-1]
        if place:
            found[place[0]] |= imported(ast.parse(path.read_text("utf-8")), place)
    return {folder: (names & found.keys()) - {folder} for folder, names in found.items()}


def imported(node: ast.AST, place: tuple[str, ...]) -> set[str]:
    """Return the top-level names, in the extension, that a file in the folder `place` imports."""
    match node:
        case ast.If(test=ast.Name(id="TYPE_CHECKING")):
            return set()
        case ast.ImportFrom(level=level, module=module, names=aliases):
            path = [*module.split(".")] if module else []
            if level:
                path = [*place[: len(place) + 1 - level], *path]
            elif path[0] == "renderjuice":
                del path[0]
            else:
                return set()
            return {path[0]} if path else {alias.name for alias in aliases}
    return {name for child in ast.iter_child_nodes(node) for name in imported(child, place)}


def order(arrows: dict[str, set[str]]) -> list[str]:
    """Return the folders, each before all that it imports. Raises graphlib.CycleError."""
    height: dict[str, int] = {}
    for folder in TopologicalSorter(arrows).static_order():  # imported folders come first
        height[folder] = 1 + max((height[below] for below in arrows[folder]), default=0)
    return sorted(height, key=lambda folder: (-height[folder], folder))


def svg(arrows: dict[str, set[str]]) -> str:
    """Return the diagram. Raises graphlib.CycleError."""
    names = order(arrows)
    x = {name: MARGIN + BOX_WIDTH // 2 + COLUMN * n for n, name in enumerate(names)}
    y = {name: MARGIN + BOX_HEIGHT // 2 + ROW * n for n, name in enumerate(names)}
    width = max(x.values()) + BOX_WIDTH // 2 + MARGIN
    height = max(y.values()) + BOX_HEIGHT // 2 + MARGIN
    parts = []
    for name in names:
        for below in sorted(arrows[name], key=names.index):
            parts.append(
                f'<path class="arrow" marker-end="url(#head)" d="M{x[name]} {y[name]}'
                f'H{x[below]}V{y[below] - BOX_HEIGHT // 2}"/>'
                f'<circle cx="{x[below]}" cy="{y[name]}" r="3"/>'
            )
    for name in names:
        left, top = x[name] - BOX_WIDTH // 2, y[name] - BOX_HEIGHT // 2
        parts.append(
            f'<rect x="{left}" y="{top}" width="{BOX_WIDTH}" height="{BOX_HEIGHT}" rx="5" '
            f'fill="{_color(name)}"/><text x="{x[name]}" y="{y[name] + 4}">{name}/</text>'
        )
    for line, (process, (color, _)) in enumerate(reversed(PROCESSES.items())):
        top = height - MARGIN - LEGEND_ROW * (line + 1)
        parts.append(
            f'<rect x="{MARGIN}" y="{top}" width="14" height="14" rx="3" fill="{color}"/>'
            f'<text class="legend" x="{MARGIN + 22}" y="{top + 12}">{process}</text>'
        )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}"><style>{STYLE}</style><defs>{HEAD}</defs>\n'
        f'<rect width="{width}" height="{height}" fill="#fff"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def _color(folder: str) -> str:
    for color, own in PROCESSES.values():
        if folder in own:
            return color
    return PROCESSES[SHARED][0]


def file_sizes() -> list[Size]:
    """Return every source file, the longest first, without the translations, which are data."""
    sizes = [
        Size(len(path.read_bytes().splitlines()), _name(path))
        for path in files()
        if path.parent.name != "translations" or path.name == "__init__.py"
    ]
    return sorted(sizes, reverse=True)


def function_sizes() -> list[Size]:
    """Return every function, the longest first."""
    sizes = [
        Size((node.end_lineno or 0) - node.lineno + 1, f"{_name(path)}: {node.name}")
        for path in files()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    return sorted(sizes, reverse=True)


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def main(arguments: list[str]) -> int:
    """Write the diagram, or print the longest files and functions."""
    if "--longest" in arguments:
        for title, sizes in (("files", file_sizes()), ("functions", function_sizes())):
            print(f"The longest {title}, in lines:")
            for size in sizes[:10]:
                print(f"{size.lines:5}  {size.name}")
        return 0
    try:
        PICTURE.write_text(svg(imports()), encoding="utf-8", newline="\n")
    except CycleError as error:
        print("These folders import each other: " + " -> ".join(error.args[1]), file=sys.stderr)
        return 1
    print(PICTURE.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
