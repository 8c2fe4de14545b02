"""What the pages say of figures, members, calls, levels and tests is what the code has."""

import ast
import dataclasses
import re
import tomllib
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path

import pytest
from renderjuice.api import client, errors, fields, responses, shapes
from renderjuice.commands import results
from renderjuice.frames import ranges
from renderjuice.jobs import estimate, snapshot
from renderjuice.jobs import record as rec
from renderjuice.scene import checks
from renderjuice.scene.check import Check
from renderjuice.selftest import checks as selftest
from renderjuice.selftest.lines import Line
from renderjuice.session import follow
from renderjuice.worker import canceling, download, late_outputs, runner, stages

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
MANIFEST = tomllib.loads((ROOT / "blender_manifest.toml").read_text("utf-8"))
MINUTE = 60


def page(name: str) -> str:
    """The text of a page, on one line."""
    path = ROOT / "docs" / name
    return " ".join((path if path.exists() else ROOT / name).read_text("utf-8").split())


def pauses(count: int) -> float:
    """The seconds of the runner's first pauses."""
    doubled = accumulate(range(count), lambda pause, _: 2 * pause, initial=runner.FIRST_PAUSE)
    return sum(min(pause, runner.MAX_PAUSE) for pause in list(doubled)[:count])


FIGURES = [
    # A page, what it says there, the figure in the code, what it must be.
    ("command-line.md", "for 15 minutes", follow.DEFAULT_WAIT_SECONDS, 15 * MINUTE),
    ("troubleshooting.md", "for ten minutes", late_outputs.WAIT_SECONDS, 10 * MINUTE),
    (
        "troubleshooting.md",
        "after a minute with exit code 1",
        (follow.WAIT_SECONDS["frames-late"], results.code_of_error("frames-late")),
        (MINUTE, 1),
    ),
    ("troubleshooting.md", "an hour at most", errors.MAX_RETRY_AFTER, 60 * MINUTE),
    ("reliability.md", "of which an hour is obeyed", errors.MAX_RETRY_AFTER, 60 * MINUTE),
    ("reliability.md", "64 MiB unpacked", client.MAX_BODY_BYTES, 64 * 1024**2),
    ("reliability.md", "2,000,000 values", shapes.MAX_VALUES, 2_000_000),
    ("reliability.md", "and 300 seconds", client.MAX_BODY_SECONDS, 300),
    ("reliability.md", "200,000 files", responses.MAX_OUTPUTS, 200_000),
    ("reliability.md", "five answers in a row", stages.MIN_CONSECUTIVE, 5),
    ("reliability.md", "ten times in a row", runner.MAX_REFUSALS, 10),
    ("reliability.md", "(a quarter of an hour)", round(pauses(9) / MINUTE, 1), 13.5),
    ("reliability.md", "a file that six passes did not get whole", download.MAX_PASSES, 6),
    ("reliability.md", "three times in a row", canceling.MAX_NOT_FOUND, 3),
    ("settings.md", "1,000,000 frames", ranges.LIMIT, 1_000_000),
    ("settings.md", "above 1,000 separate ranges", checks.MANY_RANGES, 1_000),
    ("travels.md", "a package of 5 GiB or more", fields.UPLOAD_LIMIT, 5 * 1024**3),
    ("index.md", "Blender 4.2 LTS and newer", MANIFEST["blender_version_min"], "4.2.0"),
    ("install.md", "Blender 4.2 or newer", MANIFEST["blender_version_min"], "4.2.0"),
    ("README.md", "Blender 4.2 LTS and newer", MANIFEST["blender_version_min"], "4.2.0"),
    ("index.md", "on Windows, macOS and Linux", {"windows", "macos", "linux"}, "platforms"),
]


@pytest.mark.parametrize(("name", "words", "figure", "wanted"), FIGURES)
def test_a_figure_is_the_codes(name: str, words: str, figure: object, wanted: object) -> None:
    assert words in page(name)
    if wanted == "platforms":
        wanted = {one.split("-")[0] for one in MANIFEST["platforms"]}
    assert figure == wanted


def test_commands_that_do_not_wait_have_the_patience_that_the_page_says() -> None:
    said = "a `submit` without `--wait` and `--download` give up after 2 minutes"
    assert said in page("command-line.md")
    assert "SHORT_PATIENCE = 120.0\n" in (ROOT / "commands/worker.py").read_text("utf-8")


