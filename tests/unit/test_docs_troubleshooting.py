"""docs/troubleshooting.md has each error, quoted as a sentence that is in the code."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PLACES = (
    *("api", "commands", "frames", "jobs", "operators", "packing", "panels", "scene", "session"),
    *("system", "worker", "."),
)
SPEAKERS = {"ApiError": 0, "Error": 0, "PackError": 0, "Problem": 0, "WorkerError": 0, "Failure": 1}
"""The constructors of errors, and the position of the argument that is the id."""
ID = re.compile(r"[a-z]+(-[a-z]+)*")


@cache
def trees() -> list[tuple[str, ast.Module]]:
    files = [path for place in PLACES for path in sorted((ROOT / place).glob("*.py"))]
    return [(path.name, ast.parse(path.read_text(encoding="utf-8"))) for path in files]


def ids() -> Iterator[str]:
    """The error ids in the code: in constructors, in dictionaries with a message, and the constants
    of the API's errors."""
    for name, tree in trees():
        for node in ast.walk(tree):
            found: list[ast.expr] = []
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in SPEAKERS:
                at = SPEAKERS[node.func.id]
                found = node.args[at : at + 1]
            elif isinstance(node, ast.Dict):
                keys = [getattr(key, "value", None) for key in node.keys]
                if {"id", "message"} <= set(keys):
                    found = [node.values[keys.index("id")]]
            for one in found:
                if isinstance(value := getattr(one, "value", None), str):
                    yield value
        if name == "fields.py":
            for node in tree.body:
                value = getattr(getattr(node, "value", None), "value", None)
                if isinstance(node, ast.Assign) and isinstance(value, str) and ID.fullmatch(value):
                    yield value


def said() -> set[str]:
    """All strings of the code; an f-string counts as its constant parts."""
    nodes = [node for _, tree in trees() for node in ast.walk(tree)]
    return {n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)}


def quotes(page: str) -> list[str]:
    return re.findall(r"“(.+?)”", (ROOT / "docs" / page).read_text("utf-8").replace("\n", " "))


def test_every_error_is_explained() -> None:
    page = (ROOT / "docs/troubleshooting.md").read_text("utf-8")
    entries = re.split(r"^### ", page, flags=re.MULTILINE)[1:]
    explained = [re.search(r"`([a-z-]+)`\s*(?:^## .*)?\s*\Z", entry, re.M) for entry in entries]
    assert all(explained), [e for e, found in zip(entries, explained, strict=True) if not found]
    spoken = set(ids())
    assert len(spoken) > 35
    assert {found[1] for found in explained if found} == spoken


@pytest.mark.parametrize("page", ["troubleshooting.md", "checks.md"])
def test_every_sentence_is_one_of_the_code(page: str) -> None:
    texts = said()
    found = [quote for quote in quotes(page) if quote.strip("…")]
    assert len(found) > 25
    for quote in found:
        for part in filter(None, (part.strip() for part in quote.split("…"))):
            assert any(part in text for text in texts), part
