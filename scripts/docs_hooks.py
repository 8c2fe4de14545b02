"""Hooks for mkdocs.yml: add the repository's own pages to the site.

README, CONTRIBUTING and CHANGELOG are read from the repository's root, so that there are no copies.
Their links point into docs/, and links in docs/ point out of it: both are rewritten for the site,
where all pages are in one folder.
"""

from __future__ import annotations

import re
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))  # MkDocs loads only this file
import sequence

ROOT = Path(__file__).resolve().parents[1]
PAGES = {
    "README.md": "repository.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
}
FILES = {"LICENSE": "LICENSE.txt"}
LANGUAGES = {".py": "python", ".sh": "sh"}
EXAMPLE = re.compile(r"\]\((examples/[\w.]+)\)$", re.MULTILINE)
DIAGRAM = re.compile(r"^```mermaid\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?:\.\./|docs/)?([\w./-]+)")


def on_files(files: Any, config: Any) -> Any:
    """Add the pages from outside docs/."""
    file: Any = import_module("mkdocs.structure.files").File
    for name, there in (PAGES | FILES).items():
        text = (ROOT / name).read_text(encoding="utf-8")
        files.append(file.generated(config, there, content=text))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Rewrite links for the site, insert each example after its link, and draw diagrams."""
    markdown = DIAGRAM.sub(lambda found: sequence.svg(found[1]), markdown)
    linked = LINK.sub(lambda link: f"]({_there(link[1])}", markdown)
    return EXAMPLE.sub(lambda link: f"{link[0]}\n\n{_shown(link[1])}", linked)


def _shown(name: str) -> str:
    path = ROOT / "docs" / name
    return f"```{LANGUAGES.get(path.suffix, 'text')}\n{path.read_text(encoding='utf-8')}```\n"


def _there(name: str) -> str:
    return (PAGES | FILES).get(name, name)