def test_the_variables_that_are_read_are_those_of_the_page() -> None:
    table = "".join(rows("command-line.md", "| variable | is |"))
    folders = ("api", "commands", "jobs", "session", "system", "worker", ".")
    paths = [path for folder in folders for path in (ROOT / folder).glob("*.py")]
    code = "".join(path.read_text("utf-8") for path in paths)
    read = set(re.findall(r'"(RENDERJUICE_\w+|[A-Z]+_CA_BUNDLE|NO_PROXY)"', code))
    assert len(read) > 3
    assert read <= set(words(table))
    assert {one for one in words(table) if one.startswith("RENDERJUICE_")} <= read


def test_a_script_tries_again_as_often_as_the_page_says() -> None:
    text = page("scripting.md")
    assert "tried again every minute" in text
    assert "tried again for ten minutes" in text
    examples = ROOT / "docs/examples"
    shell = (examples / "ci_render.sh").read_text("utf-8")
    assert (re.search(r"TRIES:-(\d+)", shell) or [0, 0])[1] == "10"
    assert (re.search(r"PAUSE:-(\d+)", shell) or [0, 0])[1] == "60"
    nightly = (examples / "nightly.py").read_text("utf-8")
    assert re.search(r'environ.get\("PAUSE", "60"\)', nightly)


def rows(name: str, head: str, number: int = 0) -> dict[str, str]:
    """The rows below a table with this head, of several the one with `number`: the first cell to
    the others."""
    lines = (ROOT / "docs" / name).read_text("utf-8").splitlines()
    begin = [at for at, line in enumerate(lines) if line == head][number] + 2
    found = {}
    for line in lines[begin:]:
        if not line.startswith("| "):
            break
        first, _, rest = line.strip("| ").partition(" | ")
        found[first] = rest
    return found


def words(text: str) -> list[str]:
    """What stands between backticks."""
    return re.findall(r"`([^`]+)`", text)


def test_a_job_s_document_has_the_members_that_the_page_lists() -> None:
    table = rows("scripting.md", "| member | is |", -1)
    document = snapshot.document(rec.new("shot", "", "/frames"))
    error = {"error", *words(table["`error`"])} - {"null"}
    assert error == {"error", "id", "message", "hint"}
    assert {name for cell in table for name in words(cell)} == set(document)
    members = set(words(table["`frames`"])) - {"null"}
    assert members == set(document["frames"])
    assert words(table["`stage`"]) == list(rec.Stage)
    assert document["createdAt"].endswith("Z"), "times are in UTC"
    none = {stage for stage in rec.Stage if progress(stage) is None}
    assert none == {*rec.ENDED, rec.Stage.CANCELING} - {rec.Stage.FINISHED}


def progress(stage: rec.Stage) -> float | None:
    return snapshot.progress(rec.new("", "", "", stage=stage), snapshot.LiveProgress())


def test_other_documents_have_the_members_that_the_page_lists() -> None:
    table = rows("scripting.md", "| command | members |")
    check = words(table["`check`"].partition("a list of")[2].partition(";")[0])
    levels = {"error", "warning", "note"}
    shown = {one.name for one in dataclasses.fields(Check)} - {"fix", "id_type"}
    assert set(check) - levels == shown
    lines = words(table["`selftest`"].partition("a list of")[2].partition(";")[0])
    assert [one for one in lines if one != "null"] == [one.name for one in dataclasses.fields(Line)]


def test_an_estimate_s_document_has_the_members_that_the_page_shows() -> None:
    text = (ROOT / "docs/estimate.md").read_text("utf-8").partition('"estimate": {')[2]
    found = estimate.Estimate(
        240, "1-240", (estimate.TestedFrame(1, "0001.png", 2.1),), 9.0
    ).document()
    assert set(re.findall(r'"(\w+)":', text)) == set(keys(found))


def keys(document: object) -> Iterator[str]:
    """The names of all members, at any depth."""
    if isinstance(document, dict):
        yield from document
    for one in document.values() if isinstance(document, dict) else document:
        if isinstance(one, dict | list):
            yield from keys(one)


def test_what_is_typed_sent_and_logged_is_english() -> None:
    for folder in ("api", "commands", "frames", "jobs", "packing", "selftest", "system", "worker"):
        for path in sorted((ROOT / folder).glob("*.py")):
            assert "translations" not in path.read_text("utf-8"), path


def test_the_lines_of_the_self_test_are_those_of_the_page() -> None:
    said = [words(cell)[0] for cell in rows("systems.md", "| line | what was looked at |")]
    assert said == [one.id for one in selftest.CHECKS]
    assert "says ten lines" in page("systems.md")
    assert len(said) == 10


def test_the_exit_codes_are_those_of_the_page() -> None:
    said = {int(code) for code in rows("command-line.md", "| code | means |")}
    assert said == {*results.WORST_FIRST, results.INTERRUPTED}


