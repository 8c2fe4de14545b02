"""What mkdocs.yml needs beside docs/: the repository's own pages as pages of the site.

README, CONTRIBUTING and CHANGELOG are read where they lie, so that there is one of each. Their
links lead into docs/, those of docs/ lead out of it: both are written anew for the site, where all
is in one folder.
"""

from __future__ import annotations

import re
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))  # MkDocs loads this file alone
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
    """Add the pages that lie outside docs/."""
    file: Any = import_module("mkdocs.structure.files").File
    for name, there in (PAGES | FILES).items():
        text = (ROOT / name).read_text(encoding="utf-8")
        files.append(file.generated(config, there, content=text))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Let links lead to where their pages are in the site, show each example at its link, draw."""
    markdown = DIAGRAM.sub(lambda found: sequence.svg(found[1]), markdown)
    linked = LINK.sub(lambda link: f"]({_there(link[1])}", markdown)
    return EXAMPLE.sub(lambda link: f"{link[0]}\n\n{_shown(link[1])}", linked)


def _shown(name: str) -> str:
    path = ROOT / "docs" / name
    return f"```{LANGUAGES.get(path.suffix, 'text')}\n{path.read_text(encoding='utf-8')}```\n"


def _there(name: str) -> str:
    return (PAGES | FILES).get(name, name)
