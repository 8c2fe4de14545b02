"""The code's structure: no import cycles, no long files or functions, up-to-date documentation."""

import ast
import re
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import architecture

ROOT = Path(__file__).resolve().parents[2]
MAX_FILE_LINES = 350
MAX_FUNCTION_LINES = 50
NAMED = re.compile(r"`([\w.-]+(?:/[\w.*-]+)*(?:/|\.py))(?:::\w+)?`")
MADE = {"build", "dist"}
EXAMPLES = {"translations/fr.py"}


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("from ..jobs import record", {"jobs"}),
        ("from ..jobs.record import Record", {"jobs"}),
        ("from .. import jobs, scene", {"jobs", "scene"}),
        ("from renderjuice.jobs import record", {"jobs"}),
        ("def later():\n    from ..jobs import record", {"jobs"}),
        ("if TYPE_CHECKING:\n    from ..jobs import record", set()),
        ("from . import neighbor", {"panels"}),
        ("from pathlib import Path\nimport os", set()),
    ],
)
def test_an_import_is_found_wherever_it_stands(source, found):
    assert architecture.imported(ast.parse(source), ("panels",)) == found


def test_no_folder_imports_one_that_imports_it():
    architecture.order(architecture.imports())
    with pytest.raises(CycleError):
        architecture.order({"jobs": {"api"}, "api": {"system"}, "system": {"jobs"}})


def test_a_folder_stands_above_all_that_it_imports():
    arrows = {"jobs": {"system"}, "panels": {"jobs"}, "system": set(), "worker": {"jobs"}}
    assert architecture.order(arrows) == ["panels", "worker", "jobs", "system"]


def test_the_picture_shows_the_imports_of_today():
    drawn = architecture.PICTURE.read_text(encoding="utf-8")
    assert drawn == architecture.svg(architecture.imports()), "run make architecture"


@pytest.mark.parametrize("folder", sorted(architecture.imports()))
def test_no_file_imports_one_of_its_folder_that_imports_it(folder):
    """Includes imports inside functions and imports for types only."""
    files = {path.stem: ast.parse(path.read_text("utf-8")) for path in ROOT.glob(f"{folder}/*.py")}
    arrows = {name: neighbors(tree) & files.keys() for name, tree in files.items()}
    assert folder != "session" or "state" in arrows["job_list"]
    TopologicalSorter(arrows).prepare()


def neighbors(tree: ast.Module) -> set[str]:
    """The files of the same folder that a file imports, at any level."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level == 1:
            found |= {node.module} if node.module else {one.name for one in node.names}
    return found


def test_files_and_functions_stay_short():
    assert [one for one in architecture.file_sizes() if one.lines > MAX_FILE_LINES] == []
    assert [one for one in architecture.function_sizes() if one.lines > MAX_FUNCTION_LINES] == []


def unnamed_encodings(source):
    """The lines with calls that read or write text in the system's default encoding.

    Ruff reports these calls only if it knows the type of the object, which is rare in tests.
    """
    named = {"read_text": 1, "write_text": 2}  # with this many arguments, one is the encoding
    for call in (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)):
        name = getattr(call.func, "attr", getattr(call.func, "id", ""))
        by_word = "encoding" in {word.arg for word in call.keywords}
        mode = call.args[0 if isinstance(call.func, ast.Attribute) else 1 :][:1]
        text = [re.fullmatch("[rwax]t?[+]?", str(getattr(one, "value", ""))) for one in mode]
        opens = name == "open" and any(text)
        if not by_word and (opens or len(call.args) < named.get(name, 0)):
            yield call.lineno


def test_text_is_read_and_written_in_an_encoding_that_is_named():
    assert [*unnamed_encodings("path.read_text()\npath.open('a')\npath.open('rb')")] == [1, 2]
    beside = [ROOT / folder for folder in ("benchmarks", "docs", "scripts", "tests")]
    sources = [*architecture.files(), *(path for one in beside for path in one.rglob("*.py"))]
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in sources
        for line in unnamed_encodings(path.read_text("utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize(
    "page", sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]), ids=lambda page: page.name
)
def test_each_path_that_a_page_names_is_there(page):
    named = {name for name in NAMED.findall(page.read_text("utf-8")) if name not in EXAMPLES}
    gone = [
        name
        for name in sorted(named)
        if name.split("/")[0] not in MADE
        and not any(ROOT.glob(name.rstrip("/")))
        and not ("/" not in name and any((ROOT / "tests").rglob(name)))
    ]
    assert gone == []


def test_the_map_names_a_place_and_a_test_for_each_change():
    text = (ROOT / "docs/architecture.md").read_text("utf-8")
    rows = re.findall(r"^\| (?!you want|---)(.+?) \| (.+?) \| (.+?) \|$", text, re.MULTILINE)
    assert len(rows) > 10
    for _, place, test in rows:
        assert NAMED.search(place) and all(
            name.startswith("tests/") for name in NAMED.findall(test)
        )
