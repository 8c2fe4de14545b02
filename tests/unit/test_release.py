"""Distribution: the table of zips, the repository and its page, the release, the CI matrix."""

import html.parser
import json
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

import build
import find_blender
import matrix
import packages
import release
import repository

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))


@pytest.fixture
def zips(tmp_path, monkeypatch):
    """A function that writes the zips of all targets with build.py, without the large contents."""
    monkeypatch.setattr(build, "sources", lambda: [Path("LICENSE"), Path("__init__.py")])
    folder = tmp_path / "dist"
    folder.mkdir()

    def write(version: str) -> Path:
        for one in packages.planned(folder, version):
            tag = build.tag(one.python)
            wheel = tmp_path / f"pydantic_core-2.50.4-{tag}-{tag}-win_amd64.whl"
            wheel.write_bytes(b"wheel")
            text = build.manifest(one.python, one.platform, [wheel.name])
            text = re.sub(r'(?m)^version = ".*"', f'version = "{version}"', text)
            build.write(one.path, text, [wheel])
        return folder

    return write


@pytest.fixture
def blender():
    pytest.importorskip("bpy", reason="there is no bpy in this Python", exc_type=ImportError)
    return find_blender.module()


class Links(html.parser.HTMLParser):
    """The targets of a page's links."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.found += [value for name, value in attrs if name == "href"]


def test_a_repository_has_the_newest_version_for_blender_and_all_for_people(
    zips, blender, tmp_path
):
    zips("0.9.0")
    zips("0.10.0")
    target = tmp_path / "repository"
    repository.make(zips("0.2.0"), target, blender)
    entries = json.loads((target / "index.json").read_text(encoding="utf-8"))["data"]
    assert {entry["version"] for entry in entries} == {"0.10.0"}
    keys = [(e["platforms"][0], *e["python_versions"], e["blender_version_min"]) for e in entries]
    assert len(set(keys)) == len(build.targets())
    for entry in entries:
        archive = target / entry["archive_url"]
        assert archive.stat().st_size == entry["archive_size"]
    page = (target / "index.html").read_text(encoding="utf-8")
    links = Links(page).found
    assert all((target / link.split("?")[0]).is_file() for link in links)
    assert len([link for link in links if link.startswith("older/")]) == 2 * len(entries)
    assert page.index("renderjuice-0.9.0") < page.index("renderjuice-0.2.0")
    assert all("repository=./index.json" in link for link in links if "older" not in link)


def test_a_repository_is_the_same_from_the_same_zips(zips, blender, tmp_path):
    folder = zips("0.2.0")
    for name in ("one", "two"):
        repository.make(folder, tmp_path / name, blender)
    for name in ("index.json", "index.html"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_a_warning_of_blender_s_tool_leaves_the_old_repository(
    zips, blender, tmp_path, monkeypatch
):
    """Two zips for the same Blender: the tool warns about them, but still lists both."""
    folder, target = zips("0.2.0"), tmp_path / "repository"
    repository.make(folder, target, blender)
    before = (target / "index.json").read_bytes()
    planned = packages.planned(folder, "0.2.0")
    twice = folder / "renderjuice-0.2.0-again.zip"
    shutil.copy(planned[0].path, twice)
    more = packages.Package(twice, "0.2.0", planned[0].python, planned[0].platform)
    monkeypatch.setattr(packages, "planned", lambda *_: [*planned, more])
    with pytest.raises(build.BuildError, match="found with duplicates"):
        repository.make(folder, target, blender)
    assert (target / "index.json").read_bytes() == before


def test_a_target_that_is_not_built_is_named(zips, tmp_path):
    folder = zips("0.2.0")
    (folder / "renderjuice-0.2.0-windows-arm64-cp313.zip").unlink()
    with pytest.raises(build.BuildError, match=r"lacks renderjuice-0.2.0-windows-arm64-cp313.zip"):
        repository.make(folder, tmp_path / "repository", find_blender.Blender(*[""] * 6))


def test_the_table_names_every_zip_and_every_wheel():
    text = (ROOT / "docs/releases.md").read_text(encoding="utf-8")
    for python, platform in build.targets():
        assert f"`{platform}-{build.tag(python)}.zip`" in text
    pins = build.REQUIREMENTS.read_text(encoding="utf-8")
    for name, version in re.findall(r"^([a-z0-9-]+)==(\S+)", pins, flags=re.MULTILINE):
        assert f"| `{name}` {version} |" in text, "run make packages"


def test_every_platform_of_the_manifest_is_built_and_every_zip_fits_the_manifest():
    manifest = tomllib.loads((ROOT / "blender_manifest.toml").read_text(encoding="utf-8"))
    assert set(manifest["platforms"]) == set(build.PLATFORMS) == {p for _, p in build.targets()}
    assert min(build.BLENDERS.values())[0] == manifest["blender_version_min"]
    for one in packages.planned(Path(), "0.1.0"):  # the table shows the versions Blender checks
        oldest, official = build.BLENDERS[one.python][0], build.BLENDERS["3.11"][1]
        named = {oldest.removesuffix(".0"), official.removesuffix(".0")}
        assert set(re.findall(r"\d\.\d", one.blenders)) & named


def test_the_matrix_is_from_the_manifest_s_oldest_blender_on():
    manifest = tomllib.loads((ROOT / "blender_manifest.toml").read_text(encoding="utf-8"))
    oldest = manifest["blender_version_min"].rpartition(".")[0]
    names = [entry["bpy"] for entry in matrix.matrix()]
    assert names[0].startswith(f"bpy-{oldest}."), "the oldest Blender is tested"
    pythons = {entry["python"] for entry in matrix.matrix()}
    assert pythons == set(build.BLENDERS) - set(build.ONLY), "each Python of the zips is tested"
    assert all(re.fullmatch(r"bpy-\d+\.\d+\.\d+", name) for name in names)


def test_the_forge_runs_make_targets_that_there_are():
    targets = set(
        re.findall(
            r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE
        )
    )
    assert WORKFLOWS
    for path in WORKFLOWS:
        text = path.read_text(encoding="utf-8")
        steps = "\n".join(re.findall(r"^ +- run: (.*)$", text, flags=re.MULTILINE))
        made = re.findall(r"(?:^|\()make (?:--silent )?([a-z-]+)", steps, flags=re.MULTILINE)
        assert made, path.name
        assert set(made) <= targets
        assert not re.search(r"bpy-\d", text), "versions come from the matrix"
    assert any("scripts/matrix.py" in path.read_text(encoding="utf-8") for path in WORKFLOWS)


# -- a release -------------------------------------------------------------------------------------


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A Git repository with the files that a release changes."""
    folder = tmp_path / "checkout"
    (folder / "docs").mkdir(parents=True)
    (folder / "blender_manifest.toml").write_text(
        'id = "renderjuice"\nversion = "0.3.0"\n', encoding="utf-8"
    )
    (folder / "CHANGELOG.md").write_text(
        "# Changelog\n\n## 0.3.0, not released\n\n- Better.\n", encoding="utf-8"
    )
    (folder / "docs/releases.md").write_text("old\n", encoding="utf-8")
    (folder / ".gitignore").write_text("dist/\n", encoding="utf-8")
    (folder / "tests/earlier/0.3.0").mkdir(parents=True)
    (folder / "tests/earlier/0.3.0/finished.json").write_text("{}", encoding="utf-8")
    for name in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{name}_NAME", "Ada")
        monkeypatch.setenv(f"GIT_{name}_EMAIL", "ada@example.org")
    monkeypatch.setattr(release, "ROOT", folder)
    release.git("init", "--quiet", "--initial-branch=main")
    release.git("add", "--all")
    release.git("commit", "--quiet", "--message=All")
    return folder