# -- what scripts call ----------------------------------------------------------------------------


def parsed(path: str) -> ast.Module:
    return ast.parse((ROOT / path).read_text("utf-8"))


def test_the_calls_for_scripts_are_those_of_the_page() -> None:
    functions = {
        node.name: without_types(node.args).replace(
            "DEFAULT_WAIT_SECONDS", f"{follow.DEFAULT_WAIT_SECONDS:g}"
        )
        for node in parsed("scripting.py").body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    }
    said = {}
    for cell in rows("scripting.md", "| call | does |"):
        name, _, arguments = words(cell)[0].rstrip(")").partition("(")
        said[name] = arguments.replace('"', "'")
    assert said == functions
    cells = rows("scripting.md", "| of `submit` | is |")
    options = {word for cell in cells for word in words(cell)}
    arguments = {one.partition("=")[0] for one in said["submit"].split(", ")}
    assert options == arguments - {"scene", "*"}


def without_types(arguments: ast.arguments) -> str:
    for one in (*arguments.args, *arguments.kwonlyargs):
        one.annotation = None
    return ast.unparse(arguments)


def test_the_members_of_a_job_are_those_of_the_page() -> None:
    (job,) = (n for n in parsed("scripting.py").body if getattr(n, "name", "") == "Job")
    assert isinstance(job, ast.ClassDef)
    members = {n.name for n in job.body if isinstance(n, ast.FunctionDef) and n.name[0] != "_"}
    cells = rows("scripting.md", "| of a `Job` | is |")
    said = {name.partition("(")[0] for cell in cells for name in words(cell)}
    assert said == members | {"id"}


def test_the_buttons_take_what_the_page_gives_them() -> None:
    operators = {node.name: node for node in ast.walk(parsed("operators/submit.py")) if names(node)}
    common = names(operators["_Submit"])
    table = rows("scripting.md", "| call | does |", -1)
    calls = [call for cells in table.items() for cell in cells for call in words(cell)]
    assert len(calls) > 7
    for call in calls:
        name, _, arguments = call.partition("(")
        if not arguments:
            given = set(re.findall(r"(\w+)=", name))
            assert given <= names(operators["RENDERJUICE_OT_test_frames"])
        elif name != "check":
            given = set(re.findall(r"(\w+)=", arguments))
            assert given <= common | names(operators[f"RENDERJUICE_OT_{name}"]), call


def names(node: ast.AST) -> set[str]:
    """The properties of an operator's class."""
    found = node.body if isinstance(node, ast.ClassDef) else []
    return {one.target.id for one in found if isinstance(one, ast.AnnAssign)}  # type: ignore[union-attr]


# -- findings -------------------------------------------------------------------------------------


def levels() -> list[tuple[str, str]]:
    """The checks that are made with an id and a level that stand there, from all of the code."""
    found = []
    for folder in ("scene", "session", "packing"):
        for path in sorted((ROOT / folder).glob("*.py")):
            for node in ast.walk(parsed(str(path.relative_to(ROOT)))):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Check":
                    first = [getattr(one, "value", None) for one in node.args[:2]]
                    if [type(one) for one in first] == [str, str]:
                        found.append((str(first[0]), str(first[1])))
    return found


def test_a_finding_has_the_level_that_the_page_says() -> None:
    table = rows("checks.md", "| id | level | what it says | what helps |")
    said = {id_: rest.split(" | ")[0] for cell, rest in table.items() for id_ in words(cell)}
    found = levels()
    assert len(found) > 30
    assert [(id_, level) for id_, level in found if level not in said[id_]] == []


# -- tests that pages name ------------------------------------------------------------------------

NAMED = re.compile(r"`(?:tests/(\w+)/)?(test_\w+)(?:\.py)?(?:::(test_\w+))?`")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_test_that_a_page_names_is_there(path: Path) -> None:
    gone = []
    for folder, file, function in NAMED.findall(path.read_text("utf-8")):
        made = re.compile(rf"^ *(def )?{function or '(test_|Test)'}", re.MULTILINE)
        places = [*(ROOT / "tests").rglob(f"{folder or '*'}/{file}.py")]
        if not any(made.search(place.read_text("utf-8")) for place in places):
            gone.append((folder, file, function))
    assert gone == []


def test_each_case_of_hostile_input_names_its_tests() -> None:
    cells = rows("reliability.md", "| what is tried | inputs | where |").values()
    where = [words(cell)[-1] for cell in cells]
    assert len(where) > 10
    assert [one for one in where if not (ROOT / f"tests/unit/test_{one}.py").exists()] == []
