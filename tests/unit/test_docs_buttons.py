"""Each button, field and line that a page names in italics is one of ours, or Blender's own."""

import re
from pathlib import Path

import pytest

import texts

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLENDERS = {
    # its menus and preferences
    *("Edit", "Preferences", "System", "Network", "Interface", "Translation", "Add-ons"),
    *("Metadata", "Render Time", "Output"),
    # its extensions
    *("Get Extensions", "Install from Disk", "Repositories", "+", "Add Remote Repository"),
    *("Check for Updates on Startup", "User Repository", "Update", "Uninstall"),
    # what it calls things of a scene
    *("Library Path", "Movie Clip", "Render Single Layer", "Time Stretching"),
}
OTHERS = {"Always keep on this device", "Keep Downloaded", "Renderjuice", "Not run", "BAT failed"}
"""Names in Explorer and Finder, ours, and words of tables in docs/packing.md."""


def patterns() -> list[re.Pattern[str]]:
    """The texts that an artist can see, without the dots and the count at a label's end."""
    labels = {re.sub(r"(…| \(\{count\}\))$", "", text) for text in texts.texts()}
    return [re.compile(re.sub(r"\\\{\w*\\\}", ".+", re.escape(text))) for text in labels]


@pytest.fixture(scope="module")
def ours() -> list[re.Pattern[str]]:
    return patterns()


def named(page: str) -> set[str]:
    """What stands in italics with a capital, part by part of a way through menus."""
    prose = re.sub(r"^```.*?^```|`[^`\n]*`", "", page, flags=re.MULTILINE | re.DOTALL)
    prose = " ".join(prose.replace("**", "").split())
    ways = re.findall(r"(?<!\*)\*([A-Z+][^*]{0,60}?)\*(?!\*)", prose)
    return {part for way in ways for part in way.split(" > ")}


def test_names_are_found() -> None:
    assert named("Press *Find File*, see *Edit > Preferences*, **not this**, `*Nor This*`.") == {
        *("Find File", "Edit", "Preferences"),
    }


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_what_a_page_names_is_on_the_screen(path: Path, ours: list[re.Pattern[str]]) -> None:
    names = named(path.read_text("utf-8")) - BLENDERS - OTHERS
    assert [one for one in sorted(names) if not any(p.fullmatch(one) for p in ours)] == []


def test_no_name_of_blender_is_listed_for_nothing() -> None:
    said = set().union(*(named(path.read_text("utf-8")) for path in PAGES))
    assert said >= BLENDERS | OTHERS