def make_files(folder: Path):
    """A fast replacement for the build, which takes minutes; other tests cover the zips."""

    def make() -> None:
        (folder / "docs/releases.md").write_text("new\n", encoding="utf-8")
        (folder / "dist").mkdir()
        (folder / "dist/renderjuice-0.3.0-linux-x64-cp311.zip").write_bytes(b"zip")

    return make


def test_a_release_dates_commits_tags_and_sums(checkout):
    release.release("2026-12-01", make_files(checkout))
    assert "## 0.3.0, 2026-12-01\n" in (checkout / "CHANGELOG.md").read_text(encoding="utf-8")
    assert release.git("status", "--porcelain") == ""
    assert release.git("show", "v0.3.0:docs/releases.md") == "new"
    sums = checkout / "dist/SHA256SUMS"
    message = release.git("tag", "--list", "--format=%(contents)", "v0.3.0")
    assert "- Better." in message
    assert sums.read_text(encoding="utf-8").strip() in message
    checked = subprocess.run(["sha256sum", "--check", sums.name], cwd=sums.parent, check=False)
    assert checked.returncode == 0

    release.begin_next("0.4.0")
    assert 'version = "0.4.0"' in (checkout / "blender_manifest.toml").read_text(encoding="utf-8")
    assert "## 0.4.0, not released\n\n## 0.3.0" in (checkout / "CHANGELOG.md").read_text(
        encoding="utf-8"
    )


def test_a_release_that_fails_leaves_everything_as_it_was(checkout):
    def fail() -> None:
        raise build.BuildError("No wheel.")

    with pytest.raises(build.BuildError):
        release.release("2026-12-01", fail)
    assert release.git("status", "--porcelain") == ""
    assert release.git("tag") == ""


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda folder: (folder / "new.txt").touch(), "not committed"),
        (lambda folder: release.git("tag", "v0.3.0"), "v0.3.0 is there already"),
        (lambda folder: log(folder, "## 0.2.0, not released"), "## 0.3.0, not released"),
        (lambda folder: log(folder, "## 0.3.0, 2026-01-01"), "## 0.3.0, not released"),
        (lambda folder: release.git("rm", "-rq", "tests") or commit(), "tests.earlier"),
    ],
    ids=["changes", "tag", "another version", "dated", "nothing kept"],
)
def test_what_stands_in_the_way_of_a_release_is_said(checkout, change, words):
    change(checkout)
    with pytest.raises(build.BuildError, match=words):
        release.release("2026-12-01", make_files(checkout))


def log(folder: Path, heading: str) -> None:
    """Replace the changelog by one entry with this heading, and commit it."""
    (folder / "CHANGELOG.md").write_text(
        f"# Changelog\n\n{heading}\n\n- Better.\n", encoding="utf-8"
    )
    commit()


def commit() -> None:
    release.git("commit", "--quiet", "--all", "--message=Change")


def test_the_changelog_begins_with_the_manifest_s_version():
    manifest = tomllib.loads((ROOT / "blender_manifest.toml").read_text(encoding="utf-8"))
    first = re.search(r"(?m)^## (\S+),", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))
    assert first[1] == manifest["version"]


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "docs/architecture.md"])
def test_what_contributors_are_sent_to_is_there(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:[\w*-]+/)*[\w*-]+\.(?:py|toml|md|txt))`", text))
    assert len(named) > 5
    assert [name for name in named if not list(ROOT.glob(name))] == []
    targets = set(
        re.findall(
            r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE
        )
    )
    assert set(re.findall(r"(?:`|^    |&& )make ([a-z-]+)", text, flags=re.MULTILINE)) <= targets
